// Package sqsqueue sends change events to SQS FIFO queues, one for each subscriber, and looks after their dead-letter queues.
//
// # Order
//
// Messages of a group (a municipality) are taken in order, whatever fails: a subscriber who drops the ids it has seen meets each of a
// group's messages once, in order. That outranks cost, so no batch holds two messages of a group, and the next one of a group is sent
// when SQS has said that it has the one before.
//
// SQS does enqueue "multiple messages within a single batch … in the order they are sent", but the answer to a batch "can result in a
// combination of successful and unsuccessful actions" (API reference, SendMessageBatch), and nothing promises that what follows a
// refused message of the same group is refused too. Then the third stands in the queue without the second, and cannot be taken back.
// (AWS' advice to send a group's messages in batches is about the throughput of partitions.) The alternatives, and why not:
//
//   - Whole batches of a group, and resending what was refused: out of order by contract, though rarely. What hardly ever happens
//     is found by a subscriber, years later.
//   - The same until a batch is refused in part, then singly: the damage is done by then.
//   - Many events in one message: a message is taken or not, so this is safe. It would change what subscribers receive, and is
//     theirs and the relay's to decide.
//
// So batches go across groups: each call takes the first waiting messages of up to ten groups, those with most left first. That is
// the least number of calls possible without two of a group in one: as many as the longest group has messages, or a tenth of all
// messages if that is more. One municipality with 1,000 events in a row takes 1,000 calls (half a thousandth of a dollar, and some
// ten seconds); all 98 with 10 each take 98.
//
// # Sending again
//
// A call whose answer is lost is sent again with the same deduplication ids. SQS takes a repeated one for five minutes without
// delivering it twice; this package gives up long before. A caller who sends again later may have messages delivered twice, in order.
// The SDK's own repetition is off for sending, so that there is one policy.
//
// Two calls of Send at once with the same group have no order between them: a group needs one sender at a time. The deduplication
// ids of a queue are one name space, unless its DeduplicationScope is messageGroup.
//
// # Dead letters
//
// SQS hands out no more of a group while some of it are taken and not deleted: ten at most, and only the first ones. That is how far
// one look reaches into each group of a dead-letter queue.
//
// A dead letter is requeued under a new deduplication id, made from the id of the message in the dead-letter queue: the queue has
// perhaps seen the old one within five minutes, and would swallow it. It comes after what its group was sent meanwhile.
package sqsqueue
