package functions_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	lambda "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/infra/api/suite"
	"dagtilbudsregisteret.dk/infra/runtimeapi"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// TestRelay changes units in three municipalities, of which one has a log that cannot be read for a while: for a subscriber that wants
// them all and one that wants those of that municipality and has no queue yet. The log is held back, and the subscriber is not.
func TestRelay(t *testing.T) {
	d := deploy(t)
	operator, _ := d.operator(t)
	all := d.sqs.Queue("dagtilbud-test-alle.fifo")
	operator.Do(201, "POST", "/v2/abonnementer", `{"navn":"alle","koe":"dagtilbud-test-alle.fifo"}`)
	operator.Do(201, "POST", "/v2/abonnementer", `{"navn":"lyngby","koe":"dagtilbud-test-lyngby.fifo","filter":{"kommuner":[173]}}`)
	want := rename(t, operator, 101, 173, 265)
	records := d.changes(t, len(want[101])+len(want[173])+len(want[265]))
	batch := text(t, lambda.DynamoDBEvent{Records: records})
	held := fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, firstOf(records, "L#173"))
	mend := d.spoil(t, register.Position{Kommune: 173, Nr: 1})

	// Two instances are handed the same batch at once, as Lambda may.
	var both sync.WaitGroup
	for _, f := range []*runtimeapi.Function{d.functions["relay"], d.start(t, "relay")} {
		both.Go(func() {
			if got, err := f.Invoke(t.Context(), batch); string(got) != held || err != nil {
				t.Errorf("answered %s, %v, want %s", got, err, held)
			}
		})
	}
	both.Wait()
	wantEvents(t, all, map[int][]string{101: want[101], 265: want[265]})

	mend()
	d.invoke(t, "relay", batch, noneHeld)
	wantEvents(t, all, map[int][]string{173: want[173]})
	d.sentTo()
	d.invoke(t, "relay", batch, noneHeld)
	if again := d.sentTo(); len(again) > 0 {
		t.Errorf("what was marked is sent again to %s", again)
	}
	wantEvents(t, all, nil)

	sweep := readSample(t, "relay-schedule.json")
	if _, err := d.functions["relay"].Invoke(t.Context(), sweep); err == nil || !strings.Contains(err.Error(), "lyngby") {
		t.Errorf("a sweep that leaves something behind is answered %v", err)
	}
	lyngby := d.sqs.Queue("dagtilbud-test-lyngby.fifo")
	d.invoke(t, "relay", sweep, "null")
	wantEvents(t, lyngby, map[int][]string{173: want[173]})
	wantEvents(t, all, nil)
}

// sentTo gives the queues that the relay has sent to since the last time.
func (d *deployment) sentTo() (queues []string) {
	r := d.recorders["relay"]
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.calls {
		if c.Action == "sqs:SendMessage" {
			queues = append(queues, c.Key)
		}
	}
	clear(r.calls)
	return queues
}

const noneHeld = `{"batchItemFailures":[]}`

// spoil has a change be one that cannot be read, until it is mended.
func (d *deployment) spoil(t *testing.T, at register.Position) (mend func()) {
	t.Helper()
	name, k := tableName, keys.Change(at)
	key := map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: k.PK}, "SK": &types.AttributeValueMemberS{Value: k.SK}}
	put := func(item map[string]types.AttributeValue) {
		t.Helper()
		if _, err := d.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	was, err := d.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: key})
	if err != nil || was.Item == nil {
		t.Fatalf("%s: %v, %v", at, was, err)
	}
	put(key)
	return func() { put(was.Item) }
}

