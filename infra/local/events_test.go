package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// subscribe makes a subscription to everything there is and comes.
func (p *program) subscribe(t *testing.T, koe string) {
	t.Helper()
	body := fmt.Sprintf(`{"navn":"alt","koe":%q,"fraBegyndelsen":true}`, koe)
	if status, answer := p.call(t, "drift", "POST", "/v2/abonnementer", strings.NewReader(body)); status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
}

func (p *program) create(t *testing.T, navn string) {
	t.Helper()
	if status, answer := p.call(t, "drift", "POST", "/v2/daginstitutioner", strings.NewReader(line(navn))); status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
}

// event is what is looked at in one.
type event struct{ ID, Registerposition string }

// take takes messages of the subscriber's queue, and waits until there are some.
func (p *program) take(t *testing.T) (events []event) {
	t.Helper()
	const queue = "/lokal/koeer/alt"
	_, body := p.call(t, "laeser", "GET", queue+"?antal=1000&vent=20", nil)
	var received struct {
		Beskeder []struct {
			Kvittering string
			Indhold    event
		}
	}
	if err := json.Unmarshal(body, &received); err != nil || len(received.Beskeder) == 0 {
		t.Fatalf("%v: %.1000s", err, body)
	}
	for _, b := range received.Beskeder {
		if status, answer := p.call(t, "laeser", "DELETE", queue+"/"+b.Kvittering, nil); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, answer)
		}
		events = append(events, b.Indhold)
	}
	return events
}

// TestEventsAfterKills holds what a subscriber gets, of a program that is killed time and again, against the log: every change, in order.
func TestEventsAfterKills(t *testing.T) {
	const rounds, enough = 3, 100
	data := t.TempDir()
	for round := range rounds {
		p := start(t, data)
		if round == 0 {
			p.subscribe(t, "alt")
		}
		kept := &acknowledged{names: make(map[string]string), enough: enough, reached: make(chan struct{})}
		var importer sync.WaitGroup
		importer.Go(func() { p.importUntilCut(strconv.Itoa(round), kept) })
		<-kept.reached
		p.kill()
		importer.Wait()
	}
	p := start(t, data)
	p.create(t, "Den sidste")
	response, err := http.Get(p.url + "/v2/daginstitutioner?limit=1")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	last := response.Header.Get("Registerposition")
	for next := 1; ; {
		for _, e := range p.take(t) {
			nr, err := strconv.Atoi(strings.TrimPrefix(e.Registerposition, "265:"))
			if err != nil || nr > next {
				t.Fatalf("%s came, %v, and not 265:%d", e.Registerposition, err, next)
			}
			next = max(next, nr+1)
			if e.Registerposition == last {
				return
			}
		}
	}
}

// TestQueueBeforeItsFirstMessage asks for the queue of a subscription that has been sent nothing, and for one that nobody has.
func TestQueueBeforeItsFirstMessage(t *testing.T) {
	p := start(t, t.TempDir())
	p.subscribe(t, "alt")
	for path, want := range map[string]string{
		"/alt": `200 {"beskeder":[]}`, "": `200 {"koeer":{"alt":0}}`, "/andet": `404 {"errors":[{"pointer":"","regel":"ukendt-sti","kode":"koe",`,
	} {
		status, body := p.call(t, "laeser", "GET", "/lokal/koeer"+path, nil)
		if got := fmt.Sprintf("%d %s", status, body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// TestStops ends the program while somebody waits for a message.
func TestStops(t *testing.T) {
	p := start(t, t.TempDir())
	p.subscribe(t, "alt")
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get(p.url + "/lokal/koeer/alt?vent=20")
		if err != nil {
			answered <- ""
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answered <- strings.TrimSpace(string(body))
	}()
	p.create(t, "Skovly") // while it waits, or before
	if body := <-answered; !strings.Contains(body, `"id":"G10000:1"`) {
		t.Errorf("it was answered %s", body)
	}
	began := time.Now()
	go func() { http.Get(p.url + "/lokal/koeer/alt?vent=20") }()
	p.create(t, "Skovly to") // of a group that is held up, so that the wait goes on
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.process.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v to end", took)
	}
}

// TestEventsToSQS sends to the queues of an SQS where there is one, and serves none itself.
func TestEventsToSQS(t *testing.T) {
	server := sqstest.Start(t)
	queue := server.Queue("alt.fifo")
	p := start(t, t.TempDir(), "AWS_ENDPOINT_URL_SQS="+server.Endpoint)
	p.subscribe(t, queue.Name)
	p.create(t, "Skovly")
	out, err := server.Client().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &queue.URL, WaitTimeSeconds: 20, MessageAttributeNames: []string{"All"},
	})
	if err != nil || len(out.Messages) != 1 || sqstest.IDOf(out.Messages[0]) != "G10000:1" {
		t.Errorf("%+v, %v", out, err)
	}
	if status, _ := p.call(t, "drift", "GET", "/lokal/koeer", nil); status != http.StatusNotFound {
		t.Errorf("queues are served here: %d", status)
	}
}
