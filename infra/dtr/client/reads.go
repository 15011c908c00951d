package client

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"dagtilbudsregisteret.dk/shared/register"
)

// Unit gives the unit of a number with those above and below it, as the JSON that the register answers.
func (c *Client) Unit(ctx context.Context, number string) (family jsontext.Value, err error) {
	err = c.retry(ctx, func() error {
		body, err := c.call(ctx, request{method: http.MethodGet, url: c.path("dagtilbud", url.PathEscape(number))})
		family = body
		return err
	})
	return family, err
}

// Export gives the parts of a file such as "samlet.csv" in order: one, or more where the whole would be larger than an answer may be.
// Each is to be read before the next is asked for. An error ends it.
func (c *Client) Export(ctx context.Context, file string, filter url.Values) iter.Seq2[io.Reader, error] {
	return func(yield func(io.Reader, error) bool) {
		next := c.path("eksport", file)
		next.RawQuery = filter.Encode()
		for next != nil {
			var answer *http.Response
			err := c.retry(ctx, func() (err error) {
				answer, err = c.open(ctx, request{method: http.MethodGet, url: next})
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			next = nextPart(answer)
			more := yield(part{ctx, answer.Body}, nil)
			answer.Body.Close()
			if !more {
				return
			}
		}
	}
}

// part reads a part of a file. One that is cut off is told from one that has ended.
type part struct {
	ctx  context.Context
	body io.Reader
}

func (p part) Read(b []byte) (int, error) {
	n, err := p.body.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = lost(p.ctx, err)
	}
	return n, err
}

// link is one link of a Link header (RFC 8288): its target, and its parameters.
var link = regexp.MustCompile(`<([^>]*)>([^<]*)`)

// nextPart gives the address of the part after an answer, nil after the last.
func nextPart(answer *http.Response) *url.URL {
	for _, header := range answer.Header.Values("Link") {
		for _, found := range link.FindAllStringSubmatch(header, -1) {
			if !strings.Contains(found[2], `rel="next"`) {
				continue
			}
			if next, err := answer.Request.URL.Parse(found[1]); err == nil {
				return next
			}
		}
	}
	return nil
}

// Placements gives the daginstitution of every anvisningsenhed that the register has, closed ones too.
func (c *Client) Placements(ctx context.Context) (map[register.Number]register.Number, error) {
	placed := make(map[register.Number]register.Number)
	for part, err := range c.Export(ctx, "anvisningsenheder.ndjson", nil) {
		if err != nil {
			return nil, err
		}
		rows := jsontext.NewDecoder(part)
		for {
			var row struct {
				EnhedsNummer          register.Number `json:"enhedsNummer"`
				DaginstitutionsNummer register.Number `json:"daginstitutionsNummer"`
			}
			err := json.UnmarshalDecode(rows, &row)
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil && (row.EnhedsNummer == "" || row.DaginstitutionsNummer == "") {
				err = unexpected(errors.New("an anvisningsenhed without one of its numbers"))
			}
			if err != nil {
				return nil, err
			}
			placed[row.EnhedsNummer] = row.DaginstitutionsNummer
		}
	}
	return placed, nil
}
