package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// Stream is what layer stream exports: the delivery stream.
type Stream struct {
	Name     pulumi.StringOutput // what records are put to
	ARN      pulumi.StringOutput // the same, as policies take it
	LogGroup pulumi.StringOutput // where delivery errors are
}

func (o *Stream) fields() fields {
	return fields{
		"streamName": &o.Name,
		"streamArn":  &o.ARN,
		"logGroup":   &o.LogGroup,
	}
}

// Export exports o from layer stream.
func (o Stream) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "stream") }

// ReadStream reads what layer stream exported in the same environment.
func ReadStream(ctx *pulumi.Context, s *stack.Stack) (Stream, error) {
	var o Stream
	err := o.fields().read(ctx, s, "stream")
	return o, err
}
