package dynamotest

import (
	"context"
	"net"
	"slices"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is a way for a call to go wrong.
type Fault uint8

// The faults. No peer answers with the last two by itself.
const (
	Unsent     Fault = 1 + iota // the connection breaks before the call is sent: nothing is done
	Unanswered                  // the call is carried out, and the connection breaks before its answer
	Throttled                   // it is refused, for there are too many
	Contended                   // a transaction is cancelled, for another one is under way on the same item
)

// Faults makes a client's calls go wrong. The zero value has none in store.
type Faults struct {
	mu   sync.Mutex
	next []pending
}

// pending is a fault, and the operations of which the next call has it.
type pending struct {
	fault      Fault
	operations []string
}

// Next makes the next call of an operation, such as "TransactWriteItems", go wrong; the one after it, when called twice. Of several
// operations it is the one that is called first. Each try of a call that the SDK repeats counts as one.
func (f *Faults) Next(fault Fault, operations ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = append(f.next, pending{fault, operations})
}

// Attach is an option of a client.
func (f *Faults) Attach(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("dynamotest.Faults", f.handle), middleware.Before)
	})
}

func (f *Faults) take(operation string) (fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.next, func(p pending) bool { return slices.Contains(p.operations, operation) })
	if i < 0 {
		return 0
	}
	fault = f.next[i].fault
	f.next = slices.Delete(f.next, i, i+1)
	return fault
}

func (f *Faults) handle(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	fault := f.take(middleware.GetOperationName(ctx))
	if fault == 0 || fault == Unanswered {
		out, metadata, err = next.HandleDeserialize(ctx, in)
	}
	switch fault {
	case Unsent, Unanswered:
		out.Result = nil
		err = &smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}}
	case Throttled:
		err = &types.ThrottlingException{Message: aws.String("injected")}
	case Contended:
		err = &types.TransactionCanceledException{
			Message:             aws.String("injected"),
			CancellationReasons: []types.CancellationReason{{Code: aws.String("TransactionConflict")}},
		}
	}
	return out, metadata, err
}
