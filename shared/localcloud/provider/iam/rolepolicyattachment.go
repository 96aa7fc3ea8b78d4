package iam

import (
	"context"
	"slices"

	"pipeline/shared/localcloud/provider"
)

type rolePolicyAttachmentArgs struct {
	PolicyARN string `pulumi:"policyArn"`
	Role      string `pulumi:"role"`
}

// rolePolicyAttachment gives a role a managed policy. Its id is "role/policy ARN", as for
// an import.
func (r resources) rolePolicyAttachment() provider.Resource[rolePolicyAttachmentArgs] {
	return provider.Resource[rolePolicyAttachmentArgs]{
		Token:     "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		ReplaceOn: []string{"*"},
		Rules:     map[string]func(any) error{"policyArn": func(v any) error { return r.plane.CheckManagedPolicy(v.(string)) }},
		Create: func(_ context.Context, a rolePolicyAttachmentArgs) (string, provider.Outputs, error) {
			return a.Role + "/" + a.PolicyARN, nil, r.plane.AttachRolePolicy(a.Role, a.PolicyARN)
		},
		Read: func(_ context.Context, id string, _ rolePolicyAttachmentArgs) (provider.Outputs, provider.Outputs, bool, error) {
			role, arn, err := split(id, "/", "role/policy ARN")
			if err != nil {
				return nil, nil, false, err
			}
			attached, err := r.plane.AttachedRolePolicies(role)
			ok, err := absent.Found(err)
			return provider.Outputs{"role": role, "policyArn": arn}, nil, ok && slices.Contains(attached, arn), err
		},
		Delete: func(_ context.Context, _ string, a rolePolicyAttachmentArgs) error {
			return absent.Gone(r.plane.DetachRolePolicy(a.Role, a.PolicyARN))
		},
	}
}
