package holding

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/infra/template"
)

// Metric is a metric as CloudWatch keeps it: by the names of its dimensions, sorted, with commas between.
type Metric struct{ Namespace, Name, Dimensions string }

// OfAWS are the metrics that AWS keeps of what the templates make, as far as anybody looks at them.
var OfAWS = slices.Concat(
	metrics("AWS/ApiGateway", "ApiId", "Count", "4xx", "5xx", "Latency", "IntegrationLatency"),
	metrics("AWS/Lambda", "FunctionName", "Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "IteratorAge"),
	metrics("AWS/DynamoDB", "TableName", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents",
		"WriteThrottleEvents", "ConditionalCheckFailedRequests", "TransactionConflict"),
	metrics("AWS/DynamoDB", "Operation,TableName", "SystemErrors"),
	metrics("AWS/SQS", "QueueName", "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"),
	metrics("AWS/Events", "RuleName", "Invocations", "FailedInvocations"),
)

func metrics(namespace, dimensions string, names ...string) (all []Metric) {
	for _, name := range names {
		all = append(all, Metric{namespace, name, dimensions})
	}
	return all
}

// Metrics finds what alarms and dashboards look at that is not among the metrics there are.
func Metrics(stacks map[string]*template.Template, known []Metric) (all []string) {
	for _, stack := range stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Resources)) {
			used, faults := looksAt(id, stack.Resources[id])
			all = append(all, faults...)
			for _, m := range used {
				if !slices.Contains(known, m) {
					all = append(all, fmt.Sprintf("%s looks at %s %s by %s, which there is not", id, m.Namespace, m.Name, m.Dimensions))
				}
			}
		}
	}
	return sorted(all)
}

// Alarming gives the metrics that alarms look at.
func Alarming(stacks map[string]*template.Template) (all []Metric) {
	for _, stack := range stacks {
		for _, id := range stack.Of("AWS::CloudWatch::Alarm") {
			used, _ := looksAt(id, stack.Resources[id])
			all = append(all, used...)
		}
	}
	return all
}

func looksAt(id string, r template.Resource) (used []Metric, faults []string) {
	switch r.Type {
	case "AWS::CloudWatch::Alarm":
		return alarmLooksAt(id, r)
	case "AWS::CloudWatch::Dashboard":
		return dashboardLooksAt(id, r)
	}
	return nil, nil
}

// stated is a metric as an alarm states it.
type stated struct {
	Namespace, MetricName string
	Dimensions            []struct{ Name string }
}

func (s *stated) metric() Metric {
	var dimensions []string
	for _, d := range s.Dimensions {
		dimensions = append(dimensions, d.Name)
	}
	return Metric{s.Namespace, s.MetricName, join(dimensions)}
}

func join(dimensions []string) string {
	return strings.Join(slices.Sorted(slices.Values(dimensions)), ",")
}

func alarmLooksAt(id string, r template.Resource) (used []Metric, faults []string) {
	var a struct {
		stated
		Metrics []struct {
			MetricStat *struct{ Metric stated }
		}
	}
	faults = decode(id, r, &a)
	if a.Metrics == nil {
		return []Metric{a.metric()}, faults
	}
	for _, m := range a.Metrics {
		if m.MetricStat != nil {
			used = append(used, m.MetricStat.Metric.metric())
		}
	}
	return used, faults
}

// search is how a dashboard's expression finds metrics, by whatever values their dimensions have.
var search = regexp.MustCompile(`^SEARCH\('\{([^,}]+),([^}]+)\} MetricName="([^"]+)"`)

// dashboardLooksAt reads a dashboard's body, which is JSON in which a text may hold references.
func dashboardLooksAt(id string, r template.Resource) (used []Metric, faults []string) {
	var d struct {
		DashboardBody struct {
			Sub string `json:"Fn::Sub"`
		}
	}
	faults = decode(id, r, &d)
	var body struct {
		Widgets []struct {
			Properties struct{ Metrics [][]any }
		}
	}
	if err := json.Unmarshal([]byte(d.DashboardBody.Sub), &body); err != nil {
		return nil, append(faults, fmt.Sprintf("%s: its body is no JSON: %v", id, err))
	}
	for _, w := range body.Widgets {
		for _, line := range w.Properties.Metrics {
			m, ok := drawn(line)
			if !ok {
				faults = append(faults, fmt.Sprintf("%s: %v is no metric", id, line))
				continue
			}
			used = append(used, m)
		}
	}
	return used, faults
}

// drawn reads a line of a widget: [namespace, name, dimension, value, …, options], or [options] with an expression.
func drawn(line []any) (m Metric, ok bool) {
	var texts []string
	for i, part := range line {
		switch p := part.(type) {
		case string:
			texts = append(texts, p)
		case map[string]any:
			expression, _ := p["expression"].(string)
			if found := search.FindStringSubmatch(expression); found != nil && len(line) == 1 {
				return Metric{found[1], found[3], join(strings.Split(found[2], ","))}, true
			}
			if i != len(line)-1 {
				return m, false
			}
		}
	}
	if len(texts) < 2 || len(texts)%2 != 0 {
		return m, false
	}
	var dimensions []string
	for pair := range slices.Chunk(texts[2:], 2) {
		dimensions = append(dimensions, pair[0])
	}
	return Metric{texts[0], texts[1], join(dimensions)}, true
}
