package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// reader looks units up, and takes files, as anybody may.
type reader struct {
	*site
	random  *rand.Rand
	vendors []*vendor
}

func newReader(s *site, nr int, vendors []*vendor) *reader {
	return &reader{s, rand.New(rand.NewPCG(s.seed, uint64(200+nr))), vendors}
}

func (r *reader) work(ctx context.Context) {
	each := time.Duration(readers) * time.Second / time.Duration(r.rate)
	for pause(ctx, time.Duration(r.random.Int64N(int64(2*each)))) == nil {
		r.step(ctx)
	}
}

func (r *reader) step(ctx context.Context) {
	n := r.random.IntN(100)
	number := r.number()
	switch {
	case n < 2:
		r.read(ctx, "whole file", "/v2/eksport/samlet.ndjson")
	case n < 4:
		r.read(ctx, "whole file", "/v2/eksport/anvisningsenheder.csv")
	case n < 15:
		r.read(ctx, "list", fmt.Sprintf("/v2/dagtilbud?admKommuneKode=%d&limit=50", kommuner[r.random.IntN(len(kommuner))]))
	case number == "":
	case n < 25:
		r.read(ctx, "history", "/v2/dagtilbud/"+number+"/historik")
	case n < 35:
		sent := fmt.Sprintf(envelope, `<GetAnvisningsEnhederByNummer xmlns="https://dagtilbudsregisteret.dk/soap/v2"><enhedsNummer>`+number+
			`</enhedsNummer></GetAnvisningsEnhederByNummer>`)
		r.ask(ctx, call{"look up over SOAP", login{}, "POST", "/soap/v2/ExportService", sent, []string{"Content-Type", "text/xml"}})
	default:
		r.read(ctx, "look up", "/v2/dagtilbud/"+number)
	}
}

// number gives one of those that vendors have been given.
func (r *reader) number() string {
	v := r.vendors[r.random.IntN(len(r.vendors))]
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.units) == 0 {
		return ""
	}
	return v.units[r.random.IntN(len(v.units))].number
}

func (r *reader) read(ctx context.Context, name, path string) {
	r.ask(ctx, call{name, login{}, "GET", path, "", nil})
}

func (r *reader) ask(ctx context.Context, c call) {
	if a, err := r.try(ctx, c); err == nil && a.status != http.StatusOK {
		r.stats.fail(c.name, fmt.Errorf("%s: %d: %.500s", c.path, a.status, a.body))
	}
}

// rude hangs up in the middle: of a header, of a body, of an answer.
type rude struct {
	*site
	random *rand.Rand
}

func newRude(s *site) *rude { return &rude{s, rand.New(rand.NewPCG(s.seed, 300))} }

func (r *rude) work(ctx context.Context) {
	for pause(ctx, time.Duration(r.random.Int64N(int64(500*time.Millisecond)))) == nil {
		if err := r.hangUp(ctx); err != nil {
			r.stats.unanswered("hang up")
		} else {
			r.stats.done("hang up", 0, 0)
		}
	}
}

func (r *rude) hangUp(ctx context.Context) error {
	at, err := url.Parse(r.url)
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: time.Second}
	wire, err := dialer.DialContext(ctx, "tcp", at.Host)
	if err != nil {
		return err
	}
	defer wire.Close()
	line := `{"op":"opret","type":"daginstitution","data":` + body(dag, "Hængt på", "", 101) + "}\n"
	sent := "POST /v2/import HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat(line, 5)
	if r.random.IntN(2) == 0 {
		sent = "GET /v2/eksport/samlet.json HTTP/1.1\r\nHost: x\r\n\r\n"
	}
	if _, err := wire.Write([]byte(sent[:1+r.random.IntN(len(sent))])); err != nil {
		return err
	}
	if !strings.HasPrefix(sent, "GET") || r.random.IntN(2) == 0 {
		return nil
	}
	if err := wire.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		return err
	}
	_, _ = bufio.NewReaderSize(wire, 16).ReadByte() // half an answer, or none where half the question was sent
	return nil
}
