package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/shared/register"
)

// User is a system user as the register shows it.
type User struct {
	Navn          string    `json:"navn"`
	Beskrivelse   string    `json:"beskrivelse"`
	Rolle         string    `json:"rolle"`
	Forbindelser  []string  `json:"forbindelser"`
	CVRNummer     string    `json:"cvrNummer"`
	Skrivninger   int       `json:"skrivninger"`
	Laesninger    int       `json:"laesninger"`
	Tilstand      string    `json:"tilstand"`
	Oprettet      time.Time `json:"oprettet"`
	Version       int64     `json:"version"`
	Hemmeligheder []Secret  `json:"hemmeligheder"`
	Bevillinger   []Grant   `json:"bevillinger"`
}

// Secret is what is shown of a secret once it was shown itself.
type Secret struct {
	ID          string    `json:"id"`
	Oprettet    time.Time `json:"oprettet"`
	SenestBrugt time.Time `json:"senestBrugt"`
	Udloeber    time.Time `json:"udloeber"`
}

// Grant is a right to write as the register shows it.
type Grant struct {
	ID             string          `json:"id"`
	AdmKommuneKode int             `json:"admKommuneKode"`
	Nummer         register.Number `json:"nummer"`
	Niveauer       []string        `json:"niveauer"`
	Ejerformer     []int           `json:"ejerformer"`
	Fra            string          `json:"fra"`
	Til            string          `json:"til"`
	Gaelder        bool            `json:"gaelder"`
	Givet          time.Time       `json:"givet"`
	GivetAf        string          `json:"givetAf"`
	Tilbagekaldt   time.Time       `json:"tilbagekaldt"`
	TilbagekaldtAf string          `json:"tilbagekaldtAf"`
}

// NewUser is a system user to be made. What is left out is as the register has it for the role.
type NewUser struct {
	Navn         string   `json:"navn"`
	Rolle        string   `json:"rolle"`
	Beskrivelse  string   `json:"beskrivelse,omitzero"`
	CVRNummer    string   `json:"cvrNummer,omitzero"`
	Forbindelser []string `json:"forbindelser,omitzero"`
	Skrivninger  *int     `json:"skrivninger,omitzero"`
	Laesninger   *int     `json:"laesninger,omitzero"`
}

// NewGrant is a right to be given: for a municipality or a unit.
type NewGrant struct {
	AdmKommuneKode int      `json:"admKommuneKode,omitzero"`
	Nummer         string   `json:"nummer,omitzero"`
	Niveauer       []string `json:"niveauer,omitzero"`
	Ejerformer     []int    `json:"ejerformer,omitzero"`
	Fra            string   `json:"fra,omitzero"`
	Til            string   `json:"til,omitzero"`
}

// Issued is a new secret, which the register shows here and never again, and the user it belongs to.
type Issued struct {
	Hemmelighed string `json:"hemmelighed"`
	ID          string `json:"hemmelighedId"`
	Bruger      User   `json:"bruger"`
}

func (c *Client) users(elements ...string) *url.URL {
	return c.path(append([]string{"adgang", "brugere"}, elements...)...)
}

// Self gives the system user that is logged in.
func (c *Client) Self(ctx context.Context) (User, error) {
	return c.readUser(ctx, c.path("adgang", "mig"))
}

// User gives a system user.
func (c *Client) User(ctx context.Context, navn string) (User, error) {
	return c.readUser(ctx, c.users(navn))
}

func (c *Client) readUser(ctx context.Context, at *url.URL) (u User, err error) {
	if err := c.read(ctx, at, &u); err != nil {
		return User{}, err
	}
	return u, u.check()
}

// Users gives every system user, by name.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	var all struct {
		Brugere []User `json:"brugere"`
	}
	err := c.read(ctx, c.users(), &all)
	for i := range all.Brugere {
		if err == nil {
			err = all.Brugere[i].check()
		}
	}
	return all.Brugere, err
}

// CreateUser makes a system user with a first secret.
func (c *Client) CreateUser(ctx context.Context, wish *NewUser) (Issued, error) {
	return c.issue(ctx, c.users(), wish)
}

