package lambdahost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// maxAnswer is how many bytes a Lambda may answer with. More of them would fail the invocation with a message that names no cause.
const maxAnswer = 6_291_556

// tooLarge is what the client is told instead.
const tooLarge = "Svaret fylder mere, end tjenesten kan sende på én gang: bed om mindre, eller tag imod gzip. " +
	"The answer is larger than the service can send at once: ask for less, or accept gzip."

// response collects what a handler answers, by net/http's rules: the first WriteHeader wins, and freezes the header.
type response struct {
	header http.Header // the handler's own
	frozen http.Header // a copy, as it stood when the answer began
	status int         // 0 until the answer begins
	body   bytes.Buffer
}

func newResponse() *response { return &response{header: http.Header{}} }

// newProblem makes the problem document (RFC 9457) that answers r when the host itself fails. Beyond the detail it tells the
// request's id alone: with it the cause is found in the log.
func newProblem(r *http.Request, detail string) *response {
	w := newResponse()
	w.header.Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusInternalServerError)
	// A string is always encodable, and writing to a buffer cannot fail.
	_ = json.NewEncoder(w).Encode(struct {
		Type      string `json:"type"`
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Detail    string `json:"detail,omitempty"`
		RequestID string `json:"requestId"`
	}{"about:blank", http.StatusText(w.status), w.status, detail, r.Header.Get(requestIDHeader)})
	return w
}

// Header gives the header for the handler to fill in.
func (w *response) Header() http.Header { return w.header }

// WriteHeader begins the answer. Informational ones (1xx) are dropped: the gateway has no way to send them.
func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %d", status))
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status = status
	w.frozen = w.header.Clone()
}

// Write adds to the body.
func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if len(p) > 0 && !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(p)
}

// Flush begins the answer; nothing is sent before the handler returns. It implements [http.Flusher].
func (w *response) Flush() { w.WriteHeader(http.StatusOK) }

// encode gives the answer as the gateway reads it.
func (w *response) encode(method string) ([]byte, error) {
	w.WriteHeader(http.StatusOK)
	w.complete(method)

	out := core.NewProxyResponseWriterV2()
	if method != http.MethodHead && w.body.Len() > 0 {
		if _, err := out.Write(w.body.Bytes()); err != nil {
			return nil, err
		}
		clear(out.Header()) // the library has added a content type, even to a compressed body
	}
	out.WriteHeader(w.status)
	maps.Copy(out.Header(), w.frozen)
	answer, err := out.GetProxyResponse()
	if err != nil {
		return nil, err
	}

	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // each "<" of an XML answer would take six bytes of the limit
	if err := enc.Encode(answer); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

var newlines = strings.NewReplacer("\r", " ", "\n", " ")

// complete gives the frozen header what net/http would add and takes away what it would not send. The length of a body that is sent
// is the gateway's to state.
func (w *response) complete(method string) {
	h := w.frozen
	_, typed := h["Content-Type"]
	if !typed && h.Get("Content-Encoding") == "" && w.body.Len() > 0 {
		h.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	if w.status == http.StatusNotModified {
		h.Del("Content-Type")
	}
	switch {
	case method != http.MethodHead || !bodyAllowed(w.status):
		h.Del("Content-Length")
	case h.Get("Content-Length") == "" && w.body.Len() > 0:
		h.Set("Content-Length", strconv.Itoa(w.body.Len()))
	}
	for name, values := range h {
		switch {
		case len(values) == 0: // how a handler says that it wants no such header
			delete(h, name)
		case name != "Set-Cookie":
			h[name] = []string{newlines.Replace(strings.Join(values, ", "))}
		}
	}
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
