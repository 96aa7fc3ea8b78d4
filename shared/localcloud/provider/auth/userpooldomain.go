package auth

import (
	"context"

	plane "pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/provider"
)

type userPoolDomainArgs struct {
	Domain              string `pulumi:"domain"`
	ManagedLoginVersion int    `pulumi:"managedLoginVersion,optional"`
	UserPoolID          string `pulumi:"userPoolId"`
}

func (a userPoolDomainArgs) plane() plane.Domain {
	return plane.Domain{Name: a.Domain, PoolID: a.UserPoolID, ManagedLoginVersion: a.ManagedLoginVersion}
}

// userPoolDomain is the prefix of a pool's pages. A certificate, which a domain of one's
// own needs, is not honoured.
func (r resources) userPoolDomain() provider.Resource[userPoolDomainArgs] {
	return provider.Resource[userPoolDomainArgs]{
		Token:     "aws:cognito/userPoolDomain:UserPoolDomain",
		ReplaceOn: []string{"domain", "userPoolId", "managedLoginVersion"},
		Rules: map[string]func(any) error{
			"domain": provider.Text(func(name string) error { return plane.Domain{Name: name}.Check() }),
			"managedLoginVersion": func(v any) error {
				return plane.Domain{Name: "any", ManagedLoginVersion: int(v.(float64))}.Check()
			},
		},
		Create: func(ctx context.Context, a userPoolDomainArgs) (string, provider.Outputs, error) {
			return a.Domain, r.domainOutputs(a.plane()), r.plane.CreateUserPoolDomain(ctx, a.plane())
		},
		Defaults: provider.Outputs{"managedLoginVersion": 1},
		Read: func(ctx context.Context, id string, _ userPoolDomainArgs) (provider.Outputs, provider.Outputs, bool, error) {
			d, err := r.plane.UserPoolDomain(ctx, id)
			ok, err := absent.Found(err)
			return provider.Outputs{"domain": d.Name, "userPoolId": d.PoolID, "managedLoginVersion": 1}, r.domainOutputs(d), ok, err
		},
		Delete: func(ctx context.Context, _ string, a userPoolDomainArgs) error {
			return absent.Gone(r.plane.DeleteUserPoolDomain(ctx, a.UserPoolID, a.Domain))
		},
	}
}

// domainOutputs has no CloudFront distribution: the front door serves the pages.
func (r resources) domainOutputs(d plane.Domain) provider.Outputs {
	return provider.Outputs{"awsAccountId": r.account, "cloudfrontDistribution": "", "cloudfrontDistributionArn": "",
		"cloudfrontDistributionZoneId": "", "s3Bucket": "", "version": "1", "managedLoginVersion": 1}
}
