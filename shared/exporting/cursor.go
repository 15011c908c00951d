package exporting

import (
	"encoding/base64"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// Cursor is a place between two rows: right after a unit. The zero Cursor is before the first row. It stays good when units come,
// go and move.
type Cursor struct {
	Kommune int
	Path    string
}

// CursorAt is right after a unit.
func CursorAt(u *register.Unit) Cursor { return Cursor{u.AdmKommuneKode, u.Path()} }

// String gives the cursor as an opaque word that is safe in a query; empty for the zero Cursor.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(c.Kommune) + "/" + c.Path))
}

// ParseCursor reads what [Cursor.String] wrote; ok is false for anything else.
func ParseCursor(s string) (c Cursor, ok bool) {
	if s == "" {
		return Cursor{}, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	kommune, path, found := strings.Cut(string(raw), "/")
	if err != nil || !found {
		return Cursor{}, false
	}
	c.Path = path
	if c.Kommune, err = strconv.Atoi(kommune); err != nil || c.Kommune <= 0 {
		return Cursor{}, false
	}
	parts := strings.Split(path, "/")
	for _, part := range parts {
		if _, ok := register.ParseNumber(part); !ok {
			return Cursor{}, false
		}
	}
	return c, len(parts) <= len(register.Levels) && c.String() == s
}

// before tells whether a unit comes after the cursor.
func (c Cursor) before(u *register.Unit) bool {
	return u.AdmKommuneKode > c.Kommune || u.AdmKommuneKode == c.Kommune && u.Path() > c.Path
}

// beforeTree is the path right before the tree that the cursor stands in: every path of the tree begins with the
// daginstitution's number, and this is that number with its last digit cut off.
func (c Cursor) beforeTree() string {
	number, _, _ := strings.Cut(c.Path, "/")
	return number[:max(len(number)-1, 0)]
}
