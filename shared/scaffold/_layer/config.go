package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/settings"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	LogRetentionDays int `json:"logRetentionDays" help:"Days that the log is kept." limit:"1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and more of CloudWatch Logs' periods"`
}

func defaults() config { return config{LogRetentionDays: 30} }

func loadConfig(ctx *pulumi.Context) (config, error) { return settings.Load(ctx, defaults()) }

// Validate implements what settings.Load asks.
func (c config) Validate() error {
	return settings.CheckLogRetention("logRetentionDays", c.LogRetentionDays)
}
