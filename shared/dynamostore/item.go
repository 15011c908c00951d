package dynamostore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/keys"
)

// layout is the attribute v of every item, so that a later layout can tell today's items apart. An attribute that is added, or called by
// another name while the old one is still read, makes no other layout; one that means something else does.
const layout = 1

// item is an item's attributes by name. What is zero or empty is left out.
type item map[string]types.AttributeValue

// keyed gives an item its key and layout.
func (it item) keyed(k keys.Key) item {
	it["PK"], it["SK"], it["v"] = text(k.PK), text(k.SK), integer(layout)
	return it
}

func keyOf(k keys.Key) item { return item{"PK": text(k.PK), "SK": text(k.SK)} }

// sortKey is the SK of an item that was read.
func (it item) sortKey() string {
	sk, _ := it["SK"].(*types.AttributeValueMemberS)
	if sk == nil {
		return ""
	}
	return sk.Value
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func integer(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// kode is a whole number of a code table or a municipality.
func kode(n int) types.AttributeValue { return integer(int64(n)) }

// spelled is one of the constants that word reads.
func spelled[T fmt.Stringer](v T) types.AttributeValue { return text(v.String()) }

func (it item) text(name, s string) {
	if s != "" {
		it[name] = text(s)
	}
}

func (it item) int(name string, n int64) {
	if n != 0 {
		it[name] = integer(n)
	}
}

func (it item) bytes(name string, b []byte) {
	if len(b) > 0 {
		it[name] = &types.AttributeValueMemberB{Value: b}
	}
}

func (it item) bool(name string, b bool) {
	if b {
		it[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

func (it item) time(name string, t time.Time) {
	if !t.IsZero() {
		it[name] = text(t.Format(time.RFC3339Nano))
	}
}

// encodeList puts a list of what each element is encoded to.
func encodeList[T any](it item, name string, all []T, encode func(T) types.AttributeValue) {
	if len(all) == 0 {
		return
	}
	list := make([]types.AttributeValue, len(all))
	for i, v := range all {
		list[i] = encode(v)
	}
	it[name] = &types.AttributeValueMemberL{Value: list}
}

// decoder reads what was put into an item. It runs on after the first unreadable attribute and reports it at the end.
type decoder struct {
	item item
	err  error
}

func decode(it item) *decoder {
	d := &decoder{item: it}
	if v := d.int("v"); (v < 1 || v > layout) && d.err == nil {
		d.err = fmt.Errorf("it is of layout %d, and this program knows layouts 1 to %d: run a later one", v, layout)
	}
	return d
}

func (d *decoder) fail(name string, cause any) {
	if d.err == nil {
		d.err = fmt.Errorf("attribute %s: %v", name, cause)
	}
}

// end gives the first thing that could not be read.
func (d *decoder) end() error {
	if d.err == nil {
		return nil
	}
	pk := (&decoder{item: d.item}).text("PK")
	return fmt.Errorf("dynamostore: item %s %s cannot be read: %w", pk, d.item.sortKey(), d.err)
}

// attribute gives an attribute of type T, and a nil one where it was left out.
func attribute[T types.AttributeValue](d *decoder, name string) (v T) {
	if stored, ok := d.item[name]; ok {
		if v, ok = stored.(T); !ok {
			d.fail(name, fmt.Sprintf("it is a %T", stored))
		}
	}
	return v
}

func (d *decoder) text(name string) string {
	if v := attribute[*types.AttributeValueMemberS](d, name); v != nil {
		return v.Value
	}
	return ""
}

func (d *decoder) int(name string) int64 {
	v := attribute[*types.AttributeValueMemberN](d, name)
	if v == nil {
		return 0
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		d.fail(name, err)
	}
	return n
}

func (d *decoder) kode(name string) int { return int(d.int(name)) }

func (d *decoder) bytes(name string) []byte {
	if v := attribute[*types.AttributeValueMemberB](d, name); v != nil {
		return v.Value
	}
	return nil
}

func (d *decoder) bool(name string) bool {
	v := attribute[*types.AttributeValueMemberBOOL](d, name)
	return v != nil && v.Value
}

func (d *decoder) time(name string) (t time.Time) {
	s := d.text(name)
	if s == "" {
		return t
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		d.fail(name, err)
	}
	return t
}

// decodeList reads each element of a list as a T. To decode an element stands alone in its item, under the list's name.
func decodeList[T any](d *decoder, name string, decode func(d *decoder, name string) T) (all []T) {
	list := attribute[*types.AttributeValueMemberL](d, name)
	if list == nil {
		return nil
	}
	for _, v := range list.Value {
		element := &decoder{item: item{name: v}}
		all = append(all, decode(element, name))
		if element.err != nil && d.err == nil {
			d.err = element.err
		}
	}
	return all
}

// enter has the decoder of a list's element go on within it, where it is a map.
func (d *decoder) enter(name string) {
	if m := attribute[*types.AttributeValueMemberM](d, name); m != nil {
		d.item = m.Value
	}
}

// word reads the String of one of some values.
func word[T fmt.Stringer](d *decoder, name string, values ...T) (zero T) {
	s := d.text(name)
	for _, v := range values {
		if v.String() == s {
			return v
		}
	}
	if s != "" {
		d.fail(name, strconv.Quote(s))
	}
	return zero
}
