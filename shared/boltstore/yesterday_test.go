package boltstore

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

var rewrite = flag.Bool("update", false, "write testdata/items anew, as today's format has it")

// written are the items as each format wrote them, a line for each: partition key, sort key and value. Those of formats that are no longer
// written are never made anew.
var written = map[string]storetest.Era{
	"testdata/items/format-1.txt": storetest.First,
	"testdata/items/format-2.txt": storetest.Second,
	"testdata/items/format-3.txt": storetest.Today,
}

// TestYesterdaysItems reads the items of each format there has been, field by field. There is one of each kind, so that a kind whose format
// changes shows; what today's code writes is what stands in the file of its format, so that a change of format without a new number shows.
func TestYesterdaysItems(t *testing.T) {
	today := fmt.Sprintf("testdata/items/format-%d.txt", format)
	if *rewrite {
		var text bytes.Buffer
		for _, r := range storetest.Samples() {
			fmt.Fprintf(&text, "%s\t%s\t%x\n", r.Key.PK, r.Key.SK, encoded(r))
		}
		if err := os.WriteFile(today, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if written[today] != storetest.Today {
		t.Errorf("%s is not among the files that are read", today)
	}
	for path, era := range written {
		items := readItems(t, path)
		want := storetest.SamplesOf(era)
		if len(items) != len(want) {
			t.Errorf("%s has %d items, want %d", path, len(items), len(want))
		}
		for _, w := range want {
			w = ofFile(w)
			got, err := decodeRecord(w.Key, items[w.Key])
			if err != nil || !reflect.DeepEqual(got, w.Value) {
				t.Errorf("%s: %s %s: %v\n got %+v\nwant %+v", path, w.Key.PK, w.Key.SK, err, got, w.Value)
			}
			if _, isReport := w.Value.(register.Report); era == storetest.Today && !isReport && !bytes.Equal(items[w.Key], encoded(w)) {
				t.Errorf("%s: %s %s is written as %x today, and was as %x", path, w.Key.PK, w.Key.SK, encoded(w), items[w.Key])
			}
		}
	}
}

// ofFile gives a sample without what this engine keeps elsewhere.
func ofFile(r records.Record) records.Record {
	switch v := r.Value.(type) {
	case records.Logged:
		v.Senest = time.Time{}
		r.Value = v
	case records.Ordering:
		v.Logs = nil
		r.Value = v
	}
	return r
}

// encoded gives the value that is kept of a record.
func encoded(r records.Record) []byte {
	if st, ok := r.Value.(records.Stretch); ok {
		return encodePosition(st.Position)
	}
	return encodeRecord(r.Value)
}

func readItems(t *testing.T, path string) map[keys.Key][]byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	items := make(map[keys.Key][]byte)
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		value, err := hex.DecodeString(fields[len(fields)-1])
		if err != nil || len(fields) != 3 {
			t.Fatalf("%s: %q: %v", path, line, err)
		}
		items[keys.Key{PK: fields[0], SK: fields[1]}] = value
	}
	return items
}

// TestTomorrowsItems reads items of a format that is not known yet: each is refused, and the error says what to do.
func TestTomorrowsItems(t *testing.T) {
	for _, r := range storetest.Samples() {
		value := bytes.Clone(encoded(r))
		value[0] = format + 1
		got, err := decodeRecord(r.Key, value)
		if err == nil || got != nil || !strings.Contains(err.Error(), fmt.Sprintf("format %d", format+1)) || !strings.Contains(err.Error(), "run a later one") {
			t.Errorf("%s %s is read as %+v, %v", r.Key.PK, r.Key.SK, got, err)
		}
	}
}
