package iam

import (
	"context"
	"time"

	plane "pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider"
)

type roleArgs struct {
	Name                string            `pulumi:"name,optional"`
	Path                string            `pulumi:"path,optional"`
	Description         string            `pulumi:"description,optional"`
	AssumeRolePolicy    string            `pulumi:"assumeRolePolicy"`
	ForceDetachPolicies bool              `pulumi:"forceDetachPolicies,optional"`
	MaxSessionDuration  int               `pulumi:"maxSessionDuration,optional"`
	Tags                map[string]string `pulumi:"tags"`
}

func (a roleArgs) plane(name string) plane.Role {
	return plane.Role{Name: name, Path: a.Path, Description: a.Description, TrustPolicy: a.AssumeRolePolicy,
		MaxSessionSeconds: a.MaxSessionDuration, Tags: a.Tags}
}

func (r resources) role() provider.Resource[roleArgs] {
	return provider.Resource[roleArgs]{
		Token:     "aws:iam/role:Role",
		ReplaceOn: []string{"name", "path"}, AutoName: "name",
		Rules: map[string]func(any) error{
			"assumeRolePolicy": func(v any) error { return plane.CheckTrustPolicy(v.(string)) },
		},
		Create: func(_ context.Context, a roleArgs) (string, provider.Outputs, error) {
			role, err := r.plane.CreateRole(a.plane(a.Name))
			return role.Name, roleOutputs(role), err
		},
		Defaults: provider.Outputs{"path": "/", "maxSessionDuration": 3600},
		Untold:   []string{"forceDetachPolicies"},
		Read: func(_ context.Context, id string, _ roleArgs) (provider.Outputs, provider.Outputs, bool, error) {
			role, err := r.plane.GetRole(id)
			ok, err := absent.Found(err)
			return roleInputs(role), roleOutputs(role), ok, err
		},
		Update: func(_ context.Context, id string, _, a roleArgs) (provider.Outputs, error) {
			role, err := r.plane.UpdateRole(a.plane(id))
			return roleOutputs(role), err
		},
		Delete: func(_ context.Context, id string, a roleArgs) error {
			if a.ForceDetachPolicies {
				if err := r.detachAll(id); err != nil {
					return absent.Gone(err)
				}
			}
			return absent.Gone(r.plane.DeleteRole(id))
		},
	}
}

func roleInputs(role plane.Role) provider.Outputs {
	return provider.Outputs{"name": role.Name, "assumeRolePolicy": role.TrustPolicy, "path": role.Path, "description": role.Description,
		"maxSessionDuration": role.MaxSessionSeconds, "tags": role.Tags}
}

func roleOutputs(role plane.Role) provider.Outputs {
	return provider.Outputs{"arn": role.ARN, "createDate": role.Created.Format(time.RFC3339), "namePrefix": "",
		"path": role.Path, "maxSessionDuration": role.MaxSessionSeconds, "uniqueId": role.ID}
}

// detachAll removes the policies that a role still has.
func (r resources) detachAll(role string) error {
	attached, err := r.plane.AttachedRolePolicies(role)
	if err != nil {
		return err
	}
	for _, arn := range attached {
		if err := r.plane.DetachRolePolicy(role, arn); err != nil {
			return err
		}
	}
	inline, err := r.plane.RolePolicies(role)
	if err != nil {
		return err
	}
	for name := range inline {
		if err := r.plane.DeleteRolePolicy(role, name); err != nil {
			return err
		}
	}
	return nil
}
