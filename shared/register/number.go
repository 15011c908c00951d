package register

import (
	"strings"
	"unicode/utf8"
)

// Number names a unit for ever: a letter and five digits, such as "G10432". One series runs over all three levels, and a number
// that was given out once is never given to another unit.
type Number string

const digits = 5

// span is how many numbers one letter holds.
const span = 100_000

// ParseNumber reads a number. The letter may be any of A-Z, Æ, Ø and Å: existing rows carry other letters than the ones now issued.
func ParseNumber(s string) (Number, bool) {
	letter, size := utf8.DecodeRuneInString(s)
	if !(letter >= 'A' && letter <= 'Z' || letter == 'Æ' || letter == 'Ø' || letter == 'Å') || len(s) != size+digits {
		return "", false
	}
	for _, c := range []byte(s[size:]) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return Number(s), true
}

// MostAhead is how far ahead of the series a number may lie to be loaded, or passed over: half a letter. What the series has passed it
// never comes back to, so a mistyped number must not end it.
const MostAhead = 50_000

// Series is the order in which numbers are issued: its letters in turn, from 00000 to 99999 within each. An ordinal counts along it.
type Series string

// DefaultSeries begins with the letter in use today and leaves out A, an older key outside the register, D, which an old row
// carries, and I and O, which read like digits.
const DefaultSeries Series = "GHJKLMNPQRSTUVWXYZ"

// FirstOrdinal is where an empty register begins: G10000, so that no number begins with a zero.
const FirstOrdinal = 10_000

// ParseSeries reads a series: one or more different letters, each fit for a [Number].
func ParseSeries(s string) (Series, bool) {
	for i, letter := range s {
		_, ok := ParseNumber(string(letter) + "00000")
		if !ok || strings.ContainsRune(s[:i], letter) {
			return "", false
		}
	}
	return Series(s), s != ""
}

// Number gives the number at an ordinal; ok is false when the series is used up.
func (s Series) Number(ordinal int64) (n Number, ok bool) {
	letters := []rune(string(s))
	if ordinal < 0 || ordinal/span >= int64(len(letters)) {
		return "", false
	}
	buf := make([]byte, 0, utf8.UTFMax+digits)
	buf = utf8.AppendRune(buf, letters[ordinal/span])
	for rest, unit := ordinal%span, int64(span/10); unit > 0; unit /= 10 {
		buf = append(buf, byte('0'+rest/unit))
		rest %= unit
	}
	return Number(buf), true
}

// Ordinal gives the place of a number along the series; ok is false when its letter is not one the series issues.
func (s Series) Ordinal(n Number) (ordinal int64, ok bool) {
	letter, size := utf8.DecodeRuneInString(string(n))
	at := strings.IndexRune(string(s), letter)
	if at < 0 || len(n) != size+digits {
		return 0, false
	}
	ordinal = int64(utf8.RuneCountInString(string(s)[:at]))
	for _, c := range []byte(n[size:]) {
		ordinal = ordinal*10 + int64(c-'0')
	}
	return ordinal, true
}

// Last is the last number that a series issues.
func (s Series) Last() Number {
	letter, _ := utf8.DecodeLastRuneInString(string(s))
	return Number(string(letter) + strings.Repeat("9", digits))
}

// NumberState says what has become of a number.
type NumberState uint8

// The states of a number. A number goes only forwards through them.
const (
	Ledig      NumberState = iota // never given out
	Reserveret                    // set aside for somebody to use before a deadline
	Ubrugt                        // given out or reserved, never used, and never to be: a gap
	Brugt                         // carried by a unit, active or closed
)

// String gives the state as it stands in JSON.
func (s NumberState) String() string {
	return [...]string{"ledig", "reserveret", "ubrugt", "brugt"}[s]
}

// LedgerEntry is what the number ledger knows of one number.
type LedgerEntry struct {
	Number      Number
	State       NumberState
	Ahead       int64       // with State Ledig: how many numbers the series would give up, were it to go on after this one
	Unit        Unit        // with State Brugt: the unit that carries it
	Reservation Reservation // with State Reserveret, and Ubrugt where one ran out
}
