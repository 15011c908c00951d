package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// Copy is what somebody has of a municipality: how many units, and the hash of their numbers and versions.
type Copy struct {
	AdmKommuneKode int    `json:"admKommuneKode"`
	Antal          int    `json:"antal"`
	Hash           string `json:"hash"`
}

// Compared is what the register has of it, and whether that is the same. Where it is not, Enheder are the versions of its units.
type Compared struct {
	AdmKommuneKode int                       `json:"admKommuneKode"`
	Ens            bool                      `json:"ens"`
	Enheder        map[register.Number]int64 `json:"enheder"`
}

// Kommuner gives the codes of the municipalities that there are.
func (c *Client) Kommuner(ctx context.Context) ([]int, error) {
	var table struct {
		Kommuner []struct {
			Kode int `json:"kode"`
		} `json:"kommuner"`
	}
	err := c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodGet, url: c.path("kodetabeller", codes.Kommuner)})
		if err != nil {
			return err
		}
		return readAnswer(answer, &table)
	})
	if err != nil {
		return nil, err
	}
	var kommuner []int
	for _, row := range table.Kommuner {
		kommuner = append(kommuner, row.Kode)
	}
	if len(kommuner) == 0 {
		return nil, unexpected(errors.New("a table of no municipalities"))
	}
	return kommuner, nil
}

// Compare holds copies against the register. others are the municipalities that it has besides.
func (c *Client) Compare(ctx context.Context, copies []Copy) (compared []Compared, others []int, err error) {
	body, err := json.Marshal(map[string][]Copy{"kommuner": copies})
	if err != nil {
		return nil, nil, err
	}
	var outcome struct {
		Kommuner   []Compared `json:"kommuner"`
		IkkeNaevnt []int      `json:"ikkeNaevnt"`
	}
	err = c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodPost, url: c.path("synk"), body: body})
		if err != nil {
			return err
		}
		return readAnswer(answer, &outcome)
	})
	if err != nil {
		return nil, nil, err
	}
	if len(outcome.Kommuner) != len(copies) {
		return nil, nil, unexpected(errors.New("it does not compare what was sent"))
	}
	for i, one := range outcome.Kommuner {
		if one.AdmKommuneKode != copies[i].AdmKommuneKode {
			return nil, nil, unexpected(errors.New("it compares another municipality"))
		}
	}
	return outcome.Kommuner, outcome.IkkeNaevnt, nil
}
