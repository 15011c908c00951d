// Package codes holds the register's code tables: ejerform, lovgrundlag, instType3, the municipalities, and the lawful triples of
// lovgrundlag, ejerform and instType3 that cross-validation goes by. They are data, not code: five files under data/, embedded in
// the program, each with the texts and the legal basis per row. An operator replaces any of them by a file of the same name in a
// folder of their own, see [LoadOver].
//
// # The files
//
// ejerform.csv, lovgrundlag.csv, insttype3.csv, kommuner.csv and krydsvalidering.csv are UTF-8, one record a line, fields separated by
// semicolons and never quoted, with a header that names the columns, in any order:
//
//	kode         the code, a whole number above 0, once in its file
//	tekst, text  what it means, in Danish and English (a municipality has the one name)
//	hjemmel      its legal basis
//	fraVersion   the first service version that knows the code
//	nummer       lovgrundlag only: "offentlig" where the number is publicly known, "pladsholder" where the register chose it
//
// krydsvalidering.csv has lovgrundlag, ejerform, instType3 and hjemmel, one lawful triple a line. Its order matters: [Tables.Implied]
// takes the first that fits. The tables of the law's provisions are derived from dagtilbudsloven, folkeskoleloven § 24 a and barnets
// lov §§ 83-84; the official one is not public.
package codes

import (
	"fmt"
	"hash/fnv"

	"dagtilbudsregisteret.dk/shared/register"
)

// The names of the tables, as they stand in paths and documents.
const (
	Ejerform        = "ejerform"
	Lovgrundlag     = "lovgrundlag"
	InstType3       = "instType3"
	Kommuner        = "kommuner"
	Krydsvalidering = "krydsvalidering" // the lawful triples, see [Tables.Triples]
)

// Code is one row of a code table.
type Code struct {
	Kode        int
	Tekst       register.Text
	Hjemmel     string                  // the legal basis, in Danish; empty for a municipality
	Pladsholder bool                    // the number is the register's own choice until the official one is public
	FraVersion  register.ServiceVersion // the first service version that knows the code
}

// Table is one code table. Its codes stand in the order of its file.
type Table struct {
	Name  string
	Codes []Code

	index map[int]int // from a code to its place in Codes
}

// Lookup gives the row of a code, in constant time and without allocating; ok is false when the table has no such code.
func (t *Table) Lookup(kode int) (code Code, ok bool) {
	i, ok := t.index[kode]
	if !ok {
		return Code{}, false
	}
	return t.Codes[i], true
}

// Triple is a lawful combination: institutions of a type may be run in an ejerform under a lovgrundlag.
type Triple struct {
	Lovgrundlag, Ejerform, InstType3 int
	Hjemmel                          string // the legal basis of the combination, in Danish
}

// Tables is a full set of code tables. It is never changed after it was loaded, so any number of goroutines may read it.
type Tables struct {
	Ejerformer  Table
	Lovgrundlag Table
	InstTyper   Table
	Kommuner    Table
	Triples     []Triple // in the order of their file

	lawful map[[3]int]bool // lovgrundlag, ejerform, instType3
	pairs  map[[2]int]bool // lovgrundlag, ejerform
}

// All gives the tables of codes; the triples, which are not codes, stand beside them in [Tables.Triples].
func (t *Tables) All() []*Table {
	return []*Table{&t.Ejerformer, &t.Lovgrundlag, &t.InstTyper, &t.Kommuner}
}

// TriplesOf gives the lawful triples that a service version can have: those of whose codes it knows all.
func (t *Tables) TriplesOf(v register.ServiceVersion) (triples []Triple) {
	known := func(table *Table, kode int) bool {
		code, ok := table.Lookup(kode)
		return ok && code.FraVersion <= v
	}
	for _, triple := range t.Triples {
		if known(&t.Lovgrundlag, triple.Lovgrundlag) && known(&t.Ejerformer, triple.Ejerform) && known(&t.InstTyper, triple.InstType3) {
			triples = append(triples, triple)
		}
	}
	return triples
}

// Fingerprint tells sets of tables apart that differ in any code or text.
func (t *Tables) Fingerprint() uint64 {
	hash := fnv.New64a()
	for _, table := range t.All() {
		fmt.Fprintf(hash, "%s %v\n", table.Name, table.Codes)
	}
	fmt.Fprint(hash, t.Triples)
	return hash.Sum64()
}

// Lawful tells whether the three codes make a lawful triple.
func (t *Tables) Lawful(lovgrundlag, ejerform, instType3 int) bool {
	return t.lawful[[3]int{lovgrundlag, ejerform, instType3}]
}

// LawfulPair tells whether some lawful triple holds the two codes, so that a daginstitution may carry them.
func (t *Tables) LawfulPair(lovgrundlag, ejerform int) bool {
	return t.pairs[[2]int{lovgrundlag, ejerform}]
}

// Implied gives the lovgrundlag that an existing unit must stand under, going by its ejerform and type: that of the first lawful
// triple with both. When the law covers no such unit, lawful is false, and the lovgrundlag is the first that covers the type, or 0.
func (t *Tables) Implied(ejerform, instType3 int) (lovgrundlag int, lawful bool) {
	for _, triple := range t.Triples {
		if triple.InstType3 != instType3 {
			continue
		}
		if triple.Ejerform == ejerform {
			return triple.Lovgrundlag, true
		}
		if lovgrundlag == 0 {
			lovgrundlag = triple.Lovgrundlag
		}
	}
	return lovgrundlag, false
}
