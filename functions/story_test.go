package functions_test

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/api/suite"
	"dagtilbudsregisteret.dk/infra/eventsource"
	"dagtilbudsregisteret.dk/shared/granting"
)

// caller gives somebody who calls a deployment and does not log in.
func (d *deployment) caller(t *testing.T) suite.Caller { return suite.NewCaller(t, d.url) }

// operator makes the first operator, as whoever holds the table does.
func (d *deployment) operator(t *testing.T) (operator suite.Caller, secret string) {
	t.Helper()
	granting := granting.Service{Store: d.store, Now: time.Now}
	u, secret, findings, err := granting.Bootstrap(t.Context(), "drift")
	if err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	return d.caller(t).As(u.Navn, secret), secret
}

// follow has the relay be handed the table's stream, until the test ends.
func (d *deployment) follow(t *testing.T) {
	t.Helper()
	client, arn := d.stream(t)
	s := &eventsource.Stream{Source: mapping(t), Client: client, ARN: arn, Function: d.functions["relay"], Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		GiveUp: func(_ context.Context, message []byte) error { return fmt.Errorf("given up: %s", message) }}
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
}

// tell tells the functions the story that every deployment is told.
func (d *deployment) tell(t *testing.T, secret string) {
	d.follow(t)
	queue, err := suite.SQS(t.Context(), d.sqs.Client(), d.queue(t, "os2").Name)
	if err != nil {
		t.Fatal(err)
	}
	target := suite.Target{URL: d.url, Operator: "drift", Secret: secret, Queue: queue}
	for _, f := range functionsOf(t, d.template) {
		target.Routes = append(target.Routes, f.Routes()...)
	}
	slices.Sort(target.Routes)
	suite.Run(t, target)
}

// beyond tells the rest, of which a deployment that lives on is not told: it loads what has numbers of the series, moves that past them,
// and runs the schedules.
func (d *deployment) beyond(t *testing.T, operator suite.Caller) {
	const line = `{"op":"indlaes","type":"daginstitution","nummer":"G20000","data":{"daginstitutionsNavn":"Engen","ejerformKode":1,"lovgrundlagKode":1,` +
		`"admKommuneKode":265}}`
	loaded := operator.Do(200, "POST", "/v2/import", line)
	moved := operator.Do(200, "POST", "/v2/numre", `{"efter":"G30000"}`)
	if !strings.Contains(string(loaded.Body), `"status":201,"nummer":"G20000"`) || !strings.Contains(string(moved.Body), `"flyttet":true`) {
		t.Errorf("loaded %s, moved %s", loaded.Body, moved.Body)
	}
	d.invoke(t, "relay", readSample(t, "relay-schedule.json"), "null")
	d.recheck(t)
	d.sampleIsInTheTrail(t, operator)
}

// recheck has the schedule go through what is stored, and finds its outcome kept.
func (d *deployment) recheck(t *testing.T) {
	type quality struct {
		Enheder         int
		SenesteKoersler []struct {
			Tidspunkt string
			Enheder   int
			Regler    map[string]int
		}
	}
	read := func() quality {
		return suite.Read[quality](t, d.caller(t).Do(200, "GET", "/v2/kvalitet?admKommuneKode=265", ""))
	}
	before := read()
	d.invoke(t, "validation", readSample(t, "validation-schedule.json"), "null")
	after := read()
	if len(after.SenesteKoersler) != 1 {
		t.Fatalf("runs %+v", after.SenesteKoersler)
	}
	if run := after.SenesteKoersler[0]; run.Enheder != after.Enheder || run.Enheder != 2 {
		t.Errorf("the run found %+v, and now it is %+v", run, after)
	}
	if len(before.SenesteKoersler) == 1 && before.SenesteKoersler[0].Tidspunkt == after.SenesteKoersler[0].Tidspunkt {
		t.Error("the schedule kept nothing new")
	}
}

// sampleIsInTheTrail finds who sent the sample, and from where.
func (d *deployment) sampleIsInTheTrail(t *testing.T, operator suite.Caller) {
	type act struct{ Bruger, Handling, Udfald, Adresse string }
	found := suite.Read[struct{ Spor []act }](t, operator.Do(200, "GET", "/v2/adgang/spor?bruger=pladsanvisning", "")).Spor
	if want := []act{{"pladsanvisning", "opret", "udfoert", "192.0.2.17"}}; !reflect.DeepEqual(found, want) {
		t.Errorf("the sample is %+v, want %+v", found, want)
	}
}
