package eventsource

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Schedule is when a function is run: at a rate, from when it begins on, or at moments of UTC.
type Schedule struct {
	every time.Duration
	at    [fields][]int // by field, the values that it takes; nil for any
}

// The fields of cron(…), in their order.
const (
	minute = iota
	hour
	day
	month
	weekday
	year
	fields
)

// bounds are a field's least and largest value.
var bounds = [fields][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {1, 7}, {1970, 2199}}

var rate = regexp.MustCompile(`^rate\(([1-9][0-9]*) (minute|hour|day)s?\)$`)

// ParseSchedule reads an expression of EventBridge, "rate(1 minute)" or "cron(0 2 * * ? *)", with numbers, lists, ranges and steps.
// Names of months and weekdays, L, W and # are not read, and are errors.
func ParseSchedule(expression string) (Schedule, error) {
	if m := rate.FindStringSubmatch(expression); m != nil {
		n, err := strconv.Atoi(m[1])
		unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
		return Schedule{every: time.Duration(n) * unit}, err
	}
	text, isCron := strings.CutPrefix(expression, "cron(")
	text, closed := strings.CutSuffix(text, ")")
	parts := strings.Fields(text)
	if !isCron || !closed || len(parts) != fields {
		return Schedule{}, fmt.Errorf("%q is no schedule", expression)
	}
	var s Schedule
	for i, part := range parts {
		values, err := parseField(part, bounds[i][0], bounds[i][1])
		if err != nil {
			return Schedule{}, fmt.Errorf("%q: %w", expression, err)
		}
		s.at[i] = values
	}
	return s, nil
}

// parseField gives the values that a field takes; nil for any.
func parseField(text string, least, most int) (values []int, err error) {
	if text == "*" || text == "?" {
		return nil, nil
	}
	for item := range strings.SplitSeq(text, ",") {
		span, step, stepped := strings.Cut(item, "/")
		by := 1
		if stepped {
			if by, err = strconv.Atoi(step); err != nil || by < 1 {
				return nil, fmt.Errorf("%q is no step", item)
			}
		}
		from, to := least, most
		if span != "*" {
			first, last, ranged := strings.Cut(span, "-")
			if from, err = strconv.Atoi(first); err != nil {
				return nil, fmt.Errorf("%q is no number", item)
			}
			if to = from; stepped {
				to = most
			}
			if ranged {
				if to, err = strconv.Atoi(last); err != nil {
					return nil, fmt.Errorf("%q is no range", item)
				}
			}
		}
		if from < least || to > most || from > to {
			return nil, fmt.Errorf("%q is not within %d to %d", item, least, most)
		}
		for value := from; value <= to; value += by {
			values = append(values, value)
		}
	}
	return values, nil
}

// horizon is how far a moment is looked for.
const horizon = 10 * 366

// Next gives the next moment after one; the zero time where there is none within ten years.
func (s Schedule) Next(after time.Time) time.Time {
	if s.every > 0 {
		return after.Add(s.every)
	}
	next := after.UTC().Truncate(time.Minute).Add(time.Minute)
	for range horizon {
		if s.takes(month, int(next.Month())) && s.takes(day, next.Day()) && s.takes(weekday, int(next.Weekday())+1) && s.takes(year, next.Year()) {
			for today := next.Day(); next.Day() == today; next = next.Add(time.Minute) {
				if s.takes(hour, next.Hour()) && s.takes(minute, next.Minute()) {
					return next
				}
			}
			continue
		}
		next = next.Truncate(24 * time.Hour).Add(24 * time.Hour)
	}
	return time.Time{}
}

func (s Schedule) takes(field, value int) bool {
	return s.at[field] == nil || slices.Contains(s.at[field], value)
}

// Scheduled is the event of a schedule that has come, as EventBridge sends it.
func Scheduled(name string, at time.Time) []byte {
	event, err := json.Marshal(events.EventBridgeEvent{
		Version: "0", ID: rand.Text(), DetailType: "Scheduled Event", Source: "aws.events", AccountID: "000000000000", Time: at.UTC().Truncate(time.Second),
		Region: "eu-north-1", Resources: []string{"arn:aws:events:eu-north-1:000000000000:rule/" + name}, Detail: json.RawMessage("{}"),
	})
	if err != nil {
		panic(err) // a struct of texts
	}
	return event
}
