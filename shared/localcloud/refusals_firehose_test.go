package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"

	"pipeline/shared/localcloud/drills"
)

// firehoseRefusals are those of the API (botocore service model firehose), to the AWS
// SDK, and what a deployment of a stream is told.
var firehoseRefusals = []refusal{
	{"a record to a stream that is not there", puts("nowhere", 1), 400, "ResourceNotFoundException", "Firehose nowhere under account 000000000000 not found."},
	{"a record to a stream by its ARN", puts("arn:aws:firehose:eu-central-1:000000000000:deliverystream/events", 1), 400, "ValidationException", ""},
	{"a record of more than 1,000 KiB", puts("events", 1_024_001), 400, "ValidationException",
		"1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at 'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000"},
	{"more than 500 records", putsBatch(501, 1), 400, "ValidationException", ""},
	{"no records", putsBatch(0, 1), 400, "ValidationException", "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"more than 4 MiB of records", putsBatch(5, 1_000_000), 400, "InvalidArgumentException", "Records size exceeds 4 MB limit"},
	{"a stream that is not there, described", func(ctx context.Context, a *account) error {
		_, err := firehose.NewFromConfig(a.aws).DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("nowhere")})
		return err
	}, 400, "ResourceNotFoundException", "Firehose nowhere under account 000000000000 not found."},
	{"a role that may not", func(ctx context.Context, a *account) error { return put(ctx, a.nobody, "events", 1) }, 400, "AccessDeniedException",
		"User: {session} is not authorized to perform: firehose:PutRecord on resource: arn:aws:firehose:eu-central-1:000000000000:deliverystream/events because no identity-based policy allows the firehose:PutRecord action"},
	{"a record while there is no room", drill("refuse-records", drills.Arguments{Stream: "events"}, puts("events", 1)), 503, "ServiceUnavailableException", "Slow down."},
	{"a call that nobody signed", asksAPI("Firehose_20150804.PutRecord", `{"DeliveryStreamName":"events","Record":{"Data":"eA=="}}`), 400, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	{"a call that is signed for another region", func(ctx context.Context, a *account) error { return put(ctx, elsewhere(a.aws), "events", 1) }, 400, "InvalidSignatureException",
		"Credential should be scoped to a valid region, not 'us-east-1'."},
	{"a description of no destinations", func(ctx context.Context, a *account) error {
		_, err := firehose.NewFromConfig(a.aws).DescribeDeliveryStream(ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("events"), Limit: aws.Int32(0)})
		return err
	}, 400, "ValidationException", "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	{"a stream that is there, deployed again", deploys(streamType, stream("events", nil)), 0, "ResourceInUseException", "Firehose events under account 000000000000 already exists"},
	{"a stream whose role does not trust Firehose", deploys(streamType, stream("other", object{"roleArn": roleARN("nobody")})), 0, "InvalidArgumentException",
		"Firehose is unable to assume role arn:aws:iam::000000000000:role/nobody. Please check the role provided."},
	{"a prefix with expressions and no prefix for errors", deploys(streamType, stream("other", object{"prefix": "events/!{timestamp:yyyy}/"})), 0, "InvalidArgumentException",
		"ErrorOutputPrefix can't be null or empty when Prefix contains expressions."},
}

func put(ctx context.Context, as aws.Config, stream string, bytes int) error {
	_, err := firehose.NewFromConfig(as).PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String(stream),
		Record: &types.Record{Data: []byte(strings.Repeat("x", bytes))}})
	return err
}

// elsewhere is a client's configuration of another region, which finds its way here all the same.
func elsewhere(to aws.Config) aws.Config {
	to.Region = "us-east-1"
	return to
}

func puts(stream string, bytes int) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error { return put(ctx, a.aws, stream, bytes) }
}

func putsBatch(records, bytes int) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("events"), Records: []types.Record{}}
		for range records {
			in.Records = append(in.Records, types.Record{Data: []byte(strings.Repeat("x", bytes))})
		}
		_, err := firehose.NewFromConfig(a.aws).PutRecordBatch(ctx, in)
		return err
	}
}

// asksAPI calls an operation of a JSON API without a signature.
func asksAPI(target, body string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		return a.call(ctx, http.MethodPost, a.url, body, inHeader, "X-Amz-Target", target, "Content-Type", "application/x-amz-json-1.1")
	}
}
