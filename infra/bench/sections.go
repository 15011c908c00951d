package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// validating measures the rules alone, on a lawful anvisningsenhed.
func validating(b *bench) error {
	const name = "validate one anvisningsenhed"
	if !b.wants(name) {
		return nil
	}
	d := register.Unit{Level: register.Daginstitution, AdmKommuneKode: 265, DaginstitutionsNummer: "G20000", Navn: "Område Nord",
		EjerformKode: 1, LovgrundlagKode: 1, Aktivitetsstatus: register.Aktiv}
	e := register.Unit{Level: register.Anvisningsenhed, EnhedsNummer: "G20001", Navn: "Børnehuset Æblet", InstType3: 6012,
		Email: "post@institution.example", TelefonNummer: "+45 12 34 56 78", CVRNummer: "35209115", PNummer: "1003259422",
		Adresse: register.Adresse{VejNavn: "Abildgårdsvej", HusNummer: "7b", PostNummer: "4000", ByNavn: "Roskilde", KommuneKode: 265},
		Version: 1, Aktivitetsstatus: register.Aktiv}
	e.PlaceUnder(&d)
	write := validation.Write{Operation: validation.Ret, Version: register.V2, Before: e, After: e, Parent: d}
	checker := validation.New(codes.Embedded())
	f := measure(func(b *testing.B) {
		for b.Loop() {
			if findings := checker.Check(nil, &write); len(findings) > 0 {
				b.Fatal(findings)
			}
		}
	})
	b.print(name, f, "", figure{})
	return nil
}

// writing measures a create over HTTP, each acknowledged after its own or a shared sync, beside one synced put of such a row.
func writing(b *bench) error {
	rows := units()
	for _, connections := range []int{1, 16} {
		name := fmt.Sprintf("create over HTTP, %d connections", connections)
		if !b.wants(name) {
			continue
		}
		s, floor := newServer(connections), newBare()
		parents, err := s.parents(rows)
		if err != nil {
			return err
		}
		var next atomic.Int64
		f := measure(inParallel(connections, func(int64) error {
			u := rows[int(next.Add(1))%len(rows)]
			u.instType = 6012
			return s.call("POST", "/v2/anvisningsenheder", encode(u.enhed(parents[u.kommune])), discard)
		}))
		row := make([]byte, 600)
		bare := measure(inParallel(1, func(int64) error { return floor.put(int(next.Add(1)), 1, row) }))
		b.print(name, f, "one synced bbolt put", bare)
		s.close()
		floor.close()
	}
	return nil
}

// parents creates a daginstitution in each municipality and gives their numbers.
func (s *server) parents(rows []unit) (map[int]string, error) {
	parents := make(map[int]string)
	for _, u := range rows {
		if parents[u.kommune] != "" {
			continue
		}
		u.ejerform, u.instType = 1, 6012
		err := s.call("POST", "/v2/daginstitutioner", encode(u.daginstitution()), func(r io.Reader) error {
			var made struct{ DaginstitutionsNummer string }
			err := json.NewDecoder(r).Decode(&made)
			parents[u.kommune] = made.DaginstitutionsNummer
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return parents, nil
}

// importing measures 10,000 lines in one call, beside as many puts in one bbolt transaction.
func importing(b *bench) error {
	const name, count = "import of 10,000 lines in one call", 10_000
	if !b.wants(name) {
		return nil
	}
	body := lines(units(), count)
	f := measure(func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := newServer(1)
			b.StartTimer()
			if err := s.importAll(body, count); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			s.close()
			b.StartTimer()
		}
	})
	row := make([]byte, 600)
	bare := measure(func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			floor := newBare()
			b.StartTimer()
			if err := floor.put(0, count, row); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			floor.close()
			b.StartTimer()
		}
	})
	b.print(name, f.per(count, "line"), "bbolt put in one transaction", bare.per(count, "row"))
	return nil
}

// importAll sends an import and wants every line to succeed.
func (s *server) importAll(body []byte, count int) error {
	return s.call("POST", "/v2/import", body, func(r io.Reader) error {
		in := bufio.NewScanner(r)
		answered := 0
		for in.Scan() {
			var result struct{ Status int }
			if err := json.Unmarshal(in.Bytes(), &result); err != nil {
				return err
			}
			if result.Status != 201 {
				return fmt.Errorf("import: %s", in.Text())
			}
			answered++
		}
		if answered != count {
			return fmt.Errorf("import: %d lines answered, not %d", answered, count)
		}
		return in.Err()
	})
}

