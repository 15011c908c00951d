package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
)

// spool is a request body that has been read to its end: in memory while it is small, in a temporary file beyond.
type spool struct {
	io.Reader
	file *os.File
}

// cutOff is the error of a body that ended before its end.
type cutOff struct{ cause error }

func (c *cutOff) Error() string { return "the body is cut off: " + c.cause.Error() }

// sender reads a body, and tells its errors from those of the file it is copied to.
type sender struct{ body io.Reader }

func (s sender) Read(b []byte) (int, error) {
	n, err := s.body.Read(b)
	if err != nil && err != io.EOF {
		err = &cutOff{err}
	}
	return n, err
}

// newSpool reads a body of at most limit bytes. A larger one is an [http.MaxBytesError], one that does not come whole a cutOff.
func newSpool(from io.Reader, limit int64) (*spool, error) {
	body := sender{from}
	small, err := io.ReadAll(io.LimitReader(body, min(limit, MaxBody)+1))
	if err != nil {
		return nil, err
	}
	if int64(len(small)) > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	if len(small) <= MaxBody {
		return &spool{Reader: bytes.NewReader(small)}, nil
	}
	return spoolFile(io.MultiReader(bytes.NewReader(small), body), limit)
}

func spoolFile(body io.Reader, limit int64) (*spool, error) {
	file, err := os.CreateTemp("", "dtr-import-*")
	if err != nil {
		return nil, err
	}
	s := &spool{Reader: file, file: file}
	size, err := io.Copy(file, io.LimitReader(body, limit+1))
	if err == nil && size > limit {
		err = &http.MaxBytesError{Limit: limit}
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close takes the temporary file away.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
