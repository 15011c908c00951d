package relaying_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// postOffice is queues of SQS.
type postOffice struct {
	*sqsqueue.Queues
	server *sqstest.Server
	faults sqstest.Faults
	made   int
	queues map[string]*sqstest.Queue     // by URL
	taken  map[string][]relaying.Message // out of them
}

func newPostOffice(t testing.TB, options ...sqstest.Option) *postOffice {
	t.Helper()
	o := &postOffice{server: sqstest.Start(t, options...), queues: make(map[string]*sqstest.Queue), taken: make(map[string][]relaying.Message)}
	o.Queues = sqsqueue.New(o.server.Client(o.faults.Attach))
	return o
}

func (o *postOffice) open(name string) string {
	o.made++
	q := o.server.Queue(fmt.Sprintf("%s-%d.fifo", name, o.made))
	o.queues[q.URL] = q
	return q.URL
}

func (o *postOffice) received(queue string) []relaying.Message {
	for _, m := range o.queues[queue].Drain() {
		o.taken[queue] = append(o.taken[queue], relaying.Message{
			ID: sqstest.IDOf(m), Group: sqstest.GroupOf(m), Dedup: m.Attributes["MessageDeduplicationId"], Body: []byte(aws.ToString(m.Body)),
		})
	}
	return o.taken[queue]
}

const sendBatch = "SendMessageBatch"

// refuse has an entry be refused for what trying again does not help: another key is needed to write to the queue.
func (o *postOffice) refuse(place int) { o.faults.Refuse("KMS.AccessDeniedException", true, place) }

// lose has the second try, which would find that the first was carried out, be refused.
func (o *postOffice) lose() {
	o.faults.Next(sqstest.Unanswered, sendBatch)
	o.faults.Next(sqstest.Denied, sendBatch)
}

func (o *postOffice) stop()  { o.server.Stop() }
func (o *postOffice) start() { o.server.Restart() }
