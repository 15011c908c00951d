package httpcall

import "net/http"

// Recorder notes what was answered, for the log line, and whether it is too late for another answer.
type Recorder struct {
	http.ResponseWriter
	Status int   // 0 as long as nothing has been answered
	Bytes  int64 // of the body

	lost error // why what was written did not reach the caller
}

// WriteHeader begins the answer.
func (r *Recorder) WriteHeader(status int) {
	if r.Status == 0 {
		r.Status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write writes to the body of the answer.
func (r *Recorder) Write(b []byte) (int, error) {
	if r.Status == 0 {
		r.Status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.Bytes += int64(n)
	if err != nil {
		r.lost = err
	}
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *Recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
