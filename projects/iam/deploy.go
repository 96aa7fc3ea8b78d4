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
	cfg, err := loadConfig(ctx)
	if err != nil {
		return err
	}

	gateway, err := newRole(ctx, s, gatewayRole(s))
	if err != nil {
		return err
	}
	gatewayLogs, err := newRole(ctx, s, gatewayLogsRole(s))
	if err != nil {
		return err
	}
	delivery, err := newRole(ctx, s, deliveryRole(s))
	if err != nil {
		return err
	}
	warehouse, err := newRole(ctx, s, warehouseRole(s))
	if err != nil {
		return err
	}
	for _, extra := range cfg.Roles {
		if err := newExtraRole(ctx, s, extra); err != nil {
			return err
		}
	}

	return outputs.IAM{
		GatewayRoleARN:     gateway,
		GatewayLogsRoleARN: gatewayLogs,
		DeliveryRoleARN:    delivery,
		WarehouseRoleARN:   warehouse,
	}.Export(ctx)
}
