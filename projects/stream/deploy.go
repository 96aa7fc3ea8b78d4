package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// deploy makes the delivery stream, where its errors are told, and who hears of them.
func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx)
	if err != nil {
		return err
	}
	up, err := readUpstream(ctx, s, cfg)
	if err != nil {
		return err
	}
	logs, err := newDeliveryLogs(ctx, s, "delivery-logs", cfg)
	if err != nil {
		return err
	}
	stream, err := newDeliveryStream(ctx, s, "delivery", cfg, up, logs)
	if err != nil {
		return err
	}
	if err := newAlarms(ctx, s, "alarms", cfg, stream); err != nil {
		return err
	}
	if err := newDashboard(ctx, s, cfg, up); err != nil {
		return err
	}
	return outputs.Stream{Name: stream.Name, ARN: stream.Arn, LogGroup: logs.group}.Export(ctx)
}

// upstream is what this layer reads of the others. With destination S3 there may be no
// warehouse.
type upstream struct {
	iam       outputs.IAM
	storage   outputs.Storage
	warehouse outputs.Warehouse
}

func readUpstream(ctx *pulumi.Context, s *stack.Stack, cfg config) (up upstream, err error) {
	if up.iam, err = outputs.ReadIAM(ctx, s); err != nil {
		return up, err
	}
	if up.storage, err = outputs.ReadStorage(ctx, s); err != nil {
		return up, err
	}
	if cfg.Destination == toRedshift {
		up.warehouse, err = outputs.ReadWarehouse(ctx, s)
	}
	return up, err
}
