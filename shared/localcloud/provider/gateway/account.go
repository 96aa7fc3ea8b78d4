package gateway

import (
	"context"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

type accountArgs struct {
	CloudwatchRoleARN string `pulumi:"cloudwatchRoleArn,optional"`
}

// account is one for an account and region. As AWS's provider does, deleting it leaves
// the setting as it is.
func (r resources) account() provider.Resource[accountArgs] {
	put := func(a accountArgs) (provider.Outputs, error) {
		err := r.plane.UpdateAccount(plane.Account{CloudwatchRoleARN: a.CloudwatchRoleARN})
		return r.accountOutputs(), err
	}
	return provider.Resource[accountArgs]{
		Token: "aws:apigateway/account:Account",
		Create: func(_ context.Context, a accountArgs) (string, provider.Outputs, error) {
			out, err := put(a)
			return "api-gateway-account", out, err
		},
		Read: func(_ context.Context, _ string, _ accountArgs) (provider.Outputs, provider.Outputs, bool, error) {
			return provider.Outputs{"cloudwatchRoleArn": r.plane.GetAccount().CloudwatchRoleARN}, r.accountOutputs(), true, nil
		},
		Update: func(_ context.Context, _ string, _, a accountArgs) (provider.Outputs, error) {
			return put(a)
		},
		Delete: func(context.Context, string, accountArgs) error { return nil },
	}
}

func (r resources) accountOutputs() provider.Outputs {
	rate, burst := r.plane.Throttle()
	return provider.Outputs{
		"apiKeyVersion":     "4",
		"cloudwatchRoleArn": r.plane.GetAccount().CloudwatchRoleARN,
		"features":          []any{"UsagePlans"},
		"throttleSettings":  []any{map[string]any{"rateLimit": rate, "burstLimit": burst}},
	}
}
