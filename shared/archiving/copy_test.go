package archiving_test

import (
	"errors"
	"reflect"
	"testing"

	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestCopy copies a register of each engine: all of it, also what a backup leaves out.
func TestCopy(t *testing.T) {
	for _, e := range []engine{bolt(), dynamodb(t)} {
		t.Run(e.name, func(t *testing.T) {
			was, is := lived(t, e, 60), e.open(t)
			counts, err := service(is).Copy(t.Context(), was, "table x")
			if err != nil || counts[records.Uses] != 1 || counts[records.Findings] < 1 || counts[records.Rows] < 20 {
				t.Fatalf("%v: %v", err, counts)
			}
			wantSame(t, is, was)
			sound(t, is)
			got, err := is.User(t.Context(), "os2")
			must(t, err)
			want, err := was.User(t.Context(), "os2")
			must(t, err)
			if !reflect.DeepEqual(got, want) || len(got.Secrets) != 1 {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			if _, err := service(is).Copy(t.Context(), was, "table x"); register.KindOf(err) != register.Conflict {
				t.Errorf("copied into what is not empty: %v", err)
			}
			must(t, recordstest.New(is, "hold-ind", 2, e.chunk).Live(t.Context(), 20))
			sound(t, is)

			again := e.open(t) // the copy of a copy is not marked as its source is
			if _, err := service(again).Copy(t.Context(), is, "table y"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCopyEmpty copies nothing.
func TestCopyEmpty(t *testing.T) {
	is := bolt().open(t)
	if counts, err := service(is).Copy(t.Context(), bolt().open(t), "nothing"); err != nil || len(counts) != 0 {
		t.Errorf("%v: %v", err, counts)
	}
	sound(t, is)
}

// TestCopyKilled kills a copy at each of its writes: it is unfinished then, and goes on.
func TestCopyKilled(t *testing.T) {
	was := lived(t, bolt(), 150)
	for k := 0; ; k++ {
		is := bolt().open(t)
		_, err := service(&dying{is, k, true}).Copy(t.Context(), was, "x")
		if err == nil {
			return
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		_, unfinished, err := archiving.Unfinished(t.Context(), is)
		must(t, err)
		if !unfinished {
			continue // it was the last
		}
		if _, err := service(is).Copy(t.Context(), was, "y"); register.KindOf(err) != register.Conflict {
			t.Errorf("another is copied over it: %v", err)
		}
		if _, err := service(is).Copy(t.Context(), was, "x"); err != nil {
			t.Fatal(err)
		}
		wantSame(t, is, was)
		sound(t, is)
	}
}

// TestCopyLost copies into a store that loses something, and from one that cannot be read.
func TestCopyLost(t *testing.T) {
	was := lived(t, bolt(), 30)
	for _, kind := range []records.Kind{records.Ledger, records.Users, records.Findings, records.Stretches} {
		is := bolt().open(t)
		if _, err := service(&forgetting{is, kind}).Copy(t.Context(), was, "x"); err == nil {
			t.Errorf("kind %s is lost, and nobody notices", kind)
		}
		if _, unfinished, err := archiving.Unfinished(t.Context(), is); err != nil || !unfinished {
			t.Errorf("kind %s: %v: it is finished", kind, err)
		}
	}
}
