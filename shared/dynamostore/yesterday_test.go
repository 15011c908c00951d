package dynamostore

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/storetest"
)

var rewrite = flag.Bool("update", false, "write testdata/items anew, as today's layout has it")

// today is the file of the items as they are written now.
const today = "testdata/items/layout-1.jsonl"

// written are the items as they were written at a time, in DynamoDB's JSON, a line for each. Those of the past are never made anew.
var written = map[string]storetest.Era{
	"testdata/items/layout-1-first.jsonl": storetest.First,
	"testdata/items/layout-1-users.jsonl": storetest.Second,
	today:                                 storetest.Today,
}

// TestYesterdaysItems reads the items of each layout there has been, field by field. There is one of each kind; what today's code writes is what
// stands in the latest file, so that a change of layout shows.
func TestYesterdaysItems(t *testing.T) {
	if *rewrite {
		var text bytes.Buffer
		lines := json.NewEncoder(&text)
		for _, r := range storetest.Samples() {
			if err := lines.Encode(plain(encodeRecord(r).keyed(r.Key))); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(today, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, era := range written {
		items := readItems(t, path)
		want := storetest.SamplesOf(era)
		if len(items) != len(want) {
			t.Errorf("%s has %d items, want %d", path, len(items), len(want))
		}
		for _, w := range want {
			got := record(w.Key, items[w.Key])
			if stored := ofTable(w); got.Err != nil || !reflect.DeepEqual(got.Value, stored.Value) {
				t.Errorf("%s: %s %s: %v\n got %+v\nwant %+v", path, w.Key.PK, w.Key.SK, got.Err, got.Value, stored.Value)
			}
			if is := encodeRecord(w).keyed(w.Key); era == storetest.Today && !reflect.DeepEqual(is, items[w.Key]) {
				t.Errorf("%s: %s %s is written as %v today, and was as %v", path, w.Key.PK, w.Key.SK, plain(is), plain(items[w.Key]))
			}
		}
	}
}

// ofTable gives a sample without what this engine keeps elsewhere.
func ofTable(r records.Record) records.Record {
	if v, ok := r.Value.(records.Logged); ok {
		v.Sequence = 0
		r.Value = v
	}
	return r
}

// TestTomorrowsItems reads items of a layout that is not known yet, and of none: each is refused, and the error says what to do.
func TestTomorrowsItems(t *testing.T) {
	for _, r := range storetest.Samples() {
		for name, v := range map[string]types.AttributeValue{"layout 2": integer(layout + 1), "layout 0": nil} {
			it := encodeRecord(r).keyed(r.Key)
			it["v"] = v
			if v == nil {
				delete(it, "v")
			}
			got := record(r.Key, it)
			if got.Err == nil || got.Value != nil || !strings.Contains(got.Err.Error(), name) || !strings.Contains(got.Err.Error(), "run a later one") {
				t.Errorf("%s %s of %s is read as %+v", r.Key.PK, r.Key.SK, name, got)
			}
		}
	}
}

// readItems reads a file of items.
func readItems(t *testing.T, path string) map[keys.Key]item {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	items := make(map[keys.Key]item)
	for line := range strings.Lines(string(text)) {
		var attributes map[string]map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &attributes); err != nil {
			t.Fatalf("%s: %q: %v", path, line, err)
		}
		it := parsed(t, attributes)
		items[it.key()] = it
	}
	return items
}

// plain gives an item as DynamoDB's JSON has it.
func plain(it item) map[string]any {
	m := make(map[string]any)
	for name, v := range it {
		m[name] = plainValue(v)
	}
	return m
}

func plainValue(v types.AttributeValue) map[string]any {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return map[string]any{"M": plain(v.Value)}
	case *types.AttributeValueMemberL:
		all := []any{}
		for _, e := range v.Value {
			all = append(all, plainValue(e))
		}
		return map[string]any{"L": all}
	}
	value := reflect.ValueOf(v).Elem()
	return map[string]any{strings.TrimPrefix(value.Type().Name(), "AttributeValueMember"): value.FieldByName("Value").Interface()}
}

// parsed reads what plain gives.
func parsed(t *testing.T, attributes map[string]map[string]json.RawMessage) item {
	t.Helper()
	it := make(item)
	for name, v := range attributes {
		for kind, value := range v {
			it[name] = parsedValue(t, kind, value)
		}
	}
	return it
}

func parsedValue(t *testing.T, kind string, value json.RawMessage) types.AttributeValue {
	t.Helper()
	into := func(v any) {
		t.Helper()
		if err := json.Unmarshal(value, v); err != nil {
			t.Fatal(err)
		}
	}
	switch kind {
	case "M":
		var attributes map[string]map[string]json.RawMessage
		into(&attributes)
		return &types.AttributeValueMemberM{Value: parsed(t, attributes)}
	case "L":
		var elements []map[string]json.RawMessage
		into(&elements)
		list := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		for _, e := range elements {
			for kind, value := range e {
				list.Value = append(list.Value, parsedValue(t, kind, value))
			}
		}
		return list
	}
	scalars := map[string]types.AttributeValue{
		"S": new(types.AttributeValueMemberS), "N": new(types.AttributeValueMemberN), "B": new(types.AttributeValueMemberB),
		"BOOL": new(types.AttributeValueMemberBOOL), "NULL": new(types.AttributeValueMemberNULL),
	}
	v, ok := scalars[kind]
	if !ok {
		t.Fatalf("there is no kind %q", kind)
	}
	into(reflect.ValueOf(v).Elem().FieldByName("Value").Addr().Interface())
	return v
}
