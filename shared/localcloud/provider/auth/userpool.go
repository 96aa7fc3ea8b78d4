package auth

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/provider"
)

type userPoolArgs struct {
	Name                   string               `pulumi:"name,optional"`
	AccountRecoverySetting *accountRecoveryArgs `pulumi:"accountRecoverySetting"`
	AdminCreateUserConfig  *adminCreateUserArgs `pulumi:"adminCreateUserConfig"`
	DeletionProtection     string               `pulumi:"deletionProtection,optional"`
	MFAConfiguration       string               `pulumi:"mfaConfiguration,optional"`
	PasswordPolicy         *passwordPolicyArgs  `pulumi:"passwordPolicy"`
	Tags                   map[string]string    `pulumi:"tags"`
	UserPoolTier           string               `pulumi:"userPoolTier,optional"`
	UsernameConfiguration  *usernameArgs        `pulumi:"usernameConfiguration"`
}

type accountRecoveryArgs struct {
	RecoveryMechanisms []recoveryMechanismArgs `pulumi:"recoveryMechanisms"`
}

type recoveryMechanismArgs struct {
	Name     string `pulumi:"name"`
	Priority int    `pulumi:"priority"`
}

type adminCreateUserArgs struct {
	AllowAdminCreateUserOnly bool `pulumi:"allowAdminCreateUserOnly,optional"`
}

type passwordPolicyArgs struct {
	MinimumLength                 int  `pulumi:"minimumLength,optional"`
	RequireLowercase              bool `pulumi:"requireLowercase,optional"`
	RequireUppercase              bool `pulumi:"requireUppercase,optional"`
	RequireNumbers                bool `pulumi:"requireNumbers,optional"`
	RequireSymbols                bool `pulumi:"requireSymbols,optional"`
	TemporaryPasswordValidityDays int  `pulumi:"temporaryPasswordValidityDays,optional"`
}

type usernameArgs struct {
	CaseSensitive bool `pulumi:"caseSensitive,optional"`
}

func (a userPoolArgs) plane(id string) plane.Pool {
	p := plane.Pool{ID: id, Name: a.Name, DeletionProtection: a.DeletionProtection == "ACTIVE", Tier: a.UserPoolTier, Tags: a.Tags}
	p.AdminCreateOnly = a.AdminCreateUserConfig != nil && a.AdminCreateUserConfig.AllowAdminCreateUserOnly
	p.CaseSensitive = a.UsernameConfiguration != nil && a.UsernameConfiguration.CaseSensitive
	if policy := a.PasswordPolicy; policy != nil {
		p.Policy = plane.PasswordPolicy(*policy).WithDefaults()
	}
	return p
}

func (r resources) userPool() provider.Resource[userPoolArgs] {
	return provider.Resource[userPoolArgs]{
		Token:     "aws:cognito/userPool:UserPool",
		Sets:      []string{"accountRecoverySetting.recoveryMechanisms"},
		Defaults:  provider.Outputs{"usernameConfiguration": provider.Outputs{"caseSensitive": false}, "deletionProtection": "INACTIVE", "mfaConfiguration": "OFF", "userPoolTier": "ESSENTIALS"},
		Untold:    []string{"accountRecoverySetting"},
		ReplaceOn: []string{"name", "usernameConfiguration"}, AutoName: "name",
		Validate: func(_ context.Context, a userPoolArgs) error { return a.check() },
		Create: func(ctx context.Context, a userPoolArgs) (string, provider.Outputs, error) {
			p, err := r.plane.CreateUserPool(ctx, a.plane(""))
			if err != nil {
				return "", nil, err
			}
			out, err := r.userPoolOutputs(ctx, p)
			return p.ID, out, err
		},
		Read: func(ctx context.Context, id string, a userPoolArgs) (provider.Outputs, provider.Outputs, bool, error) {
			p, err := r.plane.UserPool(ctx, id)
			if ok, err := absent.Found(err); !ok {
				return nil, nil, false, err
			}
			out, err := r.userPoolOutputs(ctx, p)
			return userPoolInputs(p, a.PasswordPolicy), out, true, err
		},
		Update: func(ctx context.Context, id string, _, a userPoolArgs) (provider.Outputs, error) {
			p, err := r.plane.UpdateUserPool(ctx, a.plane(id))
			if err != nil {
				return nil, err
			}
			return r.userPoolOutputs(ctx, p)
		},
		Delete: func(ctx context.Context, id string, _ userPoolArgs) error {
			return absent.Gone(r.plane.DeleteUserPool(ctx, id))
		},
	}
}

