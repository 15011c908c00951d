package sqstest

import (
	"context"
	"net"
	"slices"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Fault is a way for a call to go wrong.
type Fault uint8

// The faults.
const (
	Unsent     Fault = 1 + iota // the connection breaks before the call is sent: nothing is done
	Unanswered                  // the call is carried out, and the connection breaks before its answer
	Throttled                   // it is refused, for there are too many
	Denied                      // it is refused for want of a permission
	Unfit                       // it is refused as a whole for what is in one of its messages
	partial                     // some of its entries are not taken, and the others are
)

// Faults makes a client's calls go wrong: each as a whole, so that the SDK does not repeat them. The zero value has none in store.
type Faults struct {
	mu   sync.Mutex
	next []pending
}

// pending is a fault, and the operations of which the next call has it.
type pending struct {
	fault      Fault
	operations []string
	places     []int                        // of the entries that are meant
	said       *types.BatchResultErrorEntry // of them; nil for nothing
}

const sendBatch = "SendMessageBatch"

// Next makes the next call of an operation, such as "SendMessageBatch", go wrong; the one after it, when called twice. Of several
// operations it is the one that is called first.
func (f *Faults) Next(fault Fault, operations ...string) {
	f.add(pending{fault: fault, operations: operations})
}

// Refuse makes the next SendMessageBatch refuse the entries at some places and take all others, as SQS may. Places beyond the last
// are counted from the first again.
func (f *Faults) Refuse(code string, senderFault bool, places ...int) {
	said := types.BatchResultErrorEntry{Code: &code, SenderFault: senderFault, Message: aws.String("injected")}
	f.add(pending{fault: partial, operations: []string{sendBatch}, places: places, said: &said})
}

// Omit has the entries at some places of the next SendMessageBatch neither taken nor spoken of; without any, the call goes well.
func (f *Faults) Omit(places ...int) {
	f.add(pending{fault: partial, operations: []string{sendBatch}, places: places})
}

// Left tells how many faults have not happened yet.
func (f *Faults) Left() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.next)
}

// Clear forgets the faults that have not happened yet.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = nil
}

func (f *Faults) add(p pending) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = append(f.next, p)
}

// Attach is an option of a client.
func (f *Faults) Attach(o *sqs.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("sqstest.Faults", f.handle), middleware.Before)
	})
}

func (f *Faults) take(operation string) (p pending) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.next, func(p pending) bool { return slices.Contains(p.operations, operation) })
	if i >= 0 {
		p = f.next[i]
		f.next = slices.Delete(f.next, i, i+1)
	}
	return p
}

func (f *Faults) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
	p := f.take(middleware.GetOperationName(ctx))
	switch p.fault {
	case Throttled:
		err = &types.RequestThrottled{Message: aws.String("injected")}
	case Denied:
		err = &smithy.GenericAPIError{Code: "AccessDenied", Message: "injected", Fault: smithy.FaultClient}
	case Unfit:
		err = &types.BatchRequestTooLong{Message: aws.String("injected")}
	case partial:
		return p.sendOthers(ctx, in, next)
	case Unsent:
		err = errBroken
	default:
		out, metadata, err = next.HandleInitialize(ctx, in)
	}
	if p.fault == Unanswered {
		out.Result, err = nil, errBroken
	}
	return out, metadata, err
}

var errBroken = &smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}}

// sendOthers sends a batch without the entries that are meant, and says of them what is to be said.
func (p *pending) sendOthers(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
	batch := *in.Parameters.(*sqs.SendMessageBatchInput)
	all, result := batch.Entries, new(sqs.SendMessageBatchOutput)
	batch.Entries = nil
	var failed []types.BatchResultErrorEntry
	for place, e := range all {
		if !p.means(place, len(all)) {
			batch.Entries = append(batch.Entries, e)
		} else if p.said != nil {
			said := *p.said
			said.Id = e.Id
			failed = append(failed, said)
		}
	}
	if len(batch.Entries) > 0 {
		in.Parameters = &batch
		if out, metadata, err = next.HandleInitialize(ctx, in); err != nil {
			return out, metadata, err
		}
		result = out.Result.(*sqs.SendMessageBatchOutput)
	}
	result.Failed = append(result.Failed, failed...)
	out.Result = result
	return out, metadata, nil
}

func (p *pending) means(place, of int) bool {
	return slices.ContainsFunc(p.places, func(wanted int) bool { return wanted%of == place })
}
