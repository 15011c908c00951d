package holding_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"dagtilbudsregisteret.dk/infra/queues"
	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/sqsqueue"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
)

// queue is a queue's name and attributes as the template of subscribers has them, where a subscriber is one of the stack's list and its
// name ends as the stack says.
func queue(t *testing.T, subscriber, suffix string) (name string, attributes map[string]string) {
	t.Helper()
	tpl := readStacks(t)["infra/stacks/subscriber.yaml"]
	text := strings.NewReplacer("${Stage}", "test", "${Subscriber}", subscriber, "${Suffix}", suffix, "${AWS::Partition}", "aws",
		"${AWS::Region}", region, "${AWS::AccountId}", account).Replace(string(tpl.Resources["Queue&{Subscriber}"].Properties))
	var properties map[string]any
	if err := json.Unmarshal([]byte(text), &properties); err != nil {
		t.Fatal(err)
	}
	attributes = make(map[string]string)
	for key, value := range properties {
		switch v := value.(type) {
		case string, bool:
			attributes[key] = fmt.Sprint(v)
		case float64:
			attributes[key] = fmt.Sprintf("%.0f", v)
		}
	}
	if suffix == "" {
		taken := properties["RedrivePolicy"].(map[string]any)["Fn::If"].([]any)
		policy := taken[1].(map[string]any)
		policy["deadLetterTargetArn"] = policy["deadLetterTargetArn"].(map[string]any)["Fn::Sub"]
		text, err := json.Marshal(policy)
		if err != nil || taken[0] != "IsTakenFrom" {
			t.Fatalf("%v, %v", taken, err)
		}
		attributes["RedrivePolicy"] = string(text)
	}
	name = properties["QueueName"].(map[string]any)["Fn::Sub"].(string)
	return name, attributes
}

const region, account = "us-east-1", "000000000000" // those of the SQS that the tests start

// TestQueues makes a subscriber's queues as the template has them, and has the relay's side use them.
func TestQueues(t *testing.T) {
	server := sqstest.Start(t)
	client := server.Client()
	for _, suffix := range []string{"-doede", ""} {
		name, attributes := queue(t, "hold-ind", suffix)
		delete(attributes, "QueueName")
		if want := "dagtilbud-test-hold-ind" + suffix + ".fifo"; name != want {
			t.Errorf("a queue is named %s, want %s", name, want)
		}
		if _, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	const name = "dagtilbud-test-hold-ind.fifo"
	all := sqsqueue.New(client)
	largest := relaying.Message{ID: "G10000:1", Group: "265", Dedup: "265:1", Body: []byte(strings.Repeat("x", relaying.MostBody))}
	if errs := all.Send(t.Context(), name, []relaying.Message{largest}); errs[0] != nil {
		t.Errorf("the largest message: %v", errs[0])
	}
	if n, err := all.Depth(t.Context(), name); n != 1 || err != nil {
		t.Errorf("%d messages, %v", n, err)
	}
	if n, err := all.DeadDepth(t.Context(), name); n != 0 || err != nil {
		t.Errorf("%d dead letters, %v", n, err)
	}
}

// TestQueueAttributes holds to their values what SQS would take otherwise too, and what must be so on one machine and in the cloud.
func TestQueueAttributes(t *testing.T) {
	common := map[string]string{
		"FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
		"MaximumMessageSize": "1048576", "MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true",
	}
	_, dead := queue(t, "a", "-doede")
	if !maps.Equal(dead, common) {
		t.Errorf("a dead-letter queue is %v", dead)
	}
	common["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:dagtilbud-test-a-doede.fifo","maxReceiveCount":%d}`,
		region, account, queues.MostReceived)
	if _, alive := queue(t, "a", ""); !maps.Equal(alive, common) {
		t.Errorf("a queue is %v", alive)
	}
}

// TestQueuesAreMadeInOrder has the dead-letter queues made first, and each stack be told which it is.
func TestQueuesAreMadeInOrder(t *testing.T) {
	tpl := readTemplate(t)
	for id, suffix := range map[string]string{"DeadLetterQueues": "-doede", "Queues": ""} {
		var stack struct {
			TemplateURL string
			Parameters  struct{ Suffix string }
		}
		if err := json.Unmarshal(tpl.Resources[id].Properties, &stack); err != nil {
			t.Fatal(err)
		}
		if stack.TemplateURL != "infra/stacks/subscriber.yaml" || stack.Parameters.Suffix != suffix {
			t.Errorf("%s is %+v", id, stack)
		}
	}
	if after := tpl.Resources["Queues"].DependsOn; !slices.Equal(after, template.List{"DeadLetterQueues"}) {
		t.Errorf("queues are made after %v", after)
	}
}
