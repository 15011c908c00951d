package client

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// Version is the life of a service version as the register shows it. A day that is not settled is empty.
type Version struct {
	Version    string   `json:"version"`
	Tilstand   string   `json:"tilstand"`
	Aabnet     string   `json:"aabnet"`
	Foraeldet  string   `json:"foraeldet"`
	Lukker     string   `json:"lukker"`
	Afloeser   string   `json:"afloeser"`
	REST       string   `json:"rest"`
	SOAP       []string `json:"soap"`
	Aendringer string   `json:"aendringer"`
}

// VersionUse is who called through a service version from one day to another, both with them.
type VersionUse struct {
	Version string  `json:"version"`
	Fra     string  `json:"fra"`
	Til     string  `json:"til"`
	Brugere []Calls `json:"brugere"`
}

// Calls is how a system user called.
type Calls struct {
	Navn    string        `json:"navn"`
	Kald    int64         `json:"kald"`
	Senest  time.Time     `json:"senest"`
	Metoder []MethodCalls `json:"metoder"` // the most called first
}

// MethodCalls is how often a method was called.
type MethodCalls struct {
	Metode string `json:"metode"`
	Kald   int64  `json:"kald"`
}

// Versions gives every service version, the oldest first.
func (c *Client) Versions(ctx context.Context) ([]Version, error) {
	var all struct {
		Versioner []Version `json:"versioner"`
	}
	err := c.read(ctx, c.base.JoinPath("versioner"), &all)
	if err == nil && len(all.Versioner) == 0 {
		err = unexpected(errors.New("there is no version"))
	}
	for i := range all.Versioner {
		if v := &all.Versioner[i]; err == nil && (v.Version == "" || v.Tilstand == "") {
			err = unexpected(errors.New("a version without its name or its state"))
		}
	}
	if err != nil {
		return nil, err
	}
	return all.Versioner, nil
}

// VersionUse gives who called through a service version. The filter is the register's own parameters; what it leaves out is as the
// register has it.
func (c *Client) VersionUse(ctx context.Context, filter url.Values) (use VersionUse, err error) {
	at := c.path("adgang", "versioner")
	at.RawQuery = filter.Encode()
	err = c.read(ctx, at, &use)
	if err == nil && (use.Version == "" || use.Fra == "" || use.Til == "") {
		err = unexpected(errors.New("the use of a version without the version or its days"))
	}
	for i := range use.Brugere {
		if u := &use.Brugere[i]; err == nil && (u.Navn == "" || u.Kald == 0 || u.Senest.IsZero()) {
			err = unexpected(errors.New("the calls of a user without the name, the number or the moment"))
		}
	}
	if err != nil {
		return VersionUse{}, err
	}
	return use, nil
}
