package sqsqueue

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// What SQS takes.
const (
	mostEntries = 10      // in one call
	mostBytes   = 1 << 20 // in one call, of all messages together
	mostOfName  = 128     // characters of a group or a deduplication id
)

// idAttribute carries [relaying.Message]'s ID, so that a subscriber can tell a message without reading its body, and a dead letter keeps its
// name: SQS gives it another deduplication id.
const idAttribute = "id"

// message is one event on its way to a subscriber.
type message relaying.Message

// size is at least what SQS counts of a message.
func (m *message) size() int {
	return len(m.Body) + len(idAttribute) + len(stringType) + len(m.ID) + len(m.Group) + len(m.Dedup)
}

const stringType = "String" // of an attribute

// entry is the message as a part of a batch, in which it is known by its place.
func (m *message) entry(place string) types.SendMessageBatchRequestEntry {
	return types.SendMessageBatchRequestEntry{
		Id: &place, MessageBody: aws.String(string(m.Body)), MessageGroupId: &m.Group, MessageDeduplicationId: &m.Dedup,
		MessageAttributes: map[string]types.MessageAttributeValue{idAttribute: {DataType: aws.String(stringType), StringValue: &m.ID}},
	}
}

// check says why no queue would ever take a message. Valid JSON passes: it has no control characters inside of text.
func (m *message) check() error {
	switch {
	case !isName(m.Group):
		return m.never("its group is %q", m.Group)
	case !isName(m.Dedup):
		return m.never("its deduplication id is %q", m.Dedup)
	case len(m.ID) == 0 || len(m.ID) > mostOfName || strings.ContainsFunc(m.ID, isRefused):
		return m.never("its id is %q", m.ID)
	case len(m.Body) == 0:
		return m.never("it is empty")
	case len(m.Body) > relaying.MostBody:
		return &register.Error{Kind: register.TooLarge, Cause: m.cause("it has %d bytes", len(m.Body)), Detail: register.Text{
			Da: fmt.Sprintf("Hændelsen %s fylder mere end %d bytes.", m.ID, relaying.MostBody),
			En: fmt.Sprintf("Event %s has more than %d bytes.", m.ID, relaying.MostBody),
		}}
	}
	return m.checkBody()
}

func (m *message) checkBody() error {
	if !utf8.Valid(m.Body) {
		return m.never("it is not UTF-8")
	}
	for i, r := range string(m.Body) {
		if isRefused(r) {
			return m.never("it has %U at byte %d", r, i)
		}
	}
	return nil
}

// never is the error of a message that can never be sent as it is.
func (m *message) never(format string, args ...any) error {
	return &register.Error{Kind: register.Invalid, Cause: m.cause(format, args...), Detail: register.Text{
		Da: fmt.Sprintf("Hændelsen %s kan ikke sendes.", m.ID), En: fmt.Sprintf("Event %s cannot be sent.", m.ID),
	}}
}

func (m *message) cause(format string, args ...any) error {
	return fmt.Errorf("sqsqueue: message %s: %s", m.ID, fmt.Sprintf(format, args...))
}

// isName tells whether SQS takes a group or a deduplication id: letters, digits and punctuation of ASCII.
func isName(s string) bool {
	return s != "" && len(s) <= mostOfName && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isRefused tells whether SQS refuses a character in a message: those that XML cannot carry. A surrogate is not UTF-8.
func isRefused(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}
