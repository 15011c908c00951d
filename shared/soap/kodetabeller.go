package soap

import (
	"slices"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// tableNames are the code tables, and beside them the lawful triples.
var tableNames = []string{codes.Ejerform, codes.Lovgrundlag, codes.InstType3, codes.Kommuner, codes.Krydsvalidering}

// getKodetabeller answers all code tables.
func (e *exchange) getKodetabeller() error {
	if findings := e.arguments(); len(findings) > 0 {
		return e.refuse(findings)
	}
	return e.answer(func(d *document) {
		d.open("kodetabeller")
		for _, name := range tableNames {
			d.kodetabel(e.api.Tables, name, e.Version)
		}
		d.close("kodetabeller")
	})
}

// getKodetabel answers one code table.
func (e *exchange) getKodetabel() error {
	var name string
	findings := e.arguments(one("navn", token(&name)))
	if !slices.Contains(tableNames, name) {
		findings = append(findings, validation.UgyldigParameter.Finding("/navn", "kodetabel", register.Text{
			Da: "Kodetabellerne er ejerform, lovgrundlag, instType3, kommuner og krydsvalidering.",
			En: "The code tables are ejerform, lovgrundlag, instType3, kommuner and krydsvalidering.",
		}))
	}
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	return e.answer(func(d *document) { d.kodetabel(e.api.Tables, name, e.Version) })
}

// kodetabel writes a code table as a service version knows it.
func (d *document) kodetabel(tables *codes.Tables, name string, v register.ServiceVersion) {
	d.open("kodetabel")
	d.text("navn", name)
	for _, table := range tables.All() {
		if table.Name == name {
			d.koder(table, v)
		}
	}
	if name == codes.Krydsvalidering {
		d.kombinationer(tables.TriplesOf(v))
	}
	d.close("kodetabel")
}

func (d *document) koder(table *codes.Table, v register.ServiceVersion) {
	for _, c := range table.Codes {
		if c.FraVersion > v {
			continue
		}
		d.open("kode")
		d.int("kode", int64(c.Kode))
		d.text("tekst", c.Tekst.Da)
		d.text("tekstEngelsk", c.Tekst.En)
		d.optional("hjemmel", c.Hjemmel)
		d.text("fraVersion", c.FraVersion.String())
		d.flag("pladsholder", c.Pladsholder)
		d.close("kode")
	}
}

func (d *document) kombinationer(triples []codes.Triple) {
	for _, t := range triples {
		d.open("kombination")
		d.int("lovgrundlagKode", int64(t.Lovgrundlag))
		d.int("ejerformKode", int64(t.Ejerform))
		d.int("instType3", int64(t.InstType3))
		d.text("hjemmel", t.Hjemmel)
		d.close("kombination")
	}
}
