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
	"dagtilbudsregisteret.dk/shared/httpcall"
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
	routes = append(routes, queried("POST", "/import", access.Skrivning, (*exchange).importLines)...)
	return append(routes,
		Route{"POST", "/v2/dagtilbud", access.Skrivning, (*exchange).replaceTree},
		Route{"PUT", "/v2/dagtilbud/{nummer}", access.Skrivning, (*exchange).replaceTree},
	)
}

// write gives the handler of one operation on one level.
func write(operation validation.Operation, level register.Level) func(*exchange) error {
	return func(e *exchange) error {
		op := e.operation(operation, level)
		result := e.api.Importing.Do(e.R.Context(), op, importing.Options{Actor: e.Actor(), Rights: e.Caller.Rights()})
		return e.answerWrite(&op, &result)
	}
}

// operation reads a request into an operation. What is wrong with it comes along as findings.
func (e *exchange) operation(operation validation.Operation, level register.Level) importing.Op {
	number := strings.TrimLeft(e.R.PathValue("nummer"), "#") // a reference means something in an import only
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
	if e.R.Method == http.MethodPost {
		op.Key, op.Hash, findings = e.idempotency(body)
		op.Findings = append(op.Findings, findings...)
	}
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
	if finding, encoded := e.Encoded(); encoded {
		return nil, []validation.Finding{finding}
	}
	if e.R.ContentLength > MaxBody {
		return nil, []validation.Finding{httpcall.TooLarge(MaxBody)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(e.W, e.R.Body, MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, []validation.Finding{httpcall.TooLarge(MaxBody)}
	}
	if err != nil {
		return nil, []validation.Finding{broken(err)}
	}
	return body, nil
}

// preconditions reads If-Match, which v2 demands of PUT and DELETE. A version in the body says the same.
func (e *exchange) preconditions(op *importing.Op) {
	match := e.Header("If-Match")
	switch {
	case match == "*":
	case match != "":
		op.Expect = versions(match)
	case e.Version >= register.V2 && (op.Operation == validation.Ret || op.Operation == validation.Nedlaeg):
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

// idempotency reads Idempotency-Key: the key, empty for none, and the hash of what is sent under it.
func (e *exchange) idempotency(body []byte) (key string, hash [32]byte, findings []validation.Finding) {
	key = e.R.Header.Get("Idempotency-Key")
	if key == "" {
		return key, hash, nil
	}
	if finding, bad := httpcall.BadKey(key); bad {
		return "", hash, []validation.Finding{finding}
	}
	hash = sha256.Sum256(bytes.Join([][]byte{[]byte(e.R.URL.Path), body}, []byte{0}))
	return e.Actor().User + ":" + key, hash, nil
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
		e.W.Header().Set("Location", fmt.Sprintf("/%s%s/%s", e.Version, paths[op.Level], result.Unit.Number()))
	}
	body := begin(nil)
	body.unit(&result.Unit)
	if err := e.warnings(&body, result.Findings); err != nil {
		return err
	}
	e.stand(&result.Unit)
	return e.json(status, body.end())
}

// warnings adds those among findings, where there are any, to what is answered.
func (e *exchange) warnings(o *object, findings []validation.Finding) error {
	warnings := e.findings(findings, validation.Advarsel)
	if len(warnings) == 0 {
		return nil
	}
	shown, err := json.Marshal(warnings)
	o.name("advarsler")
	o.buf = append(o.buf, shown...)
	e.W.Header().Set("Content-Language", string(e.Language))
	return err
}

// stand tells which version of a row is answered, and where in the log.
func (e *exchange) stand(u *register.Unit) {
	e.W.Header().Set("ETag", etag(u.Version))
	e.W.Header().Set("Registerposition", u.Position.String())
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// json answers a body that is JSON already, with a line feed for who reads it at a terminal.
func (e *exchange) json(status int, body []byte) error {
	body = append(body, '\n')
	e.W.Header().Set("Content-Type", "application/json")
	e.W.Header().Set("Content-Length", strconv.Itoa(len(body)))
	e.W.WriteHeader(status)
	_, err := e.W.Write(body)
	return err
}
