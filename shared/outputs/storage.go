package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// Storage is what layer storage exports: the staging bucket.
type Storage struct {
	BucketName pulumi.StringOutput // the staging bucket
	BucketARN  pulumi.StringOutput // the same, as Firehose takes it
}

func (o *Storage) fields() fields {
	return fields{
		"bucketName": &o.BucketName,
		"bucketArn":  &o.BucketARN,
	}
}

// Export exports o from layer storage.
func (o Storage) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "storage") }

// ReadStorage reads what layer storage exported in the same environment.
func ReadStorage(ctx *pulumi.Context, s *stack.Stack) (Storage, error) {
	var o Storage
	err := o.fields().read(ctx, s, "storage")
	return o, err
}
