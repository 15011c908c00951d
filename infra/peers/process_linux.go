package peers

import (
	"os/exec"
	"syscall"
)

// dieWithParent has a server end when we do, but not by a Ctrl-C that is ours, for we may still need it then.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
