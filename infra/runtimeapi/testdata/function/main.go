// Command function is what the tests of runtimeapi run. Its environment variable MODE makes it fail to start.
package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"dagtilbudsregisteret.dk/shared/lambdahost"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	switch os.Getenv("MODE") {
	case "exit":
		fmt.Fprintln(os.Stderr, "the table is missing")
		os.Exit(3)
	case "init error":
		report := strings.NewReader(`{"errorType":"Init","errorMessage":"no table"}`)
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		http.Post(url, "application/json", report)
		select {} // until it is ended
	case "large":
		lambda.Start(func() (string, error) { return strings.Repeat("x", 7_000_000), nil })
	}

	mux := http.NewServeMux()
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/gzip", compressed)
	mux.HandleFunc("/alone", alone)
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("for the test") })
	mux.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { os.Exit(4) })
	mux.HandleFunc("/hang", func(http.ResponseWriter, *http.Request) { select {} })
	mux.HandleFunc("/wait", func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println("waiting")
		<-r.Context().Done()
		fmt.Println("waited:", r.Context().Err())
	})

	runs := 0
	host := &lambdahost.Host{Handler: mux, Log: lambdahost.Logger(), Scheduled: func(context.Context) error {
		if runs++; runs > 1 {
			return errors.New("once is enough")
		}
		fmt.Println("scheduled")
		return nil
	}}
	host.Start()
}

func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	w.Header().Set("X-Seen", fmt.Sprintf("%s %s %q %q", r.Method, r.URL, r.Host, r.Header.Values("Accept")))
	for _, c := range r.Cookies() {
		http.SetCookie(w, c)
	}
	w.WriteHeader(http.StatusCreated)
	io.Copy(w, r.Body)
}

func compressed(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	io.WriteString(z, "nummer;navn\n")
	z.Close()
}

var inside atomic.Int32

// alone fails when two requests are in it at once.
func alone(w http.ResponseWriter, _ *http.Request) {
	if inside.Add(1) != 1 {
		http.Error(w, "not alone", http.StatusConflict)
	}
	inside.Add(-1)
}
