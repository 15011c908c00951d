package granting_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// write has a daginstitution be made, now, and gives its name in the lists below: its position.
func (o *office) write(kommune int, user string) string {
	o.Helper()
	var position register.Position
	err := o.store.Update(o.Context(), func(tx register.Tx) error {
		numbers, err := tx.Issue(1)
		if err != nil {
			return err
		}
		u := register.Unit{
			Level: register.Daginstitution, AdmKommuneKode: kommune, DaginstitutionsNummer: numbers[0], Navn: "Skovkanten", EjerformKode: 1,
			LovgrundlagKode: 1, Aktivitetsstatus: register.Aktiv, Version: 1, SenestOpdateret: o.now,
		}
		position, err = tx.Write(register.Change{
			Art: register.Oprettelse, Aarsag: register.VedKald, Efter: u, Tid: o.now, Af: register.Actor{User: user, RequestID: "req-" + user},
		})
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
	return position.String()
}

// enter adds entries to the trail, now, and gives the name of the last in the lists below: its id.
func (o *office) enter(entries ...access.Entry) string {
	o.Helper()
	for i := range entries {
		entries[i] = access.NewEntry(o.now, entries[i])
	}
	if err := o.store.AddTrail(o.Context(), entries...); err != nil {
		o.Fatal(err)
	}
	return entries[len(entries)-1].ID
}

// mostPages is more than any trail here has.
const mostPages = 1000

// page reads a page of the trail, through the form that a cursor has outside.
func (o *office) page(f granting.Filter, cursor string, limit int) ([]granting.Spor, string) {
	o.Helper()
	var from granting.Cursor
	if cursor != "" {
		var ok bool
		if from, ok = granting.ParseCursor(cursor); !ok {
			o.Fatalf("the cursor %q cannot be read", cursor)
		}
	}
	page, next, err := o.Trail(o.Context(), f, from, limit)
	if err != nil || len(page) > limit {
		o.Fatalf("%v: a page of %d", err, len(page))
	}
	return page, next.String()
}

// trail reads all of it, a page at a time.
func (o *office) trail(f granting.Filter, limit int) (all []granting.Spor) {
	o.Helper()
	cursor := ""
	for range mostPages {
		var page []granting.Spor
		page, cursor = o.page(f, cursor, limit)
		if all = append(all, page...); cursor == "" {
			return all
		}
	}
	o.Fatalf("after %d pages there is still more, from %s", mostPages, cursor)
	return nil
}

// nameOf is what stands for an act: a change's position, else an entry's id.
func nameOf(s *granting.Spor) string {
	if s.Position.Nr != 0 {
		return s.Position.String()
	}
	return s.ID
}

func names(acts []granting.Spor) (all []string) {
	for i := range acts {
		all = append(all, nameOf(&acts[i]))
	}
	return all
}

// TestTrailTells reads changes and entries as one list, the newest first, whatever the size of a page.
func TestTrailTells(t *testing.T) {
	o := newOffice(t)
	var want []string
	for i := range 12 {
		o.now = o.now.Add(time.Duration(i) * 4 * time.Hour) // over some days
		switch i % 4 {
		case 0:
			want = append(want, o.write(461, "os"))
		case 1:
			want = append(want, o.write(751, "andre"))
		default:
			want = append(want, o.enter(access.Entry{Handling: granting.Luk, Bruger: "os"}))
		}
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 2, 3, 5, 12, 100} {
		if got := names(o.trail(granting.Filter{}, limit)); !slices.Equal(got, want) {
			t.Errorf("in pages of %d\n got %v\nwant %v", limit, got, want)
		}
	}
	if _, cursor := o.page(granting.Filter{}, "", 12); cursor != "" {
		t.Error("the last page is full, and promises more")
	}
}

// TestTrailSaysWhat shows a change of each kind and an entry with all its fields.
func TestTrailSaysWhat(t *testing.T) {
	o := newOffice(t)
	af := register.Actor{User: "os", Version: register.V2, Address: "192.0.2.1", RequestID: "req-1", Traceparent: "00-a-b-01"}
	kinds := []register.Art{register.Oprettelse, register.Aendring, register.Flytning, register.Nedlaeggelse, register.Indlaesning}
	var u register.Unit
	for i, art := range kinds {
		o.now = o.now.Add(time.Second)
		next := register.Unit{
			Level: register.Daginstitution, AdmKommuneKode: 461, DaginstitutionsNummer: "G20000", Navn: "Skovkanten", Aktivitetsstatus: register.Aktiv,
			Version: int64(i) + 1, SenestOpdateret: o.now,
		}
		err := o.store.Update(t.Context(), func(tx register.Tx) (err error) {
			next.Position, err = tx.Write(register.Change{Art: art, Aarsag: register.VedImport, ImportID: "import-1", Foer: u, Efter: next, Tid: o.now, Af: af})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		u = next
	}
	o.now = o.now.Add(time.Second)
	findings := []validation.Finding{validation.Adgang.Finding("/x", "kommune", register.Text{Da: "Nej.", En: "No."})}
	entry := access.NewEntry(o.now, access.Entry{
		Af: af, Handling: "ret", Level: register.Anvisningsenhed, Nummer: "G20001", Kommune: 461, Linje: 7, ImportID: "import-2", Bruger: "andre",
	}.Refused(findings))
	if err := o.store.AddTrail(t.Context(), entry); err != nil {
		t.Fatal(err)
	}

	acts := o.trail(granting.Filter{}, 100)
	if len(acts) != 6 || fmt.Sprintf("%+v", acts[0].Entry) != fmt.Sprintf("%+v", entry) || len(acts[0].Findings) != 1 || acts[0].Findings[0].Kode != "kommune" {
		t.Fatalf("it tells %+v", acts)
	}
	slices.Reverse(acts)
	for i, word := range []string{"opret", "ret", "flyt", "nedlaeg", "indlaes"} {
		want := access.Entry{
			Tid: o.now.Add(time.Duration(i-5) * time.Second), Af: af, Handling: word, Level: register.Daginstitution, Nummer: "G20000", Kommune: 461, ImportID: "import-1",
		}
		if fmt.Sprintf("%+v", acts[i].Entry) != fmt.Sprintf("%+v", want) || acts[i].Position != (register.Position{Kommune: 461, Nr: int64(i) + 1}) {
			t.Errorf("change %d is told as\n     %+v\nwant %+v", i, acts[i], want)
		}
	}

	o.now = o.now.Add(access.FindingsKept)
	old := o.trail(granting.Filter{Fra: entry.Tid, Udfald: granting.Afvist}, 100)
	if len(old) != 1 || old[0].Findings != nil || !slices.Equal(old[0].Regler, []string{"adgang/kommune"}) {
		t.Errorf("after ninety days it tells %+v", old)
	}
}

func TestTrailFilters(t *testing.T) {
	o := newOffice(t)
	began := o.now
	step := func() { o.now = o.now.Add(time.Hour) }
	acts := map[string]string{}
	acts["os opret"] = o.write(461, "os")
	step()
	acts["andre opret"] = o.write(751, "andre")
	step()
	acts["drift luk os"] = o.enter(access.Entry{Af: register.Actor{User: "drift"}, Handling: granting.Luk, Bruger: "os"})
	step()
	acts["os refused"] = o.enter(access.Entry{Af: register.Actor{User: "os", RequestID: "req-9"}, Handling: "ret", Nummer: "G10000", Kommune: 461, Afvist: true})
	step()
	acts["drift refused"] = o.enter(access.Entry{Af: register.Actor{User: "drift"}, Handling: granting.Bevilg, Bruger: "os", Kommune: 751, Afvist: true})
	step()
	type f = granting.Filter
	for i, c := range []struct {
		filter f
		want   string // the newest first
	}{
		{f{}, "drift refused, os refused, drift luk os, andre opret, os opret"},
		{f{Bruger: "os"}, "os refused, os opret"},
		{f{Bruger: "nobody"}, ""},
		{f{Om: "os"}, "drift refused, drift luk os"},
		{f{Om: "andre"}, ""},
		{f{Kommune: 461}, "os refused, os opret"},
		{f{Kommune: 751}, "drift refused, andre opret"},
		{f{Kommune: 101}, ""},
		{f{Nummer: "G10000"}, "os refused, os opret"},
		{f{Nummer: "G10001"}, "andre opret"},
		{f{RequestID: "req-9"}, "os refused"},
		{f{RequestID: "req-andre"}, "andre opret"},
		{f{Udfald: granting.Afvist}, "drift refused, os refused"},
		{f{Udfald: granting.Udfoert}, "drift luk os, andre opret, os opret"},
		{f{Bruger: "os", Udfald: granting.Udfoert}, "os opret"},
		{f{Bruger: "drift", Om: "os", Kommune: 751, Udfald: granting.Afvist}, "drift refused"},
		{f{Fra: began.Add(time.Hour)}, "drift refused, os refused, drift luk os, andre opret"},
		{f{Fra: began.Add(time.Hour + time.Millisecond)}, "drift refused, os refused, drift luk os"},
		{f{Til: began.Add(2 * time.Hour)}, "andre opret, os opret"},
		{f{Til: began.Add(2*time.Hour + time.Millisecond)}, "drift luk os, andre opret, os opret"},
		{f{Fra: began.Add(time.Hour), Til: began.Add(3 * time.Hour)}, "drift luk os, andre opret"},
		{f{Fra: began.Add(time.Hour), Til: began.Add(time.Hour)}, ""},
		{f{Til: began}, ""},
		{f{Til: began.AddDate(5, 0, 0)}, "drift refused, os refused, drift luk os, andre opret, os opret"},
		{f{Fra: began.In(time.FixedZone("", 12*3600))}, "drift refused, os refused, drift luk os, andre opret, os opret"},
	} {
		var want []string
		for what := range strings.SplitSeq(c.want, ", ") {
			if what != "" {
				want = append(want, acts[what])
			}
		}
		for _, limit := range []int{1, 2, 100} {
			if got := names(o.trail(c.filter, limit)); !slices.Equal(got, want) {
				t.Errorf("filter %d, %+v, in pages of %d\n got %v\nwant %v", i, c.filter, limit, got, want)
			}
		}
	}
}

// TestTrailGoesBackThirtyDays where it is not told how far.
func TestTrailGoesBackThirtyDays(t *testing.T) {
	o := newOffice(t)
	today := o.now
	var acts []string
	for _, ago := range []time.Duration{60, 31, 30, 29, 1} {
		o.now = today.Add(-ago * 24 * time.Hour)
		acts = append(acts, o.write(461, "os"), o.enter(access.Entry{Handling: "x"}))
	}
	o.now = today
	sorted := func(names []string) []string { return slices.Sorted(slices.Values(names)) }
	for name, c := range map[string]struct {
		filter granting.Filter
		want   []string
	}{
		"from now":         {granting.Filter{}, acts[4:]},
		"from an end":      {granting.Filter{Til: today.Add(-29*24*time.Hour + 1)}, acts[2:8]},
		"from a beginning": {granting.Filter{Fra: today.AddDate(0, 0, -31)}, acts[2:]},
		"from ever":        {granting.Filter{Fra: time.Unix(0, 0)}, acts},
	} {
		if got := sorted(names(o.trail(c.filter, 100))); !slices.Equal(got, sorted(c.want)) {
			t.Errorf("%s\n got %v\nwant %v", name, got, sorted(c.want))
		}
	}
}

// TestTrailOfAMoveBetweenMunicipalities tells of it in both, for it stands in both logs.
func TestTrailOfAMoveBetweenMunicipalities(t *testing.T) {
	o := newOffice(t)
	o.write(461, "os")
	before, err := o.store.Unit(t.Context(), "G10000")
	if err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Second)
	after := before
	after.AdmKommuneKode, after.Version, after.SenestOpdateret = 751, 2, o.now
	err = o.store.Update(t.Context(), func(tx register.Tx) error {
		_, err := tx.Write(register.Change{Art: register.Aendring, Aarsag: register.VedKald, Foer: before, Efter: after, Tid: o.now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for kommune, want := range map[int][]string{0: {"461:2", "751:1", "461:1"}, 461: {"461:2", "461:1"}, 751: {"751:1"}} {
		if got := names(o.trail(granting.Filter{Kommune: kommune}, 1)); !slices.Equal(got, want) {
			t.Errorf("municipality %d: %v, want %v", kommune, got, want)
		}
	}
}

// TestTrailLooksOnlySoFar seeks what is not there, and one act behind many that are others': a page may be empty and go on.
func TestTrailLooksOnlySoFar(t *testing.T) {
	o := newOffice(t)
	sought := o.enter(access.Entry{Handling: "x", Bruger: "os"})
	for range 6 {
		o.now = o.now.Add(time.Second)
		o.enter(slices.Repeat([]access.Entry{{Handling: "x", Bruger: "andre"}}, 1000)...)
	}
	for om, want := range map[string]string{"nobody": "", "os": sought} {
		f := granting.Filter{Om: om}
		first, cursor := o.page(f, "", 10)
		if len(first) > 0 || cursor == "" {
			t.Errorf("%s: the first page holds %v, and goes on from %q", om, names(first), cursor)
		}
		second, end := o.page(f, cursor, 10)
		if got := strings.Join(names(second), " "); got != want || end != "" {
			t.Errorf("%s: the second page holds %v, and goes on from %q", om, got, end)
		}
	}
	if all := o.trail(granting.Filter{}, 6002); len(all) != 6001 {
		t.Errorf("there are %d", len(all))
	}
}

// counting counts the days that are looked at.
type counting struct {
	access.Store
	days int
}

func (c *counting) Entries(ctx context.Context, day time.Time, before access.Entry, now time.Time) iter.Seq2[access.Entry, error] {
	c.days++
	return c.Store.Entries(ctx, day, before, now)
}

// TestTrailOfManyDays goes back over decades in which nothing happened: no page looks at more than some of the days, and what lies far
// back is found.
func TestTrailOfManyDays(t *testing.T) {
	o := newOffice(t)
	today := o.now
	o.now = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	first := []string{o.enter(access.Entry{Handling: "x"}), o.write(461, "os")}
	o.now = today
	want := append([]string{o.enter(access.Entry{Handling: "x"})}, first...)
	for _, f := range []granting.Filter{{Fra: time.Unix(0, 0)}, {Fra: time.Unix(0, 0), Til: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200))}} {
		store := &counting{Store: o.store}
		o.Service.Store = store
		var got []string
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			var page []granting.Spor
			store.days = 0
			page, cursor = o.page(f, cursor, 100)
			got = append(got, names(page)...)
			if store.days > 101 || pages > 120 {
				t.Fatalf("page %d looks at %d days", pages, store.days)
			}
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) || got[0] != want[0] {
			t.Errorf("%+v tells %v, want %v", f, got, want)
		}
	}
}

// TestForeignCursors reads from cursors that no page gave.
func TestForeignCursors(t *testing.T) {
	o := newOffice(t)
	act := o.write(461, "os")
	entry := o.enter(access.Entry{Handling: "x"})
	for name, c := range map[string]struct {
		cursor granting.Cursor
		want   []string
	}{
		"from a day to come":               {granting.Cursor{Day: "9999-12-31", Ms: 253402300799999, ID: "x"}, []string{entry, act}},
		"from before the first":            {granting.Cursor{Day: "2000-01-01"}, []string{act}},
		"of a municipality that is none":   {granting.Cursor{Day: "2026-11-23", Logs: register.Positions{{Kommune: 9, Nr: 9}}}, []string{entry, act}},
		"after the log's end":              {granting.Cursor{Day: "2026-11-23", Logs: register.Positions{{Kommune: 461, Nr: 1 << 40}}}, []string{entry, act}},
		"at the log's first change":        {granting.Cursor{Day: "2026-11-23", Logs: register.Positions{{Kommune: 461, Nr: 1}}}, []string{entry}},
		"at the day's first, and no entry": {granting.Cursor{Day: "2026-11-23", Ms: o.now.UnixMilli(), ID: "!"}, []string{act}},
	} {
		page, _ := o.page(granting.Filter{}, c.cursor.String(), 10)
		if got := names(page); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(c.want))) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestParseCursor(t *testing.T) {
	if s := (granting.Cursor{}).String(); s != "" {
		t.Errorf("the end is written %q", s)
	}
	day := time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)
	logs := register.Positions{{Kommune: 461, Nr: 7}}
	for name, c := range map[string]struct {
		cursor granting.Cursor
		ok     bool
	}{
		"a day":                    {granting.Cursor{Day: "2026-11-23"}, true},
		"a day and logs":           {granting.Cursor{Day: "2026-11-23", Logs: logs}, true},
		"an entry":                 {granting.Cursor{Day: "2026-11-23", Ms: day.UnixMilli(), ID: "ABC", Logs: logs}, true},
		"no day that there is":     {granting.Cursor{Day: "2026-02-30"}, false},
		"a day that is none":       {granting.Cursor{Day: "x"}, false},
		"an entry of another day":  {granting.Cursor{Day: "2026-11-24", Ms: day.UnixMilli(), ID: "ABC"}, false},
		"a moment without its id":  {granting.Cursor{Day: "2026-11-23", Ms: day.UnixMilli()}, false},
		"an id without its moment": {granting.Cursor{Day: "2026-11-23", ID: "ABC"}, false},
		"an endless id":            {granting.Cursor{Day: "2026-11-23", Ms: day.UnixMilli(), ID: strings.Repeat("A", 65)}, false},
		"before the first change":  {granting.Cursor{Day: "2026-11-23", Logs: register.Positions{{Kommune: 461}}}, false},
	} {
		got, ok := granting.ParseCursor(c.cursor.String())
		if ok != c.ok || ok && fmt.Sprint(got) != fmt.Sprint(c.cursor) || !ok && fmt.Sprint(got) != fmt.Sprint(granting.Cursor{}) {
			t.Errorf("%s: %+v is read as %+v, %v", name, c.cursor, got, ok)
		}
	}
}

// FuzzParseCursor reads any word as a cursor, and the trail from what it is read as: neither panics nor fails.
func FuzzParseCursor(f *testing.F) {
	o := newOffice(fuzzing{f})
	var cursor granting.Cursor
	for i := range 3 {
		o.now = o.now.Add(time.Duration(i) * time.Hour)
		o.write(461, "os")
		o.enter(access.Entry{Handling: "x"})
	}
	for _, limit := range []int{1, 2, 3, 4} {
		_, cursor, _ = o.Trail(f.Context(), granting.Filter{}, cursor, limit)
		f.Add(cursor.String())
	}
	for _, s := range []string{
		"", "e30", "bnVsbA", "W10", "eyJkIjoiMjAyNi0xMS0yMyJ9", "eyJkIjoiMjAyNi0xMS0yMyIsInQiOi0xLCJpIjoieCJ9",
		"eyJkIjoiMjAyNi0xMS0yMyIsImwiOlt7IktvbW11bmUiOjQ2MSwiTnIiOi0xfV19", "=", "%", strings.Repeat("A", 10_000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := granting.ParseCursor(s)
		if !ok {
			if c.String() != "" {
				t.Errorf("%q cannot be read, and is read as %+v", s, c)
			}
			return
		}
		if again, ok := granting.ParseCursor(c.String()); !ok || fmt.Sprint(again) != fmt.Sprint(c) {
			t.Errorf("%q is read as %+v, and that as %+v", s, c, again)
		}
		page, _, err := o.Trail(t.Context(), granting.Filter{}, c, 10)
		seen := make(map[string]bool)
		for _, name := range names(page) {
			if seen[name] {
				t.Errorf("from %+v %s comes twice", c, name)
			}
			seen[name] = true
		}
		if err != nil {
			t.Errorf("from %+v: %v", c, err)
		}
	})
}

// fuzzing makes a *testing.F a tester.
type fuzzing struct{ *testing.F }

func (fuzzing) Log(...any)          {}
func (fuzzing) Logf(string, ...any) {}

// drawFilter draws what is wanted, over a time that all acts lie in or none need to.
func drawFilter(t *rapid.T, began, now time.Time) granting.Filter {
	f := granting.Filter{Fra: began}
	if rapid.Bool().Draw(t, "later") {
		f.Fra = began.Add(time.Duration(rapid.Int64Range(0, int64(now.Sub(began))).Draw(t, "fra")))
	}
	if rapid.Bool().Draw(t, "ends") {
		f.Til = f.Fra.Add(time.Duration(rapid.Int64Range(0, int64(now.Sub(began))).Draw(t, "til")))
	}
	f.Bruger = rapid.SampledFrom([]string{"", "", "os", "andre"}).Draw(t, "bruger")
	f.Om = rapid.SampledFrom([]string{"", "", "", "os"}).Draw(t, "om")
	f.Kommune = rapid.SampledFrom([]int{0, 0, 461, 751}).Draw(t, "kommune")
	f.Udfald = rapid.SampledFrom([]granting.Udfald{0, 0, granting.Udfoert, granting.Afvist}).Draw(t, "udfald")
	return f
}

// happened is an act in the model.
type happened struct {
	name, user, om string
	kommune        int
	afvist         bool
	at             time.Time
}

// wanted is the model of a filter.
func (h *happened) wanted(f *granting.Filter) bool {
	for _, unwanted := range []bool{
		f.Bruger != "" && h.user != f.Bruger, f.Om != "" && h.om != f.Om, f.Kommune != 0 && h.kommune != f.Kommune,
		f.Udfald == granting.Afvist && !h.afvist, f.Udfald == granting.Udfoert && h.afvist,
		h.at.Before(f.Fra), !f.Til.IsZero() && !h.at.Before(f.Til),
	} {
		if unwanted {
			return false
		}
	}
	return true
}

// happen has something happen, at once or a while after what happened before.
func (o *office) happen(t *rapid.T) happened {
	o.now = o.now.Add(rapid.SampledFrom([]time.Duration{0, 0, time.Millisecond, time.Minute, 9 * time.Hour, 50 * time.Hour}).Draw(t, "while"))
	h := happened{
		user: rapid.SampledFrom([]string{"os", "andre", "drift"}).Draw(t, "user"), kommune: rapid.SampledFrom([]int{461, 751, 101}).Draw(t, "kommune"), at: o.now,
	}
	if rapid.Bool().Draw(t, "change") {
		h.name = o.write(h.kommune, h.user)
		return h
	}
	h.om = rapid.SampledFrom([]string{"", "os", "andre"}).Draw(t, "om")
	h.afvist = rapid.Bool().Draw(t, "afvist")
	h.name = o.enter(access.Entry{Af: register.Actor{User: h.user}, Handling: "x", Bruger: h.om, Kommune: h.kommune, Afvist: h.afvist})
	return h
}

// TestTrailGivesEverythingOnce reads the trail in pages of any sizes, while more happens: what had happened before the first page comes
// once, in order, if the filter wants it; and nothing comes twice, or unwanted.
func TestTrailGivesEverythingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := newOffice(t)
		began := o.now
		var old []happened
		all := make(map[string]happened)
		for range rapid.IntRange(0, 25).Draw(t, "acts") {
			h := o.happen(t)
			old, all[h.name] = append(old, h), h
		}
		f := drawFilter(t, began, o.now.Add(time.Hour))
		seen := make(map[string]bool)
		var got []happened
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			var page []granting.Spor
			page, cursor = o.page(f, cursor, rapid.IntRange(1, 6).Draw(t, "limit"))
			if pages > mostPages {
				t.Fatalf("after %d pages there is still more, from %s", pages, cursor)
			}
			for _, name := range names(page) {
				h, known := all[name]
				if seen[name] || !known || !h.wanted(&f) {
					t.Fatalf("%s comes, which was seen: %v, known: %v, is %+v", name, seen[name], known, h)
				}
				seen[name] = true
				got = append(got, h)
			}
			for range rapid.IntRange(0, 2).Draw(t, "meanwhile") {
				h := o.happen(t)
				all[h.name] = h
			}
		}
		got = slices.DeleteFunc(got, func(h happened) bool { return !slices.Contains(old, h) })
		old = slices.DeleteFunc(old, func(h happened) bool { return !h.wanted(&f) })
		if len(got) != len(old) {
			t.Fatalf("%d of %d came, by %+v", len(got), len(old), f)
		}
		if !slices.IsSortedFunc(got, func(a, b happened) int { return b.at.Compare(a.at) }) {
			t.Fatalf("they came as %+v", got)
		}
	})
}

