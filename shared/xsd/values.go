package xsd

import (
	"cmp"
	"strconv"
	"strings"
)

// read reads a value whose white space is as the type has it. ok is false when it is none of the kind.
func (k kind) read(s string) (v value, ok bool) {
	v.lexical = s
	switch k {
	case integer:
		v.number, ok = parseNumber(s)
		return v, ok && !strings.Contains(s, ".")
	case decimal:
		v.number, ok = parseNumber(s)
		return v, ok
	case double:
		v.float, ok = parseDouble(s)
		return v, ok
	case boolean:
		return v, s == "true" || s == "false" || s == "1" || s == "0"
	case date:
		rest, ok := day(s)
		return v, ok && zone(rest)
	case dateTime:
		rest, ok := day(s)
		if !ok || !strings.HasPrefix(rest, "T") {
			return v, false
		}
		rest, ok = clock(rest[1:])
		return v, ok && zone(rest)
	}
	return v, true
}

// fault is the code of what is no value of the kind.
func (k kind) fault() string {
	return [...]string{integer: Heltal, decimal: Tal, double: Tal, boolean: Boolsk, date: Dato, dateTime: Tidspunkt}[k]
}

// number is a decimal number of any length, one form for each: without zeros in front of it or at the end of its fraction.
type number struct {
	negative        bool
	whole, fraction string
}

// parseNumber reads digits with a sign before and a point within, if at all.
func parseNumber(s string) (n number, ok bool) {
	unsigned := strings.TrimPrefix(s, "-")
	n.negative = unsigned != s
	if !n.negative {
		unsigned = strings.TrimPrefix(s, "+")
	}
	whole, fraction, _ := strings.Cut(unsigned, ".")
	if !digits(whole) || !digits(fraction) || whole == "" && fraction == "" {
		return number{}, false
	}
	n.whole, n.fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if n.whole == "" && n.fraction == "" {
		n.negative = false
	}
	return n, true
}

// digits tells whether all of s is digits.
func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// digits is how many digits a number has, not counting zeros that say nothing.
func (n number) digits() int { return len(n.whole) + len(n.fraction) }

// compare is negative when n is less than m, and 0 when they are the same.
func (n number) compare(m number) int {
	if n.negative != m.negative {
		if n.negative {
			return -1
		}
		return 1
	}
	order := cmp.Or(cmp.Compare(len(n.whole), len(m.whole)), cmp.Compare(n.whole, m.whole), cmp.Compare(n.fraction, m.fraction))
	if n.negative {
		return -order
	}
	return order
}

// parseDouble reads a floating point number. One that is too large is infinite.
func parseDouble(s string) (v float64, ok bool) {
	mantissa, exponent := s, "0"
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
	}
	_, isNumber := parseNumber(mantissa)
	_, isWhole := parseNumber(exponent)
	if isNumber && isWhole && !strings.Contains(exponent, ".") {
		v, _ = strconv.ParseFloat(s, 64)
		return v, true
	}
	if s == "INF" || s == "-INF" || s == "NaN" {
		v, err := strconv.ParseFloat(s, 64)
		return v, err == nil
	}
	return 0, false
}

// day reads a date at the beginning of s: [-]YYYY-MM-DD, with more digits for later years; there is no year 0.
func day(s string) (rest string, ok bool) {
	s = strings.TrimPrefix(s, "-")
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if n < 4 || n > 4 && s[0] == '0' || s[:n] == "0000" || len(s) < n+6 || s[n] != '-' || s[n+3] != '-' {
		return "", false
	}
	month, okMonth := two(s[n+1:])
	dayOfMonth, okDay := two(s[n+4:])
	if !okMonth || !okDay || month < 1 || month > 12 {
		return "", false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	// Whether a year is a leap year shows in its last four digits.
	if year, _ := strconv.Atoi(s[n-4 : n]); month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return s[n+6:], dayOfMonth >= 1 && dayOfMonth <= days
}

// clock reads a time at the beginning of s: hh:mm:ss, with a fraction of any length. The end of a day is 24:00:00.
func clock(s string) (rest string, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return "", false
	}
	hour, okHour := two(s)
	minute, okMinute := two(s[3:])
	second, okSecond := two(s[6:])
	rest, zero := s[8:], true
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		rest = strings.TrimLeft(fraction, "0123456789")
		if len(rest) == len(fraction) {
			return "", false
		}
		zero = strings.Trim(fraction[:len(fraction)-len(rest)], "0") == ""
	}
	atEnd := hour == 24 && minute == 0 && second == 0 && zero
	return rest, okHour && okMinute && okSecond && (hour < 24 || atEnd) && minute < 60 && second < 60
}

// zone reads a time zone, which may be left out: Z, or hh:mm from UTC, 14 hours at most.
func zone(s string) bool {
	if s == "" || s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	hours, okHours := two(s[1:])
	minutes, okMinutes := two(s[4:])
	return okHours && okMinutes && minutes < 60 && (hours < 14 || hours == 14 && minutes == 0)
}

// two reads two digits at the beginning of s.
func two(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s[:2])
	return n, err == nil && digits(s[:2])
}
