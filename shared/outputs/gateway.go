package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// Gateway is what layer gateway exports: where events are posted.
type Gateway struct {
	URL   pulumi.StringOutput // base URL of the stage, without a slash at the end
	APIID pulumi.StringOutput // the REST API
	Stage pulumi.StringOutput // its stage, the first segment of every path
}

func (o *Gateway) fields() fields {
	return fields{
		"apiGatewayUrl": &o.URL,
		"apiId":         &o.APIID,
		"stage":         &o.Stage,
	}
}

// Export exports o from layer gateway.
func (o Gateway) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "gateway") }

// ReadGateway reads what layer gateway exported in the same environment.
func ReadGateway(ctx *pulumi.Context, s *stack.Stack) (Gateway, error) {
	var o Gateway
	err := o.fields().read(ctx, s, "gateway")
	return o, err
}
