package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// IAM is what layer iam exports: the ARNs of the roles.
type IAM struct {
	GatewayRoleARN     pulumi.StringOutput // API Gateway puts records
	GatewayLogsRoleARN pulumi.StringOutput // API Gateway writes its logs
	DeliveryRoleARN    pulumi.StringOutput // Firehose
	WarehouseRoleARN   pulumi.StringOutput // Redshift, COPY by hand
}

func (o *IAM) fields() fields {
	return fields{
		"gatewayRoleArn":     &o.GatewayRoleARN,
		"gatewayLogsRoleArn": &o.GatewayLogsRoleARN,
		"deliveryRoleArn":    &o.DeliveryRoleARN,
		"warehouseRoleArn":   &o.WarehouseRoleARN,
	}
}

// Export exports o from layer iam.
func (o IAM) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "iam") }

// ReadIAM reads what layer iam exported in the same environment.
func ReadIAM(ctx *pulumi.Context, s *stack.Stack) (IAM, error) {
	var o IAM
	err := o.fields().read(ctx, s, "iam")
	return o, err
}
