package secrets

import (
	"context"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/secrets"
)

type secretVersionArgs struct {
	SecretID     string `pulumi:"secretId"`
	SecretString string `pulumi:"secretString,optional"`
}

// secretVersion is one value of a secret. Its ID is <ARN>|<version ID>. Another value is
// another version. Deleting the current one leaves the value, as on AWS, where a secret
// keeps its AWSCURRENT.
func (r resources) secretVersion() provider.Resource[secretVersionArgs] {
	return provider.Resource[secretVersionArgs]{
		Token:     "aws:secretsmanager/secretVersion:SecretVersion",
		ReplaceOn: []string{"*"},
		Rules:     map[string]func(any) error{"secretString": func(v any) error { return plane.CheckValue(v.(string)) }},
		Validate: func(_ context.Context, a secretVersionArgs) error {
			return plane.CheckValue(a.SecretString)
		},
		Create: func(ctx context.Context, a secretVersionArgs) (string, provider.Outputs, error) {
			if err := r.plane.MayChange(ctx, "PutSecretValue", a.SecretID); err != nil {
				return "", nil, err
			}
			v, err := r.plane.PutVersion(ctx, a.SecretID, a.SecretString, "")
			return v.ARN + "|" + v.VersionID, versionOutputs(v), err
		},
		Read: func(ctx context.Context, id string, a secretVersionArgs) (provider.Outputs, provider.Outputs, bool, error) {
			arn, version, ok := strings.Cut(id, "|")
			if !ok || arn == "" || version == "" {
				return nil, nil, false, fmt.Errorf("unexpected format of ID (%s), expected SecretID|VersionID", id)
			}
			v, err := r.plane.GetSecretValue(ctx, arn, version, "")
			ok, err = absent.Found(err)
			out := versionOutputs(v)
			out["secretString"] = v.Value
			in := provider.Outputs{"secretString": v.Value}
			if a.SecretID == "" { // an import; a program may have named the secret
				in["secretId"] = v.ARN
			}
			return in, out, ok, err
		},
		Delete: func(context.Context, string, secretVersionArgs) error { return nil },
	}
}

func versionOutputs(v plane.Value) provider.Outputs {
	stages := []any{}
	for _, stage := range v.Stages {
		stages = append(stages, stage)
	}
	return provider.Outputs{"arn": v.ARN, "versionId": v.VersionID, "versionStages": stages}
}
