package xsd

import (
	"slices"
	"strings"
	"testing"
)

// TestValues has values of each builtin type at its edges. Many more are held against other tools, see [TestAgainstOthers].
func TestValues(t *testing.T) {
	long := strings.Repeat("9", 100_000)
	for _, c := range []struct {
		typ         string
		takes, none []string
		outside     []string
	}{
		{"string", []string{"", " a\n"}, nil, nil},
		{"integer", []string{"0", "-0", "+007", " 1\n", long, "-" + long}, []string{"", "+", "1.0", "1e3", "0x1", "１", "1_000"}, nil},
		{"int", []string{"2147483647", "-2147483648", "0000000000000002147483647"}, []string{"x"},
			[]string{"2147483648", "-2147483649", long, "-" + long}},
		{"long", []string{"9223372036854775807", "-9223372036854775808"}, []string{"1 2"}, []string{"9223372036854775808", "-9223372036854775809"}},
		{"positiveInteger", []string{"1", "+1", long}, []string{"1."}, []string{"0", "-0", "-1"}},
		{"nonNegativeInteger", []string{"0", "-0", "1"}, []string{"-"}, []string{"-1"}},
		{"decimal", []string{"1.", ".5", "-0.0", "+1.50", long + "." + long}, []string{".", "1,5", "1e1", "INF", ""}, nil},
		{"double", []string{"1e5", "-.5E-05", "INF", "-INF", "NaN", "1e999", long}, []string{"+INF",
			"inf", "nan", "1e", "e1", "0x1p1", "1e1.0", ""}, nil},
		{"boolean", []string{"true", "false", "0", "1", " true "}, []string{"TRUE", "ja", ""}, nil},
		{"date", []string{"2024-02-29", "2000-02-29", "-0001-01-01", "12024-02-29", "2026-01-31Z", "2026-01-31-14:00"},
			[]string{"2026-02-29", "1900-02-29", "0000-01-01", "02026-01-31", "2026-04-31", "2026-00-01",
				"2026-01-31+14:01", "2026-1-1", "2026-01-31T00:00:00", ""}, nil},
		{"dateTime", []string{"2026-01-31T12:00:00", "2026-01-31T24:00:00.00Z", "2026-01-31T23:59:59.999999999999+01:00"},
			[]string{"2026-01-31", "2026-01-31T24:00:01", "2026-01-31T12:00", "2026-01-31T12:00:60",
				"2026-01-31T12:00:00.", "2026-01-31 12:00:00", "2026-02-30T12:00:00", "T12:00:00"}, nil},
	} {
		s := builtins[c.typ]
		for _, v := range slices.Concat(c.takes, c.none, c.outside) {
			want := ""
			if slices.Contains(c.none, v) {
				want = s.kind.fault()
			} else if slices.Contains(c.outside, v) {
				want = Udenfor
			}
			if _, fault := s.check(v); fault != want {
				t.Errorf("%.40q as %s: %q, want %q", v, c.typ, fault, want)
			}
		}
	}
}

// TestNumbersAreOrdered compares each two of a list that rises.
func TestNumbersAreOrdered(t *testing.T) {
	rising := []string{"-100", "-99.5", "-99.45", "-99", "-1", "-0.1", "-0.01", "0", "0.01", "0.1",
		"0.11", "1", "1.001", "2", "10", "99.45", "99.5", "100"}
	for i, a := range rising {
		for j, b := range rising {
			m, _ := parseNumber(a)
			n, _ := parseNumber("0" + strings.TrimPrefix(b, "-") + "000")
			if !strings.Contains(b, ".") {
				n, _ = parseNumber("0" + strings.TrimPrefix(b, "-"))
			}
			n.negative = strings.HasPrefix(b, "-")
			if got, want := m.compare(n), i-j; got*want < 0 || (got == 0) != (want == 0) {
				t.Errorf("%s and %s compare as %d", a, b, got)
			}
		}
	}
}
