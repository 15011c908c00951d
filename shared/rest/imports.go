package rest

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

const ndjson = "application/x-ndjson"

// importLines answers an import: a line of result for each line of operation, in order, as the transactions are written. The body
// is read to its end first, so that one that is too large is refused before anything is written, and a caller that sends all before
// it reads anything is never left waiting.
func (e *exchange) importLines() error {
	options := importing.Options{Actor: e.Actor(), Rights: e.Caller.Rights(), ImportID: rand.Text(), Strict: prefersStrict(e.R.Header)}
	spool, findings, err := e.importBody(&options)
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		if err := e.api.Importing.Refuse(e.R.Context(), options, findings); err != nil {
			return err
		}
		return e.refuse(findings)
	}
	defer spool.Close()
	lines := importLines{key: e.R.Header.Get("Idempotency-Key"), actor: options.Actor, room: e.api.MaxAnswer}
	if options.Strict {
		e.W.Header().Set("Preference-Applied", "handling=strict")
	}
	e.W.Header().Set("Content-Type", ndjson)
	e.W.Header().Set("Content-Language", string(e.Language))
	out := bufio.NewWriterSize(e.W, 64<<10)
	if err := e.writeResults(out, &lines, e.api.Importing.Run(e.R.Context(), lines.ops(spool), options)); err != nil {
		return err
	}
	return out.Flush()
}

// importBody reads a call's body and what is said around it. What is wrong with them refuses the call as a whole.
func (e *exchange) importBody(o *importing.Options) (*spool, []validation.Finding, error) {
	limit := e.api.MaxImport
	if o.Strict {
		limit = min(limit, MaxBody) // a strict run is held in memory
	}
	findings := e.readQuery(map[string]func(string) bool{"dryRun": truth(&o.DryRun)})
	if finding, bad := httpcall.BadKey(e.R.Header.Get("Idempotency-Key")); bad {
		findings = append(findings, finding)
	}
	if finding, encoded := e.Encoded(); encoded {
		findings = append(findings, finding)
	}
	if e.R.ContentLength > limit {
		findings = append(findings, httpcall.TooLarge(limit))
	}
	if len(findings) > 0 {
		return nil, findings, nil
	}
	spool, err := newSpool(e.R.Body, limit)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, []validation.Finding{httpcall.TooLarge(limit)}, nil
	}
	if cut, ok := errors.AsType[*cutOff](err); ok {
		return nil, []validation.Finding{broken(cut.cause)}, nil
	}
	return spool, nil, err
}

// prefersStrict reads Prefer: handling=strict (RFC 7240).
func prefersStrict(h http.Header) bool {
	for _, value := range h.Values("Prefer") {
		for preference := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.ReplaceAll(strings.TrimSpace(preference), `"`, ""), "handling=strict") {
				return true
			}
		}
	}
	return false
}

// importLines reads lines into operations, and remembers of those under way what their results show.
type importLines struct {
	key   string // the caller's idempotency key
	actor register.Actor
	count int
	sent  []sentLine // operations that have not been answered, in order

	room    int // how large the answer may be, in bytes; 0 for any size
	written int // how large it is
	cut     int // the first line that is not carried out, for its result would have no room

	unread error // why the rest of the lines could not be read
	failed error // why the register refused a line, and all after it
}

type sentLine struct {
	number int
	ref    string
}

// ops gives an operation for each line that is not empty.
func (l *importLines) ops(body io.Reader) iter.Seq[importing.Op] {
	return func(yield func(importing.Op) bool) {
		in := bufio.NewReaderSize(body, MaxLine+len("\n"))
		for {
			line, tooLong, err := readLine(in)
			if err != nil {
				if !errors.Is(err, io.EOF) {
					l.unread = err
				}
				return
			}
			l.count++
			if len(bytes.TrimSpace(line)) == 0 && !tooLong {
				continue
			}
			if l.room > 0 && l.written > l.room {
				l.cut = l.count
				return
			}
			op := l.op(line, tooLong)
			l.sent = append(l.sent, sentLine{l.count, op.Ref})
			if !yield(op) {
				return
			}
		}
	}
}

// readLine gives the next line, good until the next call. One that is longer than the reader's buffer is passed over.
func readLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = in.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		_, err = in.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) && (len(line) > 0 || tooLong) {
		err = nil
	}
	return line, tooLong, err
}

func (l *importLines) op(line []byte, tooLong bool) importing.Op {
	if tooLong {
		return importing.Op{Line: l.count, Findings: []validation.Finding{validation.ForStor.Finding("", "linje", register.Text{
			Da: fmt.Sprintf("Linjen er længere end %d byte.", MaxLine), En: fmt.Sprintf("The line is longer than %d bytes.", MaxLine),
		})}}
	}
	op := decodeLine(line)
	op.Line = l.count
	if l.key != "" {
		// No header holds a line feed, so no call's own key is that of a line.
		op.Key = fmt.Sprintf("%s:%s\n%d", l.actor.User, l.key, l.count)
		op.Hash = sha256.Sum256(bytes.TrimSpace(line))
	}
	return op
}

// decodeLine reads one operation of an import.
func decodeLine(line []byte) importing.Op { return splitLine(line).operation() }

// parts are those of a line, which read the same whatever is to be done.
type parts struct {
	op, level string
	ref       string
	nummer    register.Number
	data      jsontext.Value
	findings  []validation.Finding
}

