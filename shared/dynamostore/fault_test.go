package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// answered wraps an error as the SDK does when it came with an HTTP status.
func answered(status int, err error) error {
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err}
}

func cancelled(codes ...string) error {
	e := new(types.TransactionCanceledException)
	for _, code := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
	}
	return answered(http.StatusBadRequest, e)
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		err  error
		want outcome
		kind register.Kind
	}{
		{cancelled(none, throttling, none), busy, register.Unavailable},
		{cancelled(overCapacity, none), busy, register.Unavailable},
		{cancelled(throttling, checkFailed), overtaken, register.Conflict},
		{cancelled(none, conflicting), overtaken, register.Conflict},
		{cancelled(checkFailed, "ValidationError"), denied, register.Internal},
		{answered(400, new(types.TransactionConflictException)), overtaken, register.Conflict},
		{answered(400, new(types.TransactionInProgressException)), unknown, register.Unavailable},
		{answered(400, new(types.ProvisionedThroughputExceededException)), busy, register.Unavailable},
		{answered(400, new(types.RequestLimitExceeded)), busy, register.Unavailable},
		{answered(400, new(types.ResourceNotFoundException)), denied, register.Internal},
		{answered(400, &smithy.GenericAPIError{Code: "ValidationException"}), denied, register.Internal},
		{answered(500, new(types.InternalServerError)), unknown, register.Unavailable},
		{answered(503, errors.New("no words")), unknown, register.Unavailable},
		{context.DeadlineExceeded, unknown, register.Unavailable},
	} {
		err := fmt.Errorf("operation error: %w", c.err)
		if got := judge(err); got != c.want {
			t.Errorf("%v: outcome %d, want %d", err, got, c.want)
		}
		wantKind(t, failed("try", err), c.kind)
	}
}

// A ledger entry can be seen whose row cannot yet: that is neither a unit nor none.
func TestRowUnderWay(t *testing.T) {
	b := start(t)
	u := storetest.Daginstitution(265, "G20009")
	entry := make(item)
	placeOf(&u).encode(entry)
	b.put(t, keys.Ledger("G20009"), entry)
	_, err := b.Unit(t.Context(), "G20009")
	wantKind(t, err, register.Unavailable)
	b.put(t, keys.Unit(&u), encodeRow(&u))
	if _, err := b.Unit(t.Context(), "G20009"); err != nil {
		t.Error(err)
	}
}
