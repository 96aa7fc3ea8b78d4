package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/policy"
	"pipeline/shared/settings"
	"pipeline/shared/stack"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	Roles []extraRole `json:"roles" help:"Further roles, for what else this account does." limit:"1,000 roles an account"`
}

// extraRole is a role that the pipeline does not need.
type extraRole struct {
	Name                string `json:"name" help:"IAM's name of the role." limit:"1-64 letters, digits or _+=,.@-"`
	AssumePolicy        string `json:"assumePolicy" help:"Trust policy, JSON." limit:"2,048 characters"`
	InlinePolicy        string `json:"inlinePolicy" help:"Permission policy, JSON; named <name>-inline-role." limit:"10,240 characters"`
	ForceDetachPolicies bool   `json:"forceDetachPolicies" help:"Detach policies that others attached before the role is deleted."`
}

func loadConfig(ctx *pulumi.Context, s *stack.Stack) (config, error) {
	cfg, err := settings.Load(ctx, config{})
	if err != nil {
		return cfg, err
	}
	for i, r := range cfg.Roles {
		if slices.ContainsFunc(pipelineRoles(s), func(own role) bool { return r.Name == own.name || strings.EqualFold(r.Name, own.roleName) }) {
			return cfg, fmt.Errorf("Pulumi.%s.yaml: roles[%d].name %q is the name of a role of the pipeline", ctx.Stack(), i, r.Name)
		}
	}
	return cfg, nil
}

// roleName is IAM's (API reference, CreateRole).
var roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)

// Validate checks the roles' policies, which Pulumi would find out from AWS only when
// half of the layer is made.
func (c config) Validate() error {
	seen := map[string]bool{}
	for i, r := range c.Roles {
		if !roleName.MatchString(r.Name) {
			return fmt.Errorf("roles[%d].name is %q, want 1 to 64 letters, digits or _+=,.@-", i, r.Name)
		}
		if seen[strings.ToLower(r.Name)] {
			return fmt.Errorf("roles[%d].name %q is there twice", i, r.Name)
		}
		seen[strings.ToLower(r.Name)] = true
		if err := r.checkPolicies(); err != nil {
			return fmt.Errorf("roles[%d] %q: %w", i, r.Name, err)
		}
	}
	return nil
}

func (r extraRole) checkPolicies() error {
	if err := policy.Check(policy.TrustPolicy, r.AssumePolicy); err != nil {
		return fmt.Errorf("assumePolicy: %w", err)
	}
	if r.InlinePolicy == "" {
		return nil
	}
	if err := policy.Check(policy.PermissionPolicy, r.InlinePolicy); err != nil {
		return fmt.Errorf("inlinePolicy: %w", err)
	}
	return nil
}