func splitLine(line []byte) (p parts) {
	p.findings = decodeObject(line, []field{
		{"op", text(&p.op)},
		{"type", text(&p.level)},
		{"ref", text(&p.ref)},
		{"nummer", text(&p.nummer)},
		{"data", func(d *decoding) {
			if value, err := d.json.ReadValue(); err == nil {
				p.data = value.Clone()
			}
		}},
	})
	return p
}

// malformed tells whether the line could not be read.
func (p *parts) malformed() bool { return validation.Kind(p.findings) == register.Malformed }

// operation reads the rest of the line into an operation on one unit.
func (p parts) operation() importing.Op {
	op := importing.Op{Ref: p.ref, Number: p.nummer, Findings: p.findings}
	if p.malformed() {
		return op
	}
	var known bool
	if op.Operation, known = validation.ParseOperation(p.op); !known {
		op.Findings = append(op.Findings, unknownWord("/op", p.op, "opret, ret, nedlaeg, flyt, indlaes"))
	}
	if op.Level, known = register.ParseLevel(p.level); !known {
		op.Findings = append(op.Findings, unknownWord("/type", p.level, "daginstitution, anvisningsenhed, alternativAdresse"))
	}
	if op.Operation != 0 && op.Level != 0 {
		decodeData(&op, p.data)
	}
	return op
}

// decodeData reads what a line says of its unit.
func decodeData(op *importing.Op, data jsontext.Value) {
	op.At = "/data"
	op.Unit.Level = op.Level
	var findings []validation.Finding
	switch {
	case op.Operation == validation.Flyt && op.Level == register.Daginstitution:
		findings = []validation.Finding{unknownWord("/op", "flyt", "opret, ret, nedlaeg, indlaes")}
		op.At = ""
	case op.Operation == validation.Flyt:
		findings = decodeObject(orEmpty(data), parentFields(&op.Unit))
	case op.Operation == validation.Nedlaeg:
		findings = decodeObject(orEmpty(data), nil)
	default:
		op.Unit, findings = decodeUnit(orEmpty(data), op.Level)
	}
	if op.Unit.Version != 0 && op.Operation == validation.Ret {
		op.Expect = []int64{op.Unit.Version}
	}
	for _, f := range findings {
		f.Pointer = op.At + f.Pointer
		op.Findings = append(op.Findings, f)
	}
}

// orEmpty lets data that is left out be an object without members: the rules then name what is missing.
func orEmpty(data jsontext.Value) []byte {
	if len(data) == 0 || data.Kind() == 'n' {
		return []byte("{}")
	}
	return data
}

func unknownWord(pointer, word, known string) validation.Finding {
	return validation.UkendtHandling.Finding(pointer, "ukendt", register.Text{
		Da: fmt.Sprintf("%s er ikke en af %s.", quoted(word), known), En: fmt.Sprintf("%s is not one of %s.", quoted(word), known),
	})
}

// writeResults writes a line for each result.
func (e *exchange) writeResults(out *bufio.Writer, lines *importLines, results iter.Seq[importing.Result]) error {
	buf := make([]byte, 0, 1<<10)
	for result := range results {
		line := lines.sent[0]
		lines.sent = lines.sent[1:]
		if result.Err != nil && lines.failed == nil {
			lines.failed = result.Err
			e.LogFailure(result.Err)
		}
		var err error
		if buf, err = e.appendResult(buf[:0], line, &result); err != nil {
			return err
		}
		if err := lines.write(out, buf); err != nil {
			return err
		}
	}
	if lines.cut == 0 {
		return lines.unread
	}
	buf, err := e.appendResult(buf[:0], sentLine{number: lines.cut}, &importing.Result{Outcome: importing.Refused, Findings: []validation.Finding{
		validation.ForStor.Finding("", "svar", register.Text{
			Da: fmt.Sprintf("Linje %d og dem efter den er ikke udført, for svaret ville blive for stort. Send dem i et nyt kald.", lines.cut),
			En: fmt.Sprintf("Line %d and those after it were not carried out, for the answer would be too large. Send them in another call.", lines.cut),
		})}})
	if err != nil {
		return err
	}
	return lines.write(out, buf)
}

func (l *importLines) write(out *bufio.Writer, line []byte) error {
	n, err := out.Write(append(line, '\n'))
	l.written += n
	return err
}

// appendResult writes a result line: what became of the operation, or the members of its problem document.
func (e *exchange) appendResult(buf []byte, line sentLine, result *importing.Result) ([]byte, error) {
	o := begin(buf)
	o.int("linje", int64(line.number))
	o.optional("ref", line.ref)
	severity, member := validation.Advarsel, "advarsler"
	switch result.Outcome {
	case importing.Refused:
		severity, member = validation.Fejl, "errors"
		kind := result.Kind()
		o.int("status", int64(kindProblems[kind].status))
		o.text("type", problemType+kindProblems[kind].name)
		o.text("title", e.Language.Of(kindProblems[kind].title))
		o.text("requestId", e.RequestID)
	case importing.Created:
		o.int("status", http.StatusCreated)
	default:
		o.int("status", http.StatusOK)
	}
	if result.Outcome != importing.Refused {
		o.optional("nummer", string(result.Unit.Number()))
		o.int("version", result.Unit.Version)
	}
	if listed := e.findings(append(result.Findings, httpcall.Shown(result.Err)...), severity); len(listed) > 0 {
		text, err := json.Marshal(listed)
		if err != nil {
			return nil, err
		}
		o.name(member)
		o.buf = append(o.buf, text...)
	}
	return o.end(), nil
}
