//go:build !linux

package dynamotest

import "os/exec"

// dieWithParent is Linux' alone: elsewhere a server that outlives a killed test must be ended by hand.
func dieWithParent(*exec.Cmd) {}
