// Package metrics has log lines be measurements too: it adds to a line what CloudWatch's embedded metric format asks for, so that the one
// line which tells of a call is also what dashboards and alarms are made of, and nothing is sent anywhere.
//
// A line's measurements are members at its top, each a number under the name of its metric; beside them stand the values of the
// dimensions, and "_aws" tells CloudWatch which members are which. All are in [Namespace], for the deployment's stage as a whole and by
// function or subscriber. A process that runs on no AWS has no [Meter], and its lines no "_aws".
//
// Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// Namespace is where CloudWatch keeps the metrics.
const Namespace = "Dagtilbudsregisteret"

// Metric is something that is measured.
type Metric struct {
	Name string
	Unit string // as CloudWatch spells it
}

// Of each request: the numbers of those answered, of those that failed for our sake (5xx) or the caller's (4xx), of those to a service
// version that has closed, each 0 or 1; and how long the answer took.
var (
	Requests           = Metric{"Requests", count}
	ServerErrors       = Metric{"ServerErrors", count}
	ClientErrors       = Metric{"ClientErrors", count}
	ClosedVersionCalls = Metric{"ClosedVersionCalls", count}
	Latency            = Metric{"Latency", "Milliseconds"}
)

// Of each subscriber that is to be told: how many events it has not been sent, for how long the oldest of these has been waiting, and how
// many messages it has failed to take.
var (
	SubscriberLagEvents  = Metric{"SubscriberLagEvents", count}
	SubscriberLagSeconds = Metric{"SubscriberLagSeconds", "Seconds"}
	DeadLetters          = Metric{"DeadLetters", count}
)

// Of the register: how many numbers it can still issue, how many vendors are silent against their own habit, and how many of its rows
// the latest re-check found to be unlawful.
var (
	NumbersLeft   = Metric{"NumbersLeft", count}
	SilentVendors = Metric{"SilentVendors", count}
	UnlawfulRows  = Metric{"UnlawfulRows", count}
)

const count = "Count"

// All gives every metric there is.
func All() []Metric {
	return []Metric{Requests, ServerErrors, ClientErrors, ClosedVersionCalls, Latency, SubscriberLagEvents, SubscriberLagSeconds,
		DeadLetters, NumbersLeft, SilentVendors, UnlawfulRows}
}

// The dimensions. Each metric is kept by stage alone, and those of requests and of subscribers also by function and by subscriber.
const (
	Stage      = "Stage"
	Function   = "Function"
	Subscriber = "Subscriber"
)

// Value is what was measured.
type Value struct {
	Metric
	Value float64
}

// Of gives a value of a metric.
func Of[N int | int64 | float64](m Metric, n N) Value { return Value{m, float64(n)} }

// When gives 1 where something is the case, else 0.
func When(m Metric, is bool) Value {
	if is {
		return Value{m, 1}
	}
	return Value{m, 0}
}

// Meter measures for one function of a deployment. A nil one measures nothing.
type Meter struct {
	Stage    string // what the deployment is for: test, preprod or prod
	Function string // the folder's name
	Log      *slog.Logger
	Now      func() time.Time
}

// Request gives what is to be added to the line of a request.
func (m *Meter) Request(values ...Value) []slog.Attr {
	if m == nil {
		return nil
	}
	return m.line(Function, m.Function, values)
}

// Subscriber writes a line about a subscriber.
func (m *Meter) Subscriber(ctx context.Context, navn string, values ...Value) {
	if m != nil {
		m.Log.LogAttrs(ctx, slog.LevelInfo, "subscriber", m.line(Subscriber, navn, values)...)
	}
}

// Register writes a line about the register as a whole, with more about it for whoever reads the log.
func (m *Meter) Register(ctx context.Context, value Value, more ...slog.Attr) {
	if m != nil {
		m.Log.LogAttrs(ctx, slog.LevelInfo, "register", append(m.line("", "", []Value{value}), more...)...)
	}
}

// envelope is the member of a line that CloudWatch looks for.
type envelope struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []Metric
}

// line gives the members of a line: for the stage, and by one more dimension where it is named.
func (m *Meter) line(by, of string, values []Value) []slog.Attr {
	attrs := []slog.Attr{slog.String(Stage, m.Stage)}
	dimensions := [][]string{{Stage}}
	if by != "" {
		attrs = append(attrs, slog.String(by, of))
		dimensions = append(dimensions, []string{Stage, by})
	}
	measured := directive{Namespace, dimensions, make([]Metric, len(values))}
	for i, v := range values {
		measured.Metrics[i] = v.Metric
		attrs = append(attrs, slog.Float64(v.Name, v.Value))
	}
	return slices.Insert(attrs, 0, slog.Any("_aws", envelope{m.Now().UnixMilli(), []directive{measured}}))
}
