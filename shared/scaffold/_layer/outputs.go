package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// Sample is what layer sample exports: its log.
type Sample struct {
	LogGroupName pulumi.StringOutput // where the layer writes its log
	LogGroupARN  pulumi.StringOutput // the same, as a policy takes it
}

func (o *Sample) fields() fields {
	return fields{
		"logGroupName": &o.LogGroupName,
		"logGroupArn":  &o.LogGroupARN,
	}
}

// Export exports o from layer sample.
func (o Sample) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "sample") }

// ReadSample reads what layer sample exported in the same environment.
func ReadSample(ctx *pulumi.Context, s *stack.Stack) (Sample, error) {
	var o Sample
	err := o.fields().read(ctx, s, "sample")
	return o, err
}
