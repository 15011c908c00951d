package granting_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestCalls adds up the calls of days, user by user.
func TestCalls(t *testing.T) {
	o := newOffice(t)
	day := access.DayOf(o.now)
	const create, read = "POST /v1/anvisningsenheder", "GET /v1/dagtilbud/{nummer}"
	for _, c := range []struct {
		day          access.Day
		navn, method string
		times        int
	}{
		{day.After(-2), "os2", create, 1}, {day.After(-1), "os2", create, 2}, {day.After(-1), "os2", read, 3}, {day, "os2", read, 4},
		{day.After(-1), "a1", read, 5}, {day.After(1), "a1", read, 6},
	} {
		for i := range c.times {
			if err := o.store.CountCall(t.Context(), register.V1, c.day.Begins().Add(time.Duration(i)*time.Hour), c.navn, c.method); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		from, to access.Day
		want     string
	}{
		{day.After(-2), day.After(1), "a1 11 map[GET /v1/dagtilbud/{nummer}:11] 5 os2 10 map[GET /v1/dagtilbud/{nummer}:7 POST /v1/anvisningsenheder:3] 3 "},
		{day.After(-1), day, "a1 5 map[GET /v1/dagtilbud/{nummer}:5] 4 os2 9 map[GET /v1/dagtilbud/{nummer}:7 POST /v1/anvisningsenheder:2] 3 "},
		{day.After(-2), day.After(-2), "os2 1 map[POST /v1/anvisningsenheder:1] 0 "},
		{day.After(2), day.After(9), ""},
	} {
		uses, err := o.Calls(t.Context(), register.V1, c.from, c.to)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, u := range uses {
			got += fmt.Sprint(u.Navn, " ", u.Kald, " ", u.Metoder, " ", int(u.Senest.Sub(access.DayOf(u.Senest).Begins()).Hours()), " ")
		}
		if got != c.want {
			t.Errorf("from %s to %s\n got %s\nwant %s", c.from, c.to, got, c.want)
		}
	}
	if uses, err := o.Calls(t.Context(), register.V2, day.After(-9), day); err != nil || len(uses) != 0 {
		t.Errorf("%v: of v2 %+v", err, uses)
	}
}

// torn is a store whose counts end in an error.
type torn struct{ access.Store }

var errTorn = errors.New("the disk is gone")

func (s torn) Calls(ctx context.Context, v register.ServiceVersion, from, to access.Day) iter.Seq2[access.Calls, error] {
	return func(yield func(access.Calls, error) bool) {
		_ = yield(access.Calls{Dag: from, Navn: "os2", Metoder: map[string]int64{"POST /v1/import": 1}}, nil) && yield(access.Calls{}, errTorn)
	}
}

// TestHalfACountIsNone has the store fail on the way.
func TestHalfACountIsNone(t *testing.T) {
	o := newOffice(t)
	o.Store = torn{o.store}
	if uses, err := o.Calls(t.Context(), register.V1, "2026-11-01", "2026-11-23"); !errors.Is(err, errTorn) || uses != nil {
		t.Errorf("%v: %+v", err, uses)
	}
}
