package storetest

import (
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

func issued(t testing.TB, s register.Store, count int) (numbers []register.Number, err error) {
	err = s.Update(t.Context(), func(tx register.Tx) (err error) {
		if numbers, err = tx.Issue(count); err != nil {
			return err
		}
		rows := make([]register.Unit, len(numbers))
		for i, n := range numbers {
			rows[i] = Daginstitution(265, n)
		}
		return create(tx, rows)
	})
	return numbers, err
}

func wantNumbers(t testing.TB, got []register.Number, err error, want ...register.Number) {
	t.Helper()
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v: numbers %v, want %v", err, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("numbers %v, want %v", got, want)
		}
	}
}

func numberSeries(t *testing.T, h Harness) {
	s := h.Open(t, "GH")
	numbers, err := issued(t, s, 2)
	wantNumbers(t, numbers, err, "G10000", "G10001")

	// A row that is loaded with a number further on takes the series with it; one of another letter does not.
	Create(t, s, Daginstitution(101, "G29214"), Daginstitution(101, "D10041"))
	numbers, err = issued(t, s, 1)
	wantNumbers(t, numbers, err, "G29215")

	for _, n := range []register.Number{"G99998", "G50000", "D99999"} {
		if err := s.MoveSeries(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	numbers, err = issued(t, s, 3)
	wantNumbers(t, numbers, err, "G99999", "H00000", "H00001")

	if err := s.MoveSeries(t.Context(), "H99998"); err != nil {
		t.Fatal(err)
	}
	numbers, err = issued(t, s, 1)
	wantNumbers(t, numbers, err, "H99999")
	_, err = issued(t, s, 1)
	wantKind(t, err, register.Exhausted)
	_, err = s.Reserve(t.Context(), register.Reservation{Key: "k", Count: 1, Expires: Now})
	wantKind(t, err, register.Exhausted)
}

func reservations(t *testing.T, h Harness) {
	s := h.Open(t, "GH")
	if err := s.MoveSeries(t.Context(), "G10100"); err != nil {
		t.Fatal(err)
	}
	wish := register.Reservation{Key: "a", Count: 3, Expires: Now.Add(time.Hour), User: "leverandør"}
	want := wish
	want.First = "G10101"
	for range 2 {
		got, err := s.Reserve(t.Context(), wish)
		if err != nil || got != want {
			t.Fatalf("%v: %+v, want %+v", err, got, want)
		}
	}
	_, err := s.Reserve(t.Context(), register.Reservation{Key: "a", Count: 4, Expires: Now.Add(time.Hour)})
	wantKind(t, err, register.Reused)
	numbers, err := issued(t, s, 1)
	wantNumbers(t, numbers, err, "G10104")

	Create(t, s, Daginstitution(265, "G10102"))
	later := Now.Add(2 * time.Hour)
	for _, c := range []struct {
		n     register.Number
		now   time.Time
		want  register.NumberState
		ahead int64
	}{
		{"G10100", Now, register.Ubrugt, 0},
		{"G10101", Now, register.Reserveret, 0},
		{"G10101", later, register.Ubrugt, 0},
		{"G10102", Now, register.Brugt, 0},
		{"G10103", Now, register.Reserveret, 0},
		{"G10104", Now, register.Brugt, 0},
		{"G10105", Now, register.Ledig, 1},
		{"H00000", Now, register.Ledig, 89896},
		{"D10041", Now, register.Ledig, 0},
	} {
		got, err := s.Ledger(t.Context(), c.n, c.now)
		if err != nil || got.State != c.want || got.Number != c.n || got.Ahead != c.ahead {
			t.Errorf("%s: %v: %+v, want %s", c.n, err, got, c.want)
		}
		switch c.want {
		case register.Brugt:
			if got.Unit.Number() != c.n {
				t.Errorf("%s: unit %+v", c.n, got.Unit)
			}
		case register.Reserveret:
			if got.Reservation != want {
				t.Errorf("%s: reservation %+v", c.n, got.Reservation)
			}
		}
		err = s.Update(t.Context(), func(tx register.Tx) error {
			inTx, err := tx.Ledger(c.n, c.now)
			if inTx != got {
				t.Errorf("%s: %+v in a transaction, %+v outside", c.n, inTx, got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
