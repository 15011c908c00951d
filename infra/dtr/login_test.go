package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMalformedLogin refuses what is no login, before any call, and does not repeat it.
func TestMalformedLogin(t *testing.T) {
	for _, user := range []string{"hemmeligt", ":hemmeligt", "drift:", "Drift:hemmeligt", "drift:hemmeligt\n", "drift:hemme ligt", "drift:hemmeligt\u00f8"} {
		s := &session{t: t, url: "http://127.0.0.1:0", env: map[string]string{"DTR_USER": user}, secrets: []string{"hemme"}}
		contains(t, s.must(exitFailed, "get", "G10432").stderr, "dtr: DTR_USER is not a system user's name, a colon and its secret\nusage: dtr get ")
	}
}

// TestLoginInAddress takes no login that stands in the address, and does not repeat it.
func TestLoginInAddress(t *testing.T) {
	for _, url := range []string{"http://drift:hemmeligt@127.0.0.1:0", "drift:hemmeligt@localhost", "http://drift:hemme%ligt@localhost"} {
		s := &session{t: t, url: url, secrets: []string{"hemme"}}
		contains(t, s.must(exitFailed, "get", "G10432").stderr, "dtr: DTR_URL: the address of a register has no user in it\n")
	}
}

// demoFolder makes a folder of data with a file of demo users.
func demoFolder(t *testing.T, users string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "demo-brugere.json"), []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestDemoLogin logs in as the demo operator where nothing is said, and only there.
func TestDemoLogin(t *testing.T) {
	url := newRegister(t)
	folder := demoFolder(t, `{"laeser":"en anden","drift":"`+operatorSecret+`"}`)
	const tried = "tried to log in as drift, by "
	for _, c := range []struct {
		env    map[string]string
		code   int
		stderr string
	}{
		{map[string]string{"DTR_DATA": folder}, exitDone, ""},
		{map[string]string{"DTR_DATA": folder, "DTR_URL": url}, exitFailed, "It did not log in."},
		{map[string]string{"DTR_DATA": folder, "DTR_USER": "drift:forkert"}, exitFailed, tried + "DTR_USER."},
		{map[string]string{"DTR_DATA": folder, "DTR_URL": url, "DTR_USER": operator}, exitDone, ""},
		{map[string]string{"DTR_DATA": t.TempDir()}, exitFailed, "It did not log in."},
		{map[string]string{"DTR_DATA": demoFolder(t, `{"laeser":"en anden"}`)}, exitFailed, "It did not log in."},
		{map[string]string{"DTR_DATA": demoFolder(t, `{"drift":"forkert"}`)}, exitFailed, tried + os.TempDir()},
		{map[string]string{"DTR_DATA": demoFolder(t, `{"drift":["`+operatorSecret+`"]}`)}, exitFailed, "is not a JSON object of secrets by name\n"},
		{map[string]string{"DTR_DATA": demoFolder(t, operatorSecret)}, exitFailed, "is not a JSON object of secrets by name\n"},
	} {
		s := &session{t: t, url: url, env: c.env, secrets: []string{operatorSecret, "en anden", "forkert"}}
		for _, name := range []string{"DTR_URL", "DTR_USER"} {
			if _, set := c.env[name]; !set {
				c.env[name] = ""
			}
		}
		contains(t, s.must(c.code, "adgang", "mig").stderr, c.stderr)
	}
}
