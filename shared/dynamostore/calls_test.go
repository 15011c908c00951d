package dynamostore

import (
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

func (b *bench) count(t *testing.T) error {
	t.Helper()
	return b.CountCall(t.Context(), register.V1, storetest.Now, "os2", "POST /v1/import")
}

func (b *bench) wantCounted(t *testing.T, want int64) {
	t.Helper()
	day := access.DayOf(storetest.Now)
	var got int64
	for c, err := range b.Calls(t.Context(), register.V1, day, day) {
		if err != nil {
			t.Fatal(err)
		}
		got += c.Metoder["POST /v1/import"]
	}
	if got != want {
		t.Errorf("%d calls are counted, want %d", got, want)
	}
}

// TestCountThroughFaults sends a count again where DynamoDB had too much to do, and never where its answer was lost.
func TestCountThroughFaults(t *testing.T) {
	const update = "UpdateItem"
	b := start(t)
	for range b.resend.tries - 1 {
		b.faults.Next(dynamotest.Throttled, update)
	}
	if err := b.count(t); err != nil {
		t.Errorf("throttled, one try left: %v", err)
	}
	b.wantCounted(t, 1)
	for range b.resend.tries {
		b.faults.Next(dynamotest.Throttled, update)
	}
	wantKind(t, b.count(t), register.Unavailable)
	b.wantCounted(t, 1)
	b.faults.Next(dynamotest.Unanswered, update)
	wantKind(t, b.count(t), register.Unavailable)
	b.wantCounted(t, 2)
	b.faults.Next(dynamotest.Unsent, update)
	wantKind(t, b.count(t), register.Unavailable)
	b.wantCounted(t, 2)
}

func TestUnreadableCalls(t *testing.T) {
	for name, it := range map[string]item{
		"attribute tid":             {"tid": text("i går"), "POST /v1/import": integer(1)},
		"attribute POST /v1/import": {"tid": integer(1), "POST /v1/import": text("en")},
	} {
		it.keyed(keys.CallsOf(register.V1, "2026-11-23", "os2"))
		if _, err := decodeCalls(it); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "V#v1#2026-11-23 os2") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	it := item{"tid": integer(storetest.Now.UnixMilli()), "POST /v1/import": integer(7)}.keyed(keys.CallsOf(register.V1, "2026-11-23", "os2"))
	if c, err := decodeCalls(it); err != nil || c.Navn != "os2" || !c.Senest.Equal(storetest.Now) || len(c.Metoder) != 1 {
		t.Errorf("%v: %+v", err, c)
	}
	it["v"] = integer(layout + 1)
	if _, err := decodeCalls(it); err == nil {
		t.Error("another layout can be read")
	}
}

// TestLateCount counts a call whose moment has been overtaken by another process's.
func TestLateCount(t *testing.T) {
	b := start(t)
	later := storetest.Now.Add(time.Minute)
	if err := b.CountCall(t.Context(), register.V1, later, "os2", "POST /v1/import"); err != nil {
		t.Fatal(err)
	}
	b.faults.Next(dynamotest.Throttled, "UpdateItem")
	if err := b.count(t); err != nil {
		t.Fatal(err)
	}
	b.wantCounted(t, 2)
	day := access.DayOf(later)
	for c, err := range b.Calls(t.Context(), register.V1, day, day) {
		if err != nil || !c.Senest.Equal(later) {
			t.Errorf("%v: the latest call is %s", err, c.Senest)
		}
	}
}
