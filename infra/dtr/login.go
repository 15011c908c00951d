package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/infra/engine"
	"dagtilbudsregisteret.dk/shared/access"
)

// login is the system user that calls are made as; the zero value for nobody.
type login struct {
	navn, secret string
	from         string // where it was found
}

// login finds who logs in. DTR_USER always counts. The demo operator of `make run` is for the register of this machine alone, so that
// its secret goes nowhere else.
func (e *env) login() (login, error) {
	if user := e.getenv("DTR_USER"); user != "" {
		return parseLogin(user)
	}
	if e.getenv("DTR_URL") != "" {
		return login{}, nil
	}
	path := engine.DemoUsers(e.getenv)
	text, err := os.ReadFile(path)
	if err != nil {
		return login{}, nil // reading the register takes no login
	}
	var secrets map[string]string
	if json.Unmarshal(text, &secrets) != nil { // its error may repeat what stands in the file
		return login{}, fmt.Errorf("%s is not a JSON object of secrets by name", path)
	}
	operator := access.Drift.String()
	if secrets[operator] == "" {
		return login{}, nil
	}
	return login{operator, secrets[operator], path}, nil
}

// parseLogin reads a login. What is wrong with it is not repeated, for it may be the secret.
func parseLogin(s string) (login, error) {
	navn, secret, _ := strings.Cut(s, ":")
	visible := func(c rune) bool { return c > ' ' && c <= '~' }
	if !access.ValidNavn(navn) || secret == "" || strings.TrimFunc(secret, visible) != "" {
		return login{}, usageError("DTR_USER is not a system user's name, a colon and its secret")
	}
	return login{navn, secret, "DTR_USER"}, nil
}

// whoLogsIn tells a caller whose login was refused or missing what it is, and how to say otherwise.
func (e *env) whoLogsIn() string {
	const hint = "DTR_USER=NAVN:SECRET says which system user logs in"
	if user, err := e.login(); err == nil && user.navn != "" {
		return fmt.Sprintf("It tried to log in as %s, by %s. %s.", user.navn, user.from, hint)
	}
	return "It did not log in. " + hint + "."
}
