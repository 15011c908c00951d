package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"
)

// Secret is what is kept of a secret: enough to know it again, too little to make it.
type Secret struct {
	ID       string
	Hash     [sha256.Size]byte
	Oprettet time.Time
	Udloeber time.Time // the zero time for never
}

// Holds tells whether a secret still lets its user in.
func (s *Secret) Holds(at time.Time) bool { return s.Udloeber.IsZero() || at.Before(s.Udloeber) }

// secretBytes is 256 bits.
const secretBytes = 32

// NewSecret makes a secret: the text to show once, and what to keep.
func NewSecret(now, expires time.Time) (text string, kept Secret) {
	var random [secretBytes]byte
	rand.Read(random[:]) // never fails
	text = base64.RawURLEncoding.EncodeToString(random[:])
	return text, Secret{ID: rand.Text()[:8], Hash: sha256.Sum256([]byte(text)), Oprettet: now, Udloeber: expires}
}

// verify gives the secret of u that text is. However many secrets there are, and whichever it is, it takes the same work: where there
// are fewer, text is held against nothing as often.
func verify(u *User, text string, now time.Time) (found Secret, ok bool) {
	hash := sha256.Sum256([]byte(text))
	for i := range MostSecrets {
		var s Secret
		if i < len(u.Secrets) {
			s = u.Secrets[i]
		}
		same := subtle.ConstantTimeCompare(s.Hash[:], hash[:]) == 1
		if same && i < len(u.Secrets) && s.Holds(now) {
			found, ok = s, true
		}
	}
	return found, ok && !u.Lukket
}
