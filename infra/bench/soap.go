package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
)

const (
	soapNamespace = "https://dagtilbudsregisteret.dk/soap/v2"
	soapEnvelope  = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>`
)

// soapAdresse and soapEnhed are what SOAP takes, as encoding/xml writes it.
type soapAdresse struct {
	VejNavn    string `xml:"vejNavn"`
	HusNummer  string `xml:"husNummer"`
	PostNummer string `xml:"postNummer"`
	ByNavn     string `xml:"byNavn"`
	Kommune    int    `xml:"kommuneKode"`
	DawaID     string `xml:"dawaId"`
	Bredde     string `xml:"geoBredde"`
	Laengde    string `xml:"geoLaengde"`
}

type soapEnhed struct {
	XMLName   xml.Name    `xml:"anvisningsenhed"`
	Parent    string      `xml:"daginstitutionsNummer"`
	Navn      string      `xml:"enhedsNavn"`
	InstType3 int         `xml:"instType3"`
	Adresse   soapAdresse `xml:"adresse"`
	Email     string      `xml:"email"`
	Telefon   string      `xml:"telefonNummer"`
	CVR       string      `xml:"cvrNummer"`
	P         string      `xml:"pNummer"`
}

// insert is the envelope that creates what [unit.enhed] creates over REST.
func (u unit) insert(parent string) []byte {
	row, err := xml.Marshal(soapEnhed{
		Parent: parent, Navn: u.navn, InstType3: u.instType, Email: "post@institution.example", Telefon: "+45 12 34 56 78", CVR: "35209115", P: "1003259422",
		Adresse: soapAdresse{u.vej, u.hus, u.postnr, u.by, u.kommune, "0a3f50a8-d4f7-32b8-e044-0003ba298018", u.bredde, u.laengde},
	})
	if err != nil {
		fatal(err)
	}
	return fmt.Appendf(nil, soapEnvelope, `<InsertAnvisningsEnhed xmlns="`+soapNamespace+`">`+string(row)+`</InsertAnvisningsEnhed>`)
}

// inserting measures a create over SOAP, beside the same create over REST.
func inserting(b *bench) error {
	rows := units()
	for _, connections := range []int{1, 16} {
		name := fmt.Sprintf("create over SOAP, %d connections", connections)
		if !b.wants(name) {
			continue
		}
		s := newServer(connections)
		parents, err := s.parents(rows)
		if err != nil {
			return err
		}
		var next atomic.Int64
		row := func() unit {
			u := rows[int(next.Add(1))%len(rows)]
			u.instType = 6012
			return u
		}
		overREST := measure(inParallel(connections, func(int64) error {
			u := row()
			return s.call("POST", "/v2/anvisningsenheder", encode(u.enhed(parents[u.kommune])), discard)
		}))
		f := measure(inParallel(connections, func(int64) error {
			u := row()
			return s.call("POST", "/soap/v2/ImportService", u.insert(parents[u.kommune]), wantOK)
		}))
		b.print(name, f, "the same create over REST", overREST)
		s.close()
	}
	return nil
}

// wantOK wants an ImportSvarXML that says so.
func wantOK(r io.Reader) error {
	answer, err := io.ReadAll(r)
	if err == nil && !bytes.Contains(answer, []byte("<status>OK</status>")) {
		err = fmt.Errorf("SOAP: %s", answer)
	}
	return err
}

// soapRow is a row of any level with those below it, as GetAllDagtilbud answers it.
type soapRow struct {
	Nummer  string       `xml:"daginstitutionsNummer,omitempty"`
	Navn    string       `xml:"daginstitutionsNavn,omitempty"`
	Enhed   string       `xml:"enhedsNummer,omitempty"`
	EnhNavn string       `xml:"enhedsNavn,omitempty"`
	Ejer    int          `xml:"ejerformKode,omitempty"`
	Lov     int          `xml:"lovgrundlagKode,omitempty"`
	Kommune int          `xml:"admKommuneKode,omitempty"`
	Type    int          `xml:"instType3,omitempty"`
	Adresse *soapAdresse `xml:"adresse"`
	Email   string       `xml:"email,omitempty"`
	Telefon string       `xml:"telefonNummer,omitempty"`
	CVR     string       `xml:"cvrNummer,omitempty"`
	P       string       `xml:"pNummer,omitempty"`
	Status  string       `xml:"aktivitetsstatus"`
	Version int          `xml:"version"`
	Tid     string       `xml:"senestOpdateret"`
	Below   []soapRow    `xml:"anvisningsenhed"`
}

// soapFiles measures the whole register over SOAP, beside encoding/xml over the same rows in memory.
func soapFiles(b *bench) error {
	question := fmt.Appendf(nil, soapEnvelope, `<GetAllDagtilbud xmlns="`+soapNamespace+`"/>`)
	for _, count := range []int{5_000, 100_000} {
		name := fmt.Sprintf("GetAllDagtilbud of %d units", count)
		if !b.wants(name) {
			continue
		}
		s := newServer(1)
		if err := s.importAll(lines(units(), count), count); err != nil {
			return err
		}
		ask := func(take func(io.Reader) error) error {
			return s.call("POST", "/soap/v2/ExportService", question, take)
		}
		f := measure(func(b *testing.B) {
			for b.Loop() {
				if err := ask(discard); err != nil {
					b.Fatal(err)
				}
			}
		})
		var rows struct {
			All []soapRow `xml:"Body>GetAllDagtilbudResponse>dagtilbudsRegister>daginstitution"`
		}
		if err := ask(func(r io.Reader) error { return xml.NewDecoder(r).Decode(&rows) }); err != nil {
			return err
		}
		bare := measure(func(b *testing.B) {
			for b.Loop() {
				if err := xml.NewEncoder(io.Discard).Encode(rows.All); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.print(name, f, "encoding/xml, rows in memory", bare)
		rows.All = nil
		fmt.Printf("%-44s %12d bytes of heap at most\n", "", peak(ask))
		s.close()
	}
	return nil
}
