package rest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// paths are the resources of the three levels.
var paths = map[register.Level]string{
	register.Daginstitution:    "/daginstitutioner",
	register.Anvisningsenhed:   "/anvisningsenheder",
	register.AlternativAdresse: "/alternative-adresser",
}

// Import gives the routes that write.
func (a *API) Import() []Route {
	var routes []Route
	for _, level := range register.Levels {
		path, one := paths[level], paths[level]+"/{nummer}"
		routes = append(routes, queried("POST", path, access.Skrivning, write(validation.Opret, level))...)
		routes = append(routes, queried("PUT", one, access.Skrivning, write(validation.Ret, level))...)
		routes = append(routes, queried("DELETE", one, access.Skrivning, write(validation.Nedlaeg, level))...)
		if level != register.Daginstitution {
			routes = append(routes, queried("POST", one+"/flyt", access.Skrivning, write(validation.Flyt, level))...)
		}
	}
	return append(routes, queried("POST", "/import", access.Skrivning, (*exchange).importLines)...)
}

// write gives the handler of one operation on one level.
func write(operation validation.Operation, level register.Level) func(*exchange) error {
	return func(e *exchange) error {
		op := e.operation(operation, level)
		result := e.api.importing.Do(e.r.Context(), op, importing.Options{Actor: e.actor(), Rights: e.caller.Rights()})
		return e.answerWrite(&op, &result)
	}
}

// operation reads a request into an operation. What is wrong with it comes along as findings.
func (e *exchange) operation(operation validation.Operation, level register.Level) importing.Op {
	number := strings.TrimLeft(e.r.PathValue("nummer"), "#") // a reference means something in an import only
	op := importing.Op{Operation: operation, Level: level, Number: register.Number(number)}
	body, findings := e.body()
	op.Findings = append(e.readQuery(nil), findings...)
	switch {
	case len(findings) > 0:
	case operation == validation.Opret || operation == validation.Ret:
		op.Unit, findings = decodeUnit(body, level)
		op.Findings = append(op.Findings, findings...)
	case operation == validation.Flyt:
		op.Unit = register.Unit{Level: level}
		op.Findings = append(op.Findings, decodeObject(body, parentFields(&op.Unit))...)
	}
	e.preconditions(&op)
	e.idempotency(&op, body)
	return op
}

// parentFields are the fields of a move.
func parentFields(u *register.Unit) []field {
	if u.Level == register.Anvisningsenhed {
		return []field{{"daginstitutionsNummer", text(&u.DaginstitutionsNummer)}}
	}
	return []field{{"enhedsNummer", text(&u.EnhedsNummer)}}
}

// body reads the request's body within its limit.
func (e *exchange) body() ([]byte, []validation.Finding) {
	if e.r.ContentLength > MaxBody {
		return nil, []validation.Finding{bodyTooLarge(MaxBody)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(e.w, e.r.Body, MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, []validation.Finding{bodyTooLarge(MaxBody)}
	}
	if err != nil {
		return nil, []validation.Finding{broken(err)}
	}
	return body, nil
}

func bodyTooLarge(limit int64) validation.Finding {
	return validation.ForStor.Finding("", "indhold", register.Text{
		Da: fmt.Sprintf("Indholdet er større end %d byte.", limit), En: fmt.Sprintf("The body is larger than %d bytes.", limit),
	})
}

// preconditions reads If-Match, which v2 demands of PUT and DELETE. A version in the body says the same.
func (e *exchange) preconditions(op *importing.Op) {
	match := header(e.r, "If-Match")
	switch {
	case match == "*":
	case match != "":
		op.Expect = versions(match)
	case e.version >= register.V2 && (op.Operation == validation.Ret || op.Operation == validation.Nedlaeg):
		op.Findings = append(op.Findings, validation.ManglerIfMatch.Finding("", "mangler", validation.ManglerIfMatch.Beskrivelse))
	case op.Operation == validation.Ret && op.Unit.Version != 0:
		op.Expect = []int64{op.Unit.Version}
	}
}

// versions reads the entity tags that are versions; others match no row.
func versions(header string) []int64 {
	all := []int64{}
	for tag := range strings.SplitSeq(header, ",") {
		n, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(tag), `"`), 10, 64)
		if err != nil {
			n = -1
		}
		all = append(all, n)
	}
	return all
}

// longestKey keeps an idempotency key within what the engines take as part of a key.
const longestKey = 255

// idempotency reads Idempotency-Key, which counts for POST.
func (e *exchange) idempotency(op *importing.Op, body []byte) {
	key := e.r.Header.Get("Idempotency-Key")
	if key == "" || e.r.Method != http.MethodPost {
		return
	}
	if finding, bad := badKey(key); bad {
		op.Findings = append(op.Findings, finding)
		return
	}
	op.Key = e.actor().User + ":" + key
	op.Hash = sha256.Sum256(bytes.Join([][]byte{[]byte(e.r.URL.Path), body}, []byte{0}))
}

func badKey(key string) (validation.Finding, bool) {
	if len(key) <= longestKey {
		return validation.Finding{}, false
	}
	return validation.UgyldigParameter.Finding("", "idempotencyKey", register.Text{
		Da: fmt.Sprintf("Idempotency-Key må højst fylde %d byte.", longestKey),
		En: fmt.Sprintf("Idempotency-Key may take %d bytes at most.", longestKey),
	}), true
}

// answerWrite answers one operation.
func (e *exchange) answerWrite(op *importing.Op, result *importing.Result) error {
	if result.Err != nil {
		return result.Err
	}
	if result.Outcome == importing.Refused {
		return e.refuse(result.Findings)
	}
	status := http.StatusOK
	if result.Outcome == importing.Created {
		status = http.StatusCreated
		e.w.Header().Set("Location", fmt.Sprintf("/%s%s/%s", e.version, paths[op.Level], result.Unit.Number()))
	}
	body := begin(nil)
	body.unit(&result.Unit)
	if warnings := e.findings(result.Findings, validation.Advarsel); len(warnings) > 0 {
		shown, err := json.Marshal(warnings)
		if err != nil {
			return err
		}
		body.name("advarsler")
		body.buf = append(body.buf, shown...)
		e.w.Header().Set("Content-Language", string(e.language))
	}
	e.stand(&result.Unit)
	return e.json(status, body.end())
}

// stand tells which version of a row is answered, and where in the log.
func (e *exchange) stand(u *register.Unit) {
	e.w.Header().Set("ETag", etag(u.Version))
	e.w.Header().Set("Registerposition", u.Position.String())
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// json answers a body that is JSON already, with a line feed for who reads it at a terminal.
func (e *exchange) json(status int, body []byte) error {
	body = append(body, '\n')
	e.w.Header().Set("Content-Type", "application/json")
	e.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	e.w.WriteHeader(status)
	_, err := e.w.Write(body)
	return err
}
