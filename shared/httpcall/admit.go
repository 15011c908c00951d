package httpcall

import (
	"fmt"
	"math"
	"strconv"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// Admit lets the caller in at the gate, or gives the gate's error; where the version has closed it lets nobody in, and the error is of the
// kind Gone. need is what the call demands, handling what it asks for, as the trail, the log and the count of calls name it, so that it is
// never of the caller's making; and om the system user that it is about, if it is about one. It sets the caller, of who was turned away
// too as far as that is known, and the headers of the pace.
func (c *Call) Admit(need access.Need, handling, om string) error {
	c.Handling = handling
	attempt := access.Attempt{Authorization: c.R.Header.Get("Authorization"), Need: need, Handling: handling, Af: c.Actor(), Om: om}
	defer c.count()
	if closed := c.Open(); closed != nil {
		c.recognize(attempt)
		return closed
	}
	caller, pace, err := c.desk.gate.Admit(c.R.Context(), attempt)
	c.pace(pace)
	c.Caller = caller // of who was turned away too, for the log line
	return err
}

// pace tells how the caller stands to its limit (draft-ietf-httpapi-ratelimit-headers).
func (c *Call) pace(p access.Pace) {
	if p.Limit == 0 {
		return
	}
	c.W.Header().Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=1`, p.Policy, p.Limit))
	c.W.Header().Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=1`, p.Policy, p.Left))
	if p.Wait > 0 {
		c.W.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.Wait.Seconds()))))
	}
}

// Actor is who makes the call, and how.
func (c *Call) Actor() register.Actor {
	return register.Actor{
		User: c.Caller.Navn(), Version: c.Version, Address: address(c.R), RequestID: c.RequestID, Traceparent: traceparent(c.R),
	}
}
