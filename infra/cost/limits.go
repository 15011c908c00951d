package cost

import (
	"cmp"
	"math"
	"slices"
)

// Limit is something that a load cannot go beyond before somebody does something.
type Limit struct {
	What  string
	Unit  string
	Most  float64
	Use   float64 // at the real load, in its busiest second
	Else  float64 // of Most, whatever the load
	Own   bool    // it is the deployment's own, not AWS's
	Moved string  // what moves it
}

// Factor is the load at which the limit is met, in multiples of the real one.
func (l *Limit) Factor() float64 { return (l.Most - l.Else) / l.Use }

// What AWS allows, by its documentation; see the page's links.
const (
	partitionWrites = 1000   // write units a second, for a partition key
	partitionReads  = 3000   // read units a second, likewise
	warmWrites      = 4000   // write units a second, for a table that is new
	warmReads       = 12000  // read units a second, likewise
	tableUnits      = 40000  // write or read units a second, for a table
	concurrency     = 1000   // instances of all functions at a time
	scaling         = 1000   // instances that a function may start in ten seconds
	gatewayCalls    = 10000  // calls a second, for all APIs
	queueRequests   = 2400   // a second, for a FIFO queue of high throughput in Stockholm
	groupRequests   = 300    // a second, for a message group
	letterNumbers   = 100000 // that a letter of the series gives
	yearsOfNumbers  = 10
)

// Limits gives the limits, the first to be met first. Its error names every figure that is missing.
func Limits(in Inputs) ([]Limit, error) {
	b := newBill(in)
	m := b.month(1)
	all := slices.Concat(b.limitsOfCalls(m), b.limitsOfMunicipality(m), b.limitsOfRegister(m), b.limitsOfEvents(m))
	slices.SortStableFunc(all, func(l, k Limit) int { return cmp.Compare(l.Factor(), k.Factor()) })
	return all, b.err()
}

// peak is how much of a month's there is in its busiest second.
func (b *bill) peak(monthly float64) float64 { return monthly / month * b.assumed("peak") }

func (b *bill) limitsOfCalls(m calls) []Limit {
	seconds := func(calls float64, ms string) float64 { return calls * b.assumed(ms) / 1000 }
	export := seconds(m.lookups+m.lists, "ms-read") + seconds(m.files, "ms-file") + seconds(m.polls, "ms-poll")
	others := seconds(m.imports(), "ms-write") + seconds(m.validations, "ms-validation") + seconds(m.numbers, "ms-numbers") +
		seconds(m.access, "ms-access") + seconds(m.events(), "ms-relay")
	waiting := b.assumed("waiting")
	return []Limit{
		{"calls of one route, here look-ups", "calls a second", b.in.Deployment.RouteRate, b.peak(m.lookups), 0, true,
			"`ThrottlingRateLimit` and `ThrottlingBurstLimit` in `template.yaml`"},
		{"calls of all APIs of the account", "calls a second", gatewayCalls, b.peak(m.all()), 0, false,
			"the quota, on request"},
		{"instances of all functions of the account", "instances", concurrency, b.peak(export + others), waiting, false,
			"the quota, on request; a new account may have to ask for the first thousand"},
		{"instances of one function that start within ten seconds, here of export", "instances", scaling, b.peak(export), waiting, false,
			"`ProvisionedConcurrency` for the hours of a known rush"},
	}
}

