package unitfile_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"dagtilbudsregisteret.dk/infra/dtr/unitfile"
	"dagtilbudsregisteret.dk/shared/register"
)

const header = "number;name;instTypeCode;ownerCode;municipalityCode;municipalityName;street;houseNumber;postalCode;city;lat;lon\n"

func TestRead(t *testing.T) {
	rows, err := unitfile.Read(strings.NewReader("\ufeff" + strings.ReplaceAll(header+
		"D10041;\"A \"\"B\"\"; \\C\";6011;2;265;Roskilde;Møllevej;71d;0800;Høje Taastrup;55.5;12\n\n"+
		"G10432; Ø ;6010;1;101;København;;;;;;\n", "\n", "\r\n")))
	want := []unitfile.Row{
		{2, "D10041", `A "B"; \C`, 6011, 2, 265, "Møllevej", "71d", "0800", "Høje Taastrup",
			register.Grad{Value: 55.5, Given: true}, register.Grad{Value: 12, Given: true}},
		{Line: 4, Number: "G10432", Navn: " Ø ", InstType3: 6010, EjerformKode: 1, KommuneKode: 101},
	}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("it read %+v, %v", rows, err)
	}
}

// TestReadProblems has everything that is wrong told, each by its line.
func TestReadProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "line 1: the file has no rows"},
		{"no rows", header, "line 1: the file has no rows"},
		{"another header", strings.ToUpper(header) + "x\n", "line 1: the header must be " + strings.TrimSpace(header)},
		{"commas", strings.ReplaceAll(header, ";", ",") + "x\n", "line 1: the header must be " + strings.TrimSpace(header)},
		{"all at once", header +
			"G10001;A;6010;1;101;K;V;1;1000;B;;\n" +
			"g10001;A;6010;x;-1;K;V;1;1000;B;NaN;1,5\n" +
			"G10001;A;6010;1;101;K;V;1;1000;B;;\n" +
			"G10002;A\n" +
			"G10003;A \"B\";6010;1;101;K;V;1;1000;B;;\n" +
			"G10004;\xf8;6010;1;101;K;V;1;1000;B;;\n" +
			"G10005;A;6010;;101;K;V;1;1000;B;1e999;\n",
			`line 3: number is "g10001"; it must be a capital letter and 5 digits
line 3: ownerCode is "x"; it must be a whole number
line 3: municipalityCode is "-1"; it must be a whole number
line 3: lat is "NaN"; it must be decimal degrees
line 3: lon is "1,5"; it must be decimal degrees
line 4: number G10001 stands on line 2 already
line 5: 2 fields; there are 12 columns
line 6: bare " in non-quoted-field
line 7: name is not UTF-8
line 8: ownerCode is ""; it must be a whole number
line 8: lat is "1e999"; it must be decimal degrees`},
	} {
		rows, err := unitfile.Read(strings.NewReader(c.text))
		if err == nil || err.Error() != c.want || rows != nil {
			t.Errorf("%s: %d rows, and\n%v\nwant\n%s", c.name, len(rows), err, c.want)
		}
	}
}

func TestReadFails(t *testing.T) {
	if _, err := unitfile.Read(io.MultiReader(strings.NewReader(header), iotest.ErrReader(os.ErrClosed))); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the error is %v", err)
	}
}

// FuzzRead reads anything: what it takes for rows are rows, each on a line of its own.
func FuzzRead(f *testing.F) {
	f.Add(header + "G10432;\"A \"\"B\"\"\";6011;2;265;R;M;7d;4000;R;55.5;12\n")
	f.Add(header + "G10432;\"A\nB\";6011;2;265;R;M;7d;4000;R;;\nG10432;;;;;;;;;;;\n")
	f.Add("\ufeff" + header + ";;;\n\"")
	f.Add("\"number\";name\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := unitfile.Read(strings.NewReader(text))
		if (err == nil) != (len(rows) > 0) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		line := 1
		for _, row := range rows {
			if _, ok := register.ParseNumber(string(row.Number)); !ok || row.Line <= line {
				t.Errorf("%+v after line %d", row, line)
			}
			line = row.Line
		}
	})
}
