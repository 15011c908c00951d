package dynamostore

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/register"
)

func encodePosition(it item, p register.Position) {
	it.int("kommune", int64(p.Kommune))
	it.int("nr", p.Nr)
}

func (d *decoder) position() register.Position {
	return register.Position{Kommune: int(d.int("kommune")), Nr: d.int("nr")}
}

// positions reads what the text of some positions says.
func (d *decoder) positions(name string) register.Positions {
	s := d.text(name)
	if s == "" {
		return nil
	}
	ps, ok := register.ParsePositions(s)
	if !ok {
		d.fail(name, strconv.Quote(s))
	}
	return ps
}

func encodeReceipt(r *register.Receipt, tx string) item {
	it := item{"created": &types.AttributeValueMemberBOOL{Value: r.Created}}
	encodePosition(it, r.Position)
	it.bytes("hash", r.Hash[:])
	it.text("nummer", string(r.Number))
	it.bytes("answer", r.Answer)
	it.text("tx", tx)
	return it
}

func decodeReceipt(it item, key string) (register.Receipt, error) {
	d := decode(it)
	r := register.Receipt{
		Key:      key,
		Position: d.position(),
		Number:   register.Number(d.text("nummer")),
		Created:  d.bool("created"),
		Answer:   d.bytes("answer"),
	}
	if r.Answer == nil {
		r.Answer = d.bytes("warnings") // as it was called before
	}
	copy(r.Hash[:], d.bytes("hash"))
	return r, d.end()
}

func encodeReservation(r *register.Reservation) item {
	it := make(item, 8)
	it.text("key", r.Key)
	it.text("first", string(r.First))
	it.int("count", int64(r.Count))
	it.time("expires", r.Expires)
	it.text("user", r.User)
	return it
}

func decodeReservation(it item) (register.Reservation, error) {
	d := decode(it)
	r := register.Reservation{
		Key:     d.text("key"),
		First:   register.Number(d.text("first")),
		Count:   int(d.int("count")),
		Expires: d.time("expires"),
		User:    d.text("user"),
	}
	return r, d.end()
}

func encodeReport(r *register.Report) item {
	findings := make(item, len(r.Findings))
	for rule, numbers := range r.Findings {
		list := make([]types.AttributeValue, len(numbers))
		for i, n := range numbers {
			list[i] = text(string(n))
		}
		findings[rule] = &types.AttributeValueMemberL{Value: list}
	}
	it := item{"findings": &types.AttributeValueMemberM{Value: findings}}
	encodePosition(it, r.Position)
	it.time("tid", r.Tid)
	it.int("units", int64(r.Units))
	return it
}

func decodeReport(it item) (register.Report, error) {
	d := decode(it)
	r := register.Report{
		Kommune:  int(d.sortNumber()),
		Tid:      d.time("tid"),
		Position: d.position(),
		Units:    int(d.int("units")),
	}
	if findings := attribute[*types.AttributeValueMemberM](d, "findings"); findings != nil {
		r.Findings = d.findings(findings.Value)
	}
	return r, d.end()
}

func (d *decoder) findings(stored item) map[string][]register.Number {
	findings := make(map[string][]register.Number, len(stored))
	for rule, v := range stored {
		list, ok := v.(*types.AttributeValueMemberL)
		if !ok {
			d.fail("findings", rule)
			continue
		}
		numbers := make([]register.Number, len(list.Value))
		for i, e := range list.Value {
			n, ok := e.(*types.AttributeValueMemberS)
			if !ok {
				d.fail("findings", rule)
				break
			}
			numbers[i] = register.Number(n.Value)
		}
		findings[rule] = numbers
	}
	return findings
}

// encodeHead gives a municipality's head. Its time is a number, unlike others, for the heads of all municipalities are to weigh less
// than the 4 KB of one read unit.
func encodeHead(h register.Head) item {
	it := encodeNr(h.Nr)
	if !h.Tid.IsZero() {
		it["tid"] = integer(h.Tid.UnixMilli())
	}
	return it
}

func decodeHead(it item) (register.Head, error) {
	d := decode(it)
	h := register.Head{Position: register.Position{Kommune: int(d.sortNumber()), Nr: d.int("nr")}}
	if ms := d.int("tid"); ms != 0 {
		h.Tid = time.UnixMilli(ms).UTC()
	}
	return h, d.end()
}

// encodeNr is for what holds a number and nothing else.
func encodeNr(nr int64) item { return item{"nr": integer(nr)} }

// decodeNr reads the number of what is kept under it, and gives 0 for an item that is not there.
func decodeNr(it item) (int64, error) {
	if it == nil {
		return 0, nil
	}
	d := decode(it)
	return d.int("nr"), d.end()
}