// Rotate gives a user a further secret, which ends at a moment unless that is zero.
func (c *Client) Rotate(ctx context.Context, navn string, expires time.Time) (Issued, error) {
	return c.issue(ctx, c.users(navn, "hemmeligheder"), struct {
		Udloeber time.Time `json:"udloeber,omitzero"`
	}{expires})
}

// issue makes a call that is answered by a new secret. Of an answer that cannot be read nothing is told, for the secret is in it.
func (c *Client) issue(ctx context.Context, at *url.URL, wish any) (Issued, error) {
	answer, err := c.act(ctx, request{method: http.MethodPost, url: at}, wish)
	if err != nil {
		return Issued{}, err
	}
	var made Issued
	if readWhole(answer, &made) != nil || made.Hemmelighed == "" || made.ID == "" || made.Bruger.check() != nil {
		return Issued{}, unexpected(errors.New("the new secret cannot be read; revoke it, and take another"))
	}
	return made, nil
}

// Grant gives a user a right to write.
func (c *Client) Grant(ctx context.Context, navn string, wish *NewGrant) (g Grant, err error) {
	answer, err := c.act(ctx, request{method: http.MethodPost, url: c.users(navn, "bevillinger")}, wish)
	if err != nil {
		return Grant{}, err
	}
	if err := readWhole(answer, &g); err != nil {
		return Grant{}, err
	}
	return g, g.check()
}

// Revoke ends a grant.
func (c *Client) Revoke(ctx context.Context, navn, id string) (User, error) {
	return c.actOn(ctx, http.MethodDelete, c.users(navn, "bevillinger", id))
}

// RevokeSecret ends one of a user's secrets.
func (c *Client) RevokeSecret(ctx context.Context, navn, id string) (User, error) {
	return c.actOn(ctx, http.MethodDelete, c.users(navn, "hemmeligheder", id))
}

// Disable shuts a user out.
func (c *Client) Disable(ctx context.Context, navn string) (User, error) {
	return c.actOn(ctx, http.MethodPost, c.users(navn, "luk"))
}

// Enable lets a user in again.
func (c *Client) Enable(ctx context.Context, navn string) (User, error) {
	return c.actOn(ctx, http.MethodPost, c.users(navn, "genaabn"))
}

// actOn makes a call that is answered by the user as it left it.
func (c *Client) actOn(ctx context.Context, method string, at *url.URL) (User, error) {
	answer, err := c.act(ctx, request{method: method, url: at}, nil)
	if err != nil {
		return User{}, err
	}
	return userIn(answer)
}

// act makes a call that may take effect once only.
func (c *Client) act(ctx context.Context, r request, wish any) (answer []byte, err error) {
	if wish != nil {
		if r.body, err = json.Marshal(wish); err != nil {
			return nil, err
		}
	}
	err = c.retryWhere(ctx, turnedAway, func() error {
		answer, err = c.call(ctx, r)
		return err
	})
	return answer, err
}

// readWhole reads a document about rights or subscriptions. One that says more than is known here is an error too: what is shown of a
// right or a filter must not be wider than it is.
func readWhole(answer []byte, into any) error {
	return readAnswer(answer, into, json.RejectUnknownMembers(true))
}

func userIn(answer []byte) (u User, err error) {
	if err := readWhole(answer, &u); err != nil {
		return User{}, err
	}
	return u, u.check()
}

// check tells whether what no user is without is there.
func (u *User) check() error {
	if u.Navn == "" || u.Rolle == "" || u.Tilstand == "" || u.Version < 1 {
		return unexpected(errors.New("a system user without its name, role, state or version"))
	}
	for i := range u.Bevillinger {
		if err := u.Bevillinger[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (g *Grant) check() error {
	if g.ID == "" || g.Fra == "" || (g.AdmKommuneKode == 0) == (g.Nummer == "") {
		return unexpected(errors.New("a grant without its id, its first day, or what it is for"))
	}
	return nil
}
