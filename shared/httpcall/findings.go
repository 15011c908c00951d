package httpcall

import (
	"errors"
	"fmt"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Shown gives the finding of an error that says something to the caller; none for our own failures.
func Shown(err error) []validation.Finding {
	own, ok := errors.AsType[*register.Error](err)
	if !ok {
		return nil
	}
	switch own.Kind {
	case register.NotFound:
		return []validation.Finding{validation.UkendtNummer.Finding("", "findesIkke", own.Detail)}
	case register.Exhausted:
		return []validation.Finding{validation.Nummerserie.Finding("", "opbrugt", own.Detail)}
	case register.Unauthenticated:
		return []validation.Finding{validation.Login.Finding("", "login", own.Detail)}
	case register.Forbidden:
		return []validation.Finding{validation.Adgang.Finding("", own.Code, own.Detail)}
	case register.Limited:
		return []validation.Finding{validation.Tempo.Finding("", "tempo", own.Detail)}
	case register.Gone:
		return []validation.Finding{validation.LukketVersion.Finding("", own.Code, own.Detail)}
	}
	return nil
}

// TooLarge is the finding of a body of more than limit bytes.
func TooLarge(limit int64) validation.Finding {
	return validation.ForStor.Finding("", "indhold", register.Text{
		Da: fmt.Sprintf("Indholdet er større end %d byte.", limit), En: fmt.Sprintf("The body is larger than %d bytes.", limit),
	})
}

// Encoded gives the finding of a body that comes compressed, or encoded in another way: it is read as it is alone, and the answer says so.
func (c *Call) Encoded() (validation.Finding, bool) {
	coding := c.Header("Content-Encoding")
	if coding == "" || strings.EqualFold(coding, "identity") {
		return validation.Finding{}, false
	}
	c.W.Header().Set("Accept-Encoding", "identity")
	return validation.UgyldigParameter.Finding("", "contentEncoding", register.Text{
		Da: fmt.Sprintf("Content-Encoding er »%s«; indholdet skal sendes, som det er, uden gzip eller lignende.", register.Shown(coding)),
		En: fmt.Sprintf("Content-Encoding is “%s”; the body must be sent as it is, without gzip or the like.", register.Shown(coding)),
	}), true
}

// longestKey keeps an idempotency key within what the engines take as part of a key.
const longestKey = 255

// BadKey gives the finding of an Idempotency-Key that is too long.
func BadKey(key string) (validation.Finding, bool) {
	if len(key) <= longestKey {
		return validation.Finding{}, false
	}
	return validation.UgyldigParameter.Finding("", "idempotencyKey", register.Text{
		Da: fmt.Sprintf("Idempotency-Key må højst fylde %d byte.", longestKey),
		En: fmt.Sprintf("Idempotency-Key may take %d bytes at most.", longestKey),
	}), true
}
