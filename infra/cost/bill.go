package cost

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// bill collects lines, and what they lack.
type bill struct {
	in      Inputs
	lines   []Line
	missing map[string]bool
}

func newBill(in Inputs) *bill {
	return &bill{in: in, missing: make(map[string]bool)}
}

func (b *bill) err() error {
	if len(b.missing) == 0 {
		return nil
	}
	return fmt.Errorf("there is no figure for %s", strings.Join(slices.Sorted(maps.Keys(b.missing)), ", "))
}

// noted notes a figure that is missing.
func (b *bill) noted(id string, found bool) {
	if !found {
		b.missing[id] = true
	}
}

func (b *bill) assumed(id string) float64 {
	f, found := b.in.Assumed.find(id)
	b.noted(id, found)
	return f.Value
}

func (b *bill) measured(id string) float64 {
	f, found := b.in.Measured.find(id)
	b.noted(id, found)
	return f.Value
}

func (b *bill) units(operation string) Units {
	u, found := b.in.Units[operation]
	b.noted(operation, found)
	return u
}

func (b *bill) add(service, what string, with Cause, quantity float64, price string) {
	p, found := b.in.Prices.find(price)
	b.noted(price, found)
	l := Line{Service: service, What: what, With: with, Quantity: quantity, Unit: p.Unit}
	if found {
		l.USD = quantity * p.USD / p.Per
	}
	b.lines = append(b.lines, l)
}

const gatewayRequest = 512 << 10 // bytes that the gateway counts as one request

func (b *bill) api(m calls) {
	more := math.Ceil(b.fileBytes()/gatewayRequest) - 1
	b.add("API Gateway", "calls", Calls, m.all()+m.files*more, "api-request")
	b.add("API Gateway", "waits on the feed", Readers, m.waits, "api-request")
}

// scheduled is how many calls schedules make.
func (b *bill) scheduled() (n float64) {
	for _, runs := range b.in.Deployment.Runs {
		n += runs
	}
	return n
}

func (b *bill) lambda(m calls) {
	b.add("Lambda", "calls", Calls, m.all(), "lambda-request")
	b.add("Lambda", "events", Writes, m.events(), "lambda-request")
	b.add("Lambda", "schedules", Fixed, b.scheduled(), "lambda-request")
	b.add("Lambda", "waits on the feed", Readers, m.waits, "lambda-request")
	b.add("Lambda", "time of calls", Calls, b.timeOfCalls(m), "lambda-gb-second")
	b.add("Lambda", "time of events", Writes, b.time("relay", "ms-relay", m.events()), "lambda-gb-second")
	b.add("Lambda", "time of schedules", Fixed, b.timeOfSchedules(), "lambda-gb-second")
	b.add("Lambda", "time of waits on the feed", Readers, m.waits*b.assumed("wait-seconds")*b.memory("export"), "lambda-gb-second")
}

func (b *bill) memory(function string) float64 {
	gb, found := b.in.Deployment.Memory[function]
	b.noted("memory of "+function, found)
	return gb
}

// time is how many GB-seconds some calls of a function take, those that start an instance among them.
func (b *bill) time(function, ms string, calls float64) float64 {
	return calls * b.memory(function) * (b.assumed(ms) + b.assumed("cold")*b.assumed("ms-cold")) / 1000
}

func (b *bill) timeOfCalls(m calls) float64 {
	return b.time("import", "ms-write", m.imports()) + b.time("validation", "ms-validation", m.validations) +
		b.time("export", "ms-read", m.lookups+m.lists) + b.time("export", "ms-file", m.files) + b.time("export", "ms-poll", m.polls) +
		b.time("numbers", "ms-numbers", m.numbers) + b.time("access", "ms-access", m.access)
}

func (b *bill) timeOfSchedules() (gbs float64) {
	for _, name := range slices.Sorted(maps.Keys(b.in.Deployment.Runs)) {
		gbs += b.time(name, "ms-run-"+name, b.in.Deployment.Runs[name])
	}
	return gbs
}

func (b *bill) dynamoDB(m calls) {
	writes, reads := b.unitsOfWrites(m)
	relay := b.unitsOfAnEvent(m)
	b.add("DynamoDB", "writes, as they are made", Writes, writes, "dynamodb-write")
	b.add("DynamoDB", "order and marks of events", Events, m.events()*relay.Write, "dynamodb-write")
	b.add("DynamoDB", "uses of secrets, and reports of the re-check", Fixed,
		m.callers*b.assumed("use-write")+b.in.Deployment.Runs["validation"]*b.measured("re-check-write"), "dynamodb-write")
	b.add("DynamoDB", "reads of writes, and of questions before them", Writes, reads, "dynamodb-read")
	b.add("DynamoDB", "reads", Reads, b.unitsOfReads(m), "dynamodb-read")
	b.add("DynamoDB", "reads of the relay", Events, m.events()*relay.Read, "dynamodb-read")
	b.add("DynamoDB", "reads of schedules", Fixed, b.unitsOfSchedules(), "dynamodb-read")
	b.add("DynamoDB", "reads of sweeps, for each subscriber", Readers, b.in.Deployment.Runs["relay"]*b.perSubscriber("sweep-read")*m.subscribers,
		"dynamodb-read")
	b.add("DynamoDB", "reads of waits on the feed", Readers, m.waits*b.assumed("wait-seconds")*b.measured("poll-read"), "dynamodb-read")
	b.add("DynamoDB", "the table", Stored, b.stored(m)/1e9, "dynamodb-storage")
	if b.in.Deployment.Recovery {
		b.add("DynamoDB", "point-in-time recovery", Stored, b.stored(m)/1e9, "dynamodb-recovery")
	}
}

