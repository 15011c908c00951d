// Package recordstest gives tests registers that have lived: random operations by the real use cases, on any engine.
package recordstest

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Store is an engine, with its records.
type Store interface {
	services.Store
	records.Store
}

// Kommuner are the municipalities that units live in.
var Kommuner = []int{101, 461, 751}

// Life is somebody who uses a register. It is for one goroutine.
type Life struct {
	Random *rand.Rand
	name   string
	now    atomic.Int64 // seconds that have passed
	all    *services.Services
	known  [4][]register.Number // by level
}

// New begins a life, whose random choices follow from its name and seed.
func New(store Store, name string, seed uint64, chunk int) *Life {
	l := &Life{Random: rand.New(rand.NewPCG(seed, uint64(len(name)))), name: name}
	l.all = services.New(services.Config{
		Store: store, Tables: codes.Embedded(), Now: l.clock,
		Log: slog.New(slog.DiscardHandler), Series: register.DefaultSeries, Queue: taking{}, Chunk: chunk,
	})
	return l
}

// clock moves on by a second whenever somebody looks.
func (l *Life) clock() time.Time {
	return time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC).Add(time.Duration(l.now.Add(1)) * time.Second)
}

// taking is a queue that takes everything.
type taking struct{ relaying.Queue }

func (taking) Send(_ context.Context, _ string, messages []relaying.Message) []error {
	return make([]error, len(messages))
}

// Live does so many random things. Its error is a failure of the register's own; to be refused, or overtaken, is none.
func (l *Life) Live(ctx context.Context, steps int) error {
	for range steps {
		if err := l.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *Life) step(ctx context.Context) error {
	switch l.Random.IntN(20) {
	case 0:
		by := register.Actor{User: l.name}
		sub := relaying.Subscriber{Navn: fmt.Sprintf("%s-%d", l.name, l.Random.IntN(3))}
		sub.Koe = sub.Navn
		if l.Random.IntN(2) == 0 {
			sub.Filter.Kommuner = []int{l.pick(Kommuner)}
		}
		_, findings, err := l.all.Relaying.Create(ctx, by, sub, relaying.Start{})
		if err == nil && len(findings) > 0 {
			_, _, err = l.all.Relaying.Replay(ctx, by, sub.Navn, relaying.Start{Begin: true})
		}
		return l.forgive(err)
	case 1:
		return l.forgive(l.all.Relaying.Sweep(ctx))
	case 2:
		_, err := l.all.Store.Reserve(ctx, register.Reservation{
			Key: fmt.Sprint(l.name, l.Random.IntN(5)), Count: 2, Expires: l.clock().Add(time.Hour), User: l.name,
		})
		return l.forgive(err)
	case 3:
		_, err := l.all.Rechecking.Run(ctx)
		return l.forgive(err)
	case 4:
		return l.forgive(l.all.Store.CountCall(ctx, register.V1, l.clock(), l.name, "POST /v1/import"))
	}
	return l.write(ctx)
}

func (l *Life) pick(from []int) int { return from[l.Random.IntN(len(from))] }

// forgive takes what others may have done to this one for no failure.
func (l *Life) forgive(err error) error {
	switch register.KindOf(err) {
	case register.Conflict, register.Reused, register.Stale, register.TooLarge:
		return nil
	}
	return err
}

// write runs an import of a few operations.
func (l *Life) write(ctx context.Context) error {
	ops := make([]importing.Op, 1+l.Random.IntN(4))
	for i := range ops {
		ops[i] = l.op()
		ops[i].Line = i + 1
		if l.Random.IntN(3) == 0 {
			ops[i].Key, ops[i].Hash = fmt.Sprint(l.name, l.Random.IntN(200)), [32]byte{1}
		}
	}
	options := importing.Options{
		Actor: register.Actor{User: l.name, Version: register.V2, Address: "192.0.2.7"}, Rights: access.Everything, ImportID: "i",
		Strict: l.Random.IntN(4) == 0,
	}
	for result := range l.all.Importing.Run(ctx, func(yield func(importing.Op) bool) {
		for _, op := range ops {
			if !yield(op) {
				return
			}
		}
	}, options) {
		if err := l.forgive(result.Err); err != nil {
			return err
		}
		if u := result.Unit; result.Outcome == importing.Created {
			l.known[u.Level] = append(l.known[u.Level], u.Number())
		}
	}
	return nil
}

// op makes one operation up.
func (l *Life) op() importing.Op {
	level := register.Levels[l.Random.IntN(len(register.Levels))]
	if len(l.known[register.Daginstitution]) < 3 {
		level = register.Daginstitution
	}
	u := l.unit(level)
	op := importing.Op{Operation: validation.Opret, Level: level, Unit: u}
	n := l.any(level)
	if n == "" || l.Random.IntN(3) == 0 {
		if l.Random.IntN(4) == 0 {
			op.Operation, op.Number = validation.Indlaes, register.Number(fmt.Sprintf("D%05d", l.Random.IntN(100_000)))
			op.Unit.SetNumber(op.Number)
		}
		return op
	}
	op.Number = n
	op.Unit.SetNumber(n)
	switch l.Random.IntN(6) {
	case 0:
		op.Operation, op.Unit = validation.Nedlaeg, register.Unit{Level: level}
	case 1:
		op.Operation = validation.Flyt
	default:
		op.Operation = validation.Ret
	}
	return op
}

func (l *Life) any(level register.Level) register.Number {
	if of := l.known[level]; len(of) > 0 {
		return of[l.Random.IntN(len(of))]
	}
	return ""
}

var gade = register.Adresse{VejNavn: "Æblestien", HusNummer: "12b", PostNummer: "5220", ByNavn: "Odense SØ", KommuneKode: 461}

// unit makes up what is sent of a unit.
func (l *Life) unit(level register.Level) register.Unit {
	u := register.Unit{Level: level, Navn: fmt.Sprint("Navn ", l.Random.IntN(50))}
	switch level {
	case register.Daginstitution:
		u.AdmKommuneKode, u.EjerformKode, u.LovgrundlagKode = l.pick(Kommuner), 1, 1
	case register.Anvisningsenhed:
		u.DaginstitutionsNummer, u.InstType3, u.Adresse = l.any(register.Daginstitution), 6011, gade
	default:
		u.EnhedsNummer, u.Adresse = l.any(register.Anvisningsenhed), gade
	}
	return u
}
