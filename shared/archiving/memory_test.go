package archiving_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"runtime"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/auditing"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
)

// long makes a register of one unit that has been changed so many times.
func long(t *testing.T, changes int64) recordstest.Store {
	t.Helper()
	store := bolt().open(t)
	var u register.Unit
	var waiting []records.Record
	flush := func() {
		t.Helper()
		must(t, store.Put(t.Context(), waiting...))
		waiting = nil
	}
	for nr := int64(1); nr <= changes; nr++ {
		at := register.Position{Kommune: 461, Nr: nr}
		c := register.Change{Position: at, Sequence: nr, Art: register.Aendring, Aarsag: register.VedKald, Foer: u, Tid: now}
		if nr == 1 {
			c.Art = register.Oprettelse
			u = register.Unit{Level: register.Daginstitution, AdmKommuneKode: 461, DaginstitutionsNummer: "G10000", Navn: "Navn", Aktivitetsstatus: register.Aktiv}
		}
		u.Version, u.Position, u.SenestOpdateret = nr, at, now.Add(time.Duration(nr)*time.Millisecond)
		c.Efter = u
		waiting = append(waiting, records.Record{Key: keys.Change(at), Value: records.Logged{Change: c}},
			records.Record{Key: keys.Place(nr), Value: records.Stretch{Sequence: nr, Position: at, Count: 1}})
		if nr%1000 == 0 {
			flush()
		}
	}
	for k, v := range map[keys.Key]any{
		keys.Unit(&u): u, keys.Ledger("G10000"): records.PlaceOf(&u), keys.Series: records.Series(10_001), keys.OrderHead: records.Ordering{Last: changes},
		keys.Head(461): register.Head{Position: u.Position, Tid: now},
	} {
		waiting = append(waiting, records.Record{Key: k, Value: v})
	}
	flush()
	return store
}

// heap is how much is held of it, garbage apart; the most so far.
type heap struct{ most uint64 }

func (h *heap) look() {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	h.most = max(h.most, stats.HeapAlloc)
}

// looking looks at the heap now and then, as bytes pass by.
type looking struct {
	io.ReadSeeker
	heap
	passed int
}

func (l *looking) pass(n int) {
	if l.passed += n; l.passed > 1<<16 {
		l.passed = 0
		l.look()
	}
}

func (l *looking) Write(p []byte) (int, error) { l.pass(len(p)); return len(p), nil }

func (l *looking) Read(p []byte) (int, error) {
	n, err := l.ReadSeeker.Read(p)
	l.pass(n)
	return n, err
}

// TestMemoryIsBounded backs up, restores and checks a register of one unit and 10,000 changes, some 13 MB of lines: little of that is held at
// a time.
func TestMemoryIsBounded(t *testing.T) {
	const changes, most = 10_000, 5 << 20
	was := long(t, changes)
	var before heap
	before.look()
	bounded := func(what string, is heap) {
		t.Helper()
		t.Logf("%s: %d KB", what, (int64(is.most)-int64(before.most))>>10)
		if is.most > before.most+most {
			t.Errorf("%s holds %d KB", what, (is.most-before.most)>>10)
		}
	}
	var file bytes.Buffer
	out := new(looking)
	sum, err := service(was).Backup(t.Context(), io.MultiWriter(out, &file))
	must(t, err)
	if sum.Counts["change"] != changes {
		t.Errorf("%v", sum.Counts)
	}
	bounded("the backup", out.heap)

	is := bolt().open(t)
	in := &looking{ReadSeeker: bytes.NewReader(file.Bytes())}
	if _, err := service(is).Restore(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	bounded("the restore", in.heap)

	var during heap
	audit := auditing.Service{Store: &watched{is, &during, 0}, Series: register.DefaultSeries}
	summary, err := audit.Check(t.Context(), func(b auditing.Breach) { t.Errorf("%s", b) })
	if err != nil || summary.Records[records.Log] != changes {
		t.Errorf("%v: %+v", err, summary)
	}
	bounded("the check", during)
}

// watched is a store whose reader's heap is looked at now and then.
type watched struct {
	recordstest.Store
	*heap
	read int
}

func (w *watched) watch(all func(yield func(records.Record, error) bool)) func(yield func(records.Record, error) bool) {
	return func(yield func(records.Record, error) bool) {
		for r, err := range all {
			if w.read++; w.read%500 == 0 {
				w.look()
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (w *watched) Records(ctx context.Context, kinds ...records.Kind) iter.Seq2[records.Record, error] {
	return w.watch(w.Store.Records(ctx, kinds...))
}

func (w *watched) Partition(ctx context.Context, pk string) iter.Seq2[records.Record, error] {
	return w.watch(w.Store.Partition(ctx, pk))
}