// TestRelayBesideBrokenQueues has one queue hang for ever and one refuse everything, beside one that is well: that one is told of
// everything in time, the stream is not held back, and a sweep brings the others the rest when they are well again.
func TestRelayBesideBrokenQueues(t *testing.T) {
	d := deploy(t)
	ill := &infirmary{hangs: "dagtilbud-test-haenger", refuses: "dagtilbud-test-afviser"}
	relay := start(t, "relay", environment(t, d.dynamodb.Endpoint, ill.before(t, d.sqs.Endpoint)))
	operator, _ := d.operator(t)
	queues := make(map[string]*sqstest.Queue)
	for _, navn := range []string{"afviser", "haenger", "rask"} {
		queues[navn] = d.sqs.Queue("dagtilbud-test-" + navn + ".fifo")
		operator.Do(201, "POST", "/v2/abonnementer", fmt.Sprintf(`{"navn":%q,"koe":%q}`, navn, queues[navn].Name))
	}
	want := rename(t, operator, 101, 173, 265)
	batch := text(t, lambda.DynamoDBEvent{Records: d.changes(t, 6)})

	const timeout = 29 * time.Second // the function's
	tell := func() {
		t.Helper()
		began := time.Now()
		got, err := relay.Invoke(t.Context(), batch)
		if took := time.Since(began); string(got) != noneHeld || err != nil || took > timeout {
			t.Errorf("answered %s, %v, after %v", got, err, took)
		}
	}
	tell()
	wantEvents(t, queues["rask"], want)
	hung := ill.hung.Load()
	tell()
	if again := ill.hung.Load(); hung == 0 || again != hung {
		t.Errorf("of the queue that hangs it was asked %d times, and then %d: who kept it waiting is to be left alone", hung, again)
	}
	wantEvents(t, queues["rask"], nil)
	wantEvents(t, queues["haenger"], nil)
	wantEvents(t, queues["afviser"], nil)

	ill.recover()
	if got, err := relay.Invoke(t.Context(), readSample(t, "relay-schedule.json")); string(got) != "null" || err != nil {
		t.Errorf("answered %s, %v", got, err)
	}
	wantEvents(t, queues["haenger"], want)
	wantEvents(t, queues["afviser"], want)
	wantEvents(t, queues["rask"], nil)
}

// infirmary is an SQS of which one queue never answers and one refuses, by how their names begin, until they recover.
type infirmary struct {
	hangs, refuses string
	hung           atomic.Int32 // calls
	well           atomic.Bool
}

func (i *infirmary) recover() { i.well.Store(true) }

