package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// deploy makes the log.
func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx)
	if err != nil {
		return err
	}
	log, err := newLog(ctx, s, "log", cfg)
	if err != nil {
		return err
	}
	return outputs.Sample{
		LogGroupName: log.Name,
		LogGroupARN:  log.Arn,
	}.Export(ctx)
}
