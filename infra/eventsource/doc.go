// Package eventsource stands in for what wakes functions on Lambda besides requests: the event source mapping that hands them the table's
// stream, and the schedules. Both are those of template.yaml.
//
// A [Stream] does what Lambda does with a mapping of DynamoDB: it lets records through by their pattern, hands them over in batches of one
// shard in order, and where a batch fails, hands over again what is left of it, halved where that is asked for, until it is given up and
// told to the queue for that. A [Schedule] tells when a function is to be run next, and [Scheduled] is the event it then gets.
//
// What it has not: more than one run at a time for a shard, shards that come while it reads (the peers have one, which never ends), and
// an age at which records are given up. Where reading fails it goes on at the stream's end: what was left behind is the sweep's.
package eventsource
