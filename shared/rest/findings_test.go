package rest_test

import (
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/validation"
)

// unknown gives an object of at most n bytes, all of whose fields are unknown.
func unknown(n int) string {
	b := []byte{'{'}
	for i := 0; len(b) < n-len(`"1234567":0,}`); i++ {
		b = append(strconv.AppendInt(append(b, '"'), int64(i), 10), `":0,`...)
	}
	b[len(b)-1] = '}'
	return string(b)
}

// repeated gives a list of at most n bytes, of one thing again and again.
func repeated(n int, one string) string {
	return "[" + strings.Repeat(one+",", (n-len(one)-len("[]"))/(len(one)+1)) + one + "]"
}

// TestManyFindings sends what is wrong in as many places as fit. A thousand findings are answered, of which the last says that there are
// more, and what a call costs does not go by how many there are.
func TestManyFindings(t *testing.T) {
	const (
		full = rest.MaxBody - 200 // room for what stands around it
		long = rest.MaxBody / 6
		more = "flere-fund/flere"
		most = 300 << 20 // bytes allocated for a call in all, few of them at a time
	)
	of := func(op, data string) string { return `{"op":"` + op + `","type":"daginstitution","data":` + data + "}" }
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		findings                 int
		last                     string
	}{
		{"a creation", "POST", "/v2/daginstitutioner", unknown(full), 422, validation.MostFindings, more},
		{"its address", "PUT", "/v1/alternative-adresser/G10002", `{"adresse":` + unknown(long) + "}", 422, validation.MostFindings, more},
		{"a verdict", "POST", "/v2/validering", of("opret", unknown(long)), 422, validation.MostFindings, more},
		{"a line", "POST", "/v2/import", of("opret", unknown(rest.MaxLine-100)), 422, validation.MostFindings, more},
		{"a line's own fields", "POST", "/v2/import?dryRun=true", unknown(rest.MaxLine), 422, validation.MostFindings, more},
		{"a tree", "POST", "/v2/dagtilbud", unknown(long), 422, validation.MostFindings, more},
		{"its rows", "PUT", "/v2/dagtilbud/G10000", `{"version":1,"anvisningsenheder":` + repeated(full, unknown(full/importing.MostRows*2)) + "}",
			422, validation.MostFindings, more},
		{"by the rules alone", "POST", "/v2/dagtilbud", `{"anvisningsenheder":` + repeated(3*(importing.MostRows-1), "{}") + "}",
			422, validation.MostFindings, more},
		{"too many rows", "POST", "/v2/dagtilbud", `{"anvisningsenheder":` + repeated(full, `{"x":0}`) + "}", 413, 1, "for-stor/raekker"},
		{"too many to close", "PUT", "/v2/dagtilbud/G10000", `{"nedlaegges":` + repeated(full, "0") + "}", 413, 1, "for-stor/raekker"},
		{"wrong types", "POST", "/v2/abonnementer", `{"filter":{"kommuner":` + repeated(full, `""`) + "}}", 422, validation.MostFindings, more},
		{"broken in the end", "POST", "/v2/daginstitutioner", unknown(long) + "}", 400, validation.MostFindings - 1, "ugyldig-json/syntaks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t).family()
			before := s.positions()
			w, spent := s.measured(c.method, c.path, c.body)
			got := read[problemDocument](&answer{t, c.name, w.Code, w.Header(), w.Body.String()})
			lines := got.lines()
			if last := strings.Join(lines[max(0, len(lines)-1):], ""); got.Status != c.status || len(lines) != c.findings || !strings.HasPrefix(last, c.last) {
				t.Errorf("%d: %d findings, the last %q", got.Status, len(lines), last)
			}
			if w.Body.Len() > 1<<20 {
				t.Errorf("the answer has %d bytes", w.Body.Len())
			}
			if spent > most {
				t.Errorf("%d bytes were allocated for %d", spent, len(c.body))
			}
			if after := s.positions(); after != before {
				t.Errorf("written: %s, before %s", after, before)
			}
		})
	}
}

// measured makes a call, and tells how many bytes were allocated for it.
func (s *site) measured(method, path, body string) (*httptest.ResponseRecorder, int) {
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	r.SetBasicAuth(drift, s.secrets[drift])
	w := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	return w, int(after.TotalAlloc - before.TotalAlloc)
}
