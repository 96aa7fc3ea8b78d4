package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// newExtraRole registers a role from the settings.
func newExtraRole(ctx *pulumi.Context, s *stack.Stack, r extraRole) error {
	made, err := iam.NewRole(ctx, r.Name, &iam.RoleArgs{
		Name:                pulumi.String(r.Name),
		AssumeRolePolicy:    pulumi.String(r.AssumePolicy),
		ForceDetachPolicies: pulumi.Bool(r.ForceDetachPolicies),
		Tags:                s.Tags(),
	})
	if err != nil || r.InlinePolicy == "" {
		return err
	}
	_, err = iam.NewRolePolicy(ctx, r.Name, &iam.RolePolicyArgs{
		Name:   pulumi.String(r.Name + "-inline-role"),
		Role:   made.Name,
		Policy: pulumi.String(r.InlinePolicy),
	}, pulumi.Parent(made))
	return err
}
