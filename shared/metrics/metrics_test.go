package metrics_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/shared/metrics"
)

// line is a line of the log as CloudWatch reads it.
type line struct {
	AWS *struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// TestLines reads the lines as the specification of the format describes them.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	at := time.Date(2026, 12, 1, 8, 0, 0, 5e6, time.UTC)
	m := &metrics.Meter{Stage: "prod", Function: "import", Log: slog.New(slog.NewJSONHandler(&out, nil)), Now: func() time.Time { return at }}
	for _, c := range []struct {
		name       string
		write      func()
		dimensions [][]string
		members    map[string]any
	}{
		{"a request", func() {
			m.Log.LogAttrs(t.Context(), slog.LevelInfo, "request", m.Request(metrics.Of(metrics.Requests, 1), metrics.When(metrics.ServerErrors, true),
				metrics.When(metrics.ClientErrors, false), metrics.Of(metrics.Latency, 1.25))...)
		}, [][]string{{"Stage"}, {"Stage", "Function"}},
			map[string]any{"Function": "import", "Requests": 1.0, "ServerErrors": 1.0, "ClientErrors": 0.0, "Latency": 1.25}},
		{"a subscriber", func() {
			m.Subscriber(t.Context(), "aula", metrics.Of(metrics.SubscriberLagEvents, int64(7)), metrics.Of(metrics.DeadLetters, 2))
		}, [][]string{{"Stage"}, {"Stage", "Subscriber"}}, map[string]any{"Subscriber": "aula", "SubscriberLagEvents": 7.0, "DeadLetters": 2.0}},
		{"the register", func() {
			m.Register(t.Context(), metrics.Of(metrics.SilentVendors, 1), slog.Any("brugere", []string{"os2"}))
		}, [][]string{{"Stage"}}, map[string]any{"SilentVendors": 1.0, "brugere": []any{"os2"}}},
	} {
		out.Reset()
		c.write()
		var l line
		members := make(map[string]any)
		err := errors.Join(json.Unmarshal(out.Bytes(), &l), json.Unmarshal(out.Bytes(), &members))
		if err != nil || l.AWS == nil || len(l.AWS.CloudWatchMetrics) != 1 {
			t.Fatalf("%s: %v in %s", c.name, err, out.Bytes())
		}
		of := l.AWS.CloudWatchMetrics[0]
		if l.AWS.Timestamp != at.UnixMilli() || of.Namespace != "Dagtilbudsregisteret" || !reflect.DeepEqual(of.Dimensions, c.dimensions) {
			t.Errorf("%s: %s", c.name, out.Bytes())
		}
		c.members["Stage"] = "prod"
		for _, metric := range of.Metrics {
			if _, measured := members[metric.Name].(float64); !measured || !known(metric.Name, metric.Unit) {
				t.Errorf("%s: %+v in %s", c.name, metric, out.Bytes())
			}
			if _, wanted := c.members[metric.Name]; !wanted {
				t.Errorf("%s: %s is measured as well", c.name, metric.Name)
			}
		}
		for name, want := range c.members {
			if !reflect.DeepEqual(members[name], want) {
				t.Errorf("%s: %s is %v, want %v", c.name, name, members[name], want)
			}
		}
	}
}

// known tells whether a metric is listed, with its unit.
func known(name, unit string) bool {
	return slices.Contains(metrics.All(), metrics.Metric{Name: name, Unit: unit})
}

func TestNoMeterMeasuresNothing(t *testing.T) {
	var none *metrics.Meter
	none.Subscriber(t.Context(), "aula", metrics.Of(metrics.DeadLetters, 2))
	none.Register(t.Context(), metrics.Of(metrics.NumbersLeft, 2))
	if attrs := none.Request(metrics.Of(metrics.Requests, 1)); len(attrs) > 0 {
		t.Errorf("measured %v", attrs)
	}
}
