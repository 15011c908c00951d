package eventsource

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// Reader reads a table's stream, shard by shard.
type Reader struct {
	client *dynamodbstreams.Client
	arn    *string
	shards []*shard
}

type shard struct {
	id string
	at *string // where to read on; nil at its end
}

// Where a reader begins: with the oldest record that the stream still has, or with the next that is written.
const (
	Oldest = types.ShardIteratorTypeTrimHorizon
	Latest = types.ShardIteratorTypeLatest
)

// Open begins to read a stream, of which it gets the ARN: what is written from here on will be read.
func Open(ctx context.Context, client *dynamodbstreams.Client, arn string, from types.ShardIteratorType) (*Reader, error) {
	r := &Reader{client: client, arn: &arn}
	stream, err := client.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
	if err != nil {
		return nil, fmt.Errorf("the stream %s: %w", arn, err)
	}
	for _, s := range stream.StreamDescription.Shards {
		begin, err := client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{StreamArn: &arn, ShardId: s.ShardId, ShardIteratorType: from})
		if err != nil {
			return nil, fmt.Errorf("the shard %s: %w", aws.ToString(s.ShardId), err)
		}
		r.shards = append(r.shards, &shard{aws.ToString(s.ShardId), begin.ShardIterator})
	}
	return r, nil
}

// Next gives the records that have come, by shard, each shard's in order. It waits for none.
func (r *Reader) Next(ctx context.Context) (map[string][]Record, error) {
	come := make(map[string][]Record)
	for _, s := range r.shards {
		if s.at == nil {
			continue
		}
		out, err := r.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.at})
		if err != nil {
			return nil, fmt.Errorf("the shard %s: %w", s.id, err)
		}
		s.at = out.NextShardIterator
		for i := range out.Records {
			come[s.id] = append(come[s.id], handedOver(r.arn, &out.Records[i]))
		}
	}
	return come, nil
}
