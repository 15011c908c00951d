package runtimeapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// ServeHTTP passes a request to the function as API Gateway's $default stage does, and its answer back.
func (f *Function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := f.roundTrip(r)
	switch {
	case errors.Is(err, errTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		answer.writeTo(w)
	}
}

// refuse answers in the gateway's own words.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, `{"message":"`+message+`"}`) // fails only when the client is gone
}

type answer struct {
	events.APIGatewayV2HTTPResponse
	body []byte
}

func (f *Function) roundTrip(r *http.Request) (*answer, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxPayload))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(newEvent(r, body))
	if err != nil {
		return nil, err
	}
	raw, err := f.Invoke(r.Context(), payload)
	if err != nil {
		return nil, err
	}
	return readAnswer(raw)
}

func readAnswer(raw []byte) (*answer, error) {
	var a answer
	if err := json.Unmarshal(raw, &a.APIGatewayV2HTTPResponse); err != nil {
		return nil, err
	}
	if a.StatusCode < 200 || a.StatusCode > 599 {
		return nil, fmt.Errorf("malformed answer: status code %d", a.StatusCode)
	}
	a.body = []byte(a.Body)
	if a.IsBase64Encoded {
		var err error
		if a.body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return nil, err
		}
	}
	return &a, nil
}

func (a *answer) writeTo(w http.ResponseWriter) {
	h := w.Header()
	for name, value := range a.Headers {
		h.Set(name, value)
	}
	for _, cookie := range a.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	w.WriteHeader(a.StatusCode)
	w.Write(a.body) // fails only when the client is gone, or where the status allows no body
}
