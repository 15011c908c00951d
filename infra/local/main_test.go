package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"dagtilbudsregisteret.dk/infra/demo"
)

// TestMain lets the test binary be the program: a test starts it as a process of its own, to be killed.
func TestMain(m *testing.M) {
	if os.Getenv("DTR_TEST_AS_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is the running register.
type program struct {
	url     string
	secrets map[string]string // of the demo users
	process *exec.Cmd
	output  *bufio.Reader
}

const demoFile = "demo-brugere.json"

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func start(t *testing.T, data string, env ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{process: exec.CommandContext(t.Context(), self)}
	p.process.Env = append(os.Environ(), append([]string{"DTR_TEST_AS_PROGRAM=1", "DTR_PORT=0", "DTR_DATA=" + data}, env...)...)
	p.process.Stderr = t.Output()
	stdout, err := p.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill() })
	p.output = bufio.NewReader(stdout)
	first, err := p.output.ReadString('\n')
	if p.url = address.FindString(first); p.url == "" {
		t.Fatalf("the program said %q (%v)", first, err)
	}
	text, err := os.ReadFile(filepath.Join(data, demoFile))
	if err == nil {
		err = json.Unmarshal(text, &p.secrets)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// kill ends the process without a warning.
func (p *program) kill() {
	p.process.Process.Kill()
	p.process.Wait()
}

// call makes a call as a demo user.
func (p *program) call(t *testing.T, navn, method, path string, body io.Reader) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(navn, p.secrets[navn])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, text
}

var block = regexp.MustCompile("(?ms)^```(sh test|text)\n(.*?)^```$")

// TestReadme runs the README's commands in order, and looks in what they print for the lines that the README shows after them.
func TestReadme(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is missing")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	p := start(t, data)
	here := strings.NewReplacer("http://localhost:8080", p.url, "data/"+demoFile, filepath.Join(data, demoFile))
	var printed string
	ran := 0
	for _, match := range block.FindAllStringSubmatch(string(readme), -1) {
		if match[1] == "sh test" {
			printed = shell(t, here.Replace(match[2]))
			ran++
			continue
		}
		for line := range strings.Lines(match[2]) {
			if !strings.Contains(printed, strings.TrimSpace(line)) {
				t.Errorf("the README shows\n\t%sbut what was printed is\n%s", line, printed)
			}
		}
	}
	if ran == 0 {
		t.Error("the README has nothing to run")
	}
}

// TestWelcome runs the lines that the program itself says to try.
func TestWelcome(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is missing")
	}
	p := start(t, t.TempDir())
	var text strings.Builder
	site := demo.Site{URL: p.url, Data: "a file", File: "another", Secrets: p.secrets}
	site.Told = site.OwnQueues()
	site.Welcome(&text)
	_, commands, found := strings.Cut(text.String(), "another terminal:\n")
	if !found {
		t.Fatal(text.String())
	}
	printed := shell(t, commands)
	for _, want := range []string{
		`"nummer":"G10001"`, `"enhedsNavn":"Egernet"`, "G10001;Aktiv;G10000;Egernet", "<enhedsNavn>Egernet</enhedsNavn>", `"bruger":"leverandoer"`, `"navn":"hold-ind"`,
		`"beskeder":[{"id":"G10000:1"`, `"openapi": "3.1`,
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %s in\n%.3000s", want, printed)
		}
	}
}

func shell(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "bash", "-euc", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}

