package wiring

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// getenv is the environment of a function that calls nobody.
func getenv(name string) string {
	return map[string]string{
		"DTR_TABLE": "none", "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
		"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:0",
	}[name]
}

func TestOnlyTheRelayReachesQueues(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := Services("import", getenv, log)
	if err != nil || s.Queue != nil {
		t.Errorf("%v, %v", s.Queue, err)
	}
	if s, err = Relaying("relay", getenv, log); err != nil || s.Queue == nil {
		t.Errorf("%v, %v", s.Queue, err)
	}
}

// TestMeter measures by the stage and the function, and where there is no stage, not at all.
func TestMeter(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	staged := func(name string) string {
		if name == "DTR_STAGE" {
			return "preprod"
		}
		return getenv(name)
	}
	s, err := Services("numbers", staged, log)
	if err != nil || s.Meter == nil || s.Meter.Stage != "preprod" || s.Meter.Function != "numbers" {
		t.Errorf("%+v, %v", s.Meter, err)
	}
	if s, err = Services("numbers", getenv, log); err != nil || s.Meter != nil {
		t.Errorf("%+v, %v", s.Meter, err)
	}
}

// TestOneAddressAtItsPace calls from one address until there is no more room for it, and then from another.
func TestOneAddressAtItsPace(t *testing.T) {
	s, err := Services("validation", getenv, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	api := REST(s)
	handler := api.Handler(api.Validation())
	call := func(address string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/v2/kodetabeller", nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	calls, last := 0, call("192.0.2.17:0")
	for ; last.Code == http.StatusOK && calls < 100*anonymous; calls++ {
		last = call("192.0.2.17:0")
	}
	if calls < anonymous || last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") != "1" {
		t.Errorf("call %d was answered %d %v", calls, last.Code, last.Header())
	}
	if other := call("192.0.2.18:0"); other.Code != http.StatusOK {
		t.Errorf("another address was answered %d", other.Code)
	}
}
