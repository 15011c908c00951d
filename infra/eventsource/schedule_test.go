package eventsource

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSchedules(t *testing.T) {
	const layout = "2006-01-02 15:04:05 Mon"
	for expression, want := range map[string][]string{
		"rate(1 minute)":            {"2026-11-23 08:31:20 Mon", "2026-11-23 08:32:20 Mon"},
		"rate(2 hours)":             {"2026-11-23 10:30:20 Mon", "2026-11-23 12:30:20 Mon"},
		"rate(1 day)":               {"2026-11-24 08:30:20 Tue"},
		"cron(0 2 * * ? *)":         {"2026-11-24 02:00:00 Tue", "2026-11-25 02:00:00 Wed"},
		"cron(31 8 * * ? *)":        {"2026-11-23 08:31:00 Mon", "2026-11-24 08:31:00 Tue"},
		"cron(0/20 * ? * 2-6 *)":    {"2026-11-23 08:40:00 Mon", "2026-11-23 09:00:00 Mon"},
		"cron(0 0,12 29 2 ? *)":     {"2028-02-29 00:00:00 Tue", "2028-02-29 12:00:00 Tue", "2032-02-29 00:00:00 Sun"},
		"cron(59 23 31 12 ? 2027)":  {"2027-12-31 23:59:00 Fri", "0001-01-01 00:00:00 Mon"},
		"cron(*/30 1-2 1 */6 ? *)":  {"2027-01-01 01:00:00 Fri", "2027-01-01 01:30:00 Fri", "2027-01-01 02:00:00 Fri", "2027-01-01 02:30:00 Fri", "2027-07-01 01:00:00 Thu"},
		"cron(0 2 ? * 1 2026-2027)": {"2026-11-29 02:00:00 Sun"},
	} {
		s, err := ParseSchedule(expression)
		if err != nil {
			t.Error(err)
		}
		var got []string
		at := time.Date(2026, 11, 23, 8, 30, 20, 0, time.UTC)
		for range want {
			at = s.Next(at)
			got = append(got, at.Format(layout))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", expression, got, want)
		}
	}
	for _, expression := range []string{
		"", "rate(0 minutes)", "rate(1 week)", "cron(0 2 * * ?)", "cron(60 2 * * ? *)", "cron(0 2 * JAN ? *)", "cron(0 2 L * ? *)", "cron(0 5-2 * * ? *)",
		"cron(0 1-x * * ? *)", "cron(0/0 1 * * ? *)", "at(2026-01-01T00:00:00)",
	} {
		if _, err := ParseSchedule(expression); err == nil || !strings.Contains(err.Error(), expression) {
			t.Errorf("%q: %v", expression, err)
		}
	}
}

// TestScheduled holds the event to the sample that `sam local` is given: the same members, of the same kinds.
func TestScheduled(t *testing.T) {
	kinds := func(text []byte) map[string]reflect.Type {
		var members map[string]any
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		all := make(map[string]reflect.Type)
		for name, value := range members {
			all[name] = reflect.TypeOf(value)
		}
		return all
	}
	sample, err := os.ReadFile("../../events/relay-schedule.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kinds(Scheduled("Sweep", time.Now())), kinds(sample); !reflect.DeepEqual(got, want) {
		t.Errorf("the event has %v, the sample %v", got, want)
	}
}
