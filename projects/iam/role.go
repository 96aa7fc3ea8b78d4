package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/policy"
	"pipeline/shared/stack"
)

// role is a role as data: who may take it on, and what it may then do.
type role struct {
	name        string // the resource's, "gateway"
	roleName    string // IAM's
	description string
	trust       policy.Document
	permissions policy.Document
	managed     []string // ARNs of policies that AWS keeps
}

// newRole registers the role with its policies and returns its ARN, which is known to
// consumers only when the policies are there too.
func newRole(ctx *pulumi.Context, s *stack.Stack, r role) (pulumi.StringOutput, error) {
	made, err := iam.NewRole(ctx, r.name, &iam.RoleArgs{
		Name:             pulumi.String(r.roleName),
		Description:      pulumi.String(r.description),
		AssumeRolePolicy: r.trust.JSON(),
		Tags:             s.Tags(),
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	var attached []pulumi.Resource
	if len(r.permissions) > 0 {
		p, err := iam.NewRolePolicy(ctx, r.name, &iam.RolePolicyArgs{
			Name:   pulumi.String(r.roleName),
			Role:   made.Name,
			Policy: r.permissions.JSON(),
		}, pulumi.Parent(made))
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		attached = append(attached, p)
	}
	for _, arn := range r.managed {
		a, err := iam.NewRolePolicyAttachment(ctx, r.name, &iam.RolePolicyAttachmentArgs{
			Role:      made.Name,
			PolicyArn: pulumi.String(arn),
		}, pulumi.Parent(made))
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		attached = append(attached, a)
	}
	return afterwards(made.Arn, attached), nil
}

// afterwards is arn once every resource exists.
func afterwards(arn pulumi.StringOutput, resources []pulumi.Resource) pulumi.StringOutput {
	all := []any{arn}
	for _, r := range resources {
		all = append(all, r.URN())
	}
	return pulumi.All(all...).ApplyT(func(values []any) string { return values[0].(string) }).(pulumi.StringOutput)
}
