package httpcall

import (
	"compress/gzip"
	"io"
	"strconv"
	"strings"
)

// Compressed has an answer written through gzip where the caller accepts that, and says so in the answer's header.
func (c *Call) Compressed(to io.Writer, write func(io.Writer) error) error {
	if !accepts(c.Header("Accept-Encoding"), "gzip") {
		return write(to)
	}
	c.W.Header().Set("Content-Encoding", "gzip")
	zip, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := write(zip); err != nil {
		return err
	}
	return zip.Close()
}

// accepts tells whether an Accept-Encoding header takes a coding.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, stated := strings.CutPrefix(strings.TrimSpace(params), "q=")
			weight, err := strconv.ParseFloat(q, 64)
			return !stated || err == nil && weight > 0
		}
	}
	return false
}
