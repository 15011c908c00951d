package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/infra/dtr/client"
)

// listUsers lists the system users.
func listUsers(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("list")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	users, err := register.Users(ctx)
	if err != nil {
		return e.refused(err)
	}
	lines := newTable(e.stdout, "NAVN", "ROLLE", "TILSTAND", "FORBINDELSER", "BEVILLINGER", "SENEST BRUGT", "BESKRIVELSE")
	for i := range users {
		u := &users[i]
		lines.row(u.Navn, u.Rolle, u.Tilstand, strings.Join(u.Forbindelser, ","), strconv.Itoa(inForce(u.Bevillinger)), at(lastUse(u)), u.Beskrivelse)
	}
	return lines.end()
}

func inForce(grants []client.Grant) (n int) {
	for i := range grants {
		if grants[i].Gaelder {
			n++
		}
	}
	return n
}

func lastUse(u *client.User) (last time.Time) {
	for _, s := range u.Hemmeligheder {
		if s.SenestBrugt.After(last) {
			last = s.SenestBrugt
		}
	}
	return last
}

// showSelf shows the system user that logs in.
func showSelf(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("mig")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	register, err := e.register(*english)
	if err != nil {
		return err
	}
	u, err := register.Self(ctx)
	if err != nil {
		return e.refused(err)
	}
	return e.showUser(&u)
}

// showUser shows a system user.
func showUser(ctx context.Context, e *env, args []string) error {
	flags, english := accessFlags("show")
	register, err := e.about(flags, english, args, 1)
	if err != nil {
		return err
	}
	u, err := register.User(ctx, flags.Arg(0))
	if err != nil {
		return e.refused(err)
	}
	return e.showUser(&u)
}

func (e *env) showUser(u *client.User) error {
	lines := newTable(e.stdout, "NAVN", u.Navn)
	lines.row("ROLLE", u.Rolle)
	lines.row("TILSTAND", u.Tilstand)
	lines.row("BESKRIVELSE", u.Beskrivelse)
	lines.row("CVR-NUMMER", u.CVRNummer)
	lines.row("FORBINDELSER", strings.Join(u.Forbindelser, ","))
	lines.row("SKRIVNINGER", pace(u.Skrivninger))
	lines.row("LAESNINGER", pace(u.Laesninger))
	lines.row("OPRETTET", at(u.Oprettet))
	lines.row("VERSION", strconv.FormatInt(u.Version, 10))
	lines.part("HEMMELIGHED", "OPRETTET", "SENEST BRUGT", "UDLOEBER")
	for _, s := range u.Hemmeligheder {
		lines.row(s.ID, at(s.Oprettet), at(s.SenestBrugt), at(s.Udloeber))
	}
	lines.part("BEVILLING", "FOR", "NIVEAUER", "EJERFORMER", "FRA", "TIL", "GAELDER", "GIVET", "GIVET AF", "TILBAGEKALDT", "TILBAGEKALDT AF")
	for i := range u.Bevillinger {
		g := &u.Bevillinger[i]
		lines.row(g.ID, subject(g), strings.Join(g.Niveauer, ","), codeList(g.Ejerformer), g.Fra, g.Til, yesNo(g.Gaelder),
			at(g.Givet), g.GivetAf, at(g.Tilbagekaldt), g.TilbagekaldtAf)
	}
	return lines.end()
}

// subject is what a grant is for.
func subject(g *client.Grant) string {
	if g.Nummer != "" {
		return string(g.Nummer)
	}
	return "kommune " + strconv.Itoa(g.AdmKommuneKode)
}

func until(day string) string {
	if day == "" {
		return ""
	}
	return " to " + day
}

func pace(n int) string {
	if n == 0 {
		return "any number"
	}
	return fmt.Sprintf("%d a second", n)
}

func yesNo(b bool) string {
	if b {
		return "ja"
	}
	return "nej"
}

// at writes a moment as the register's own flags take it; nothing for the zero time.
func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// number writes a number that is there; nothing for 0.
func number(n int) string { return strings.TrimPrefix(strconv.Itoa(n), "0") }

func codeList(all []int) string {
	text := make([]string, len(all))
	for i, n := range all {
		text[i] = strconv.Itoa(n)
	}
	return strings.Join(text, ",")
}
