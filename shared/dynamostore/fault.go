package dynamostore

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"dagtilbudsregisteret.dk/shared/register"
)

// failed gives an engine's error its kind: Unavailable where trying again later may help, Conflict where others came first.
func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("dynamostore: %s: %w", what, err)
	switch judge(err) {
	case denied:
		return err
	case overtaken:
		return conflict(err)
	}
	return &register.Error{Kind: register.Unavailable, Cause: err}
}

func conflict(cause error) error {
	return &register.Error{Kind: register.Conflict, Cause: cause, Detail: register.Text{
		Da: "Andre har ændret det samme imens.", En: "Others have changed the same meanwhile.",
	}}
}

// throttled tells whether DynamoDB had too much to do.
func throttled(err error) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	_, ok = retry.DefaultThrottleErrorCodes[e.ErrorCode()]
	return ok
}

// refused tells whether DynamoDB understood the call and said no. Broken connections and its own faults are neither yes nor no.
func refused(err error) bool {
	e, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	return ok && e.HTTPStatusCode() >= 400 && e.HTTPStatusCode() < 500
}

var errUnderWay = errors.New("a transaction is under way")

// underWay is the error for a transaction of which some items can be seen and others not yet.
func underWay(format string, args ...any) error {
	cause := fmt.Errorf("dynamostore: %w: %s", errUnderWay, fmt.Sprintf(format, args...))
	return &register.Error{Kind: register.Unavailable, Cause: cause}
}

// outcome is what became of a call that writes.
type outcome uint8

const (
	committed outcome = iota // it took effect
	busy                     // it did not, for DynamoDB has too much to do: send it again
	overtaken                // it did not, for something else came first: read again
	denied                   // it did not and will not
	unknown                  // it may have taken effect
)

func judge(err error) (o outcome) {
	if err == nil {
		return committed
	}
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		o = busy
		for _, reason := range cancelled.CancellationReasons {
			o = max(o, judgeReason(aws.ToString(reason.Code)))
		}
		return o
	}
	_, inProgress := errors.AsType[*types.TransactionInProgressException](err)
	_, taken := errors.AsType[*types.TransactionConflictException](err)
	switch {
	case inProgress:
		return unknown
	case taken:
		return overtaken
	case throttled(err):
		return busy
	case refused(err):
		return denied
	}
	return unknown
}

// The codes of a transaction's reasons; what else there is, such as ValidationError, does not pass.
const (
	none         = "None"
	checkFailed  = "ConditionalCheckFailed"
	conflicting  = "TransactionConflict"
	throttling   = "ThrottlingError"
	overCapacity = "ProvisionedThroughputExceeded"
)

func judgeReason(code string) outcome {
	switch code {
	case none, throttling, overCapacity:
		return busy
	case checkFailed, conflicting:
		return overtaken
	}
	return denied
}
