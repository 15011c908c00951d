package httpcall

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/versions"
)

const (
	// lives is where the lives of the versions are shown.
	lives = "/versioner"

	// longestLink is the longest path that is repeated in a header. No path of the register comes near it.
	longestLink = 512

	// longestCount bounds how long an answer waits for its call to be counted.
	longestCount = 2 * time.Second
)

// life gives the life of the version that the path names; ok is false where it names none.
func (c *Call) life() (life versions.Life, ok bool) {
	life = c.desk.versions.Of(c.Version)
	return life, strings.HasPrefix(c.R.URL.Path, c.desk.prefix+life.RESTPath()+"/")
}

// announce tells of the end of a version that is on its way out, and where to go instead (RFC 9745, RFC 8594, RFC 5829). It does so from
// when the days are known, be they in the future: the earlier a caller knows, the better. What answers in the successor is named for
// routes only, for there may be nothing in place of what is none.
func (c *Call) announce() {
	life, ok := c.life()
	if !ok {
		return
	}
	h := c.W.Header()
	link := func(to, rel string) { h.Add("Link", "<"+to+`>; rel="`+rel+`"`) }
	if moved := life.Moved(c.R.URL.EscapedPath()); moved != "" && len(moved) <= longestLink && c.R.Pattern != "" {
		link(moved, "successor-version")
	}
	if life.Deprecated != "" {
		h.Set("Deprecation", "@"+strconv.FormatInt(life.Deprecated.Begins().Unix(), 10))
		link(lives, "deprecation")
	}
	if life.Closes != "" {
		h.Set("Sunset", life.Closes.Begins().Format(http.TimeFormat))
		link(lives, "sunset")
	}
}

// Open is nil, or an error of the kind Gone where the version that the path names has closed. [Call.Admit] asks for itself; it is for what is
// answered to anybody.
func (c *Call) Open() error {
	if _, ok := c.life(); !ok {
		return nil
	}
	return c.desk.versions.Open(c.Version, c.R.URL.EscapedPath(), c.desk.now())
}

// recognize finds out whose call it is that comes to a version which has closed, for the count alone.
func (c *Call) recognize(a access.Attempt) {
	var err error
	if c.Caller, err = c.desk.gate.Recognize(c.R.Context(), a); err != nil {
		c.uncounted(c.Handling, err)
	}
}

// count has a call of a system user counted, if it came through a version that has a successor, beside what else is done for it. The
// answer waits for it, but does not depend on it. A caller who goes away is counted too.
func (c *Call) count() {
	life, ok := c.life()
	navn := c.Caller.Navn()
	if !ok || life.Successor == 0 || navn == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.R.Context()), longestCount)
	method, at := c.Handling, c.desk.now()
	c.beside.Go(func() {
		defer cancel()
		if err := c.desk.counter.CountCall(ctx, life.Version, at, navn, method); err != nil {
			c.uncounted(method, err)
		}
	})
}

func (c *Call) uncounted(method string, err error) {
	c.desk.log.LogAttrs(c.R.Context(), slog.LevelWarn, "a call was not counted", slog.String("version", c.Version.String()),
		slog.String("method", method), slog.String("requestId", c.RequestID), slog.Any("error", err))
}
