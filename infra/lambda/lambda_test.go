package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/binaries"
	"dagtilbudsregisteret.dk/infra/peers"
)

// built is the folder of the functions, built once for all tests.
var built string

// TestMain lets the test binary be the program: a test starts it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("DTR_TEST_AS_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(withFunctions(m))
}

func withFunctions(m *testing.M) int {
	folder, err := os.MkdirTemp("", "lambda")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	built = folder
	return m.Run()
}

var buildOnce = sync.OnceValue(func() error { return binaries.Functions(context.Background(), built) })

// program is the running register.
type program struct {
	url, data string
	welcome   string
	secrets   map[string]string
	process   *exec.Cmd
	output    *bytes.Buffer // what it printed to stderr; read it after it has ended
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start starts the program, on data that may be there already.
func start(t *testing.T, data string, env ...string) *program {
	t.Helper()
	_, databaseErr := peers.DynamoDB()
	_, queuesErr := peers.SQS()
	for _, err := range []error{databaseErr, queuesErr} {
		if err != nil && os.Getenv("CI") != "true" {
			t.Skipf("NOT RUN: %v", err)
		}
	}
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	p := &program{data: data, output: new(bytes.Buffer), process: exec.Command(os.Args[0])}
	p.process.Env = append(os.Environ(), append([]string{"DTR_TEST_AS_PROGRAM=1", "DTR_PORT=0", "DTR_DATA=" + data, "DTR_BUILD=" + built}, env...)...)
	p.process.Stderr = p.output
	stdout, err := p.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.process.Process.Kill()
		p.process.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for !strings.Contains(p.welcome, "openapi.json") && lines.Scan() {
		p.welcome += lines.Text() + "\n"
	}
	p.url = address.FindString(p.welcome)
	text, err := os.ReadFile(filepath.Join(data, "demo-brugere.json"))
	if err == nil {
		err = json.Unmarshal(text, &p.secrets)
	}
	if err != nil {
		p.process.Wait()
		t.Fatalf("%v: %s %s", err, p.welcome, p.output)
	}
	return p
}

// stop ends the program as Ctrl-C does, and waits for it.
func (p *program) stop(t *testing.T) {
	t.Helper()
	p.process.Process.Signal(syscall.SIGINT)
	overdue := time.AfterFunc(time.Minute, func() { p.process.Process.Kill() })
	if err := p.process.Wait(); err != nil || !overdue.Stop() {
		t.Fatalf("it ends with %v: %s", err, p.output)
	}
}

// call makes a call as a demo user, and gives the answer's body.
func (p *program) call(t *testing.T, navn, method, path, body string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if navn != "" {
		r.SetBasicAuth(navn, p.secrets[navn])
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}

func daginstitution(navn string) string {
	return fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}`, navn)
}

// TestWelcome runs the lines that the program itself says to try.
func TestWelcome(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is missing")
	}
	p := start(t, t.TempDir())
	_, commands, found := strings.Cut(p.welcome, "another terminal:\n")
	if !found {
		t.Fatal(p.welcome)
	}
	printed, err := exec.CommandContext(t.Context(), "bash", "-euc", commands).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	for _, want := range []string{
		`"nummer":"G10001"`, `"enhedsNavn":"Egernet"`, "G10001;Aktiv;G10000;Egernet", `"bruger":"leverandoer"`, `"koe":"dagtilbud-test-hold-ind.fifo"`,
		`"ReceiptHandle":`, `\"id\":\"G1000`, `"openapi": "3.1`,
	} {
		if !strings.Contains(string(printed), want) {
			t.Errorf("no %s in\n%.6000s", want, printed)
		}
	}
	p.stop(t)
	for line := range bytes.Lines(p.output.Bytes()) {
		if !json.Valid(line) {
			t.Errorf("it printed %q", line)
		}
	}
	if !bytes.Contains(p.output.Bytes(), []byte(`"route":"POST /v2/import"`)) {
		t.Errorf("the functions' lines are missing: %s", p.output)
	}
}

var block = regexp.MustCompile("(?ms)^```(sh lambda|text lambda)\n(.*?)^```$")

// TestReadme runs the README's commands for this program, and looks in what they print for the lines that the README shows after them.
func TestReadme(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is missing")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, t.TempDir())
	here := strings.NewReplacer("http://localhost:8081", p.url, "data/lambda/", p.data+"/")
	var printed []byte
	ran := 0
	for _, match := range block.FindAllSubmatch(readme, -1) {
		if string(match[1]) == "sh lambda" {
			if printed, err = exec.CommandContext(t.Context(), "bash", "-euc", here.Replace(string(match[2]))).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, printed)
			}
			ran++
			continue
		}
		for line := range bytes.Lines(match[2]) {
			if !bytes.Contains(printed, bytes.TrimSpace(line)) {
				t.Errorf("the README shows\n\t%sbut what was printed is\n%s", line, printed)
			}
		}
	}
	if ran == 0 {
		t.Error("the README has nothing to run")
	}
	p.stop(t)
}

// TestStartedAgain leaves a unit in a register, and finds it there, with the same users, under other days of v1.
func TestStartedAgain(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	if status, body := p.call(t, "drift", "POST", "/v2/daginstitutioner", daginstitution("Skoven")); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	p.stop(t)
	again := start(t, data, "DTR_V1_AABNET=2001-01-01", "DTR_V1_FORAELDET=2002-01-01", "DTR_V1_LUKKER=2002-07-01", "DTR_V2_AABNET=2002-01-01")
	if again.secrets["drift"] != p.secrets["drift"] {
		t.Error("the users have new secrets")
	}
	for path, want := range map[string]int{"/v2/daginstitutioner/G10000": 200, "/v1/daginstitutioner/G10000": 410, "/intet": 404} {
		if status, body := again.call(t, "", "GET", path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	again.stop(t)
}

// TestManyAtOnce has callers wait in one function, while others are answered by it, and then all be told: none could be if they shared a
// process.
func TestManyAtOnce(t *testing.T) {
	const callers = 4
	p := start(t, t.TempDir())
	answers := make(chan string, callers)
	for range callers {
		go func() {
			_, body := p.call(t, "drift", "GET", "/v2/haendelser?efter=0", "", "Prefer", "wait=20")
			answers <- body
		}()
	}
	if status, body := p.call(t, "drift", "POST", "/v2/daginstitutioner", daginstitution("Skoven")); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	for range callers {
		if body := <-answers; !strings.Contains(body, `"subject":"G10000"`) {
			t.Errorf("it was answered %s", body)
		}
	}
	p.stop(t)
}

// TestCannotStart takes away what the program needs, and wants it to say so and end.
func TestCannotStart(t *testing.T) {
	if _, err := peers.SQS(); err != nil {
		t.Skipf("NOT RUN: %v", err)
	}
	for want, env := range map[string]string{
		"access: start the function": "DTR_BUILD=" + t.TempDir(),
		"is missing":                 "DTR_NODE=/none",
		"invalid port":               "DTR_PORT=1000000",
	} {
		if err := buildOnce(); err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), "DTR_TEST_AS_PROGRAM=1", "DTR_PORT=0", "DTR_DATA="+t.TempDir(), "DTR_BUILD="+built, env)
		out, err := command.CombinedOutput()
		if _, ended := err.(*exec.ExitError); !ended || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v: %s", env, err, out)
		}
	}
}

// TestQueuesAreThoseOfTheStack holds the sample queue's attributes to the nested template.
func TestQueuesAreThoseOfTheStack(t *testing.T) {
	text, err := os.ReadFile("../stacks/subscriber.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := attributes()
	all["maxReceiveCount"] = fmt.Sprint(mostReceived)
	for name, value := range all {
		if line := name + ": " + value + "\n"; !strings.Contains(string(text), line) {
			t.Errorf("the stack's queues do not have %s", line)
		}
	}
}

func TestWholeLines(t *testing.T) {
	var printed bytes.Buffer
	out := &output{w: &printed}
	one, other := out.lines(), out.lines()
	for _, s := range []struct {
		w    io.Writer
		text string
	}{{one, `{"a":`}, {other, "{}\n{"}, {one, "1}\n"}, {other, "}"}, {one, ""}, {other, "\n"}} {
		if n, err := io.WriteString(s.w, s.text); n != len(s.text) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if got := strings.Fields(printed.String()); !slices.Equal(got, []string{"{}", `{"a":1}`, "{}"}) {
		t.Errorf("printed %q", got)
	}
}
