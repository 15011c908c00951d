package archiving_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/shared/archiving"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/records/recordstest"
	"dagtilbudsregisteret.dk/shared/register"
)

func unzip(t *testing.T, file []byte) string {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(file))
	must(t, err)
	text, err := io.ReadAll(zipped)
	must(t, err)
	return string(text)
}

func zip(t *testing.T, text string) []byte {
	t.Helper()
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	_, err := zipped.Write([]byte(text))
	must(t, errors.Join(err, zipped.Close()))
	return file.Bytes()
}

// TestSpoiltFiles cuts a backup short, changes it, and puts its lines in other places: it is refused, and the register stays empty.
func TestSpoiltFiles(t *testing.T) {
	file, _ := backup(t, lived(t, bolt(), 20))
	text := unzip(t, file)
	lines := strings.SplitAfter(text, "\n")
	lines = lines[:len(lines)-1]
	spoilt := map[string][]byte{
		"empty": nil, "no gzip": []byte(text), "without its last byte": file[:len(file)-1],
		"with more behind it": append(bytes.Clone(file), 'x'), "twice": append(bytes.Clone(file), file...),
		"without its end":        zip(t, strings.Join(lines[:len(lines)-1], "")),
		"without a line":         zip(t, strings.Join(append(lines[:5:5], lines[6:]...), "")),
		"without its first line": zip(t, strings.Join(lines[1:], "")),
		"a line twice":           zip(t, strings.Join(append(lines[:5:5], lines[4:]...), "")),
		"two lines swapped":      zip(t, strings.Join(lines[:5], "")+lines[6]+lines[5]+strings.Join(lines[7:], "")),
		"an end without a break": zip(t, strings.TrimRight(text, "\n")),
		"another name":           zip(t, strings.Replace(text, "Navn 1", "Navn 2", 1)),
		"a kind of tomorrow":     zip(t, strings.Replace(text, `{"user"`, `{"bruger"`, 1)),
		"a member of tomorrow":   zip(t, strings.Replace(text, `"Navn":`, `"Kaldenavn":"x","Navn":`, 1)),
		"a format of tomorrow":   zip(t, strings.Replace(text, `"Format":1`, `"Format":2`, 1)),
	}
	for i := range 40 {
		at := rand.IntN(len(file))
		flipped := bytes.Clone(file)
		flipped[at] ^= 1 << rand.IntN(8)
		if at < 3 || at > 9 { // what gzip's header says of the time and the system does not matter
			spoilt[fmt.Sprintf("%d: byte %d flipped", i, at)] = flipped
		}
		spoilt[fmt.Sprintf("%d: cut at %d", i, at)] = file[:at]
	}
	is := bolt().open(t)
	for name, file := range spoilt {
		if _, err := service(is).Restore(t.Context(), bytes.NewReader(file)); register.KindOf(err) != register.Malformed {
			t.Errorf("%s: %v", name, err)
		} else if tomorrow := name == "a format of tomorrow"; strings.Contains(err.Error(), ": the backup is damaged") == tomorrow {
			t.Errorf("%s: it is not said first that it is damaged, or wrongly: %v", name, err)
		}
	}
	if left := collect(t, is.Records(t.Context())); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
	_, err := service(is).Restore(t.Context(), bytes.NewReader(spoilt["a format of tomorrow"]))
	if err == nil || !strings.Contains(err.Error(), "format 2") || !strings.Contains(err.Error(), "run a later one") {
		t.Errorf("a format of tomorrow: %v", err)
	}
}

// dying is a store whose process is killed at one of its writes, before or after it took effect.
type dying struct {
	recordstest.Store
	left  int
	after bool
}

var errKilled = errors.New("killed")

func (d *dying) Put(ctx context.Context, rs ...records.Record) error {
	d.left--
	if d.left >= 0 {
		return d.Store.Put(ctx, rs...)
	}
	if d.after && d.left == -1 {
		if err := d.Store.Put(ctx, rs...); err != nil {
			return err
		}
	}
	return errKilled
}

