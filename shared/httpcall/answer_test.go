package httpcall_test

import (
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
)

// TestCompressed answers through gzip whoever takes that.
func TestCompressed(t *testing.T) {
	o := newOffice(t, 0)
	const text = "the whole register"
	answer := func(c *httpcall.Call) error {
		return c.Compressed(c.W, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	for accept, zipped := range map[string]bool{
		"": false, "gzip": true, "br, GZIP": true, "gzip;q=0": false, "gzip; q=0.5": true, "gzip;q=x": false, "deflate": false, "*": false,
	} {
		w := o.ask("/", answer, "Accept-Encoding: "+accept)
		body := io.Reader(w.Body)
		if zipped {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatalf("%q: %v", accept, err)
			}
		}
		if got, err := io.ReadAll(body); string(got) != text || err != nil || (w.Header().Get("Content-Encoding") == "gzip") != zipped {
			t.Errorf("%q: %q, %v, %v", accept, got, err, w.Header())
		}
	}
}

// TestShown tells what the caller can act on, and nothing of our own failures.
func TestShown(t *testing.T) {
	detail := register.Text{Da: "På dansk.", En: "In English."}
	told := map[register.Kind]string{register.NotFound: "ukendt-nummer/findesIkke", register.Exhausted: "nummerserie/opbrugt",
		register.Unauthenticated: "login/login", register.Forbidden: "adgang/kode", register.Limited: "tempo/tempo", register.Gone: "lukket-version/kode"}
	for _, kind := range register.Kinds() {
		var got string
		for _, f := range httpcall.Shown(&register.Error{Kind: kind, Code: "kode", Detail: detail, Cause: errors.New("the disk is gone")}) {
			if got += f.Rule.ID + "/" + f.Kode; f.Tekst != detail || f.Rule.Kind != kind {
				t.Errorf("%s: %+v", kind, f)
			}
		}
		if got != told[kind] {
			t.Errorf("%s is shown as %q, want %q", kind, got, told[kind])
		}
	}
	if f := httpcall.Shown(errors.New("the disk is gone")); f != nil {
		t.Errorf("%+v", f)
	}
}

func TestEncoded(t *testing.T) {
	o := newOffice(t, 0)
	for coding, refused := range map[string]bool{"": false, "identity": false, "Identity": false, "gzip": true, "identity, gzip": true, "x": true} {
		w := o.ask("/", func(c *httpcall.Call) error {
			if f, encoded := c.Encoded(); encoded != refused || refused && (f.Kode != "contentEncoding" || !strings.Contains(f.Tekst.Da, coding)) {
				t.Errorf("%q: %+v, %v", coding, f, encoded)
			}
			return nil
		}, "Content-Encoding: "+coding)
		if got := w.Header().Get("Accept-Encoding"); (got == "identity") != refused {
			t.Errorf("%q: it says that it accepts %q", coding, got)
		}
	}
}

func TestBadKey(t *testing.T) {
	if _, bad := httpcall.BadKey(strings.Repeat("k", 255)); bad {
		t.Error("a key of 255 bytes is bad")
	}
	if f, bad := httpcall.BadKey(strings.Repeat("k", 256)); !bad || f.Kode != "idempotencyKey" {
		t.Errorf("%+v, %v", f, bad)
	}
}
