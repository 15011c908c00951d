package client

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dagtilbudsregisteret.dk/shared/register"
)

// Spor is one act in the trail: what was done, or refused.
type Spor struct {
	Tid            time.Time       `json:"tid"`
	Bruger         string          `json:"bruger"` // who acted
	Handling       string          `json:"handling"`
	Udfald         string          `json:"udfald"`
	Nummer         register.Number `json:"nummer"`
	AdmKommuneKode int             `json:"admKommuneKode"`
	Om             string          `json:"om"` // the system user it was about
	Adresse        string          `json:"adresse"`
	RequestID      string          `json:"requestId"`
	Linje          int             `json:"linje"`
	Regler         []string        `json:"regler"`
}

// mostPage is how many acts the register gives at a time.
const mostPage = 1000

// Trail gives acts, the newest first and most at most, of those that pass the register's filter. An error ends it.
func (c *Client) Trail(ctx context.Context, filter url.Values, most int) iter.Seq2[Spor, error] {
	return func(yield func(Spor, error) bool) {
		cursor := ""
		for left := most; left > 0; {
			page, next, err := c.page(ctx, filter, cursor, min(left, mostPage))
			if err == nil && next != "" && next == cursor {
				err = unexpected(errors.New("the trail does not go on"))
			}
			if err != nil {
				yield(Spor{}, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
			if cursor = next; cursor == "" {
				return
			}
			left -= len(page)
		}
	}
}

// page gives a page of the trail, and where the next begins; empty after the last.
func (c *Client) page(ctx context.Context, filter url.Values, cursor string, limit int) ([]Spor, string, error) {
	at := c.path("adgang", "spor")
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	maps.Copy(query, filter)
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	at.RawQuery = query.Encode()
	var page struct {
		Spor   []Spor `json:"spor"`
		Cursor string `json:"cursor"`
	}
	err := c.retry(ctx, func() error {
		answer, err := c.call(ctx, request{method: http.MethodGet, url: at})
		if err != nil {
			return err
		}
		return readAnswer(answer, &page)
	})
	if err != nil {
		return nil, "", err
	}
	if page.Spor == nil || len(page.Spor) > limit {
		return nil, "", unexpected(errors.New("it is no page of the trail"))
	}
	for i := range page.Spor {
		if s := &page.Spor[i]; s.Tid.IsZero() || s.Handling == "" || s.Udfald == "" {
			return nil, "", unexpected(errors.New("an act without its moment, its word or its outcome"))
		}
	}
	return page.Spor, page.Cursor, nil
}
