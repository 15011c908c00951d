package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/infra/queues"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/httpcall"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/soap"
)

// server is the register over HTTP on loopback, on a file of its own, with the subscribers' queues in another, and the user who calls it.
type server struct {
	store        *boltstore.Store
	queue        *queues.Queues
	url          string
	client       *http.Client
	navn, secret string
	close        func()
}

func newServer(connections int) *server {
	folder, err := os.MkdirTemp("", "dtr-bench-*")
	if err != nil {
		fatal(err)
	}
	store, err := boltstore.Open(filepath.Join(folder, "register.db"), register.DefaultSeries)
	if err != nil {
		fatal(err)
	}
	queue, err := queues.Open(filepath.Join(folder, "koeer.db"), time.Now)
	if err != nil {
		fatal(err)
	}
	all := services.New(services.Config{Store: store, Queue: queue, Tables: codes.Embedded(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Chunk: boltstore.Chunk})
	api := rest.New(all, rest.Limits{MaxImport: 1 << 30})
	overSOAP := soap.New(all, soap.Limits{})
	http := httptest.NewServer(httpcall.Under("/soap/", overSOAP.Handler(overSOAP.Import(), overSOAP.Export()),
		api.Handler(api.Import(), api.Export(), api.Numbers(), api.Validation())))
	users := granting.Service{Store: store, Now: time.Now}
	u, secret, findings, err := users.Create(context.Background(), granting.Owner("bench"), "bench", access.Drift, granting.Settings{}) // without limits
	if err != nil || len(findings) > 0 {
		fatal(fmt.Errorf("make a user: %v, %w", findings, err))
	}
	return &server{store, queue, http.URL, client(connections), u.Navn, secret, func() {
		http.Close()
		queue.Close()
		store.Close()
		os.RemoveAll(folder)
	}}
}

func client(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}}
}

// call makes a request, passes the answer to take, and wants a status below 300.
func (s *server) call(method, path string, body []byte, take func(io.Reader) error) error {
	request, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.SetBasicAuth(s.navn, s.secret)
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	return take(response.Body)
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// bare is a bbolt file with nothing around it.
type bare struct {
	db    *bolt.DB
	close func()
}

var bareBucket = []byte("rows")

func newBare() *bare {
	folder, err := os.MkdirTemp("", "dtr-bench-*")
	if err != nil {
		fatal(err)
	}
	db, err := bolt.Open(filepath.Join(folder, "bare.db"), 0o600, &bolt.Options{InitialMmapSize: 1 << 30, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err == nil {
		err = db.Update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucket(bareBucket)
			return err
		})
	}
	if err != nil {
		fatal(err)
	}
	return &bare{db, func() { db.Close(); os.RemoveAll(folder) }}
}

// put stores a row so many times in one transaction.
func (s *bare) put(first, count int, row []byte) error {
	return s.putAll(first, slices.Repeat([][]byte{row}, count))
}

// putAll stores rows in one transaction.
func (s *bare) putAll(first int, rows [][]byte) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		for i, row := range rows {
			if err := tx.Bucket(bareBucket).Put(fmt.Appendf(nil, "%012d", first+i), row); err != nil {
				return err
			}
		}
		return nil
	})
}

// handler answers a row by its key: net/http over a get, and nothing else.
func (s *bare) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rows/{key}", func(w http.ResponseWriter, r *http.Request) {
		s.db.View(func(tx *bolt.Tx) error {
			w.Header().Set("Content-Type", "application/json")
			_, err := w.Write(tx.Bucket(bareBucket).Get([]byte(r.PathValue("key"))))
			return err
		})
	})
	return mux
}

// inParallel runs an operation b.N times on a number of connections.
func inParallel(connections int, operation func(i int64) error) func(*testing.B) {
	return func(b *testing.B) {
		work := make(chan int64)
		failed := make(chan error, connections)
		for range connections {
			go func() {
				var err error
				for i := range work {
					if err == nil {
						err = operation(i)
					}
				}
				failed <- err
			}()
		}
		for i := range int64(b.N) {
			work <- i
		}
		close(work)
		for range connections {
			if err := <-failed; err != nil {
				b.Fatal(err)
			}
		}
	}
}
