package secrets

import (
	"context"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/secrets"
)

type getRandomPasswordArgs struct {
	ExcludeCharacters       string `pulumi:"excludeCharacters,optional"`
	ExcludeLowercase        bool   `pulumi:"excludeLowercase,optional"`
	ExcludeNumbers          bool   `pulumi:"excludeNumbers,optional"`
	ExcludePunctuation      bool   `pulumi:"excludePunctuation,optional"`
	ExcludeUppercase        bool   `pulumi:"excludeUppercase,optional"`
	IncludeSpace            bool   `pulumi:"includeSpace,optional"`
	PasswordLength          int    `pulumi:"passwordLength,optional"`
	RequireEachIncludedType *bool  `pulumi:"requireEachIncludedType"`
}

// getRandomPassword answers with another password each time, in a preview too.
func (r resources) getRandomPassword() provider.Function[getRandomPasswordArgs] {
	return provider.Function[getRandomPasswordArgs]{
		Token: "aws:secretsmanager/getRandomPassword:getRandomPassword",
		Call: func(ctx context.Context, a getRandomPasswordArgs) (provider.Outputs, error) {
			password, err := r.plane.GetRandomPassword(ctx, plane.RandomPassword{
				Length: a.PasswordLength, ExcludeCharacters: a.ExcludeCharacters, ExcludeLowercase: a.ExcludeLowercase,
				ExcludeUppercase: a.ExcludeUppercase, ExcludeNumbers: a.ExcludeNumbers, ExcludePunctuation: a.ExcludePunctuation,
				IncludeSpace: a.IncludeSpace, AnyType: a.RequireEachIncludedType != nil && !*a.RequireEachIncludedType,
			})
			return provider.Outputs{"id": password, "randomPassword": password}, err
		},
	}
}
