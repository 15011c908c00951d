package access

import (
	"encoding/base64"
	"strings"
)

// longestAuthorization bounds the header that is looked at: a name, a secret and some room.
const longestAuthorization = 512

// parseBasic reads an Authorization header of the Basic scheme (RFC 7617).
func parseBasic(header string) (navn, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if len(header) > longestAuthorization || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", "", false
	}
	navn, secret, ok = strings.Cut(string(decoded), ":")
	return navn, secret, ok && ValidNavn(navn) && secret != ""
}

// ValidNavn tells whether a text can be a user's name: 2 to 40 small letters, digits, "-" and ".", the first and the last no mark.
func ValidNavn(s string) bool {
	if len(s) < 2 || len(s) > 40 {
		return false
	}
	for i, c := range []byte(s) {
		mark := c == '-' || c == '.'
		if mark && (i == 0 || i == len(s)-1) || !mark && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
