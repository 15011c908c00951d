package exporting

import (
	"bufio"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/register"
)

// CSV is the layout of the register's four files: UTF-8 with a byte order mark, semicolons, a header row, CRLF, a decimal point. A code
// is followed by its text. The file of one level begins with that level's number, the combined one with dagtilbudsType.
type CSV struct {
	tables  *codes.Tables
	columns []column
}

type column struct {
	name  string
	value func(*csvRow, []byte) []byte
}

// csvRow is a row on its way to the file, with what its columns share.
type csvRow struct {
	*Row
	tables *codes.Tables
}

const byteOrderMark = "\ufeff"

// NewCSV gives the layout of one level's file, or of the combined one with level 0.
func NewCSV(tables *codes.Tables, level register.Level) *CSV {
	first := map[register.Level]string{
		register.Daginstitution: "daginstitutionsNummer", register.Anvisningsenhed: "anvisningsenhedsNummer",
		register.AlternativAdresse: "alternativAdresseNummer", 0: "dagtilbudsType",
	}[level]
	layout := &CSV{tables: tables}
	for _, c := range csvColumns {
		if c.name == first {
			layout.columns = append(layout.columns, c.column)
		}
	}
	for _, c := range csvColumns {
		if c.name != first && (level == 0 || strings.ContainsRune(c.levels, rune('0'+level))) {
			layout.columns = append(layout.columns, c.column)
		}
	}
	return layout
}

// csvColumns are all columns in the order of the data model, each with the levels whose file has it. An anvisningsenhed's ejerform and
// lovgrundlag are those of its daginstitution.
var csvColumns = []struct {
	column
	levels string
}{
	{column{"dagtilbudsType", func(r *csvRow, b []byte) []byte { return append(b, r.Level.String()...) }}, ""},
	{column{"aktivitetsstatus", func(r *csvRow, b []byte) []byte { return append(b, r.Aktivitetsstatus.String()...) }}, "123"},
	{column{"daginstitutionsNummer", func(r *csvRow, b []byte) []byte { return append(b, r.DaginstitutionsNummer...) }}, "123"},
	{column{"anvisningsenhedsNummer", func(r *csvRow, b []byte) []byte { return append(b, r.EnhedsNummer...) }}, "23"},
	{column{"alternativAdresseNummer", func(r *csvRow, b []byte) []byte { return append(b, r.AlternativAdresseNummer...) }}, "3"},
	{column{"dagtilbudsNavn", func(r *csvRow, b []byte) []byte { return appendField(b, r.Navn) }}, "123"},
	{column{"ejerformKode", func(r *csvRow, b []byte) []byte { return appendCode(b, r.Daginstitution.EjerformKode) }}, "12"},
	{column{"ejerformKode_Tekst", func(r *csvRow, b []byte) []byte {
		return appendText(b, &r.tables.Ejerformer, r.Daginstitution.EjerformKode)
	}}, "12"},
	{column{"lovgrundlagKode", func(r *csvRow, b []byte) []byte { return appendCode(b, r.Daginstitution.LovgrundlagKode) }}, "12"},
	{column{"lovgrundlagKode_Tekst", func(r *csvRow, b []byte) []byte {
		return appendText(b, &r.tables.Lovgrundlag, r.Daginstitution.LovgrundlagKode)
	}}, "12"},
	{column{"admKommuneKode", func(r *csvRow, b []byte) []byte { return appendCode(b, r.AdmKommuneKode) }}, "123"},
	{column{"admKommuneKode_Tekst", func(r *csvRow, b []byte) []byte { return appendText(b, &r.tables.Kommuner, r.AdmKommuneKode) }}, "123"},
	{column{"instType3", func(r *csvRow, b []byte) []byte { return appendCode(b, r.InstType3) }}, "2"},
	{column{"instType3_Tekst", func(r *csvRow, b []byte) []byte { return appendText(b, &r.tables.InstTyper, r.InstType3) }}, "2"},
	{column{"kommuneKode", func(r *csvRow, b []byte) []byte { return appendCode(b, r.Adresse.KommuneKode) }}, "23"},
	{column{"kommuneKode_Tekst", func(r *csvRow, b []byte) []byte { return appendText(b, &r.tables.Kommuner, r.Adresse.KommuneKode) }}, "23"},
	{column{"vejNavn", func(r *csvRow, b []byte) []byte { return appendField(b, r.Adresse.VejNavn) }}, "23"},
	{column{"husNummer", func(r *csvRow, b []byte) []byte { return appendField(b, r.Adresse.HusNummer) }}, "23"},
	{column{"postNummer", func(r *csvRow, b []byte) []byte { return appendField(b, r.Adresse.PostNummer) }}, "23"},
	{column{"byNavn", func(r *csvRow, b []byte) []byte { return appendField(b, r.Adresse.ByNavn) }}, "23"},
	{column{"supplerendeBynavn", func(r *csvRow, b []byte) []byte { return appendField(b, r.Adresse.SupplerendeBynavn) }}, "23"},
	{column{"geoBredde", func(r *csvRow, b []byte) []byte { return appendGrad(b, r.Adresse.GeoBredde) }}, "23"},
	{column{"geoLaengde", func(r *csvRow, b []byte) []byte { return appendGrad(b, r.Adresse.GeoLaengde) }}, "23"},
	{column{"email", func(r *csvRow, b []byte) []byte { return appendField(b, r.Email) }}, "2"},
	{column{"telefonNummer", func(r *csvRow, b []byte) []byte { return appendField(b, r.TelefonNummer) }}, "2"},
	{column{"cvrNummer", func(r *csvRow, b []byte) []byte { return appendField(b, r.CVRNummer) }}, "23"},
	{column{"pNummer", func(r *csvRow, b []byte) []byte { return appendField(b, r.PNummer) }}, "23"},
	{column{"dawaId", func(r *csvRow, b []byte) []byte { return appendField(b, r.Adresse.DawaID) }}, "23"},
	{column{"senestOpdateret", func(r *csvRow, b []byte) []byte { return r.SenestOpdateret.AppendFormat(b, time.RFC3339Nano) }}, "123"},
}

// Write writes the header and the rows. It stops at the first error, of the rows or of w.
func (c *CSV) Write(w io.Writer, rows iter.Seq2[Row, error]) error {
	out := bufio.NewWriterSize(w, 32<<10)
	line := []byte(byteOrderMark)
	for i, column := range c.columns {
		line = appendSeparator(line, i)
		line = append(line, column.name...)
	}
	out.Write(append(line, "\r\n"...))
	for row, err := range rows {
		if err != nil {
			return err
		}
		if _, err := out.Write(c.appendRow(line[:0], &row)); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (c *CSV) appendRow(line []byte, row *Row) []byte {
	r := csvRow{row, c.tables}
	for i, column := range c.columns {
		line = appendSeparator(line, i)
		line = column.value(&r, line)
	}
	return append(line, "\r\n"...)
}

func appendSeparator(b []byte, column int) []byte {
	if column > 0 {
		b = append(b, ';')
	}
	return b
}

// appendField quotes where the content asks for it (RFC 4180).
func appendField(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ";\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

func appendCode(b []byte, kode int) []byte {
	if kode == 0 {
		return b
	}
	return strconv.AppendInt(b, int64(kode), 10)
}

func appendText(b []byte, table *codes.Table, kode int) []byte {
	code, _ := table.Lookup(kode)
	return appendField(b, code.Tekst.Da)
}

func appendGrad(b []byte, g register.Grad) []byte {
	if !g.Given {
		return b
	}
	return strconv.AppendFloat(b, g.Value, 'f', -1, 64)
}
