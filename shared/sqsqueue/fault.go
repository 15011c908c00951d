package sqsqueue

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"dagtilbudsregisteret.dk/shared/register"
)

// failed gives an error of SQS its kind: Unavailable where trying again later may help, NotFound for an unknown queue.
func failed(what string, err error) error {
	err = fmt.Errorf("sqsqueue: %s: %w", what, err)
	switch judge(err) {
	case passing:
		return &register.Error{Kind: register.Unavailable, Cause: err}
	case gone:
		return &register.Error{Kind: register.NotFound, Cause: err, Detail: register.Text{
			Da: "Køen findes ikke.", En: "There is no such queue.",
		}}
	}
	return err
}

// outcome is what became of a call, or of one message of a batch.
type outcome uint8

const (
	done    outcome = iota
	passing         // it may have been done or not, and may be done when tried again
	unfit           // it was refused for something in it
	gone            // there is no such queue
	denied          // it was refused, and will be until somebody puts something right
)

func judge(err error) outcome {
	if err == nil {
		return done
	}
	_, unknown := errors.AsType[*types.QueueDoesNotExist](err)
	switch code := code(err); {
	case unknown || code == "NonExistentQueue":
		return gone
	case isThrottling(code) || !refused(err):
		return passing
	case code == "InvalidMessageContents" || code == "InvalidParameterValue" || code == "BatchRequestTooLong":
		return unfit
	}
	return denied
}

// code is SQS' code of an error, without what its two protocols put around it.
func code(err error) string {
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(e.ErrorCode(), "AWS.SimpleQueueService."), "Exception")
}

// isThrottling tells whether SQS, or the key service behind it, had too much to do: RequestThrottled, KMS.Throttling and the like.
func isThrottling(code string) bool {
	return strings.Contains(code, "Throttl") || code == "OverLimit" || code == "TooManyRequests"
}

// refused tells whether SQS understood and said no. Broken connections and its own faults are neither yes nor no.
func refused(err error) bool {
	if e, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok {
		return e.HTTPStatusCode() >= 400 && e.HTTPStatusCode() < 500
	}
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && e.ErrorFault() == smithy.FaultClient
}
