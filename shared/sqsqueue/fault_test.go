package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"dagtilbudsregisteret.dk/shared/register"
)

// answered wraps an error as the SDK does when it came with an HTTP status.
func answered(status int, err error) error {
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err}
}

func TestJudge(t *testing.T) {
	coded := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	entry := func(code string, senderFault bool) error {
		return refusal(&types.BatchResultErrorEntry{Code: &code, SenderFault: senderFault})
	}
	for _, c := range []struct {
		err  error
		want outcome
		kind register.Kind
	}{
		{answered(400, new(types.QueueDoesNotExist)), gone, register.NotFound},
		{answered(400, &types.QueueDoesNotExist{ErrorCodeOverride: aws.String("AWS.SimpleQueueService.NonExistentQueue")}), gone,
			register.NotFound},
		{answered(400, coded("AWS.SimpleQueueService.NonExistentQueue")), gone, register.NotFound},
		{answered(403, new(types.RequestThrottled)), passing, register.Unavailable},
		{answered(400, coded("ThrottlingException")), passing, register.Unavailable},
		{answered(400, &types.KmsThrottled{ErrorCodeOverride: aws.String("KMS.ThrottlingException")}), passing, register.Unavailable},
		{answered(403, new(types.OverLimit)), passing, register.Unavailable},
		{answered(500, coded("InternalFailure")), passing, register.Unavailable},
		{answered(503, errors.New("no words")), passing, register.Unavailable},
		{context.DeadlineExceeded, passing, register.Unavailable},
		{errUnsaid, passing, register.Unavailable},
		{answered(400, &types.BatchRequestTooLong{ErrorCodeOverride: aws.String("AWS.SimpleQueueService.BatchRequestTooLong")}), unfit,
			register.Internal},
		{answered(400, coded("InvalidParameterValue")), unfit, register.Internal},
		{answered(400, coded("InvalidParameterValueException")), unfit, register.Internal},
		{answered(400, new(types.InvalidMessageContents)), unfit, register.Internal},
		{answered(403, coded("AccessDeniedException")), denied, register.Internal},
		{answered(400, new(types.KmsAccessDenied)), denied, register.Internal},
		{entry("InternalError", false), passing, register.Unavailable},
		{entry("RequestThrottled", true), passing, register.Unavailable},
		{entry("InvalidMessageContents", true), unfit, register.Internal},
		{entry("KMS.DisabledException", true), denied, register.Internal},
	} {
		err := fmt.Errorf("operation error: %w", c.err)
		if got := judge(err); got != c.want {
			t.Errorf("%v: outcome %d, want %d", err, got, c.want)
		}
		wantKind(t, failed("try", err), c.kind)
	}
}