// unitsOfWrites is what writes take, those that are refused too. Each has an Idempotency-Key, and a question before it reads what a
// create does.
func (b *bill) unitsOfWrites(m calls) (write, read float64) {
	for _, op := range []struct {
		name  string
		times float64
	}{
		{"create, next", m.creates}, {"update", m.changes}, {"close", m.closures}, {"move, 1 alternative address", m.moves},
	} {
		u := b.units(op.name)
		write += op.times * (u.Write + b.measured("key-write"))
		read += op.times * u.Read
	}
	write += m.refused * b.measured("refused-write")
	read += (m.refused+m.validations)*b.units("create, next").Read + (m.imports()+m.validations)*b.assumed("login-read")
	return write, read
}

// unitsOfAnEvent is what it takes to put an event in order and send it to all subscribers, when it comes alone.
func (b *bill) unitsOfAnEvent(m calls) Units {
	one, three := b.units("1 event, 1 subscriber"), b.units("1 event, 3 subscribers")
	more := (m.subscribers - 1) / 2
	return Units{
		Write: one.Write + (three.Write-one.Write)*more, Read: one.Read + (three.Read-one.Read)*more,
		Requests: one.Requests + (three.Requests-one.Requests)*more,
	}
}

func (b *bill) unitsOfReads(m calls) float64 {
	lookup := b.units("look-up by number").Read + b.units("look-up of a daginstitution's tree").Read
	return m.lookups*lookup + m.lists*b.units("a municipality of 50 units").Read + m.files*b.unitsOfAFile() + m.polls*b.measured("poll-read") +
		(m.numbers+m.access)*b.assumed("small-read")
}

const rowsOfExport = 5000 // of the README's export

func (b *bill) unitsOfAFile() float64 {
	return b.units("the whole export, 5,000 rows in 98 municipalities").Read * b.assumed("rows") / rowsOfExport
}

// perSubscriber is by how much something is more with each further subscriber.
func (b *bill) perSubscriber(id string) float64 {
	return (b.measured(id+"-3") - b.measured(id+"-1")) / 2
}

// unitsOfSchedules is what schedules read where there is no subscriber.
func (b *bill) unitsOfSchedules() float64 {
	runs := b.in.Deployment.Runs
	return runs["relay"]*(b.measured("sweep-read-1")-b.perSubscriber("sweep-read")) + runs["numbers"]*b.measured("numbers-read") +
		runs["access"]*b.measured("vendors-read") + runs["validation"]*(b.measured("re-check-read")+b.unitsOfAFile())
}

const itemOverhead = 100 // bytes that DynamoDB counts besides, for each item

// stored is how long all items are, in bytes: those of the rows that there are, and what the load has left.
func (b *bill) stored(m calls) float64 {
	item := func(id string) float64 { return b.measured(id) + itemOverhead }
	row := item("row") + item("ledger")
	once := b.assumed("rows") * (row + item("create"))
	monthly := m.creates*(row+item("create")) + (m.events()-m.creates)*item("change") + m.events()*2*item("stretch") +
		m.writes()*item("receipt") + m.refused*(item("entry")+item("findings"))
	return once + monthly*b.assumed("months")
}

func (b *bill) sqs(m calls) {
	polls := month / b.assumed("poll-seconds")
	looks := b.in.Deployment.Runs["relay"] * b.measured("look-requests")
	b.add("SQS", "messages sent", Events, m.events()*b.unitsOfAnEvent(m).Requests, "sqs-request")
	b.add("SQS", "messages taken and deleted", Events, 2*m.events()*m.subscribers, "sqs-request")
	b.add("SQS", "subscribers' polls that find nothing", Readers, polls*m.subscribers, "sqs-request")
	b.add("SQS", "the sweep's looks at how long queues are", Readers, looks*m.subscribers, "sqs-request")
}

func (b *bill) cloudWatch(m calls) {
	d := &b.in.Deployment
	b.add("CloudWatch", "metrics", Fixed, d.Series(0), "metric")
	b.add("CloudWatch", "metrics of subscribers", Readers, d.Series(m.subscribers)-d.Series(0), "metric")
	b.add("CloudWatch", "alarms", Fixed, d.Alarms, "alarm")
	b.add("CloudWatch", "alarms of subscribers", Readers, d.SubscriberAlarms*m.subscribers, "alarm")
	b.add("CloudWatch", "dashboards", Fixed, d.Dashboards, "dashboard")
	more := b.assumed("log-line-more")
	run := b.assumed("log-platform") + 3*more
	call := run + b.measured("line") + more + d.AccessLine(b.assumed("access-value")) + more
	subscriber := d.Runs["relay"] * m.subscribers * (b.measured("line-subscriber") + more)
	b.logs("calls", Calls, m.all()*call)
	b.logs("events", Writes, m.events()*run)
	b.logs("schedules", Fixed, b.scheduled()*(run+b.measured("line-register")+more))
	b.logs("subscribers and waits on the feed", Readers, subscriber+m.waits*call)
}

// logs adds what so many bytes of log cost to take in, and to keep.
func (b *bill) logs(what string, with Cause, bytes float64) {
	months := b.in.Deployment.LogDays * 24 * 3600 / month
	b.add("CloudWatch", "log of "+what+", taken in", with, bytes/1e9, "log-taken")
	b.add("CloudWatch", "log of "+what+", kept", with, bytes/1e9*months*b.assumed("log-compressed"), "log-kept")
}
