package functions_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	lambda "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagtilbudsregisteret.dk/events"
	"dagtilbudsregisteret.dk/infra/runtimeapi"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// TestRelay changes units in three municipalities, for a subscriber that wants them all and one that wants those of a municipality and
// has no queue yet.
func TestRelay(t *testing.T) {
	d := deploy(t)
	operator := (story{T: t, url: d.url}).operator(d)
	all := d.sqs.Queue("dagtilbud-test-alle.fifo")
	operator.do(201, "POST", "/v2/abonnementer", `{"navn":"alle","koe":"dagtilbud-test-alle.fifo"}`)
	operator.do(201, "POST", "/v2/abonnementer", `{"navn":"lyngby","koe":"dagtilbud-test-lyngby.fifo","filter":{"kommuner":[173]}}`)
	want := operator.rename(101, 173, 265)
	records := d.changes(t, len(want[101])+len(want[173])+len(want[265]))
	batch := text(t, lambda.DynamoDBEvent{Records: records})
	held := fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, firstOf(records, "L#173"))

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
	wantEvents(t, all, want)

	d.invoke(t, "relay", batch, held)
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

// rename makes a daginstitution in each of some municipalities, and then changes each. It gives the ids of the events that this comes
// to, by municipality.
func (s story) rename(kommuner ...int) (ids map[int][]string) {
	ids = make(map[int][]string)
	const body = `{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":%d}`
	for _, kommune := range kommuner {
		made := read[unit](s.T, s.do(201, "POST", "/v2/daginstitutioner", fmt.Sprintf(body, "Skoven", kommune)))
		ids[kommune] = []string{made.DaginstitutionsNummer + ":1", made.DaginstitutionsNummer + ":2"}
	}
	for _, kommune := range kommuner {
		number, _, _ := strings.Cut(ids[kommune][0], ":")
		s.do(200, "PUT", "/v2/daginstitutioner/"+number, fmt.Sprintf(body, "Engen", kommune), "If-Match", "*")
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

// subscribe has a system be told of one municipality from the beginning on. It is paused for a while, fails to take what it is sent, takes
// it when that is requeued, and once more when it is played again.
func (s story) subscribe(d *deployment) {
	const all, one = "/v2/abonnementer", "/v2/abonnementer/os2"
	queue := d.queue(s.T, "os2")
	sweep := func() { d.invoke(s.T, "relay", readSample(s.T, "relay-schedule.json"), "null") }
	os2 := fmt.Sprintf(`{"navn":"os2","koe":%q,"fraBegyndelsen":true}`, queue.Name)
	s.do(201, "POST", all, os2)
	s.do(409, "POST", all, os2)
	s.do(200, "PUT", one, fmt.Sprintf(`{"koe":%q,"filter":{"kommuner":[265]}}`, queue.Name), "If-Match", `"1"`)

	s.do(200, "POST", one+"/pause", "")
	sweep()
	if sent := queue.Drain(); len(sent) > 0 {
		s.Errorf("a subscriber that is paused is sent %d", len(sent))
	}
	s.do(200, "POST", one+"/genoptag", "")
	sweep()
	for lot := queue.Receive(); len(lot) > 0; lot = queue.Receive() {
		queue.Return(lot...)
	}
	s.do(200, "GET", one+"/doede?limit=1", "")
	requeued := read[struct{ Antal int }](s.T, s.do(200, "POST", one+"/doede", "")).Antal
	taken := queue.Drain()
	s.do(200, "POST", one+"/afspil", `{"fraBegyndelsen":true}`)
	sweep()
	again := queue.Drain()
	feed := read[[]json.RawMessage](s.T, s.do(200, "GET", "/v2/haendelser?admKommuneKode=265&limit=1000", ""))
	if len(feed) == 0 || requeued != len(feed) || !sameEvents(taken, feed) || !sameEvents(again, feed) {
		s.Errorf("of %d events %d are requeued, %d taken and %d played again", len(feed), requeued, len(taken), len(again))
	}

	standings := read[struct {
		Abonnementer []struct {
			Bagud struct{ Haendelser, IKoe int }
		}
	}](s.T, s.do(200, "GET", all, "")).Abonnementer
	if len(standings) != 1 || standings[0].Bagud.Haendelser+standings[0].Bagud.IKoe != 0 {
		s.Errorf("%+v", standings)
	}
	s.do(200, "DELETE", one, "")
	if state := read[struct{ Tilstand string }](s.T, s.do(200, "GET", one, "")).Tilstand; state != "lukket" {
		s.Errorf("os2 is %s", state)
	}
}

// sameEvents tells whether messages are events, to the last byte.
func sameEvents(messages []types.Message, feed []json.RawMessage) bool {
	return slices.EqualFunc(messages, feed, func(m types.Message, event json.RawMessage) bool { return *m.Body == string(event) })
}
