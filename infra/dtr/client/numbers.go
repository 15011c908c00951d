package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// MoveBeyond has the number series go on after a number, so that none up to it is issued any more.
func (c *Client) MoveBeyond(ctx context.Context, n register.Number) error {
	return c.numbers(ctx, "", struct {
		Efter register.Number `json:"efter"`
	}{n}, &struct{}{})
}

// Reserve sets one number aside. The same key gives the same number for ever, also when the reservation has run out by then.
func (c *Client) Reserve(ctx context.Context, key string) (register.Number, error) {
	var made struct {
		Foerste register.Number `json:"foerste"`
	}
	err := c.numbers(ctx, key, struct {
		Antal int `json:"antal"`
	}{1}, &made)
	if err != nil {
		return "", err
	}
	n, ok := register.ParseNumber(string(made.Foerste))
	if !ok {
		return "", unexpected(errors.New("no number was reserved"))
	}
	return n, nil
}

// numbers asks for something of the number series.
func (c *Client) numbers(ctx context.Context, key string, wish, made any) error {
	body, err := json.Marshal(wish)
	if err != nil {
		return err
	}
	return c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodPost, url: c.path("numre"), body: body, key: key})
		if err != nil {
			return err
		}
		return readAnswer(answer, made)
	})
}

// readAnswer reads a document that the register answered.
func readAnswer(answer []byte, into any, options ...json.Options) error {
	if err := json.Unmarshal(answer, into, options...); err != nil {
		return unexpected(err)
	}
	return nil
}

// Triples gives the lawful triples that the register goes by, in its order.
func (c *Client) Triples(ctx context.Context) ([]codes.Triple, error) {
	var table struct {
		Krydsvalidering []struct {
			LovgrundlagKode int `json:"lovgrundlagKode"`
			EjerformKode    int `json:"ejerformKode"`
			InstType3       int `json:"instType3"`
		} `json:"krydsvalidering"`
	}
	err := c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodGet, url: c.path("kodetabeller", codes.Krydsvalidering)})
		if err != nil {
			return err
		}
		return readAnswer(answer, &table)
	})
	if err != nil {
		return nil, err
	}
	triples := make([]codes.Triple, len(table.Krydsvalidering))
	for i, row := range table.Krydsvalidering {
		triples[i] = codes.Triple{Lovgrundlag: row.LovgrundlagKode, Ejerform: row.EjerformKode, InstType3: row.InstType3}
		if row.LovgrundlagKode == 0 || row.EjerformKode == 0 || row.InstType3 == 0 {
			return nil, unexpected(errors.New("a lawful triple without one of its codes"))
		}
	}
	if len(triples) == 0 {
		return nil, unexpected(errors.New("there are no lawful triples"))
	}
	return triples, nil
}