// TestKilled kills the program in the middle of imports, several times, and looks for what it had acknowledged.
func TestKilled(t *testing.T) {
	const rounds, enough = 4, 300
	data := t.TempDir()
	kept := &acknowledged{names: make(map[string]string)}
	for round := range rounds {
		p := start(t, data)
		kept.reached = make(chan struct{})
		kept.enough = len(kept.names) + enough
		var importers sync.WaitGroup
		for connection := range 2 {
			importers.Go(func() { p.importUntilCut(fmt.Sprintf("%d-%d", round, connection), kept) })
		}
		<-kept.reached
		p.kill()
		importers.Wait()
	}
	p := start(t, data)
	for number, navn := range kept.names {
		status, body := p.call(t, "laeser", "GET", "/v2/daginstitutioner/"+number, nil)
		var row struct{ DaginstitutionsNavn string }
		if err := json.Unmarshal(body, &row); err != nil || status != http.StatusOK || row.DaginstitutionsNavn != navn {
			t.Errorf("%s was acknowledged as %q; now it is %d %s", number, navn, status, body)
		}
	}
	if len(kept.names) < rounds*enough {
		t.Errorf("only %d rows were acknowledged", len(kept.names))
	}
	status, body := p.call(t, "drift", "POST", "/v2/daginstitutioner", strings.NewReader(line("Efter genstart")))
	if status != http.StatusCreated {
		t.Errorf("a create after the restart: %d %s", status, body)
	}
}

func line(navn string) string {
	return fmt.Sprintf(`{"daginstitutionsNavn":%q,"ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}`, navn)
}

// acknowledged is what the program has said is in the register: names by number.
type acknowledged struct {
	sync.Mutex
	names   map[string]string
	enough  int
	reached chan struct{} // closed when there are enough
}

func (a *acknowledged) add(number, navn string) {
	a.Lock()
	defer a.Unlock()
	a.names[number] = navn
	if len(a.names) == a.enough {
		close(a.reached)
	}
}

// importUntilCut sends imports until the connection breaks.
func (p *program) importUntilCut(prefix string, kept *acknowledged) {
	for batch := 0; ; batch++ {
		var body bytes.Buffer
		for i := range 100 {
			navn := fmt.Sprintf("Navn %s-%d-%d", prefix, batch, i)
			fmt.Fprintf(&body, `{"op":"opret","type":"daginstitution","ref":%q,"data":%s}`+"\n", navn, line(navn))
		}
		request, err := http.NewRequest("POST", p.url+"/v2/import", &body)
		if err != nil {
			return
		}
		request.SetBasicAuth("leverandoer", p.secrets["leverandoer"])
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		results := json.NewDecoder(response.Body)
		for {
			var result struct {
				Ref, Nummer string
				Status      int
			}
			if results.Decode(&result) != nil {
				break
			}
			if result.Status == http.StatusCreated {
				kept.add(result.Nummer, result.Ref)
			}
		}
		response.Body.Close()
	}
}

// TestVersionsHaveTheDaysOfTheEnvironment runs the program on days when v1 has closed.
func TestVersionsHaveTheDaysOfTheEnvironment(t *testing.T) {
	p := start(t, t.TempDir(), "DTR_V1_AABNET=2001-01-01", "DTR_V1_FORAELDET=2002-01-01", "DTR_V1_LUKKER=2002-07-01", "DTR_V2_AABNET=2002-01-01")
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/versioner":    {200, `{"version":"v1","tilstand":"lukket","aabnet":"2001-01-01","foraeldet":"2002-01-01","lukker":"2002-07-01","afloeser":"v2"`},
		"/v1/dagtilbud": {410, "Version v1 lukkede den 2002-07-01. Kald /v2/dagtilbud i stedet"},
		"/v2/dagtilbud": {200, `"dagtilbud":[]`},
	} {
		if status, body := p.call(t, "drift", "GET", path, nil); status != want.status || !strings.Contains(string(body), want.says) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	_, body := p.call(t, "drift", "GET", "/v2/adgang/versioner", nil)
	if !strings.Contains(string(body), `"navn":"drift","kald":1,`) {
		t.Errorf("who called v1 is %s", body)
	}
}

func TestBadConfiguration(t *testing.T) {
	values := map[string]string{"DTR_LOG": "loud", "DTR_ENGINE": "paper", "DTR_V1_LUKKER": "aldrig"}
	_, err := readConfig(func(name string) string { return values[name] })
	for name := range values {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}
