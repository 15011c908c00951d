// Package soaptest has real SOAP clients call the register, as vendors' systems do: npm's soap, Python's zeep, Java's JAX-WS and PHP's
// SoapClient. Each makes itself a client from the WSDL that the register serves, and lives through one and the same story:
//
//   - It says hello, fetches a schema, and has a document checked against it that is not sound.
//   - It creates two daginstitutioner, an anvisningsenhed below each, and an alternativ adresse, with texts that XML and JSON have to
//     escape and that are not ASCII; and reads them.
//   - It changes one unit of each level, going by the version that it reads first, and moves an anvisningsenhed and the alternativ adresse.
//   - It is refused: an anvisningsenhed with two faults, the closing of a daginstitution with units below it, without a version, and a
//     triple of ejerform, lovgrundlag and type that v2 knows to be unlawful and v1 lets pass.
//   - With v2 it changes a whole daginstitution with all that is below it, to what no single call could.
//   - It is answered by a fault: for a municipality that it may not write for, and for a wrong secret.
//   - It closes all that it made, from the bottom up.
//
// What it saw comes as a JSON array of [step, what], in which whoever lived the story with the same register saw the same.
//
// The clients are in the folders node, python, php and java. What they stand on is below .tools at the repository's root, where `make
// peers` puts it; DTR_NODE names another Node. Where it is missing the test is skipped. With CI=true it fails instead, if the machine has
// the tool that `make peers` installs it with.
package soaptest

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience is how long a client may take. The slowest, which compiles itself, takes some seconds.
const patience = 3 * time.Minute

// Client is a system of a vendor.
type Client struct {
	Name    string
	command func(t testing.TB) []string // what runs it, before its arguments
}

// Clients are the systems of all vendors.
var Clients = []Client{
	{"npm soap", node("client.cjs")},
	{"zeep", python("client.py")},
	{"JAX-WS", java},
	{"PHP SoapClient", php("client.php")},
}

// Step is a step of the story, and what the client saw in it.
type Step struct {
	Name string
	Saw  any // as encoding/json decodes it
}

// UnmarshalJSON reads [step, what].
func (s *Step) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[2]any{&s.Name, &s.Saw})
}

// Live has the client live through the story with the register at an address, such as http://127.0.0.1:8080, logged in as
// "NAVN:SECRET", in a service version, such as v2. The test fails where the client does.
func (c Client) Live(t testing.TB, address, login, version string) (story []Step) {
	t.Helper()
	decode(t, run(t, append(c.command(t), address, login, version)), &story)
	return story
}

// Whole reads the whole register with zeep's GetAllDagtilbud: the daginstitutioner with all that is below them, as zeep understands them.
// What is missing in a row is nil in it.
func Whole(t testing.TB, address, login, version string) (daginstitutioner []map[string]any) {
	t.Helper()
	decode(t, run(t, append(python("whole.py")(t), address, login, version)), &daginstitutioner)
	return daginstitutioner
}

func decode(t testing.TB, text []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("soaptest: %v\n%s", err, text)
	}
}

// run runs a program and gives what it prints.
func run(t testing.TB, command []string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(tools(t), "node_modules"))
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("soaptest: %q: %v\n%s%s", command, err, complaints.String(), printed)
	}
	return printed
}
