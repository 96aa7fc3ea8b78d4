package secrets

import (
	"context"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/secrets"
)

type secretArgs struct {
	Name                 string            `pulumi:"name,optional"`
	Description          string            `pulumi:"description,optional"`
	KMSKeyID             string            `pulumi:"kmsKeyId,optional"`
	RecoveryWindowInDays *int              `pulumi:"recoveryWindowInDays"`
	Tags                 map[string]string `pulumi:"tags"`
}

func (a secretArgs) plane(arn string) plane.Secret {
	return plane.Secret{ARN: arn, Name: a.Name, Description: a.Description, KMSKeyID: a.KMSKeyID, Tags: a.Tags}
}

func (r resources) secret() provider.Resource[secretArgs] {
	return provider.Resource[secretArgs]{
		Token:     "aws:secretsmanager/secret:Secret",
		Defaults:  provider.Outputs{"recoveryWindowInDays": 30},
		Untold:    []string{"recoveryWindowInDays"},
		ReplaceOn: []string{"name"}, AutoName: "name",
		Rules: map[string]func(any) error{
			"name":     func(v any) error { return plane.Secret{Name: v.(string)}.Check() },
			"kmsKeyId": func(v any) error { return plane.Secret{Name: "any", KMSKeyID: v.(string)}.Check() },
			"recoveryWindowInDays": func(v any) error {
				return plane.CheckRecoveryWindow(int(v.(float64)))
			},
		},
		Create: func(ctx context.Context, a secretArgs) (string, provider.Outputs, error) {
			s, err := r.plane.CreateSecret(ctx, a.plane(""))
			return s.ARN, secretOutputs(s), err
		},
		Read: func(ctx context.Context, id string, _ secretArgs) (provider.Outputs, provider.Outputs, bool, error) {
			s, err := r.plane.DescribeSecret(ctx, id)
			ok, err := absent.Found(err)
			return secretInputs(s), secretOutputs(s), ok && !s.Deleted(), err
		},
		Update: func(ctx context.Context, id string, _, a secretArgs) (provider.Outputs, error) {
			if err := r.plane.MayChange(ctx, "UpdateSecret", id); err != nil {
				return nil, err
			}
			s, err := r.plane.UpdateSecret(ctx, a.plane(id))
			return secretOutputs(s), err
		},
		Delete: func(ctx context.Context, id string, a secretArgs) error {
			days := plane.DefaultRecoveryDays
			if a.RecoveryWindowInDays != nil {
				days = *a.RecoveryWindowInDays
			}
			if err := r.plane.MayChange(ctx, "DeleteSecret", id); err != nil {
				return absent.Gone(err)
			}
			return absent.Gone(r.plane.DeleteSecret(ctx, id, days))
		},
	}
}

func secretInputs(s plane.Secret) provider.Outputs {
	return provider.Outputs{"name": s.Name, "description": s.Description, "kmsKeyId": s.KMSKeyID, "tags": s.Tags}
}

func secretOutputs(s plane.Secret) provider.Outputs {
	return provider.Outputs{"arn": s.ARN, "name": s.Name, "namePrefix": "", "policy": ""}
}
