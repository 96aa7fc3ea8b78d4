package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// deploy makes the roles of the pipeline, then those that the settings add.
func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx, s)
	if err != nil {
		return err
	}

	arns := map[string]pulumi.StringOutput{}
	for _, r := range pipelineRoles(s) {
		if arns[r.name], err = newRole(ctx, s, r); err != nil {
			return err
		}
	}
	for _, extra := range cfg.Roles {
		if err := newExtraRole(ctx, s, extra); err != nil {
			return err
		}
	}

	return outputs.IAM{
		GatewayRoleARN:     arns["gateway"],
		GatewayLogsRoleARN: arns["gateway-logs"],
		DeliveryRoleARN:    arns["delivery"],
		WarehouseRoleARN:   arns["warehouse"],
	}.Export(ctx)
}
