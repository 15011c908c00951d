package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

// Queues are the subscribers' queues. A queue is named by its URL, or by its name when it is of the client's account. Queues may be
// used from many goroutines at once.
type Queues struct {
	client  *sqs.Client
	backoff backoff
	wait    int32    // seconds that a look waits for more letters: one has SQS ask all its servers
	urls    sync.Map // of queues by account and name
}

var _ relaying.Queue = (*Queues)(nil)

// New gives the queues that a client can reach.
func New(client *sqs.Client) *Queues { return &Queues{client: client, backoff: untilTaken, wait: 1} }

// Depth tells how many messages wait in a queue: those to be received, and those that are received and not yet deleted. SQS counts
// approximately, and may be minutes behind. An unknown queue is NotFound.
func (q *Queues) Depth(ctx context.Context, queue string) (int, error) {
	url, err := q.url(ctx, queue)
	if err != nil {
		return 0, err
	}
	return q.depth(ctx, url)
}

// DeadDepth tells in the same way how many messages are in a queue's dead-letter queue. One that has none is NotFound.
func (q *Queues) DeadDepth(ctx context.Context, queue string) (int, error) {
	url, err := q.url(ctx, queue)
	if err != nil {
		return 0, err
	}
	if url, err = q.deadLetterURL(ctx, url); err != nil {
		return 0, err
	}
	return q.depth(ctx, url)
}

func (q *Queues) depth(ctx context.Context, url string) (depth int, err error) {
	attributes, err := q.attributes(ctx, url, types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, types.QueueAttributeNameApproximateNumberOfMessagesDelayed)
	if err != nil {
		return 0, err
	}
	for name, value := range attributes {
		n, err := strconv.Atoi(value)
		if err != nil {
			return 0, fmt.Errorf("sqsqueue: %s of %s: %w", name, url, err)
		}
		depth += n
	}
	return depth, nil
}

func (q *Queues) attributes(ctx context.Context, url string, names ...types.QueueAttributeName) (map[string]string, error) {
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return nil, failed("attributes of "+url, err)
	}
	return out.Attributes, nil
}

// url gives the URL of a queue that is named by it, or by its name.
func (q *Queues) url(ctx context.Context, queue string) (string, error) {
	if strings.Contains(queue, "://") {
		return queue, nil
	}
	return q.urlOf(ctx, "", queue)
}

// urlOf asks once for the URL of a queue; it stays the same when a queue is made anew. The empty account is the client's own.
func (q *Queues) urlOf(ctx context.Context, account, name string) (string, error) {
	key := account + ":" + name
	if url, ok := q.urls.Load(key); ok {
		return url.(string), nil
	}
	in := &sqs.GetQueueUrlInput{QueueName: &name}
	if account != "" {
		in.QueueOwnerAWSAccountId = &account
	}
	out, err := q.client.GetQueueUrl(ctx, in)
	if err != nil {
		return "", failed("URL of "+name, err)
	}
	q.urls.Store(key, aws.ToString(out.QueueUrl))
	return aws.ToString(out.QueueUrl), nil
}

// deadLetterURL gives the URL of a queue's dead-letter queue, which it names in its redrive policy.
func (q *Queues) deadLetterURL(ctx context.Context, url string) (string, error) {
	attributes, err := q.attributes(ctx, url, types.QueueAttributeNameRedrivePolicy)
	if err != nil {
		return "", err
	}
	policy := attributes[string(types.QueueAttributeNameRedrivePolicy)]
	if policy == "" {
		return "", &register.Error{
			Kind:   register.NotFound,
			Detail: register.Text{Da: "Køen har ingen fejlkø.", En: "The queue has no dead-letter queue."},
			Cause:  fmt.Errorf("sqsqueue: %s has no redrive policy", url),
		}
	}
	account, name, err := readPolicy(policy)
	if err != nil {
		return "", fmt.Errorf("sqsqueue: redrive policy of %s: %w", url, err)
	}
	return q.urlOf(ctx, account, name)
}

// readPolicy reads the account and name of the dead-letter queue, which is given by its ARN: arn:aws:sqs:<region>:<account>:<name>.
func readPolicy(policy string) (account, name string, err error) {
	var target struct{ DeadLetterTargetArn string }
	if err := json.Unmarshal([]byte(policy), &target); err != nil {
		return "", "", err
	}
	parts := strings.Split(target.DeadLetterTargetArn, ":")
	if len(parts) != 6 {
		return "", "", fmt.Errorf("%q is not the ARN of a queue", target.DeadLetterTargetArn)
	}
	return parts[4], parts[5], nil
}
