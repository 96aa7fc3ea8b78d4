package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/policy"
	"pipeline/shared/settings"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	Roles []extraRole `json:"roles" help:"Further roles, for what else this account does." limit:"1,000 roles an account"`
}

// extraRole is a role that the pipeline does not need.
type extraRole struct {
	Name                string `json:"name" help:"IAM's name of the role." limit:"1-64 characters"`
	AssumePolicy        string `json:"assumePolicy" help:"Trust policy, JSON." limit:"2,048 characters"`
	InlinePolicy        string `json:"inlinePolicy" help:"Permission policy, JSON; named <name>-inline-role." limit:"10,240 characters"`
	ForceDetachPolicies bool   `json:"forceDetachPolicies" help:"Detach policies that others attached before the role is deleted."`
}

func loadConfig(ctx *pulumi.Context) (config, error) {
	return settings.Load(ctx, config{})
}

// Validate checks the roles' policies, which Pulumi would find out from AWS only when
// half of the layer is made.
func (c config) Validate() error {
	seen := map[string]bool{}
	for i, r := range c.Roles {
		if len(r.Name) < 1 || len(r.Name) > 64 {
			return fmt.Errorf("roles[%d].name is %q: it has to have 1 to 64 characters", i, r.Name)
		}
		if seen[r.Name] {
			return fmt.Errorf("roles[%d].name %q is there twice", i, r.Name)
		}
		seen[r.Name] = true
		if err := policy.Check(policy.TrustPolicy, r.AssumePolicy); err != nil {
			return fmt.Errorf("roles[%d] %q: assumePolicy: %w", i, r.Name, err)
		}
		if r.InlinePolicy == "" {
			continue
		}
		if err := policy.Check(policy.PermissionPolicy, r.InlinePolicy); err != nil {
			return fmt.Errorf("roles[%d] %q: inlinePolicy: %w", i, r.Name, err)
		}
	}
	return nil
}