func (b *bill) limitsOfMunicipality(m calls) []Limit {
	share := b.assumed("largest")
	reads := m.lookups*b.units("look-up of a daginstitution's tree").Read + m.lists*b.units("a municipality of 50 units").Read +
		m.files*b.unitsOfAFile()
	return []Limit{
		{"writes of the largest municipality, of which its head lets one after the other through", "transactions a second",
			1000 / b.assumed("ms-transaction"), b.peak(m.writes() * share), 0, false,
			"vendors import, 24 rows in a transaction; after that a head for each daginstitution, a change of decision 0002"},
		{"the log of the largest municipality (`L#`)", "write units a second", partitionWrites, 2 * b.peak(m.events()*share), 0, false,
			"several partitions for a log, a change of decision 0001"},
		{"the rows of the largest municipality (`K#`), written", "write units a second", partitionWrites,
			2 * b.peak((m.events()+m.moves)*share), 0, false,
			"nothing: DynamoDB splits them by their keys, in time"},
		{"the rows of the largest municipality (`K#`), read", "read units a second", partitionReads, b.peak(reads * share), 0, false,
			"nothing: DynamoDB splits them by their keys, in time; a cache of whole files before the API"},
	}
}

func (b *bill) limitsOfRegister(m calls) []Limit {
	writes, reads := b.unitsOfWrites(m)
	relay := b.unitsOfAnEvent(m)
	heads := math.Ceil(kommuner * b.measured("head") / 4096)
	others := b.assumed("waiting") * b.measured("poll-read")
	letters := float64(len([]rune(b.in.Deployment.NumberSeries)))
	return []Limit{
		{"the heads of all municipalities (`P`), written", "write units a second", partitionWrites, 2 * b.peak(m.writes()), 0, false,
			"nothing: DynamoDB splits them by their keys, in time; or a partition for each, which each look at all of them pays for"},
		{"the heads of all municipalities (`P`), read", "read units a second", partitionReads,
			heads * b.peak(m.files+m.polls+m.events()), others, false,
			"consumers that take a queue instead of the feed"},
		{"the number series (`C`)", "write units a second", partitionWrites, b.peak(m.creates), 0, false,
			"numbers reserved in blocks, by `POST /v2/numre`"},
		{"the order of all changes (`G`)", "write units a second", partitionWrites, 2 * b.peak(m.events()), 0, false,
			"nothing: a round then takes several changes of a municipality together, see decision 0011"},
		{"the trail of refusals of a day (`T#`)", "write units a second", partitionWrites, b.peak(m.refused), 0, false,
			"a partition for each hour"},
		{"the table as it is when new, written", "write units a second", warmWrites, b.peak(writes + m.events()*relay.Write), 0, false,
			"`WarmThroughput` of the table; without it the table grows by itself, to twice its peak, and throttles meanwhile"},
		{"the table as it is when new, read", "read units a second", warmReads,
			b.peak(reads + b.unitsOfReads(m) + m.events()*relay.Read), others, false,
			"`WarmThroughput` of the table; without it the table grows by itself, to twice its peak; a cache of whole files before the API"},
		{"the table, written", "write units a second", tableUnits, b.peak(writes + m.events()*relay.Write), 0, false,
			"the quota, on request"},
		{"the table, read", "read units a second", tableUnits, b.peak(reads + b.unitsOfReads(m) + m.events()*relay.Read), others, false,
			"the quota, on request"},
		{"the numbers that the series has, for ten years", "numbers", letters * letterNumbers, m.creates * 12 * yearsOfNumbers, 0, true,
			"`NumberSeries` in `template.yaml`, which takes further letters; A to Z and Æ, Ø, Å give 2.9 million"},
	}
}

const kommuner = 98

func (b *bill) limitsOfEvents(m calls) []Limit {
	share := b.assumed("largest")
	return []Limit{
		{"events of the largest municipality to a subscriber, sent one after the other by the one run that its shard of the stream has",
			"messages a second", 1000 / b.assumed("ms-send"), b.peak(m.events() * share), 0, false,
			"several events of a municipality in one request to SQS, a change of decision 0012; `ParallelizationFactor` would have them sent twice"},
		{"a message group, the largest municipality's", "requests a second", groupRequests, b.peak(m.events() * share), 0, false,
			"several events of a municipality in one request to SQS: ten times as many messages with as many requests"},
		{"the queue of a subscriber", "requests a second", queueRequests, b.peak(m.events()), 0, false,
			"the quota, on request"},
	}
}