func (a userPoolArgs) check() error {
	switch {
	case a.DeletionProtection != "" && a.DeletionProtection != "ACTIVE" && a.DeletionProtection != "INACTIVE":
		return fmt.Errorf("deletionProtection is %q, want ACTIVE or INACTIVE", a.DeletionProtection)
	case a.MFAConfiguration != "" && a.MFAConfiguration != "OFF":
		return fmt.Errorf("mfaConfiguration is %q, and the local cloud has OFF only", a.MFAConfiguration)
	}
	if a.AccountRecoverySetting != nil {
		for _, m := range a.AccountRecoverySetting.RecoveryMechanisms {
			if m.Name != "admin_only" {
				return fmt.Errorf("account recovery is by %q, and the local cloud sends no messages: it has admin_only", m.Name)
			}
		}
	}
	return a.plane("").Check()
}

func (r resources) userPoolOutputs(ctx context.Context, p plane.Pool) (provider.Outputs, error) {
	users, err := r.plane.Users(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	domain, err := r.plane.DomainOf(ctx, p.ID)
	none := map[string]any{}
	out := set(userPoolInputs(p, nil))
	for key, value := range map[string]any{
		"arn": p.ARN, "creationDate": date(p.Created), "lastModifiedDate": date(p.Changed), "customDomain": "", "domain": domain,
		"emailVerificationMessage": "", "emailVerificationSubject": "", "smsVerificationMessage": "",
		"endpoint":               fmt.Sprintf("cognito-idp.%s.amazonaws.com/%s", r.region, p.ID),
		"estimatedNumberOfUsers": len(users), "signInPolicy": none, "smsConfiguration": none, "verificationMessageTemplate": none,
		"passwordPolicy": policyOutputs(p.Policy),
	} {
		out[key] = value
	}
	return out, err
}

func userPoolInputs(p plane.Pool, written *passwordPolicyArgs) provider.Outputs {
	protection := "INACTIVE"
	if p.DeletionProtection {
		protection = "ACTIVE"
	}
	return provider.Outputs{
		"name": p.Name, "deletionProtection": protection, "tags": provider.Object(p.Tags), "userPoolTier": p.Tier, "mfaConfiguration": "OFF",
		"adminCreateUserConfig": map[string]any{"allowAdminCreateUserOnly": p.AdminCreateOnly},
		"usernameConfiguration": map[string]any{"caseSensitive": p.CaseSensitive},
		"passwordPolicy":        policyInputs(p.Policy, written),
	}
}

// policyInputs is what of a policy is not as written. Without one AWS asks for everything;
// of one that is there, what it does not name is not asked for.
func policyInputs(p plane.PasswordPolicy, written *passwordPolicyArgs) any {
	meant := plane.PasswordPolicy{}
	switch {
	case written != nil:
		meant = plane.PasswordPolicy(*written)
	case p == plane.DefaultPasswordPolicy:
		return nil
	}
	return unlike(policyOutputs(p), policyOutputs(meant.WithDefaults()))
}

func policyOutputs(p plane.PasswordPolicy) map[string]any {
	return map[string]any{
		"minimumLength": p.MinimumLength, "requireLowercase": p.RequireLowercase, "requireNumbers": p.RequireNumbers,
		"requireSymbols": p.RequireSymbols, "requireUppercase": p.RequireUppercase,
		"temporaryPasswordValidityDays": p.TemporaryPasswordValidityDays,
	}
}
