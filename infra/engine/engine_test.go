package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestBadConfiguration(t *testing.T) {
	values := map[string]string{"DTR_NUMMERSERIE": "GG", "DTR_ENGINE": "paper"}
	_, err := ReadConfig(environment(values))
	for name := range values {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
	_, err = ReadConfig(environment(map[string]string{"DTR_ENGINE": "dynamodb"}))
	if err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL_DYNAMODB") {
		t.Errorf("dynamodb without an endpoint: %v", err)
	}
	_, err = ReadConfig(environment(map[string]string{"AWS_ENDPOINT_URL_SQS": "sqs"}))
	if err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL_SQS") {
		t.Errorf("an SQS without an address: %v", err)
	}
	c, err := ReadConfig(environment(map[string]string{"DTR_DATA": filepath.Join(t.TempDir(), "a file", "\x00")}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context()); err == nil {
		t.Error("a folder that cannot be made was accepted")
	}
	if _, err := c.OpenQueue(time.Now); err == nil {
		t.Error("queues were opened in a folder that cannot be made")
	}
	if got := DemoUsers(environment(nil)); got != filepath.Join("data", "demo-brugere.json") {
		t.Errorf("the demo users are in %q by default", got)
	}
}

// TestEngines leaves a user in each engine, and finds it there when it is opened again.
func TestEngines(t *testing.T) {
	t.Run("bolt", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "new")
		keeps(t, map[string]string{"DTR_DATA": folder}, filepath.Join(folder, "register.db"))
	})
	t.Run("dynamodb", func(t *testing.T) {
		server := dynamotest.Start(t)
		keeps(t, map[string]string{"DTR_ENGINE": "dynamodb", "DTR_TABLE": "here", "AWS_ENDPOINT_URL_DYNAMODB": server.Endpoint},
			"table here at "+server.Endpoint)
	})
}

func keeps(t *testing.T, env map[string]string, name string) {
	c, err := ReadConfig(environment(env))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		engine, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if engine.Name != name || engine.Chunk < 1 {
			t.Errorf("it is %q, with a chunk of %d", engine.Name, engine.Chunk)
		}
		if round == 0 {
			err = engine.Store.SaveUser(t.Context(), access.User{Navn: "drift", Rolle: access.Drift, Version: 1}, access.Entry{ID: "1"})
		} else {
			_, err = engine.Store.User(t.Context(), "drift")
		}
		if err != nil {
			t.Error(err)
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestQueues leaves a message in each kind of queue, and finds it there when it is opened again.
func TestQueues(t *testing.T) {
	t.Run("file", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "new")
		if !passes(t, map[string]string{"DTR_DATA": folder}, "hold-ind") {
			t.Error("nobody serves the queues")
		}
		if _, err := os.Stat(filepath.Join(folder, "koeer.db")); err != nil {
			t.Error(err)
		}
	})
	t.Run("sqs", func(t *testing.T) {
		server := sqstest.Start(t)
		queue := server.Queue("hold-ind.fifo")
		if passes(t, map[string]string{"AWS_ENDPOINT_URL_SQS": server.Endpoint, "DTR_DATA": "/dev/null"}, queue.Name) {
			t.Error("queues of SQS are served here")
		}
	})
}

// passes tells whether the queues are to be served here.
func passes(t *testing.T, env map[string]string, name string) (served bool) {
	c, err := ReadConfig(environment(env))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		queue, err := c.OpenQueue(time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if served = queue.Handler != nil; round == 0 {
			err = queue.Send(t.Context(), name, []relaying.Message{{ID: "G10000:1", Group: "265", Dedup: "G10000:1", Body: []byte("{}")}})[0]
		}
		if depth, errDepth := queue.Depth(t.Context(), name); err != nil || errDepth != nil || depth != 1 {
			t.Errorf("%d wait, %v, %v", depth, err, errDepth)
		}
		if err := queue.Close(); err != nil {
			t.Error(err)
		}
	}
	return served
}
