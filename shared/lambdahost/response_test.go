package lambdahost

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

// The library fails the invocation of the first of these.
func TestEmptyAnswers(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":     ok,
		"no bytes":    func(w http.ResponseWriter, _ *http.Request) { w.Write(nil) },
		"header only": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", `"1"`) },
		"flush":       func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			if _, g := samePlain(t, newTestRequest("GET", "/", ""), handler); g.Status != http.StatusOK || g.Body != "" {
				t.Errorf("%d %q", g.Status, g.Body)
			}
		})
	}
}

// The library lets the second one win.
func TestFirstWriteHeaderWins(t *testing.T) {
	_, g := samePlain(t, newTestRequest("POST", "/", ""), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/v2/dagtilbud/G10000")
		w.WriteHeader(http.StatusCreated)
		w.Header().Set("Location", "/too/late")
		w.Header().Set("X-Too", "late")
		w.WriteHeader(http.StatusInternalServerError)
	})
	if g.Status != http.StatusCreated || g.Header.Get("Location") != "/v2/dagtilbud/G10000" {
		t.Errorf("%+v", g)
	}
}

func TestInformationalStatusIsNotTheAnswer(t *testing.T) {
	samePlain(t, newTestRequest("GET", "/", ""), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</app.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusProcessing)
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "no such thing")
	})
}

func TestContentTypes(t *testing.T) {
	packed := gzipped("<html>")
	for name, handler := range map[string]http.HandlerFunc{
		"sniffed text": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "plain") },
		"sniffed html": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<!DOCTYPE html>") },
		"in two writes": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<!DOC")
			io.WriteString(w, "TYPE html>")
		},
		"suppressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "{}")
		},
		"packed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed)
		},
		"stated": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			io.WriteString(w, "<html>")
		},
		"sniffed after the header": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			w.Write(packed)
		},
	} {
		t.Run(name, func(t *testing.T) { samePlain(t, newTestRequest("GET", "/", ""), handler) })
	}
}

func TestBinaryAnswers(t *testing.T) {
	for _, body := range []string{string(gzipped("nummer;navn")), "latin 1: \xe6", "Søhøjen <&> \u2028", "\x00"} {
		samePlain(t, newTestRequest("GET", "/", ""), func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	}
}

func TestRepeatedHeadersAndCookies(t *testing.T) {
	_, g := samePlain(t, newTestRequest("GET", "/", ""), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Link", `</v2>; rel="next"`)
		w.Header().Add("Link", `</v3>; rel="successor-version"`)
		w.Header().Set("X-Lines", "a\r\nSet-Cookie: c=3")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
	})
	if n := len(g.Header.Values("Set-Cookie")); n != 2 {
		t.Errorf("%d cookies", n)
	}
}

func TestAnswersWithoutBody(t *testing.T) {
	write := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(status)
			if _, err := io.WriteString(w, "body"); (err == http.ErrBodyNotAllowed) != (status != http.StatusOK) {
				t.Errorf("status %d: error %v", status, err)
			}
		}
	}
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified} {
		if _, g := samePlain(t, newTestRequest("GET", "/", ""), write(status)); g.Body != "" {
			t.Errorf("%d %q", status, g.Body)
		}
	}
	if _, g := samePlain(t, newTestRequest("HEAD", "/", ""), write(http.StatusOK)); g.Body != "" {
		t.Errorf("HEAD: %q", g.Body)
	}
	samePlain(t, newTestRequest("HEAD", "/", ""), func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "7") })
}

func TestServeContent(t *testing.T) {
	for _, ranges := range []string{"", "bytes=2-5", "bytes=-3", "bytes=99-"} {
		req := newTestRequest("GET", "/", "")
		if ranges != "" {
			req.Header.Set("Range", ranges)
		}
		samePlain(t, req, serveContent)
	}
	req := newTestRequest("GET", "/", "")
	req.Header.Set("If-None-Match", `"0", "1"`)
	if _, g := samePlain(t, req, serveContent); g.Status != http.StatusNotModified {
		t.Errorf("status %d", g.Status)
	}
}

var fsys = fstest.MapFS{"a.txt": &fstest.MapFile{Data: []byte("nummer;navn\n")}}

func serveContent(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"1"`)
	http.ServeFileFS(w, r, fsys, "a.txt")
}

func TestTooLargeAnswerIsAProblem(t *testing.T) {
	// As JSON the answer is an envelope around the body, which thus may be a little smaller than the limit.
	envelope := len(largeAnswer(t, 0))
	if got := len(largeAnswer(t, maxAnswer-envelope)); got != maxAnswer {
		t.Fatalf("%d bytes, want %d", got, maxAnswer)
	}
	log, lines := recording()
	host := &Host{Log: log, Handler: large(maxAnswer - envelope + 1)}
	g := invoke(t, host, gatewayEvent(t, newTestRequest("GET", "/v2/eksport", ""), nil))
	var problem struct {
		Status            int
		Detail, RequestID string
	}
	if err := json.Unmarshal([]byte(g.Body), &problem); err != nil {
		t.Fatal(err)
	}
	if g.Status != 500 || problem.Status != 500 || problem.RequestID != "gateway-id" || !strings.Contains(problem.Detail, "gzip") {
		t.Errorf("%+v", g)
	}
	if !strings.Contains(lines.String(), "answer too large") || !strings.Contains(lines.String(), "/v2/eksport") {
		t.Errorf("log: %s", lines)
	}
}

func large(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write(bytes.Repeat([]byte("<"), size))
	}
}

func largeAnswer(t *testing.T, size int) []byte {
	t.Helper()
	host := &Host{Log: testLogger(t), Handler: large(size)}
	answer, err := host.Invoke(t.Context(), gatewayEvent(t, newTestRequest("GET", "/", ""), nil))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func gzipped(s string) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	io.WriteString(z, s)
	z.Close()
	return buf.Bytes()
}
