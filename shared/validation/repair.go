package validation

import (
	"cmp"
	"slices"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// maxRepairs is how many ways out a finding offers.
const maxRepairs = 8

// repair is a way out, and how far it is from what was sent.
type repair struct {
	patch    Patch
	distance int // places between the codes in their tables
}

// nearest orders repairs by the number of fields they change, then by distance, then as the tables do, and keeps the first few.
func nearest(repairs []repair) []Patch {
	slices.SortStableFunc(repairs, func(a, b repair) int {
		return cmp.Or(cmp.Compare(len(a.patch), len(b.patch)), cmp.Compare(a.distance, b.distance))
	})
	var patches []Patch
	for _, r := range repairs[:min(len(repairs), maxRepairs)] {
		patches = append(patches, r.patch)
	}
	return patches
}

// change has the repair replace one code by another of its table, where they differ.
func (p *repair) change(path string, table *codes.Table, from, to int) {
	if from == to {
		return
	}
	p.patch = append(p.patch, PatchOp{"replace", path, to})
	steps := place(table, from) - place(table, to)
	p.distance += max(steps, -steps)
}

func place(table *codes.Table, kode int) int {
	return slices.IndexFunc(table.Codes, func(c codes.Code) bool { return c.Kode == kode })
}

// repairTree tries every ejerform with every lovgrundlag, and keeps those under which the daginstitution and all that is below it
// pass. It is nil when nothing passes.
func (r *run) repairTree() []Patch {
	var repairs []repair
	ejerformer, lovgrundlag := &r.tables.Ejerformer, &r.tables.Lovgrundlag
	for _, e := range ejerformer.Codes {
		for _, l := range lovgrundlag.Codes {
			d := *r.unit
			d.EjerformKode, d.LovgrundlagKode = e.Kode, l.Kode
			if max(e.FraVersion, l.FraVersion) > r.w.Version || !r.passes(&d) {
				continue
			}
			var p repair
			p.change("/ejerformKode", ejerformer, r.unit.EjerformKode, e.Kode)
			p.change("/lovgrundlagKode", lovgrundlag, r.unit.LovgrundlagKode, l.Kode)
			repairs = append(repairs, p)
		}
	}
	return nearest(repairs)
}

// passes tells whether a daginstitution would be lawful with all that is below it.
func (r *run) passes(d *register.Unit) bool {
	return r.tables.LawfulPair(d.LovgrundlagKode, d.EjerformKode) &&
		!slices.ContainsFunc(r.w.Below, func(u register.Unit) bool { return r.inTheWay(d, &u) })
}

// typesBelow gives the types that are lawful below a daginstitution, nil when none is.
func (r *run) typesBelow(d *register.Unit) []int {
	var types []int
	for _, t := range r.tables.InstTyper.Codes {
		if t.FraVersion <= r.w.Version && r.lawful(d, t.Kode) {
			types = append(types, t.Kode)
		}
	}
	return types
}

// repairUnit offers the types that are lawful where the unit stands.
func (r *run) repairUnit(types []int) []Patch {
	repairs := make([]repair, len(types))
	for i, t := range types {
		repairs[i].change("/instType3", &r.tables.InstTyper, r.unit.InstType3, t)
	}
	return nearest(repairs)
}
