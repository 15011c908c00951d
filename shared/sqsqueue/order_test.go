package sqsqueue

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// TestOrder has a caller send messages through any mix of faults, and send again what was not taken, or more than that, as one
// who died in the middle would. Whatever happens, each group's messages come in order and none is missing.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		groups int
	}{{"one-group", 1}, {"four-groups", 4}, {"more-than-a-batch", 14}} {
		t.Run(c.name, func(t *testing.T) {
			b, checks := start(t), 0
			rapid.Check(t, func(rt *rapid.T) {
				checks++
				caller := &caller{bench: b, queue: b.server.Queue(fmt.Sprintf("order-%d.fifo", checks))}
				caller.draw(rt, c.groups)
				for range rapid.IntRange(1, 4).Draw(rt, "tries") {
					caller.drawFaults(rt)
					caller.send(rt, rapid.IntRange(0, caller.firstLeft()).Draw(rt, "from"))
				}
				b.faults.Clear()
				caller.send(rt, caller.firstLeft())
				caller.check(rt)
			})
		})
	}
}

// caller sends messages until all are taken.
type caller struct {
	*bench
	queue    *sqstest.Queue
	messages []relaying.Message
	taken    []bool
	anew     bool // the five minutes of a deduplication id went by between two calls
}

func (c *caller) draw(rt *rapid.T, groups int) {
	counts := make(map[int]int)
	for _, g := range rapid.SliceOfN(rapid.IntRange(0, groups-1), 0, 30).Draw(rt, "groups") {
		c.messages = append(c.messages, testMessage(fmt.Sprint("g", g), counts[g]))
		counts[g]++
	}
	c.taken = make([]bool, len(c.messages))
	c.anew = rapid.Bool().Draw(rt, "anew")
}

func (c *caller) drawFaults(rt *rapid.T) {
	for range rapid.IntRange(0, 8).Draw(rt, "faults") {
		places := rapid.SliceOfN(rapid.IntRange(0, mostEntries-1), 1, 4)
		switch rapid.IntRange(0, 6).Draw(rt, "fault") {
		case 0:
			c.faults.Refuse("InternalError", false, places.Draw(rt, "places")...)
		case 1:
			c.faults.Refuse("RequestThrottled", true, places.Draw(rt, "places")...)
		case 2:
			c.faults.Refuse("KMS.AccessDeniedException", true, places.Draw(rt, "places")...)
		case 3:
			c.faults.Omit(places.Draw(rt, "places")...)
		default:
			all := []sqstest.Fault{sqstest.Unsent, sqstest.Unanswered, sqstest.Throttled, sqstest.Unfit, sqstest.Denied}
			c.faults.Next(rapid.SampledFrom(all).Draw(rt, "fault of all"), "SendMessageBatch")
		}
	}
}

// firstLeft is the place of the first message that is not known to be taken.
func (c *caller) firstLeft() int {
	if i := slices.Index(c.taken, false); i >= 0 {
		return i
	}
	return len(c.taken)
}

// send sends the messages from a place on, and checks that what is answered fits together.
func (c *caller) send(rt *rapid.T, from int) {
	if c.anew {
		for i := range c.messages {
			c.messages[i].Dedup += "'"
		}
	}
	ended := make(map[string]bool)
	for i, err := range c.Send(rt.Context(), c.queue.URL, c.messages[from:]) {
		group := c.messages[from+i].Group
		if err == nil && ended[group] {
			rt.Errorf("%s was taken after one before it was not", c.messages[from+i].ID)
		}
		ended[group] = ended[group] || err != nil
		c.taken[from+i] = c.taken[from+i] || err == nil
	}
	for _, batch := range c.calls.take() {
		groups := make(map[string]bool)
		for _, e := range batch {
			groups[*e.MessageGroupId] = true
		}
		if len(groups) != len(batch) || len(batch) > mostEntries {
			rt.Errorf("a batch of %d has %d groups", len(batch), len(groups))
		}
	}
}

// check receives all there is and compares.
func (c *caller) check(rt *rapid.T) {
	if c.firstLeft() < len(c.messages) {
		rt.Fatalf("message %d is not taken though nothing goes wrong", c.firstLeft())
	}
	got, want, seen := make(map[string][]string), make(map[string][]string), make(map[string]bool)
	for _, m := range c.messages {
		want[m.Group] = append(want[m.Group], m.ID)
	}
	for _, m := range c.queue.Drain() {
		id, group := sqstest.IDOf(m), sqstest.GroupOf(m)
		if seen[id] {
			if !c.anew {
				rt.Errorf("%s came twice", id)
			}
			continue
		}
		seen[id] = true
		got[group] = append(got[group], id)
	}
	for group := range want {
		if !slices.Equal(got[group], want[group]) {
			rt.Errorf("group %s came as %v, want %v", group, got[group], want[group])
		}
	}
}
