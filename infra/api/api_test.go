// Package api tells the suite to deployments, by URL: with DTR_URL, and DTR_USER, to the one that is there; without, to a register on one
// machine, and to one of functions on one machine, each of which it starts on a free port with data of its own.
//
// A deployed stage's subscriber, which the stack made a queue for, is named by DTR_QUEUE, as dagtilbud-test-hold-ind.fifo; it is read with the
// AWS credentials and the region of the environment. Without it nothing is told of what arrives.
package api

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/api/suite"
	"dagtilbudsregisteret.dk/infra/binaries"
	"dagtilbudsregisteret.dk/infra/peers"
	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/lambdahost"
)

const root = "../.."

// routes are those of the template.
func routes(t *testing.T) (all []string) {
	t.Helper()
	tpl, err := template.Read(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	functions, err := tpl.Functions()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range functions {
		all = append(all, f.Routes()...)
	}
	slices.Sort(all)
	return all
}

func TestAPI(t *testing.T) {
	if url := os.Getenv("DTR_URL"); url != "" {
		deployed(t, url)
		return
	}
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		p := start(t, "./infra/local", nil)
		target := p.target(t)
		target.Queue = suite.Local{Caller: suite.NewCaller(t, target.URL), Navn: "proeve"}
		suite.Run(t, target)
	})
	t.Run("run-lambda", func(t *testing.T) {
		t.Parallel()
		needPeers(t)
		p := start(t, "./infra/lambda", []string{"DTR_BUILD=" + functions(t)})
		target := p.target(t)
		target.Queue = queue(t, "dagtilbud-test-hold-ind.fifo", p.environment)
		suite.Run(t, target)
	})
}

// needPeers ends a test that has no DynamoDB or no SQS to run on: quietly at a desk, loudly where all tests must run.
func needPeers(t *testing.T) {
	t.Helper()
	_, databaseErr := peers.DynamoDB()
	_, queuesErr := peers.SQS()
	if err := errors.Join(databaseErr, queuesErr); err != nil && os.Getenv("CI") != "true" {
		t.Skipf("NOT RUN: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// functions builds the functions for this machine, as `make run-lambda` does.
func functions(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := binaries.Functions(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// environment is how a subscriber reaches the program's SQS, which it says where it is.
func (p *program) environment(name string) string {
	_, after, _ := strings.Cut(p.welcome, "in queues at ")
	return map[string]string{
		"AWS_ENDPOINT_URL_SQS": address.FindString(after), "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
	}[name]
}

// settles is how long DynamoDB takes until a read shows what was written: usually a second or less, as AWS says.
const settles = 2 * time.Second

// deployed tells the suite to what is there.
func deployed(t *testing.T, url string) {
	navn, secret, ok := strings.Cut(os.Getenv("DTR_USER"), ":")
	if !ok {
		t.Fatal("DTR_USER is to name the operator that logs in, as NAVN:SECRET")
	}
	target := suite.Target{URL: url, Operator: navn, Secret: secret, Routes: routes(t)}
	if strings.HasPrefix(url, "https:") {
		target.Settles = settles
	}
	if name := os.Getenv("DTR_QUEUE"); name != "" {
		target.Queue = queue(t, name, os.Getenv)
	}
	suite.Run(t, target)
}

// queue gives the subscriber's queue in the SQS of an environment.
func queue(t *testing.T, name string, getenv func(string) string) suite.Queue {
	t.Helper()
	config, err := lambdahost.ReadConfig(func(name string) string {
		return cmp.Or(getenv(name), map[string]string{"DTR_TABLE": "none"}[name])
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := suite.SQS(t.Context(), config.SQS(), name)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// program is a running register.
type program struct {
	url     string
	data    string
	welcome string // what it has said up to the line that ends its welcome
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// lastWords is how long a program may take to end.
const lastWords = time.Minute

// start starts a program with data of its own, and ends it with the test, as Ctrl-C does.
func start(t *testing.T, pkg string, env []string) *program {
	t.Helper()
	p := &program{data: t.TempDir()}
	binary := filepath.Join(t.TempDir(), "program")
	if err := binaries.Program(t.Context(), pkg, binary); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary)
	command.Dir, command.Stderr = root, t.Output()
	command.Env = append(os.Environ(), append(env, "DTR_PORT=0", "DTR_DATA="+p.data)...)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGTERM)
		overdue := time.AfterFunc(lastWords, func() { command.Process.Kill() })
		if err := command.Wait(); err != nil || !overdue.Stop() {
			t.Errorf("%s ends with %v", pkg, err)
		}
	})
	lines := bufio.NewScanner(stdout)
	for !strings.Contains(p.welcome, "openapi.json") && lines.Scan() {
		p.welcome += lines.Text() + "\n"
	}
	if p.url = address.FindString(p.welcome); p.url == "" {
		t.Fatalf("%s said %q", pkg, p.welcome)
	}
	return p
}

// target gives the program as what the suite is told to, by its own operator.
func (p *program) target(t *testing.T) suite.Target {
	t.Helper()
	var secrets map[string]string
	text, err := os.ReadFile(filepath.Join(p.data, "demo-brugere.json"))
	if err == nil {
		err = json.Unmarshal(text, &secrets)
	}
	if err != nil {
		t.Fatal(err)
	}
	return suite.Target{URL: p.url, Operator: "drift", Secret: secrets["drift"], Routes: routes(t)}
}
