package storetest

import (
	"context"
	"testing"

	"dagtilbudsregisteret.dk/shared/register"
)

// faults breaks one write in each way the engine knows. However it is broken, an update that answers nil is written once, and one that
// answers an error is not written at all; and the store goes on.
func faults(t *testing.T, h Harness) {
	for _, fault := range []Fault{NotWritten, Written, Throttled, Contended} {
		t.Run(string(fault), func(t *testing.T) {
			s := h.Open(t, register.DefaultSeries)
			family(t, s, 265)
			if !h.Break(s, fault) {
				t.Skipf("the engine cannot be %s", fault)
			}
			err := s.Update(t.Context(), func(tx register.Tx) error {
				_, err := rename(tx, "G20001", "Ved fejl")
				return err
			})
			log := changes(t, s, register.Position{Kommune: 265, Nr: 5})
			u, readErr := s.Unit(t.Context(), "G20001")
			if readErr != nil {
				t.Fatal(readErr)
			}
			switch {
			case err == nil && (len(log) != 1 || u.Navn != "Ved fejl" || u.Version != 2):
				t.Errorf("acknowledged, but the log holds %d changes and the row is %+v", len(log), u)
			case err != nil && (len(log) != 0 || u.Version != 1):
				t.Errorf("answered %v, but the log holds %d changes and the row is %+v", err, len(log), u)
			case err != nil && register.KindOf(err) != register.Unavailable:
				t.Errorf("answered %v, want kind unavailable", err)
			case err != nil && fault == Written:
				t.Errorf("answered %v to an update that was written", err)
			}
			if _, err := issued(t, s, 1); err != nil {
				t.Errorf("the next update: %v", err)
			}
		})
	}
}

func restart(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := family(t, s, 265)
	numbers, err := issued(t, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, units(t, s, 265, want[4].Path())...)
	s = h.Restart(t, s)
	wantUnits(t, "rows", units(t, s, 265, ""), want)
	after, err := issued(t, s, 1)
	if err != nil || after[0] <= numbers[0] {
		t.Errorf("%v: issued %v after %v", err, after, numbers)
	}
	if log := changes(t, s, register.Position{Kommune: 265}); len(log) != 7 {
		t.Errorf("%d changes, want 7", len(log))
	}
}

// givenUp has a caller that no longer waits: nothing is written, and the error says to try again.
func givenUp(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := family(t, s, 265)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, s.Update(ctx, func(tx register.Tx) error {
		_, err := rename(tx, "G20001", "Aldrig skrevet")
		return err
	}), register.Unavailable)
	_, err := s.Unit(ctx, "G20001")
	wantKind(t, err, register.Unavailable)
	wantUnits(t, "rows", units(t, s, 265, ""), want)
}

// panics has a caller panic in the middle of an update: the panic is the caller's own to catch, nothing is written, and the store goes on.
func panics(t *testing.T, h Harness) {
	s := h.Open(t, register.DefaultSeries)
	want := family(t, s, 265)
	func() {
		defer func() {
			if p := recover(); p != "of the caller's" {
				t.Errorf("caught %v", p)
			}
		}()
		s.Update(t.Context(), func(tx register.Tx) error {
			if _, err := rename(tx, "G20001", "Aldrig skrevet"); err != nil {
				return err
			}
			panic("of the caller's")
		})
	}()
	wantUnits(t, "rows", units(t, s, 265, ""), want)
	if _, err := issued(t, s, 1); err != nil {
		t.Errorf("the next update: %v", err)
	}
}
