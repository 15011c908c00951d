package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/register"
)

// Line is one operation of an import.
type Line struct {
	Op     string          `json:"op"`
	Type   string          `json:"type"`
	Ref    string          `json:"ref,omitzero"`
	Nummer register.Number `json:"nummer,omitzero"`
	Data   any             `json:"data"`
}

// Encode gives the body of an import.
func Encode(lines []Line) ([]byte, error) {
	var body bytes.Buffer
	for i := range lines {
		if err := json.MarshalWrite(&body, &lines[i]); err != nil {
			return nil, err
		}
		body.WriteByte('\n')
	}
	return body.Bytes(), nil
}

// Verdict is what became of one line, or would become of it in a dry run.
type Verdict struct {
	Linje     int             `json:"linje"`
	Nummer    register.Number `json:"nummer"`
	Advarsler []Finding       `json:"advarsler"`
	Problem   `json:",inline"`
}

// Refused tells whether the line took no effect.
func (v *Verdict) Refused() bool { return v.Status >= http.StatusBadRequest }

// Import sends lines, of which each may be sent again, and gives a verdict for each that is not blank. It fails when the register
// did not get to judge them all; those it did get to may have taken effect.
func (c *Client) Import(ctx context.Context, body []byte, dryRun bool) (verdicts []Verdict, err error) {
	address := c.path("import")
	address.RawQuery = url.Values{"dryRun": {strconv.FormatBool(dryRun)}}.Encode()
	want := countLines(body)
	err = c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodPost, url: address, body: body})
		if err != nil {
			return err
		}
		verdicts, err = readVerdicts(answer)
		if err != nil {
			return err
		}
		if len(verdicts) != want {
			return &NoAnswer{io.ErrUnexpectedEOF}
		}
		return failure(verdicts)
	})
	return verdicts, err
}

func countLines(body []byte) (n int) {
	for line := range bytes.Lines(body) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}

func readVerdicts(answer []byte) (verdicts []Verdict, err error) {
	lines := jsontext.NewDecoder(bytes.NewReader(answer))
	for {
		var v Verdict
		err := json.UnmarshalDecode(lines, &v)
		if errors.Is(err, io.EOF) {
			return verdicts, nil
		}
		if err == nil && (v.Status < http.StatusOK || v.Linje < 1) {
			err = errors.New("a result without its line or status")
		}
		if err != nil {
			return nil, unexpected(err)
		}
		verdicts = append(verdicts, v)
	}
}

// failure finds a line that the register failed at, which says nothing about the line.
func failure(verdicts []Verdict) error {
	failed := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Status >= http.StatusInternalServerError })
	if failed < 0 {
		return nil
	}
	return &verdicts[failed].Problem
}
