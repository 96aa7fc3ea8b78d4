package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/names"
	"pipeline/shared/policy"
	"pipeline/shared/stack"
)

// stagingBucket is a private, encrypted bucket that forgets what was delivered.
type stagingBucket struct {
	pulumi.ResourceState
	Bucket pulumi.StringOutput
	Arn    pulumi.StringOutput
}

func newStagingBucket(ctx *pulumi.Context, s *stack.Stack, name string, cfg config) (*stagingBucket, error) {
	c := &stagingBucket{}
	if err := ctx.RegisterComponentResource("pipeline:storage:StagingBucket", name, c); err != nil {
		return nil, err
	}
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{
		Bucket:       pulumi.String(s.StagingBucket()),
		ForceDestroy: pulumi.Bool(cfg.ForceDestroy),
		Tags:         s.Tags(),
	}, pulumi.Parent(c), pulumi.Protect(s.Environment.Protected))
	if err != nil {
		return nil, err
	}
	if err := keepPrivate(ctx, name, bucket, c); err != nil {
		return nil, err
	}
	if err := expire(ctx, name, bucket, cfg, c); err != nil {
		return nil, err
	}
	c.Bucket, c.Arn = bucket.Bucket, bucket.Arn
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"bucket": c.Bucket, "arn": c.Arn})
}

// keepPrivate closes the bucket to the public, to other accounts' ACLs and to plain HTTP.
func keepPrivate(ctx *pulumi.Context, name string, bucket *s3.BucketV2, c pulumi.Resource) error {
	_, err := s3.NewBucketOwnershipControls(ctx, name+"-ownership", &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.Bucket,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	_, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name+"-encryption", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		}},
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	block, err := s3.NewBucketPublicAccessBlock(ctx, name+"-public-access", &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.Bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	// S3 refuses two changes of one bucket's access at the same time, so the policy waits.
	_, err = s3.NewBucketPolicy(ctx, name+"-tls", &s3.BucketPolicyArgs{
		Bucket: bucket.Bucket,
		Policy: tlsOnly(bucket).JSON(),
	}, pulumi.Parent(c), pulumi.DependsOn([]pulumi.Resource{block}))
	return err
}

func tlsOnly(bucket *s3.BucketV2) policy.Document {
	return policy.Document{{
		Sid:        "TlsOnly",
		Deny:       true,
		Principal:  policy.Principal{Anyone: true},
		Actions:    []string{"s3:*"},
		Resources:  []pulumi.StringInput{bucket.Arn, pulumi.Sprintf("%s/*", bucket.Arn)},
		Conditions: map[string]pulumi.StringMap{"Bool": {"aws:SecureTransport": pulumi.String("false")}},
	}}
}

// expire deletes staged objects and manifests, and later what could not be delivered.
func expire(ctx *pulumi.Context, name string, bucket *s3.BucketV2, cfg config, c pulumi.Resource) error {
	_, err := s3.NewBucketLifecycleConfigurationV2(ctx, name+"-expiry", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{
			expiry("staged", names.StagingPrefix, cfg.StagingRetentionDays),
			expiry("manifests", names.ManifestsPrefix, cfg.StagingRetentionDays),
			expiry("errors", names.ErrorsPrefix, cfg.ErrorRetentionDays),
			s3.BucketLifecycleConfigurationV2RuleArgs{
				Id:     pulumi.String("unfinished-uploads"),
				Status: pulumi.String("Enabled"),
				Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
				AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
					DaysAfterInitiation: pulumi.Int(7),
				},
			},
		},
	}, pulumi.Parent(c))
	return err
}

func expiry(id, prefix string, days int) s3.BucketLifecycleConfigurationV2RuleArgs {
	return s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:         pulumi.String(id),
		Status:     pulumi.String("Enabled"),
		Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(prefix)},
		Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)},
	}
}