// TestKilled kills a restore at each of its writes, and then again at the first of the next attempt: it is not finished then, takes no other
// backup, and goes on from there.
func TestKilled(t *testing.T) {
	was := lived(t, bolt(), 300)
	file, _ := backup(t, was)
	other, _ := backup(t, lived(t, bolt(), 10))
	for _, after := range []bool{false, true} {
		for k := 0; ; k++ {
			is := bolt().open(t)
			_, err := service(&dying{is, k, after}).Restore(t.Context(), bytes.NewReader(file))
			if err == nil {
				if k < 3 {
					t.Errorf("it takes %d writes", k)
				}
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			left := collect(t, is.Records(t.Context()))
			from, unfinished, err := archiving.Unfinished(t.Context(), is)
			if err != nil || unfinished != (len(left) > 0 && from.Done.IsZero()) || len(left) > 0 && from.From == "" {
				t.Errorf("killed at %d, after %v: %v: unfinished %v, with %d records, %+v", k, after, err, unfinished, len(left), from)
			}
			if unfinished {
				if _, err := service(is).Restore(t.Context(), bytes.NewReader(other)); register.KindOf(err) != register.Conflict {
					t.Errorf("another backup is restored over it: %v", err)
				}
				service(&dying{is, 1, after}).Restore(t.Context(), bytes.NewReader(file))
			}
			if _, unfinished, err = archiving.Unfinished(t.Context(), is); err != nil {
				t.Fatal(err)
			}
			if unfinished || len(left) == 0 {
				if _, err := service(is).Restore(t.Context(), bytes.NewReader(file)); err != nil {
					t.Fatalf("killed at %d, after %v: %v", k, after, err)
				}
			}
			wantSame(t, is, was)
			sound(t, is)
		}
	}
}

// forgetting is a store that loses what it is given of one kind.
type forgetting struct {
	recordstest.Store
	kind records.Kind
}

func (f *forgetting) Put(ctx context.Context, rs ...records.Record) error {
	var kept []records.Record
	for _, r := range rs {
		if records.KindOf(r.Key) != f.kind {
			kept = append(kept, r)
		}
	}
	return f.Store.Put(ctx, kept...)
}

// TestLost restores into a store that loses something: that is found out, and the restore does not finish.
func TestLost(t *testing.T) {
	file, _ := backup(t, lived(t, bolt(), 60))
	for _, kind := range []records.Kind{
		records.Log, records.Heads, records.Reservations, records.Receipts, records.Reports, records.Users, records.Subscribers,
		records.Marks, records.Trail, records.Calls,
	} {
		is := bolt().open(t)
		if _, err := service(&forgetting{is, kind}).Restore(t.Context(), bytes.NewReader(file)); err == nil {
			t.Errorf("kind %s is lost, and nobody notices", kind)
		}
		if _, unfinished, err := archiving.Unfinished(t.Context(), is); err != nil || !unfinished {
			t.Errorf("kind %s: %v: it is finished", kind, err)
		}
	}
}

// TestMeanwhile takes backups while others write, on each engine: each is of a moment of the register's, restores to a sound register, and
// holds all that was answered before it was begun.
func TestMeanwhile(t *testing.T) {
	for _, e := range []engine{bolt(), dynamodb(t)} {
		t.Run(e.name, func(t *testing.T) {
			was := e.open(t)
			steps := 150
			if e.name == "dynamodb" {
				steps = 50
			}
			var writers sync.WaitGroup
			done := make(chan struct{})
			for i, name := range []string{"os2", "hold-ind"} {
				writers.Go(func() {
					if err := recordstest.New(was, name, uint64(i), e.chunk).Live(t.Context(), steps); err != nil {
						t.Error(err)
					}
				})
			}
			go func() { writers.Wait(); close(done) }()
			taken := 0
			for working := true; working; taken++ {
				select {
				case <-done:
					working = false
				default:
				}
				before, err := was.Heads(t.Context())
				must(t, err)
				var file bytes.Buffer
				sum, err := service(was).Backup(t.Context(), &file)
				if register.KindOf(err) == register.Unavailable && working {
					continue
				}
				must(t, err)
				is := bolt().open(t)
				if _, err := service(is).Restore(t.Context(), bytes.NewReader(file.Bytes())); err != nil {
					t.Fatal(err)
				}
				sound(t, is)
				at, _ := register.ParsePositions(sum.Positions)
				for _, h := range before {
					if at.Of(h.Kommune) < h.Nr {
						t.Errorf("the log of %d had come to %d, and the backup has %d", h.Kommune, h.Nr, at.Of(h.Kommune))
					}
				}
			}
			t.Logf("%d backups", taken)
		})
	}
}

var update = flag.Bool("update", false, "write the backup that is read as yesterday's anew")

// golden is a backup that was taken in format 1.
const golden = "testdata/format-1.ndjson"

// TestYesterdaysBackup restores a backup of each format there has been. What it says is what is said of it today: a field that is spelled in
// another way would show.
func TestYesterdaysBackup(t *testing.T) {
	if *update {
		file, _ := backup(t, lived(t, bolt(), 40))
		must(t, os.WriteFile(golden, []byte(unzip(t, file)), 0o644))
	}
	text, err := os.ReadFile(golden)
	must(t, err)
	is := bolt().open(t)
	if _, err := service(is).Restore(t.Context(), bytes.NewReader(zip(t, string(text)))); err != nil {
		t.Fatal(err)
	}
	sound(t, is)
	again, _ := backup(t, is)
	if got := unzip(t, again); got != string(text) {
		t.Errorf("backed up again it is\n%s\nnot\n%s", got, text)
	}
}
