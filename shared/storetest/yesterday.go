package storetest

import (
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
)

// Era is a time in which items were written by other code than today's.
type Era int

// The eras.
const (
	First  Era = 1 + iota // there were no users, no order, and no network addresses
	Second                // there was no order, and a head had no time
	Today
)

// SamplesOf gives what of [Samples] could be said in an era, as it could be said: what items from then must be read as.
func SamplesOf(era Era) (said []records.Record) {
	for _, r := range Samples() {
		if era < sinceWhen(records.KindOf(r.Key)) {
			continue
		}
		switch v := r.Value.(type) {
		case records.Logged:
			if era < Today {
				v.Sequence, v.Senest, v.Aarsag = 0, time.Time{}, register.MedForaelder
			}
			if era < Second {
				v.Af.Address = ""
			}
			r.Value = v
		case register.Head:
			if era < Today {
				v.Tid = time.Time{}
			}
			r.Value = v
		}
		said = append(said, r)
	}
	return said
}

// sinceWhen gives the first era that had a kind of record.
func sinceWhen(kind records.Kind) Era {
	switch {
	case slices.Contains([]records.Kind{
		records.Stretches, records.Order, records.Subscribers, records.Marks, records.Calls, records.Restored,
	}, kind):
		return Today
	case slices.Contains([]records.Kind{records.Users, records.Uses, records.Trail, records.Findings}, kind):
		return Second
	}
	return First
}
