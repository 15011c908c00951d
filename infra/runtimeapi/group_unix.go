//go:build unix

package runtimeapi

import (
	"os/exec"
	"syscall"
)

// inOwnGroup keeps a Ctrl-C that is ours from a function, which may be in the middle of a call. It ends when its Runtime API does.
func inOwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
