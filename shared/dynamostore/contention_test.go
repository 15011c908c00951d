package dynamostore

import (
	"fmt"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// 64 processes, each with a store of its own and so without a common queue, write in one municipality at once: all get through.
func TestProcessesGetTheirTurns(t *testing.T) {
	const processes = 64
	server := dynamotest.Start(t)
	newStore(t, server.Client(), "Dagtilbud", register.DefaultSeries)
	var group sync.WaitGroup
	var mu sync.Mutex
	most, runs := 0, 0
	for i := range processes {
		group.Go(func() {
			s := New(server.Client(), "Dagtilbud", register.DefaultSeries)
			mine := 0
			err := s.Update(t.Context(), func(tx register.Tx) error {
				mine++
				_, err := tx.Write(created(storetest.Daginstitution(101, register.Number(fmt.Sprintf("G%05d", i)))))
				return err
			})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			most, runs = max(most, mine), runs+mine
		})
	}
	group.Wait()
	t.Logf("%d writers: %d runs in all, %d at most", processes, runs, most)
}

func created(u register.Unit) register.Change {
	return register.Change{
		Art: register.Oprettelse, Aarsag: register.VedKald, Efter: u, Tid: storetest.Now,
		Af: register.Actor{
			User: "leverandoer-17", Version: register.V2, Address: "198.51.100.217", RequestID: "8d3c1f0e-6a52-4b7e-9c1d-2f7a9b3e5d60",
		},
	}
}
