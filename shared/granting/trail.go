package granting

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"slices"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Filter says which acts are wanted; a zero field wants all.
type Filter struct {
	Bruger    string // who acted
	Om        string // the system user it was about
	Kommune   int
	Nummer    register.Number
	RequestID string
	Udfald    Udfald
	Fra, Til  time.Time // from the one moment up to, and not with, the other
}

// Udfald is how an act came out.
type Udfald uint8

// The outcomes.
const (
	Udfoert Udfald = 1 + iota // it took effect
	Afvist                    // it was refused
)

// Spor is one act as the trail shows it.
type Spor struct {
	access.Entry
	Position register.Position // of the change, where a unit was changed
	Findings []validation.Finding

	midnight bool // it is no act: the entries of a day have come to its beginning
}

// Cursor is how far back a reader has come in each source of the trail.
type Cursor struct {
	Logs register.Positions `json:"l,omitempty"` // by municipality, the oldest change that was looked at
	Day  string             `json:"d,omitempty"` // the day of the entries
	Ms   int64              `json:"t,omitempty"` // the oldest entry that was looked at
	ID   string             `json:"i,omitempty"`
}

// String gives the cursor as an opaque word, empty for the zero cursor.
func (c Cursor) String() string {
	if c.Day == "" {
		return ""
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and text always have a form
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor reads what [Cursor.String] writes.
func ParseCursor(s string) (c Cursor, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || json.Unmarshal(text, &c) != nil || !c.sound() {
		return Cursor{}, false
	}
	return c, true
}

// longestID is more than the id of an entry has.
const longestID = 64

// sound tells whether a cursor is one that a reader can have been given.
func (c *Cursor) sound() bool {
	_, isDay := access.ParseDay(c.Day)
	before := slices.ContainsFunc(c.Logs, func(p register.Position) bool { return p.Nr < 1 })
	if c.ID == "" {
		return isDay && !before && c.Ms == 0
	}
	return isDay && !before && len(c.ID) <= longestID && dayOf(time.UnixMilli(c.Ms)) == c.Day
}

const (
	// DefaultPeriod is how far back is looked where no Fra is given.
	DefaultPeriod = 30 * 24 * time.Hour

	// mostLooked bounds how many acts are looked at for one page. To come past a day of entries counts as perDay.
	mostLooked = 5000
	perDay     = 50
)

// earliest is before any act.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Trail gives a page of acts, the newest first: of the change logs and of the entries, as if they were one. The cursor goes on from
// there; it is the zero one at the end. A page may hold fewer than limit, even none, and still have a cursor: then nothing among those
// looked at passed the filter.
//
// Within one municipality acts come in the order of its log; those of different municipalities are put in order by their clocks.
func (s *Service) Trail(ctx context.Context, f Filter, from Cursor, limit int) (page []Spor, next Cursor, err error) {
	latest := s.Now()
	if !f.Til.IsZero() && f.Til.Before(latest) {
		latest = f.Til
	}
	f.Fra = cmp.Or(f.Fra, latest.Add(-DefaultPeriod))
	if f.Fra.Before(earliest) {
		f.Fra = earliest
	}
	sources, err := s.sources(ctx, &f, from, dayOf(latest))
	if err != nil {
		return nil, Cursor{}, err
	}
	defer func() {
		for _, src := range sources {
			src.stop()
		}
	}()
	for looked := 0; ; {
		newest, err := newestOf(sources)
		switch {
		case err != nil:
			return nil, Cursor{}, err
		case newest == nil:
			return page, Cursor{}, nil
		case looked >= mostLooked, len(page) == limit && !newest.head.midnight:
			return page, position(sources), nil
		}
		act := newest.take()
		looked++
		if act.midnight {
			looked += perDay
		} else if f.passes(&act) {
			page = append(page, act)
		}
	}
}

func (f *Filter) passes(s *Spor) bool {
	return (f.Bruger == "" || f.Bruger == s.Af.User) && (f.Om == "" || f.Om == s.Bruger) && (f.Kommune == 0 || f.Kommune == s.Kommune) &&
		(f.Nummer == "" || f.Nummer == s.Nummer) && (f.RequestID == "" || f.RequestID == s.Af.RequestID) &&
		(f.Udfald == 0 || (f.Udfald == Afvist) == s.Entry.Afvist) && (f.Til.IsZero() || s.Tid.Before(f.Til))
}

// source is one of the trail's sources, read backwards.
type source struct {
	pull func() (Spor, error, bool)
	stop func()
	head *Spor // the newest that has not been taken
	end  bool
	at   Cursor // as far as it was taken
}

// newestOf gives the source with the newest act; nil when all have come to their end.
func newestOf(sources []*source) (newest *source, err error) {
	for _, src := range sources {
		if src.head == nil && !src.end {
			act, err, ok := src.pull()
			if err != nil {
				return nil, err
			}
			src.end = !ok
			if ok {
				src.head = &act
			}
		}
		if src.head != nil && (newest == nil || src.head.Tid.After(newest.head.Tid)) {
			newest = src
		}
	}
	return newest, nil
}

func (src *source) take() Spor {
	act := *src.head
	src.head = nil
	switch {
	case act.midnight:
		src.at = Cursor{Day: dayOf(act.Tid.AddDate(0, 0, -1))}
	case act.Position.Nr != 0:
		src.at = Cursor{Logs: register.Positions{act.Position}}
	default:
		src.at = Cursor{Day: dayOf(act.Tid), Ms: act.Tid.UnixMilli(), ID: act.ID}
	}
	return act
}

// position joins how far each source was taken.
func position(sources []*source) (c Cursor) {
	for _, src := range sources {
		c.Logs = append(c.Logs, src.at.Logs...)
		if src.at.Day != "" {
			c.Day, c.Ms, c.ID = src.at.Day, src.at.Ms, src.at.ID
		}
	}
	return c
}

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// sources opens the logs that the filter wants, and the entries from a day back.
func (s *Service) sources(ctx context.Context, f *Filter, from Cursor, latest string) (sources []*source, err error) {
	if from.Day == "" || from.Day > latest {
		from.Day, from.Ms, from.ID = latest, 0, ""
	}
	var heads register.Positions
	if f.Udfald != Afvist && f.Om == "" {
		if heads, err = s.Log.Positions(ctx); err != nil {
			return nil, err
		}
	}
	sources = append(sources, open(Cursor{Day: from.Day, Ms: from.Ms, ID: from.ID}, s.entries(ctx, f.Fra, from)))
	for _, head := range heads {
		if f.Kommune != 0 && head.Kommune != f.Kommune {
			continue
		}
		before := register.Position{Kommune: head.Kommune, Nr: head.Nr + 1}
		if i := slices.IndexFunc(from.Logs, func(p register.Position) bool { return p.Kommune == head.Kommune }); i >= 0 {
			before = from.Logs[i]
		}
		sources = append(sources, open(Cursor{Logs: register.Positions{before}}, s.changes(ctx, f.Fra, before)))
	}
	return sources, nil
}

func open(at Cursor, acts iter.Seq2[Spor, error]) *source {
	pull, stop := iter.Pull2(acts)
	return &source{pull: pull, stop: stop, at: at}
}

// entries gives the entries from a cursor back to a moment, and where each day begins.
func (s *Service) entries(ctx context.Context, since time.Time, from Cursor) iter.Seq2[Spor, error] {
	return func(yield func(Spor, error) bool) {
		before := access.Entry{ID: from.ID}
		if from.ID != "" {
			before.Tid = time.UnixMilli(from.Ms).UTC()
		}
		day, err := time.Parse(time.DateOnly, from.Day)
		for ; err == nil; day = day.AddDate(0, 0, -1) {
			for e, err := range s.Store.Entries(ctx, day, before, s.Now()) {
				if err == nil && e.Tid.Before(since) {
					return
				}
				act := Spor{Entry: e}
				if err == nil {
					act.Findings, err = validation.Decode(e.Fund)
				}
				if !yield(act, err) || err != nil {
					return
				}
			}
			if !day.After(since) || !yield(Spor{Entry: access.Entry{Tid: day}, midnight: true}, nil) {
				return
			}
			before = access.Entry{}
		}
	}
}

// changes gives a municipality's changes from a position back to a moment.
func (s *Service) changes(ctx context.Context, since time.Time, before register.Position) iter.Seq2[Spor, error] {
	return func(yield func(Spor, error) bool) {
		for c, err := range s.Log.Earlier(ctx, before) {
			if err == nil && c.Tid.Before(since) || !yield(ofChange(&c), err) || err != nil {
				return
			}
		}
	}
}

var handlinger = map[register.Art]validation.Operation{
	register.Oprettelse: validation.Opret, register.Aendring: validation.Ret, register.Flytning: validation.Flyt,
	register.Nedlaeggelse: validation.Nedlaeg, register.Indlaesning: validation.Indlaes,
}

// ofChange gives a change as the act it was.
func ofChange(c *register.Change) Spor {
	return Spor{
		Entry: access.Entry{
			Tid: c.Tid, Af: c.Af, Handling: handlinger[c.Art].String(), Level: c.Efter.Level, Nummer: c.Efter.Number(),
			Kommune: c.Position.Kommune, ImportID: c.ImportID,
		},
		Position: c.Position,
	}
}
