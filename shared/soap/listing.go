package soap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/exporting"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// listing is a form that rows are answered in.
type listing struct {
	name  string         // of the element that holds them
	level register.Level // of the rows; 0 for all levels, each row within the one above it
}

var (
	dagtilbud          = listing{"dagtilbudsRegister", 0}
	daginstitutioner   = listing{"daginstitutionerExtend", register.Daginstitution}
	anvisningsenheder  = listing{"anvisningenhederExtend", register.Anvisningsenhed}
	alternativAdresser = listing{"alternativadresserExtend", register.AlternativAdresse}
)

// answerOne answers the unit of a number, or those right below it; no rows where there is none.
func (q *question) answerOne() error {
	u, above, below, err := q.api.Exporting.Family(q.R.Context(), q.number)
	if err != nil && register.KindOf(err) != register.NotFound {
		return err
	}
	top, asked := u, []register.Unit{u}
	if len(above) > 0 {
		top = above[0]
	}
	if q.below {
		asked = slices.DeleteFunc(below, func(row register.Unit) bool { return row.Parent() != q.number })
	}
	if u.Level != 0 {
		q.stand(register.Positions{u.Position})
	}
	return q.answer(func(d *document) {
		q.open(d)
		for _, row := range asked {
			if row.Level == q.level {
				d.extended(&exporting.Row{Unit: row, Daginstitution: top})
			}
		}
		d.close(q.name)
	})
}

// answerAll answers the rows that fit: exactly as the register stood when it was asked, or where the part before was taken.
func (q *question) answerAll() error {
	at := q.at
	if at == nil {
		in := exporting.In{Kommune: q.filter.AdmKommuneKode, Daginstitution: q.filter.DaginstitutionsNummer}
		var err error
		if at, q.next, err = q.api.Exporting.State(q.R.Context(), in); err != nil {
			return err
		}
	}
	q.stand(at)
	q.W.Header().Set("Content-Type", q.soap.mediaType+"; charset=utf-8")
	if q.api.MaxAnswer > 0 {
		return q.answerBounded()
	}
	return q.Compressed(q.W, func(w io.Writer) error { return q.write(w, func(int) bool { return false }) })
}

var errOutgrown = errors.New("soap: the answer outgrows what an answer may be")

// answerBounded writes to memory what may not be larger than the limit.
func (q *question) answerBounded() error {
	var out bytes.Buffer
	err := q.Compressed(&out, func(w io.Writer) error {
		return q.write(w, func(held int) bool { return out.Len()+held >= q.api.MaxAnswer })
	})
	if errors.Is(err, errOutgrown) {
		q.W.Header().Del("Content-Encoding")
		return q.refuse([]validation.Finding{validation.ForStor.Finding("", "svar", register.Text{
			Da: "Svaret er for stort. Tag imod det med gzip (Accept-Encoding), spørg kommune for kommune, eller tag det i dele: med et tomt " +
				"fortsaetFra, og derefter det fortsaettesFra, som hver del slutter med.",
			En: "The answer is too large. Accept it by gzip (Accept-Encoding), ask municipality by municipality, or take it in parts: with an empty " +
				"fortsaetFra, and then the fortsaettesFra that each part ends with.",
		})})
	}
	if err != nil {
		return err
	}
	q.W.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, err = q.W.Write(out.Bytes())
	return err
}

// piece is how much of an answer is written at a time, in bytes.
const piece = 32 << 10

// write writes the answer piece by piece. When it is full, with so many bytes that are held until the piece is whole, it ends before the
// next row that a part may begin with.
func (q *question) write(w io.Writer, full func(held int) bool) error {
	d := document{buf: make([]byte, 0, piece+piece/8)}
	q.openAnswer(&d)
	q.open(&d)
	var t tree
	var last exporting.Cursor
	more := false
	for row, err := range q.api.Exporting.Snapshot(q.R.Context(), q.filter, q.at, q.after) {
		if err != nil {
			return err
		}
		if full(len(d.buf)) {
			if !q.inParts {
				return errOutgrown
			}
			if more = q.level != 0 || row.Level == register.Daginstitution; more && last != (exporting.Cursor{}) {
				break
			}
		}
		if q.level != 0 {
			d.extended(&row)
		} else if err := t.add(&d, &row.Unit); err != nil {
			return err
		}
		last, more = exporting.CursorAt(&row.Unit), false
		if len(d.buf) >= piece {
			if _, err := w.Write(d.buf); err != nil {
				return err
			}
			d.buf = d.buf[:0]
		}
	}
	t.closeTo(&d, 0)
	if more {
		d.text("fortsaettesFra", q.at.String()+"/"+last.String())
	}
	d.close(q.name)
	q.closeAnswer(&d)
	_, err := w.Write(d.buf)
	return err
}

// goOn reads where a part before ended; nothing is the beginning.
func (q *question) goOn() (ok bool) {
	if q.onwards == "" {
		return true
	}
	at, after, _ := strings.Cut(q.onwards, "/")
	if q.at, ok = register.ParsePositions(at); ok {
		q.after, ok = exporting.ParseCursor(after)
	}
	return ok
}

// stand tells which state of the register is answered.
func (q *question) stand(at register.Positions) {
	q.at = at
	q.W.Header().Set("Registerposition", at.String())
}

// open opens the listing, and tells which state of the register it is of.
func (q *question) open(d *document) {
	d.open(q.name)
	d.optional("registerposition", q.at.String())
	if q.next > 0 {
		d.int("haendelserEfter", q.next)
	}
}

// tree writes rows of all levels, each within the one above it.
type tree struct{ open []register.Unit }

// add writes a row into the rows above it, which come before it.
func (t *tree) add(d *document, u *register.Unit) error {
	above := int(u.Level) - 1
	if above > len(t.open) || above > 0 && t.open[above-1].Number() != u.Parent() {
		return &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("soap: %s comes without %s", u.Number(), u.Parent())}
	}
	t.closeTo(d, above)
	d.open(u.Level.String())
	d.unit(u)
	t.open = append(t.open, *u)
	return nil
}

// closeTo closes the rows that stand open, but for so many from the top.
func (t *tree) closeTo(d *document, left int) {
	for len(t.open) > left {
		last := len(t.open) - 1
		d.close(t.open[last].Level.String())
		t.open = t.open[:last]
	}
}
