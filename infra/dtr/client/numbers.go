package client

import (
	"context"
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
	return made.Foerste, err
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
		return json.Unmarshal(answer, made)
	})
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
		return json.Unmarshal(answer, &table)
	})
	triples := make([]codes.Triple, len(table.Krydsvalidering))
	for i, row := range table.Krydsvalidering {
		triples[i] = codes.Triple{Lovgrundlag: row.LovgrundlagKode, Ejerform: row.EjerformKode, InstType3: row.InstType3}
	}
	return triples, err
}
