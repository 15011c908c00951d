package dynamostore

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// once turns the SDK's own repetition off: whether an answer was lost on the way decides what the next answer means.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// commit writes what a run asked for.
func (t *tx) commit(p *plan) (done bool, err error) {
	result, err := t.send(p)
	if result == overtaken {
		return t.again(p, err)
	}
	return true, err
}

// send sends a transaction until its outcome is known. The error of one that was overtaken is DynamoDB's own, which tells by what.
func (r *reader) send(p *plan) (result outcome, err error) {
	in := &dynamodb.TransactWriteItemsInput{TransactItems: p.items, ClientRequestToken: &p.token}
	lost := false // an answer may have been
	for try := range r.resend.tries {
		if paused := r.resend.pause(r.ctx, try); paused != nil {
			return unknown, failed("commit", errors.Join(paused, err))
		}
		_, err = r.client.TransactWriteItems(r.ctx, in, once)
		result = judge(err)
		lost = lost || result == unknown
		if lost && result != committed {
			var unread error
			if result, unread = r.prove(p, result); unread != nil {
				return unknown, unread
			}
		}
		switch result {
		case committed:
			return result, nil
		case overtaken:
			return result, err
		case denied:
			return result, failed("commit", err)
		}
	}
	return result, failed("commit", err)
}

// prove looks for what the transaction wrote, where nobody else writes while its conditions hold.
func (r *reader) prove(p *plan, result outcome) (outcome, error) {
	it, err := r.get(p.proof)
	if err != nil || it == nil {
		return result, err
	}
	if decode(it).text("tx") == p.token {
		return committed, nil
	}
	return overtaken, nil
}

// again learns from a transaction that was overtaken what another run needs to know. A run that was told what is not so may be told
// it again; twice is enough.
func (t *tx) again(p *plan, err error) (done bool, _ error) {
	cancelled, stuck := errors.AsType[*types.TransactionCanceledException](err)
	if stuck {
		for i, reason := range cancelled.CancellationReasons {
			if code := aws.ToString(reason.Code); code != none {
				stuck = stuck && code == checkFailed && p.roles[i] == given
				if unread := t.learnFrom(p.roles[i]); unread != nil {
					return true, unread
				}
			}
		}
	}
	if stuck {
		t.stuck++
	}
	return t.stuck > 1, conflict(err)
}

// learnFrom draws the conclusion from an item whose condition did not hold.
func (t *tx) learnFrom(r role) (err error) {
	switch r {
	case number:
		t.numbers = nil
	case series:
		_, _, err = t.next()
	}
	return err
}
