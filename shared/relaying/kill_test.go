package relaying_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue"
)

// What the process that is to be killed is told: the file to relay from, and where SQS is, if it is not to send to its parent.
const (
	relayedFile = "DTR_TEST_RELAYED_FILE"
	relayedSQS  = "DTR_TEST_RELAYED_SQS"
)

// TestKilledProcess has processes relay the same, each of them killed at a later point than the one before, until one comes through.
// What they leave undone the next relay does, and what is done twice is the same.
func TestKilledProcess(t *testing.T) {
	if path := os.Getenv(relayedFile); path != "" {
		relayUntilKilled(t, path)
		return
	}
	t.Parallel()
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		killEverywhere(t, newMemory(), "", 10) // four messages, a sending and two marks that begin and end
	})
	t.Run("on SQS", func(t *testing.T) {
		t.Parallel()
		office := newPostOffice(t)
		killEverywhere(t, office, office.server.Endpoint, 6)
	})
}

func killEverywhere(t *testing.T, m mail, endpoint string, points int) {
	t.Helper()
	for point := 1; point <= points+1; point++ {
		s := newStation(t, openBolt(t), m)
		s.subscribe("alle", relaying.Filter{}, beginning)
		s.write(opret(omraade(101)), opret(omraade(265)), omdoeb("H10265", "Skoven"), omdoeb("H10101", "Havnen"))
		s.close()
		if killed := s.killAt(point, endpoint); killed != (point <= points) {
			t.Fatalf("killed at the point %d: %t", point, killed)
		}
		s.reopen()
		s.relay()
		s.wantAll()
	}
}

// report is what a process says at each point of its way, and then waits to be told to go on: that it is there, or what it sends.
type report struct {
	Point   string
	Queue   string
	Message relaying.Message
}

// killAt starts a process and kills it at a point of its way. It tells whether the process came so far.
func (s *station) killAt(point int, endpoint string) (killed bool) {
	s.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	child.Env = append(os.Environ(), relayedFile+"="+s.store.(*file).path, relayedSQS+"="+endpoint)
	in, errIn := child.StdinPipe()
	out, errOut := child.StdoutPipe()
	if err := errors.Join(errIn, errOut, child.Start()); err != nil {
		s.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var r report
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			said += lines.Text() + "\n" // of the test that it is
			continue
		}
		if r.Point == "" {
			s.mail.Send(s.Context(), r.Queue, []relaying.Message{r.Message})
		}
		if point--; point == 0 {
			child.Process.Kill()
		} else {
			fmt.Fprintln(in)
		}
	}
	err := child.Wait()
	exit, ended := errors.AsType[*exec.ExitError](err)
	killed = ended && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	if err != nil && !killed {
		s.Fatalf("it was not killed, but ended with %v:\n%s", err, said)
	}
	return killed
}

// relayUntilKilled is the process that is killed.
func relayUntilKilled(t *testing.T, path string) {
	teller := &teller{engine: openFile(t, path), lines: bufio.NewReader(os.Stdin)}
	if endpoint := os.Getenv(relayedSQS); endpoint != "" {
		teller.Queue = sqsqueue.New(sqs.New(sqs.Options{
			BaseEndpoint: &endpoint, Region: "eu-north-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		}))
	}
	s := relaying.Service{Store: teller, Queue: teller, Now: time.Now}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// teller is a store and queues that report before and after everything they do. Without queues of its own a message is sent by
// reporting it.
type teller struct {
	engine
	relaying.Queue
	mu    sync.Mutex
	lines *bufio.Reader
}

func (r *teller) tell(what report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line, _ := json.Marshal(what) // it has nothing in it that has no JSON
	fmt.Println(string(line))
	if _, err := r.lines.ReadString('\n'); err != nil {
		os.Exit(1) // nobody is there to kill it
	}
}

func (r *teller) Send(ctx context.Context, queue string, messages []relaying.Message) []error {
	r.tell(report{Point: "send"})
	defer r.tell(report{Point: "sent"})
	if r.Queue != nil {
		return r.Queue.Send(ctx, queue, messages)
	}
	for _, m := range messages {
		r.tell(report{Queue: queue, Message: m})
	}
	return make([]error, len(messages))
}

func (r *teller) Mark(ctx context.Context, navn string, runde int, at register.Position) error {
	r.tell(report{Point: "mark"})
	defer r.tell(report{Point: "marked"})
	return r.engine.Mark(ctx, navn, runde, at)
}