// reading measures a look-up by number, beside bare net/http over a bbolt get of a row of the same size.
func reading(b *bench) error {
	const count = 5000
	for _, connections := range []int{1, 16} {
		name := fmt.Sprintf("look-up by number, %d connections", connections)
		if !b.wants(name) {
			continue
		}
		s, floor := newServer(connections), newBare()
		if err := s.importAll(lines(units(), count), count); err != nil {
			return err
		}
		var size int
		err := s.call("GET", "/v2/anvisningsenheder/G10001", nil, func(r io.Reader) error {
			body, err := io.ReadAll(r)
			size = len(body)
			return err
		})
		if err == nil {
			err = floor.put(0, count, make([]byte, size))
		}
		if err != nil {
			return err
		}
		f := measure(inParallel(connections, func(i int64) error {
			n := i % count
			n += boolInt(n%10 == 0)
			return s.call("GET", "/v2/anvisningsenheder/G"+strconv.FormatInt(10000+n, 10), nil, discard)
		}))
		http := httptest.NewServer(floor.handler())
		plain := server{url: http.URL, client: client(connections)}
		bare := measure(inParallel(connections, func(i int64) error {
			return plain.call("GET", fmt.Sprintf("/rows/%012d", i%count), nil, discard)
		}))
		b.print(name, f, "bare net/http + bbolt get", bare)
		http.Close()
		s.close()
		floor.close()
	}
	return nil
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// files measures whole files over HTTP, beside a standard encoder over the same rows in memory.
func files(b *bench) error {
	for _, count := range []int{5_000, 100_000} {
		var s *server
		for _, ending := range []string{"csv", "ndjson"} {
			name := fmt.Sprintf("%s export of %d units", ending, count)
			if !b.wants(name) {
				continue
			}
			if s == nil {
				s = newServer(1)
				if err := s.importAll(lines(units(), count), count); err != nil {
					return err
				}
			}
			f := measure(func(b *testing.B) {
				for b.Loop() {
					if err := s.call("GET", "/v2/eksport/samlet."+ending, nil, discard); err != nil {
						b.Fatal(err)
					}
				}
			})
			bare, err := s.bareEncode(ending)
			if err != nil {
				return err
			}
			b.print(name, f, "standard encoder, rows in memory", bare)
			fmt.Printf("%-44s %12d bytes of heap at most\n", "", peak(func(take func(io.Reader) error) error {
				return s.call("GET", "/v2/eksport/samlet."+ending, nil, take)
			}))
		}
		if s != nil {
			s.close()
		}
	}
	return nil
}

// bareEncode takes the file's records into memory and measures how long the standard library takes to write them.
func (s *server) bareEncode(ending string) (f figure, err error) {
	err = s.call("GET", "/v2/eksport/samlet."+ending, nil, func(r io.Reader) error {
		if ending == "csv" {
			in := csv.NewReader(r)
			in.Comma = ';'
			in.LazyQuotes = true
			records, err := in.ReadAll()
			f = measure(func(b *testing.B) {
				for b.Loop() {
					csv.NewWriter(io.Discard).WriteAll(records)
				}
			})
			return err
		}
		var records []map[string]any
		in := json.NewDecoder(r)
		for in.More() {
			var record map[string]any
			if err := in.Decode(&record); err != nil {
				return err
			}
			records = append(records, record)
		}
		f = measure(func(b *testing.B) {
			for b.Loop() {
				out := json.NewEncoder(io.Discard)
				for _, record := range records {
					out.Encode(record)
				}
			}
		})
		return nil
	})
	return f, err
}

// peak is how much the heap grows, at the most, while an answer is taken.
func peak(ask func(take func(io.Reader) error) error) uint64 {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	err := ask(func(r io.Reader) error {
		piece := make([]byte, 1<<20)
		for {
			_, err := io.ReadFull(r, piece)
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > before.HeapAlloc {
				most = max(most, now.HeapAlloc-before.HeapAlloc)
			}
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil {
		fatal(err)
	}
	return most
}
