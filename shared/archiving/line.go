package archiving

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// line is one line of a backup: one of these.
type line struct {
	Backup      *Header              `json:"backup,omitempty"`
	Change      *register.Change     `json:"change,omitempty"`
	Unit        *register.Unit       `json:"unit,omitempty"`
	Reservation *reservation         `json:"reservation,omitempty"`
	Receipt     *register.Receipt    `json:"receipt,omitempty"`
	Report      *register.Report     `json:"report,omitempty"`
	Entry       *access.Entry        `json:"entry,omitempty"`
	Calls       *calls               `json:"calls,omitempty"`
	User        *access.User         `json:"user,omitempty"`
	Series      *series              `json:"series,omitempty"`
	Mark        *mark                `json:"mark,omitempty"`
	Subscriber  *relaying.Subscriber `json:"subscriber,omitempty"`
	End         *end                 `json:"end,omitempty"`
}

// reservation has the ordinal of its first number too.
type reservation struct {
	Ordinal int64
	register.Reservation
}

// calls has the service version that was called through too.
type calls struct {
	Version register.ServiceVersion
	access.Calls
}

// series is the ordinal that the number series goes on from.
type series struct{ Next int64 }

// mark is how far a subscriber has come in its round.
type mark struct {
	Navn  string
	Runde int
	register.Position
}

// end closes a backup.
type end struct {
	Counts map[string]int64
	Sums   map[string]string
	SHA256 string
}

// encode gives the line as it stands in the file, and the name of its member.
func (l *line) encode() (text []byte, kind string, err error) {
	if text, err = json.Marshal(l); err != nil {
		return nil, "", err
	}
	// What is not UTF-8 is replaced by this escape, and only that.
	if bytes.Contains(text, []byte(`\ufffd`)) {
		return nil, "", fmt.Errorf("archiving: a text is not UTF-8: %s", text)
	}
	return append(text, '\n'), kindOf(text), nil
}

// kindOf gives the name of a line's member.
func kindOf(text []byte) string {
	name, _, _ := bytes.Cut(bytes.TrimPrefix(text, []byte(`{"`)), []byte(`"`))
	return string(name)
}

// decodeLine reads a line. It has one member that is known, and all in that is known.
func decodeLine(text []byte) (l line, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, err
	}
	if _, err := d.Token(); err != io.EOF {
		return l, fmt.Errorf("more than one value")
	}
	return l, nil
}

// sums count lines and sum them up, by kind.
type sums struct {
	counts map[string]int64
	sums   map[string]*[4]uint64
}

func newSums() *sums { return &sums{make(map[string]int64), make(map[string]*[4]uint64)} }

// add takes a line: the sum is that of all lines' SHA-256 as four numbers, so that their order makes no difference.
func (s *sums) add(kind string, text []byte) {
	s.counts[kind]++
	sum := s.sums[kind]
	if sum == nil {
		sum = new([4]uint64)
		s.sums[kind] = sum
	}
	hash := sha256.Sum256(text)
	for i := range sum {
		sum[i] += binary.BigEndian.Uint64(hash[8*i:])
	}
}

// hex gives the sums as they stand in the file.
func (s *sums) hex() map[string]string {
	all := make(map[string]string)
	for kind, sum := range s.sums {
		var b []byte
		for _, part := range sum {
			b = binary.BigEndian.AppendUint64(b, part)
		}
		all[kind] = hex.EncodeToString(b)
	}
	return all
}
