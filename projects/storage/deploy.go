package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// deploy makes the staging bucket.
func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx, s)
	if err != nil {
		return err
	}
	bucket, err := newStagingBucket(ctx, s, "staging", cfg)
	if err != nil {
		return err
	}
	return outputs.Storage{
		BucketName: bucket.Bucket,
		BucketARN:  bucket.Arn,
	}.Export(ctx)
}
