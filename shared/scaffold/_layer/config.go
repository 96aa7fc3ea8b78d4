package main

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/settings"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	LogRetentionDays int `json:"logRetentionDays" help:"Days that the log is kept." limit:"1, 3, 5, 7, 14, 30, 60, 90, 180 or 365"`
}

func defaults() config { return config{LogRetentionDays: 30} }

func loadConfig(ctx *pulumi.Context) (config, error) { return settings.Load(ctx, defaults()) }

// Validate allows some of the periods that CloudWatch Logs knows: it takes no others.
func (c config) Validate() error {
	if known := []int{1, 3, 5, 7, 14, 30, 60, 90, 180, 365}; !slices.Contains(known, c.LogRetentionDays) {
		return fmt.Errorf("logRetentionDays is %d: it has to be one of %v", c.LogRetentionDays, known)
	}
	return nil
}
