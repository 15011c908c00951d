package dynamostore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// saving gives a version of a user and the act that made it so.
func saving(version int64) (access.User, access.Entry) {
	u := access.User{Navn: "os2", Rolle: access.Leverandoer, Version: version}
	return u, access.Entry{ID: fmt.Sprint(version), Tid: storetest.Now, Handling: "adgang/ret", Bruger: "os2", Fund: []byte("[]")}
}

func (b *bench) save(t *testing.T, version int64) error {
	t.Helper()
	u, act := saving(version)
	return b.SaveUser(t.Context(), u, act)
}

// wantVersion checks how far a user has come, and that the trail has an act for each version.
func (b *bench) wantVersion(t *testing.T, version int64) {
	t.Helper()
	u, err := b.User(t.Context(), "os2")
	if err != nil || u.Version != version {
		t.Errorf("%v: version %d, want %d", err, u.Version, version)
	}
	acts, err := collect(b.Entries(t.Context(), storetest.Now, access.Entry{}, storetest.Now))
	if err != nil || int64(len(acts)) != version {
		t.Errorf("%v: %d acts, want %d", err, len(acts), version)
	}
}

func TestSaveUserThroughFaults(t *testing.T) {
	for _, fault := range []dynamotest.Fault{dynamotest.Unsent, dynamotest.Unanswered, dynamotest.Throttled} {
		b := start(t)
		for range b.resend.tries - 1 {
			b.faults.Next(fault, transact)
		}
		if err := b.save(t, 1); err != nil {
			t.Errorf("fault %d, one try left: %v", fault, err)
		}
		b.wantVersion(t, 1)
	}
	b := start(t)
	for range 10 {
		b.faults.Next(dynamotest.Contended, transact)
	}
	if err := b.save(t, 1); err != nil {
		t.Errorf("ten others under way: %v", err)
	}
	for range b.resend.tries {
		b.faults.Next(dynamotest.Throttled, transact)
	}
	wantKind(t, b.save(t, 2), register.Unavailable)
	b.wantVersion(t, 1)
}

// The call does not arrive, and meanwhile somebody else saves the user.
func TestSaveUserOvertakenWhileLost(t *testing.T) {
	b := start(t)
	if err := b.save(t, 1); err != nil {
		t.Fatal(err)
	}
	other := New(b.client, b.table, b.series)
	u, act := saving(2)
	act.ID = "2 of another"
	if err := other.SaveUser(t.Context(), u, act); err != nil {
		t.Fatal(err)
	}
	b.faults.Next(dynamotest.Unsent, transact)
	wantKind(t, b.save(t, 2), register.Conflict)
	b.wantVersion(t, 2)
}

// The answer is lost, and the trail cannot be read either: nothing can be known.
func TestSaveUserLostForGood(t *testing.T) {
	b := start(t)
	b.faults.Next(dynamotest.Unanswered, transact)
	for range 3 { // as often as the SDK tries
		b.faults.Next(dynamotest.Unsent, "GetItem")
	}
	wantKind(t, b.save(t, 1), register.Unavailable)
}

func TestUserTooLarge(t *testing.T) {
	b := start(t)
	u, act := saving(1)
	u.Grants = make([]access.Grant, 8000)
	for i := range u.Grants {
		u.Grants[i] = access.Grant{ID: fmt.Sprintf("%08d", i), Kommune: 265, Fra: "2026-11-23", Givet: storetest.Now, GivetAf: "drift"}
	}
	wantKind(t, b.SaveUser(t.Context(), u, act), register.TooLarge)
	if cost := b.meter.Take(); cost.Calls != 0 {
		t.Errorf("%s", cost)
	}
}

func TestUnreadableUsers(t *testing.T) {
	m := func(it item) types.AttributeValue { return &types.AttributeValueMemberM{Value: it} }
	l := func(all ...types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: all}
	}
	for name, spoil := range map[string]func(item){
		"attribute rolle":      func(it item) { it["rolle"] = text("konge") },
		"attribute lukket":     func(it item) { it["lukket"] = text("ja") },
		"attribute secrets":    func(it item) { it["secrets"] = l(text("ABCD2345")) },
		"attribute hash":       func(it item) { it["secrets"] = l(m(item{"id": text("ABCD2345")})) },
		"attribute grants":     func(it item) { it["grants"] = m(item{}) },
		"attribute niveauer":   func(it item) { it["grants"] = l(m(item{"niveauer": l(text("kælder"))})) },
		"attribute ejerformer": func(it item) { it["grants"] = l(m(item{}), m(item{"ejerformer": l(integer(1), text("3"))})) },
		"attribute givet":      func(it item) { it["grants"] = l(m(item{"givet": text("i går")})) },
	} {
		u, _ := saving(1)
		it := encodeUser(&u).keyed(keys.User("os2"))
		spoil(it)
		if _, err := decodeUser(it); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "U os2") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
