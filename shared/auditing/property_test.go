package auditing_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/auditing"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// TestWhateverIsDone does anything that the use cases do, in any order: there is never a breach.
func TestWhateverIsDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "auditing-*")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		store, err := boltstore.Open(filepath.Join(dir, "register.db"), register.DefaultSeries)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		life := recordstest.New(store, "os2", rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom([]int{1, 500}).Draw(t, "chunk"))
		if err := life.Live(context.Background(), rapid.IntRange(0, 60).Draw(t, "steps")); err != nil {
			t.Fatal(err)
		}
		service := auditing.Service{Store: store, Series: register.DefaultSeries}
		summary, err := service.Check(context.Background(), func(b auditing.Breach) { t.Errorf("%s", b) })
		if err != nil || len(summary.Unsettled) > 0 {
			t.Fatalf("%v: %+v", err, summary)
		}
	})
}

// TestMeanwhile checks a register time and again while others write to it: there is no breach, be it that a municipality does not settle.
func TestMeanwhile(t *testing.T) {
	engines(t, func(t *testing.T, open func(t *testing.T) *registry) {
		r := open(t)
		chunk, steps := boltstore.Chunk, 150
		if !r.eager {
			chunk, steps = dynamostore.Chunk, 40
		}
		var writers sync.WaitGroup
		done := make(chan struct{})
		for i, name := range []string{"os2", "hold-ind"} {
			writers.Go(func() {
				if err := recordstest.New(r.store, name, uint64(i), chunk).Live(t.Context(), steps); err != nil {
					t.Error(err)
				}
			})
		}
		go func() { writers.Wait(); close(done) }()
		service := auditing.Service{Store: r.store, Series: register.DefaultSeries}
		checks := 0
		for working := true; working; checks++ {
			select {
			case <-done:
				working = false
			default:
			}
			summary, err := service.Check(t.Context(), func(b auditing.Breach) { t.Errorf("check %d: %s", checks, b) })
			if err != nil {
				t.Fatal(err)
			}
			if !working && (len(summary.Unsettled) > 0 || summary.Records[records.Log] < 50) {
				t.Errorf("nobody writes any more, and the summary is %+v", summary)
			}
		}
		t.Logf("%d checks", checks)
	})
}

// restless is a store in which one municipality has changed whenever one looks.
type restless struct {
	store
	nr int64
}

func (s *restless) Get(ctx context.Context, ks ...keys.Key) ([]records.Record, error) {
	found, err := s.store.Get(ctx, ks...)
	for i, r := range found {
		if h, ok := r.Value.(register.Head); ok && h.Kommune == 461 {
			s.nr++
			h.Tid = storetest.Now.Add(time.Duration(s.nr))
			found[i].Value = h
		}
	}
	return found, err
}

// TestUnsettled has a municipality that never stands still: it is named, and the others are checked.
func TestUnsettled(t *testing.T) {
	r := settled(onDisk(t))
	r.remove(rowKey(r, "G20002"))
	r.remove(rowKey(r, "G20010"))
	service := auditing.Service{Store: &restless{store: r.store}, Series: register.DefaultSeries}
	var told []string
	summary, err := service.Check(t.Context(), func(b auditing.Breach) { told = append(told, string(b.Rule)+" "+b.At) })
	if err != nil || len(summary.Unsettled) != 1 || summary.Unsettled[0] != 461 || summary.Breaches != int64(len(told)) {
		t.Errorf("%v: %+v", err, summary)
	}
	if len(told) == 0 || told[0] != "row/missing G20010" {
		t.Errorf("told %q", told)
	}
}