// logs is a register whose logs fail by name.
type logs struct {
	register.Store
	fail map[string]error
}

func (l *logs) Positions(ctx context.Context) (register.Positions, error) {
	if err := l.fail["Positions"]; err != nil {
		return nil, err
	}
	return l.Store.Positions(ctx)
}

func (l *logs) Earlier(ctx context.Context, before register.Position) iter.Seq2[register.Change, error] {
	return func(yield func(register.Change, error) bool) {
		for c, err := range l.Store.Earlier(ctx, before) {
			if !yield(c, err) {
				return
			}
		}
		if err := l.fail["Earlier"]; err != nil {
			yield(register.Change{}, err)
		}
	}
}

// entryless is a store whose entries break off.
type entryless struct {
	access.Store
	err error
}

func (e entryless) Entries(ctx context.Context, day time.Time, before access.Entry, now time.Time) iter.Seq2[access.Entry, error] {
	return func(yield func(access.Entry, error) bool) {
		for entry, err := range e.Store.Entries(ctx, day, before, now) {
			if !yield(entry, err) {
				return
			}
		}
		yield(access.Entry{}, e.err)
	}
}

// TestTrailFails has each source fail, right away or once it has given something: no page is answered, for it would have a hole.
func TestTrailFails(t *testing.T) {
	o := newOffice(t)
	o.write(461, "os")
	o.enter(access.Entry{Handling: "x"})
	broken := error(&register.Error{Kind: register.Unavailable})
	for name, s := range map[string]granting.Service{
		"the heads":     {Store: o.store, Log: &logs{Store: o.store, fail: map[string]error{"Positions": broken}}},
		"a log":         {Store: o.store, Log: &logs{Store: o.store, fail: map[string]error{"Earlier": broken}}},
		"the entries":   {Store: entryless{o.store, broken}, Log: o.store},
		"their content": {Store: unreadable{o.store}, Log: o.store},
	} {
		s.Now = o.Now
		page, next, err := s.Trail(t.Context(), granting.Filter{}, granting.Cursor{}, 10)
		if err == nil || name != "their content" && err != broken || page != nil || next.String() != "" {
			t.Errorf("%s: %v, %v, %+v", name, err, names(page), next)
		}
	}
}

// TestRefusalsAreSoughtInTheEntries asks no log for what no log holds: what was refused, and what was done to users.
func TestRefusalsAreSoughtInTheEntries(t *testing.T) {
	o := newOffice(t)
	o.write(461, "os")
	refused := o.enter(access.Entry{Handling: "x", Bruger: "os", Afvist: true})
	broken := &register.Error{Kind: register.Unavailable}
	o.Service.Log = &logs{Store: o.store, fail: map[string]error{"Positions": broken, "Earlier": broken}}
	for _, f := range []granting.Filter{{Udfald: granting.Afvist}, {Om: "os"}} {
		if page, _ := o.page(f, "", 10); !slices.Equal(names(page), []string{refused}) {
			t.Errorf("%+v: %v", f, names(page))
		}
	}
}

// unreadable is a store whose entries have findings that no release ever wrote.
type unreadable struct{ access.Store }

func (s unreadable) Entries(ctx context.Context, day time.Time, before access.Entry, now time.Time) iter.Seq2[access.Entry, error] {
	return func(yield func(access.Entry, error) bool) {
		for entry, err := range s.Store.Entries(ctx, day, before, now) {
			entry.Fund = []byte("[")
			if !yield(entry, err) {
				return
			}
		}
	}
}
