package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/settings"
	"pipeline/shared/stack"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	StagingRetentionDays int  `json:"stagingRetentionDays" help:"Days after which a staged object is deleted. Firehose never deletes any." limit:"3 or more: Firehose's retries (2 hours) and its S3 retries (24 hours) must be over"`
	ErrorRetentionDays   int  `json:"errorRetentionDays" help:"Days for which what could not be delivered is kept for a replay." limit:"not below stagingRetentionDays"`
	ForceDestroy         bool `json:"forceDestroy" help:"Delete the bucket even if there are objects in it. It must be deployed before the destroy that relies on it." limit:"refused for a protected environment"`
}

// shortestRetentionDays leaves Firehose's retry window (7,200 s at most) plus the 24 hours for
// which it retries S3, in whole days of lifecycle, with a day to spare: S3 rounds two days up to
// the next midnight UTC.
const shortestRetentionDays = 3

func defaults() config { return config{StagingRetentionDays: 14, ErrorRetentionDays: 90} }

func loadConfig(ctx *pulumi.Context, s *stack.Stack) (config, error) {
	cfg, err := settings.Load(ctx, defaults())
	if err != nil {
		return cfg, err
	}
	if cfg.ForceDestroy && s.Environment.Protected {
		return cfg, fmt.Errorf("Pulumi.%s.yaml: forceDestroy would delete events, and Pulumi.org.yaml protects %s: remove one of the two",
			ctx.Stack(), s.Environment.Name)
	}
	return cfg, nil
}

// Validate keeps an object until nothing can ask for it any more.
func (c config) Validate() error {
	if c.StagingRetentionDays < shortestRetentionDays {
		return fmt.Errorf("stagingRetentionDays is %d: below %d a staged object can expire while Firehose still retries its COPY",
			c.StagingRetentionDays, shortestRetentionDays)
	}
	if c.ErrorRetentionDays < c.StagingRetentionDays {
		return fmt.Errorf("errorRetentionDays is %d, below stagingRetentionDays (%d): what failed would go before what succeeded",
			c.ErrorRetentionDays, c.StagingRetentionDays)
	}
	return nil
}
