package rest_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/storetest"
)

var fileNames = []string{"daginstitutioner", "anvisningsenheder", "alternative-adresser", "samlet"}

// TestFiles reads each file in each form: they hold the same rows in the same order.
func TestFiles(t *testing.T) {
	s := newSite(t).municipalities()
	for i, rows := range []int{3, 9, 3, 15} {
		name := fileNames[i]
		csv, ndjson := s.call("GET", "/v2/eksport/"+name+".csv", "").ok(200), s.call("GET", "/v2/eksport/"+name+".ndjson", "").ok(200)
		array := s.call("GET", "/v2/eksport/"+name+".json", "").ok(200)
		csv.wantHeaders("Content-Type: text/csv; charset=utf-8", `Content-Disposition: attachment; filename="`+name+`.csv"`, "Registerposition: 461:10,751:5")
		ndjson.wantHeaders("Content-Type: application/x-ndjson", `Content-Disposition: attachment; filename="`+name+`.ndjson"`)
		array.wantHeaders("Content-Type: application/json", `Content-Disposition: attachment; filename="`+name+`.json"`)
		lines := strings.Split(strings.TrimSuffix(ndjson.body, "\n"), "\n")
		if len(lines) != rows || strings.Count(csv.body, "\r\n") != rows+1 || !strings.HasPrefix(csv.body, "\ufeff") {
			t.Errorf("%s: %d lines\n%s", name, len(lines), csv.body)
		}
		elements := read[[]json.RawMessage](array)
		for k, line := range lines {
			if string(elements[k]) != line || strings.HasPrefix(line, `{"dagtilbudsType":`) != (name == "samlet") {
				t.Errorf("%s, row %d\n   json %s\n ndjson %s", name, k, elements[k], line)
			}
		}
	}
}

func TestEmptyFiles(t *testing.T) {
	s := newSite(t)
	for _, name := range fileNames {
		if a := s.call("GET", "/v2/eksport/"+name+".ndjson", "").ok(200); a.body != "" {
			t.Errorf("%s: %q", name, a.body)
		}
		if rows := read[[]json.RawMessage](s.call("GET", "/v2/eksport/"+name+".json", "").ok(200)); rows == nil || len(rows) != 0 {
			t.Errorf("%s: %v", name, rows)
		}
		if a := s.call("GET", "/v2/eksport/"+name+".csv", "").ok(200); strings.Count(a.body, "\r\n") != 1 {
			t.Errorf("%s: %q", name, a.body)
		}
	}
}

func TestFilteredFile(t *testing.T) {
	s := newSite(t).municipalities()
	for query, rows := range map[string]int{"": 15, "?admKommuneKode=751": 5, "?instType3=6011&admKommuneKode=461": 6, "?navn=findes+ikke": 0} {
		if a := s.call("GET", "/v2/eksport/samlet.ndjson"+query, "").ok(200); strings.Count(a.body, "\n") != rows {
			t.Errorf("%s: %d rows, want %d", query, strings.Count(a.body, "\n"), rows)
		}
	}
}

// TestFileTag keeps a file until the register changes.
func TestFileTag(t *testing.T) {
	s := newSite(t).family()
	const all, odense, aarhus = "/v2/eksport/samlet.csv", "/v2/eksport/samlet.csv?admKommuneKode=461", "/v2/eksport/samlet.csv?admKommuneKode=751"
	tags := make(map[string]string)
	for _, path := range []string{all, odense, aarhus} {
		a := s.call("GET", path, "").ok(200)
		tags[path] = a.Get("ETag")
		same := s.call("GET", path, "", "If-None-Match: "+tags[path]).ok(304)
		if same.body != "" || same.Get("ETag") != tags[path] || same.Get("Registerposition") != a.Get("Registerposition") {
			t.Errorf("%s: %v %q", path, same.Header, same.body)
		}
	}
	if tags[all] == tags[odense] || tags[odense] == tags[aarhus] {
		t.Errorf("different files have one tag: %v", tags)
	}
	s.call("PUT", "/v2/daginstitutioner/G10000", changed, `If-Match: "1"`).ok(200)
	for path, status := range map[string]int{all: 200, odense: 200, aarhus: 304} {
		s.call("GET", path, "", "If-None-Match: "+tags[path]).ok(status)
	}
}

