package main

import (
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// newUserPool makes a pool in which only an administrator makes users and resets their
// passwords. In a protected environment neither Pulumi nor anybody else can delete it
// before that is taken back.
func newUserPool(ctx *pulumi.Context, s *stack.Stack, cfg config) (*cognito.UserPool, error) {
	protection := "INACTIVE"
	if s.Environment.Protected {
		protection = "ACTIVE"
	}
	return cognito.NewUserPool(ctx, "users", &cognito.UserPoolArgs{
		Name:                  pulumi.String(s.Prefix()),
		AdminCreateUserConfig: cognito.UserPoolAdminCreateUserConfigArgs{AllowAdminCreateUserOnly: pulumi.Bool(true)},
		AccountRecoverySetting: cognito.UserPoolAccountRecoverySettingArgs{
			RecoveryMechanisms: cognito.UserPoolAccountRecoverySettingRecoveryMechanismArray{
				cognito.UserPoolAccountRecoverySettingRecoveryMechanismArgs{Name: pulumi.String("admin_only"), Priority: pulumi.Int(1)},
			},
		},
		DeletionProtection:    pulumi.String(protection),
		PasswordPolicy:        cfg.passwordPolicy(),
		UsernameConfiguration: cognito.UserPoolUsernameConfigurationArgs{CaseSensitive: pulumi.Bool(cfg.CaseSensitiveNames)},
		UserPoolTier:          pulumi.String(cfg.Tier),
		Tags:                  s.Tags(),
	}, pulumi.Protect(s.Environment.Protected))
}

func (c config) passwordPolicy() cognito.UserPoolPasswordPolicyArgs {
	requires := func(kind string) pulumi.Bool { return pulumi.Bool(slices.Contains(c.PasswordCharacters, kind)) }
	return cognito.UserPoolPasswordPolicyArgs{
		MinimumLength:                 pulumi.Int(c.PasswordMinimumLength),
		RequireLowercase:              requires("lowercase"),
		RequireUppercase:              requires("uppercase"),
		RequireNumbers:                requires("numbers"),
		RequireSymbols:                requires("symbols"),
		TemporaryPasswordValidityDays: pulumi.Int(7),
	}
}

// newDomain gives the pool its pages. Version 2 of them needs a branding that this SDK
// cannot make; without it they are unavailable.
func newDomain(ctx *pulumi.Context, pool *cognito.UserPool, cfg config) (*cognito.UserPoolDomain, error) {
	return cognito.NewUserPoolDomain(ctx, "sign-in", &cognito.UserPoolDomainArgs{
		UserPoolId:          pool.ID(),
		Domain:              pulumi.String(cfg.DomainPrefix),
		ManagedLoginVersion: pulumi.Int(1),
	}, pulumi.DeleteBeforeReplace(true)) // a pool has one domain
}
