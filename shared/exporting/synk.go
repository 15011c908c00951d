package exporting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"dagtilbudsregisteret.dk/shared/register"
)

// Copy is what somebody has of a municipality: the version of each unit, closed ones too, or only what they come to.
type Copy struct {
	Kommune int
	Antal   int
	Hash    string // see [Sum]
	Enheder map[register.Number]int64
}

// Sum gives the hash of a municipality's units: SHA-256, in hexadecimal, of a line "<number>:<version>\n" for each, by rising number.
func Sum(versions map[register.Number]int64) string {
	hash := sha256.New()
	for _, n := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintf(hash, "%s:%d\n", n, versions[n])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Forskel is a unit that a copy and the register do not have alike; a version is 0 where there is none.
type Forskel struct {
	Nummer    register.Number
	Hos       int64 // in the copy
	IRegister int64
}

// Own gives what the register has of each municipality in a state.
func (s *Service) Own(ctx context.Context, at register.Positions) (own []Copy, err error) {
	byKommune := make(map[int]map[register.Number]int64)
	for row, err := range s.Snapshot(ctx, Filter{}, at, Cursor{}) {
		if err != nil {
			return nil, err
		}
		if byKommune[row.AdmKommuneKode] == nil {
			byKommune[row.AdmKommuneKode] = make(map[register.Number]int64)
		}
		byKommune[row.AdmKommuneKode][row.Number()] = row.Version
	}
	for _, p := range at {
		units := byKommune[p.Kommune]
		own = append(own, Copy{p.Kommune, len(units), Sum(units), units})
	}
	return own, nil
}

// Differences gives in what two copies of a municipality differ, by number.
func Differences(theirs, own map[register.Number]int64) (differ []Forskel) {
	all := maps.Clone(own)
	if all == nil {
		all = make(map[register.Number]int64)
	}
	maps.Copy(all, theirs)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		if theirs[n] != own[n] {
			differ = append(differ, Forskel{n, theirs[n], own[n]})
		}
	}
	return differ
}