// gunzip gives the text of a gzipped body.
func gunzip(t testing.TB, body string) string {
	t.Helper()
	zip, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGzip(t *testing.T) {
	s := newSite(t).family()
	const path = "/v2/eksport/samlet.csv"
	plain := s.call("GET", path, "").ok(200)
	plain.wantHeaders("Content-Encoding:", "Vary: Accept-Language, Accept-Encoding")
	for accept, zipped := range map[string]bool{
		"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "deflate, gzip": true, "gzip;q=1.0": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "identity": false, "gzip;q=x": false,
	} {
		a := s.call("GET", path, "", "Accept-Encoding: "+accept).ok(200)
		if (a.Get("Content-Encoding") == "gzip") != zipped {
			t.Errorf("%q: Content-Encoding %q", accept, a.Get("Content-Encoding"))
			continue
		}
		if zipped {
			a.body = gunzip(t, a.body)
		}
		if a.body != plain.body {
			t.Errorf("%q: another file", accept)
		}
	}
}

// crowd writes trees of one enhed each, with some texts of their own.
func (s *site) crowd(trees int) *site {
	s.t.Helper()
	units := make([]register.Unit, 0, 2*trees)
	for i := range trees {
		d := storetest.Daginstitution(461, register.Number(fmt.Sprintf("G%05d", 10000+2*i)))
		units = append(units, d, storetest.Anvisningsenhed(d, register.Number(fmt.Sprintf("G%05d", 10001+2*i))))
	}
	storetest.Create(s.t, s.store.Store, units...)
	return s
}

// joined makes one file of its parts.
func joined(path string, parts []string) string {
	all := strings.Join(parts, "")
	switch {
	case strings.Contains(path, ".csv"):
		header, _, _ := strings.Cut(all, "\r\n")
		return header + "\r\n" + strings.ReplaceAll(all, header+"\r\n", "")
	case strings.Contains(path, ".json"):
		return strings.ReplaceAll(all, "\n]\n[\n", ",\n")
	}
	return all
}

// TestFileInParts follows the links of a file that is too large for one answer: the parts together are the file.
func TestFileInParts(t *testing.T) {
	t.Parallel()
	const most = 100_000
	whole := newSite(t).crowd(1000)
	parts := newSite(t, func(c *config) { c.MaxAnswer = most }).crowd(1000)
	for _, path := range []string{"/v2/eksport/samlet.csv", "/v2/eksport/samlet.ndjson?ejerformKode=1", "/v2/eksport/samlet.json"} {
		for _, encoding := range []string{"", "gzip"} {
			var texts []string
			for next := path; next != ""; {
				a := parts.call("GET", next, "", "Accept-Encoding: "+encoding).ok(200)
				a.wantHeaders("Content-Length: " + fmt.Sprint(len(a.body)))
				if len(a.body) > most+160_000 { // what the writers between hold back
					t.Errorf("%s %s: a part of %d bytes", path, encoding, len(a.body))
				}
				if encoding == "gzip" {
					a.body = gunzip(t, a.body)
				}
				texts, next = append(texts, a.body), a.follow()
			}
			if want := whole.call("GET", path, ""); joined(path, texts) != want.body {
				t.Errorf("%s %s: %d parts make another file", path, encoding, len(texts))
			}
			if encoding == "" && len(texts) < 4 {
				t.Errorf("%s: %d parts", path, len(texts))
			}
		}
	}
}

// fickleStore fails after some rows.
type fickleStore struct {
	services.Store
	rows int
}

func (s *fickleStore) Units(ctx context.Context, kommune int, after string) iter.Seq2[register.Unit, error] {
	return func(yield func(register.Unit, error) bool) {
		rows := 0
		for u, err := range s.Store.Units(ctx, kommune, after) {
			if rows++; rows > s.rows {
				yield(register.Unit{}, errors.New("the disk is gone"))
				return
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// TestFileIsCutOff has the store fail when much of a file has been sent: the connection ends before the file does.
func TestFileIsCutOff(t *testing.T) {
	s := newSite(t).crowd(1000)
	s.store.Store = &fickleStore{s.store.Store, 1500}
	server := httptest.NewServer(s)
	defer server.Close()
	response, err := http.Get(server.URL + "/v2/eksport/samlet.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) || len(text) == 0 {
		t.Errorf("%v after %d bytes", err, len(text))
	}
	server.Close() // waits for the handler
	if !strings.Contains(s.log.String(), "the disk is gone") {
		t.Errorf("the log:\n%s", s.log)
	}
}

// TestFileTagKnowsTheTexts changes nothing but a code table, whose texts stand in the files.
func TestFileTagKnowsTheTexts(t *testing.T) {
	t.Parallel()
	tag := func(tables *codes.Tables) string {
		s := newSite(t, func(c *config) { c.Tables = tables })
		return s.call("GET", "/v2/eksport/samlet.csv", "").ok(200).Get("ETag")
	}
	others, err := codes.LoadOver(fstest.MapFS{"kommuner.csv": {Data: []byte("kode;tekst\n265;Det nye Roskilde\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if before, after := tag(codes.Embedded()), tag(others); before != tag(codes.Embedded()) || before == after {
		t.Errorf("the tag is %s before and %s after", before, after)
	}
}
