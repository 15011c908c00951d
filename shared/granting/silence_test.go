package granting_test

import (
	"reflect"
	"testing"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestSilent has users call on some days, the last so many days ago.
func TestSilent(t *testing.T) {
	const today = access.Day("2026-11-23")
	for _, c := range []struct {
		name  string
		rolle access.Role
		ago   []int // the days with calls, as days before today, the oldest first
		want  []granting.Silence
	}{
		{"each day, until today", access.Leverandoer, []int{4, 3, 2, 1, 0}, nil},
		{"each day, until three days ago", access.Leverandoer, []int{7, 6, 5, 4, 3}, nil},
		{"each day, until four days ago", access.Leverandoer, []int{8, 7, 6, 5, 4}, []granting.Silence{{Senest: "2026-11-19", Dage: 4, Rytme: 1}}},
		{"each weekday, over a weekend", access.Leverandoer, []int{11, 10, 7, 6, 5, 4, 3}, nil},
		{"each week, until three weeks ago", access.Leverandoer, []int{49, 42, 35, 28, 21}, nil},
		{"each week, until more than that", access.Leverandoer, []int{50, 43, 36, 29, 22}, []granting.Silence{{Senest: "2026-11-01", Dage: 22, Rytme: 7}}},
		{"over the end of summer", access.Leverandoer, []int{34, 33, 32, 31, 30, 29, 28, 27}, []granting.Silence{{Senest: "2026-10-27", Dage: 27, Rytme: 1}}},
		{"too few days to tell", access.Leverandoer, []int{8, 7, 6, 5}, nil},
		{"days too long ago to count", access.Leverandoer, []int{124, 123, 122, 121, 120}, nil},
		{"no vendor", access.Laeser, []int{8, 7, 6, 5, 4}, nil},
		{"never", access.Leverandoer, nil, nil},
	} {
		o := newOffice(t)
		o.create("os2", c.rolle)
		for _, ago := range c.ago {
			if err := o.store.CountCall(t.Context(), access.AnyVersion, today.After(-ago).Begins(), "os2", access.Noted); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.store.CountCall(t.Context(), register.V1, today.Begins(), "os2", "GET /v1/dagtilbud"); err != nil {
			t.Fatal(err)
		}
		for i := range c.want {
			c.want[i].Navn = "os2"
		}
		if got, err := o.Silent(t.Context()); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// TestSilentIsNobodyWhoIsClosed leaves out a vendor whose login is closed.
func TestSilentIsNobodyWhoIsClosed(t *testing.T) {
	o := newOffice(t)
	o.create("os2", access.Leverandoer, func(u *access.User) { u.Lukket = true })
	for ago := 20; ago > 10; ago-- {
		if err := o.store.CountCall(t.Context(), access.AnyVersion, access.DayOf(o.now).After(-ago).Begins(), "os2", access.Noted); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := o.Silent(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSilentFails has the store fail.
func TestSilentFails(t *testing.T) {
	o := newOffice(t)
	o.Store = torn{o.store}
	if got, err := o.Silent(t.Context()); err == nil {
		t.Errorf("%+v", got)
	}
}
