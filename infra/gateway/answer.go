package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// answer is what a function answered.
type answer struct {
	events.APIGatewayV2HTTPResponse
	body []byte
}

// invoke has a function answer an event.
func invoke(ctx context.Context, f Function, e *event) (*answer, error) {
	text, err := json.Marshal(e.APIGatewayV2HTTPRequest)
	if err != nil {
		return nil, err
	}
	raw, err := f.Invoke(ctx, text)
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