// before gives an endpoint before that of an SQS.
func (i *infirmary) before(t *testing.T, endpoint string) string {
	return between(t, endpoint, func(w http.ResponseWriter, r *http.Request, body []byte, pass func()) {
		switch {
		case i.well.Load():
			pass()
		case bytes.Contains(body, []byte(i.hangs)):
			i.hung.Add(1)
			<-r.Context().Done()
		case bytes.Contains(body, []byte(i.refuses)):
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"not you"}`)
		default:
			pass()
		}
	})
}

// between gives an endpoint before another, whose calls are passed on as a handler wants it.
func between(t *testing.T, endpoint string, handle func(w http.ResponseWriter, r *http.Request, body []byte, pass func())) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	next := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller is gone
		}
		handle(w, r, body, func() {
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestRelayIsInterrupted has a function be killed, or overtaken by another, before and after each thing it does: putting the changes in
// order, sending, and marking what was sent. Each time another is handed the same batch, as Lambda does, and the subscriber has everything,
// once and in order.
func TestRelayIsInterrupted(t *testing.T) {
	d := deploy(t)
	operator, _ := d.operator(t)
	all := d.sqs.Queue("dagtilbud-test-alle.fifo")
	operator.Do(201, "POST", "/v2/abonnementer", `{"navn":"alle","koe":"dagtilbud-test-alle.fifo"}`)
	batch := readSample(t, "relay.json") // which says that the log of 265 has something new
	const effects = 4                    // an order, two sendings, of the first change and the second, and a mark
	for _, c := range []struct {
		how  string
		dies bool
		do   func(f *runtimeapi.Function)
	}{
		{"killed", true, func(f *runtimeapi.Function) { f.Close() }},
		{"overtaken", false, func(*runtimeapi.Function) { d.invoke(t, "relay", batch, noneHeld) }},
	} {
		for point := 1; point <= 2*effects+1; point++ {
			want := rename(t, operator, 265)
			i := &interruption{at: point, dies: c.dies}
			f := start(t, "relay", environment(t, between(t, d.dynamodb.Endpoint, i.pass), between(t, d.sqs.Endpoint, i.pass)))
			i.do = func() { c.do(f) }
			answer, err := f.Invoke(t.Context(), batch)
			d.invoke(t, "relay", batch, noneHeld)
			wantEvents(t, all, want)
			if came := point <= 2*effects; i.happened != came || (err != nil) != (came && c.dies) || err == nil && string(answer) != noneHeld {
				t.Errorf("it answers %s, %v, after %d points", answer, err, i.points)
			}
			if t.Failed() {
				t.Fatalf("%s at the point %d", c.how, point)
			}
		}
	}
}

// interruption is what happens to a function at a point of its way: there is one before and one after each call that changes something.
type interruption struct {
	at   int
	do   func()
	dies bool // of it

	mu       sync.Mutex
	points   int
	happened bool
}

func (i *interruption) pass(_ http.ResponseWriter, r *http.Request, _ []byte, pass func()) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !slices.Contains([]string{"TransactWriteItems", "SendMessageBatch", "PutItem"}, operation) {
		pass()
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.point()
	if !i.happened || !i.dies {
		pass()
		i.point()
	}
}

func (i *interruption) point() {
	if i.points++; i.points == i.at {
		i.happened = true
		i.do()
	}
}

// rename makes a daginstitution in each of some municipalities, and then changes each. It gives the ids of the events that this comes
// to, by municipality.
func rename(t *testing.T, operator suite.Caller, kommuner ...int) (ids map[int][]string) {
	ids = make(map[int][]string)
	const body = `{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%d}`
	for _, kommune := range kommuner {
		made := suite.Read[struct{ DaginstitutionsNummer string }](t, operator.Do(201, "POST", "/v2/daginstitutioner", fmt.Sprintf(body, "Skoven", kommune)))
		ids[kommune] = []string{made.DaginstitutionsNummer + ":1", made.DaginstitutionsNummer + ":2"}
	}
	for _, kommune := range kommuner {
		number, _, _ := strings.Cut(ids[kommune][0], ":")
		operator.Do(200, "PUT", "/v2/daginstitutioner/"+number, fmt.Sprintf(body, "Engen", kommune), "If-Match", "*")
	}
	return ids
}

// firstOf gives the sequence number of the first record of a log.
func firstOf(records []lambda.DynamoDBEventRecord, log string) string {
	i := slices.IndexFunc(records, func(r lambda.DynamoDBEventRecord) bool { return r.Change.Keys["PK"].String() == log })
	return records[i].Change.SequenceNumber
}

// wantEvents empties a queue of just these events, those of a municipality in order.
func wantEvents(t *testing.T, queue *sqstest.Queue, want map[int][]string) {
	t.Helper()
	got := make(map[int][]string)
	for _, m := range queue.Drain() {
		event, err := events.Parse([]byte(*m.Body))
		if err != nil {
			t.Fatal(err)
		}
		kommune := event.Data.AdmKommuneKode
		if sqstest.GroupOf(m) != fmt.Sprint(kommune) || sqstest.IDOf(m) != event.ID {
			t.Errorf("%s comes as %s in group %s", event.ID, sqstest.IDOf(m), sqstest.GroupOf(m))
		}
		got[kommune] = append(got[kommune], event.ID)
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%s has %v, want %v", queue.Name, got, want)
	}
}

// queue makes a queue for a subscriber, and one for what it fails to take once, under the names that the template is written for.
func (d *deployment) queue(t *testing.T, navn string) *sqstest.Queue {
	t.Helper()
	prefix := "dagtilbud-" + stage + "-" + navn
	queue, dead := d.sqs.Queue(prefix+".fifo"), prefix+"-doede.fifo"
	d.sqs.Queue(dead)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:eu-north-1:000000000000:%s","maxReceiveCount":1}`, dead)
	_, err := d.sqs.Client().SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &queue.URL, Attributes: map[string]string{"RedrivePolicy": policy},
	})
	if err != nil {
		t.Fatal(err)
	}
	return queue
}
