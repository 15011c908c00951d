package dynamostore

import (
	"maps"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"dagtilbudsregisteret.dk/shared/register"
)

// encodeChange gives a change: the row after it in full, and in foer what of the row before it was otherwise. tx names the
// transaction that writes it.
func encodeChange(c *register.Change, tx string) item {
	it := encodeState(&c.Efter)
	if c.Foer.Level != 0 {
		it["foer"] = &types.AttributeValueMemberM{Value: otherwise(encodeState(&c.Foer), it)}
	}
	it.text("art", c.Art.String())
	it.text("aarsag", c.Aarsag.String())
	it.text("importId", c.ImportID)
	encodeActor(it, &c.Af)
	it.time("tid", c.Tid)
	it.text("tx", tx)
	return it
}

// noted is a change to write, and when the latest change of its log will then have been made.
type noted struct {
	register.Change
	senest time.Time
}

// encode gives the change, and says when the latest was made where that was not itself: whoever reads the end of a log then knows.
func (n *noted) encode(tx string) item {
	it := encodeChange(&n.Change, tx)
	if n.senest.After(n.Tid) {
		it.time("senest", n.senest)
	}
	return it
}

// decodeNote reads what stands with a change and is not of it: the transaction that wrote it, and when the latest of its log was
// made, where that was not itself.
func decodeNote(it item) (tx string, senest time.Time, err error) {
	d := decode(it)
	return d.text("tx"), d.time("senest"), d.end()
}

func encodeActor(it item, a *register.Actor) {
	it.text("user", a.User)
	it.int("serviceVersion", int64(a.Version))
	it.text("address", a.Address)
	it.text("requestId", a.RequestID)
	it.text("traceparent", a.Traceparent)
}

// encodeState gives all that a row says, its place too.
func encodeState(u *register.Unit) item {
	it := encodeRow(u)
	placeOf(u).encode(it)
	return it
}

// otherwise gives the attributes of foer that efter has not, or has with another value; NULL stands for those only efter has.
func otherwise(foer, efter item) item {
	diff := make(item)
	for name, v := range foer {
		if !reflect.DeepEqual(v, efter[name]) {
			diff[name] = v
		}
	}
	for name := range efter {
		if _, ok := foer[name]; !ok {
			diff[name] = &types.AttributeValueMemberNULL{Value: true}
		}
	}
	return diff
}

func decodeChange(it item, kommune int) (c register.Change, err error) {
	d := decode(it)
	c = register.Change{
		Position: register.Position{Kommune: kommune, Nr: d.sortNumber()},
		Art:      d.art("art"),
		Aarsag:   word(d, "aarsag", register.VedKald, register.VedImport, register.MedForaelder, register.VedRettelse),
		ImportID: d.text("importId"),
		Efter:    d.state(),
		Af:       d.actor(),
		Tid:      d.time("tid"),
	}
	if diff := attribute[*types.AttributeValueMemberM](d, "foer"); diff != nil && d.err == nil {
		foer := &decoder{item: undone(it, diff.Value)}
		c.Foer, d.err = foer.state(), foer.err
	}
	return c, d.end()
}

func (d *decoder) art(name string) register.Art {
	return word(d, name, register.Oprettelse, register.Aendring, register.Flytning, register.Nedlaeggelse, register.Indlaesning)
}

func (d *decoder) actor() register.Actor {
	return register.Actor{
		User:        d.text("user"),
		Version:     register.ServiceVersion(d.int("serviceVersion")),
		Address:     d.text("address"),
		RequestID:   d.text("requestId"),
		Traceparent: d.text("traceparent"),
	}
}

// undone gives an item with the attributes of diff put back.
func undone(it, diff item) item {
	was := maps.Clone(it)
	for name, v := range diff {
		if _, absent := v.(*types.AttributeValueMemberNULL); absent {
			delete(was, name)
		} else {
			was[name] = v
		}
	}
	return was
}

// state reads what encodeState wrote.
func (d *decoder) state() register.Unit {
	u, err := d.place().unit()
	if err != nil {
		d.fail("sti", err)
	}
	d.row(&u)
	return u
}

// sortNumber reads the number that the item is sorted by.
func (d *decoder) sortNumber() int64 {
	n, err := strconv.ParseInt(d.item.sortKey(), 10, 64)
	if err != nil {
		d.fail("SK", err)
	}
	return n
}
