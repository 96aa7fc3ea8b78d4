package iam

import (
	"context"
	"fmt"
	"strings"

	plane "pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider"
)

type rolePolicyArgs struct {
	Name   string `pulumi:"name,optional"`
	Policy string `pulumi:"policy"`
	Role   string `pulumi:"role"`
}

// rolePolicy is an inline policy. Its id is "role:name", as for an import.
func (r resources) rolePolicy() provider.Resource[rolePolicyArgs] {
	return provider.Resource[rolePolicyArgs]{
		Token:     "aws:iam/rolePolicy:RolePolicy",
		ReplaceOn: []string{"name", "role"}, AutoName: "name",
		Rules: map[string]func(any) error{
			"policy": func(v any) error { return plane.CheckRolePolicy("any", v.(string)) },
		},
		Create: func(_ context.Context, a rolePolicyArgs) (string, provider.Outputs, error) {
			return a.Role + ":" + a.Name, rolePolicyOutputs(), r.plane.PutRolePolicy(a.Role, a.Name, a.Policy)
		},
		Read: func(_ context.Context, id string, _ rolePolicyArgs) (provider.Outputs, provider.Outputs, bool, error) {
			role, name, err := split(id, ":", "role:name")
			if err != nil {
				return nil, nil, false, err
			}
			document, err := r.plane.GetRolePolicy(role, name)
			ok, err := absent.Found(err)
			return provider.Outputs{"role": role, "name": name, "policy": document}, rolePolicyOutputs(), ok, err
		},
		Update: func(_ context.Context, _ string, _, a rolePolicyArgs) (provider.Outputs, error) {
			return rolePolicyOutputs(), r.plane.PutRolePolicy(a.Role, a.Name, a.Policy)
		},
		Delete: func(_ context.Context, _ string, a rolePolicyArgs) error {
			return absent.Gone(r.plane.DeleteRolePolicy(a.Role, a.Name))
		},
	}
}

func rolePolicyOutputs() provider.Outputs { return provider.Outputs{"namePrefix": ""} }

// split cuts an id, which a person may have written for an import, in two.
func split(id, separator, form string) (before, after string, err error) {
	before, after, ok := strings.Cut(id, separator)
	if !ok {
		return "", "", fmt.Errorf("id %q is not of the form %s", id, form)
	}
	return before, after, nil
}
