package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// newLog makes the log group. A name that another layer has to know before the group is
// there belongs into shared/names.
func newLog(ctx *pulumi.Context, s *stack.Stack, name string, cfg config) (*cloudwatch.LogGroup, error) {
	return cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/" + s.Prefix() + "/sample"),
		RetentionInDays: pulumi.Int(cfg.LogRetentionDays),
		Tags:            s.Tags(),
	})
}
