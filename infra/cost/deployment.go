package cost

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/metrics"
)

// Deployment is what is deployed in prod, as far as it costs something.
type Deployment struct {
	Memory           map[string]float64 // of each function, GB
	Runs             map[string]float64 // of each function that a schedule calls, a month
	Alarms           float64            // metrics that alarms look at
	SubscriberAlarms float64            // likewise, for each subscriber
	Dashboards       float64
	LogDays          float64 // for which logs are kept
	AccessFormat     string  // of a line of the access log
	RouteRate        float64 // calls of a route a second, all callers together
	Recovery, Keyed  bool    // the table has point-in-time recovery, and a key in KMS
	Traced           bool
	NumberSeries     string // letters
}

const month = 365.0 / 12 * 24 * 3600 // seconds

// ReadDeployment reads template.yaml, the templates below infra/stacks and samconfig.toml from the project's folder.
func ReadDeployment(root string) (d Deployment, err error) {
	tpl, err := template.Read(filepath.Join(root, "template.yaml"))
	if err != nil {
		return d, err
	}
	if err := d.readFunctions(tpl); err != nil {
		return d, err
	}
	if err := d.readResources(tpl); err != nil {
		return d, err
	}
	stacks, err := filepath.Glob(filepath.Join(root, "infra/stacks/*.yaml"))
	if err != nil || len(stacks) == 0 {
		return d, fmt.Errorf("no stacks below %s: %w", root, err)
	}
	for _, path := range stacks {
		stack, err := template.Read(path)
		if err != nil {
			return d, err
		}
		if err := d.readStack(filepath.Base(path), stack); err != nil {
			return d, fmt.Errorf("%s: %w", path, err)
		}
	}
	return d, d.readSettings(tpl, filepath.Join(root, "samconfig.toml"))
}

func (d *Deployment) readFunctions(tpl *template.Template) error {
	if arch := tpl.Globals.Function.Architectures; len(arch) != 1 || arch[0] != "arm64" {
		return fmt.Errorf("the functions run on %v, for which there is no price", arch)
	}
	functions, err := tpl.Functions()
	if err != nil {
		return err
	}
	d.Traced = tpl.Globals.Function.Tracing == "Active"
	d.Memory, d.Runs = make(map[string]float64), make(map[string]float64)
	for name, f := range functions {
		d.Memory[name] = float64(f.MemorySize) / 1024
		for _, e := range f.Events {
			if e.Type != "Schedule" {
				continue
			}
			runs, err := runs(e.Properties.Schedule)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			d.Runs[name] += runs
		}
	}
	return nil
}

var (
	rate  = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)
	daily = regexp.MustCompile(`^cron\(\d+ \d+ \* \* \? \*\)$`)
)

// runs is how often a schedule calls in a month.
func runs(schedule string) (float64, error) {
	if daily.MatchString(schedule) {
		return month / (24 * 3600), nil
	}
	parts := rate.FindStringSubmatch(schedule)
	if parts == nil {
		return 0, fmt.Errorf("the schedule %q is of no known kind", schedule)
	}
	every, err := strconv.ParseFloat(parts[1], 64)
	seconds := map[string]float64{"minute": 60, "hour": 3600, "day": 24 * 3600}[parts[2]]
	return month / (every * seconds), err
}

func (d *Deployment) readResources(tpl *template.Template) error {
	var api struct {
		AccessLogSettings    struct{ Format string }
		DefaultRouteSettings struct{ ThrottlingRateLimit float64 }
	}
	var table struct {
		BillingMode                      string
		PointInTimeRecoverySpecification struct{ PointInTimeRecoveryEnabled bool }
		SSESpecification                 struct{ SSEEnabled bool }
	}
	if err := read(tpl, "Api", &api); err != nil {
		return err
	}
	if err := read(tpl, "Table", &table); err != nil {
		return err
	}
	if table.BillingMode != "PAY_PER_REQUEST" {
		return fmt.Errorf("the table is billed by %q, for which there is no price", table.BillingMode)
	}
	d.AccessFormat, d.RouteRate = api.AccessLogSettings.Format, api.DefaultRouteSettings.ThrottlingRateLimit
	d.Recovery, d.Keyed = table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, table.SSESpecification.SSEEnabled
	return nil
}

func read(tpl *template.Template, id string, properties any) error {
	r, found := tpl.Resources[id]
	if !found {
		return fmt.Errorf("the template has no %s", id)
	}
	return json.Unmarshal(r.Properties, properties)
}

// readStack counts the alarms and dashboards of a nested template. That of a subscriber is made once for each.
func (d *Deployment) readStack(name string, stack *template.Template) error {
	d.Dashboards += float64(len(stack.Of("AWS::CloudWatch::Dashboard")))
	for _, id := range stack.Of("AWS::CloudWatch::Alarm") {
		var alarm struct {
			Metrics []struct{ MetricStat json.RawMessage }
		}
		if err := read(stack, id, &alarm); err != nil {
			return err
		}
		looks := 0.0
		for _, m := range alarm.Metrics {
			if m.MetricStat != nil {
				looks++
			}
		}
		if name == "subscriber.yaml" {
			d.SubscriberAlarms += max(1, looks)
		} else {
			d.Alarms += max(1, looks)
		}
	}
	return nil
}

// readSettings reads what prod is deployed with, or else the template's defaults.
func (d *Deployment) readSettings(tpl *template.Template, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, prod, _ := strings.Cut(string(text), "[prod.deploy.parameters]")
	prod, _, _ = strings.Cut(prod, "\n[")
	setting := func(name string) string {
		if found := regexp.MustCompile(`"` + name + `=([^"]*)"`).FindStringSubmatch(prod); found != nil {
			return found[1]
		}
		return fmt.Sprint(tpl.Parameters[name].Default)
	}
	d.NumberSeries = setting("NumberSeries")
	d.LogDays, err = strconv.ParseFloat(setting("LogRetention"), 64)
	return err
}

// Series is how many metrics of our own there are with so many subscribers: one for each set of dimensions' values.
func (d *Deployment) Series(subscribers float64) (n float64) {
	functions := float64(len(d.Memory))
	for _, m := range metrics.All() {
		switch m {
		case metrics.NumbersLeft, metrics.SilentVendors, metrics.UnlawfulRows:
			n++
		case metrics.SubscriberLagEvents, metrics.SubscriberLagSeconds, metrics.DeadLetters:
			n += 1 + subscribers
		default:
			n += 1 + functions
		}
	}
	return n
}

var variable = regexp.MustCompile(`\$context\.[a-zA-Z.]+`)

// AccessLine is how long a line of the access log is, in bytes, whose values have so many bytes each.
func (d *Deployment) AccessLine(value float64) float64 {
	values := variable.FindAllString(d.AccessFormat, -1)
	return float64(len(variable.ReplaceAllString(d.AccessFormat, ""))) + value*float64(len(values))
}
