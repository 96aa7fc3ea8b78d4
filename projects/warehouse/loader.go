package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// loader is the user that Firehose signs in as, with his secret.
type loader struct {
	SecretARN    pulumi.StringOutput
	PasswordHash pulumi.StringOutput // as CREATE USER takes it: no clear password in SQL
}

// passwordLength is well within what Redshift (8-64) and Firehose (6-512) take.
const passwordLength = 40

// newLoader makes the loader's password once and keeps it where Firehose reads it, as
// {"username", "password"} (Firehose developer guide, "Authenticate with AWS Secrets
// Manager"). AWS makes another password at every run; the first is the one that stays.
func newLoader(ctx *pulumi.Context, s *stack.Stack, cfg config) (loader, error) {
	length, plain := passwordLength, true
	made, err := secretsmanager.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordArgs{
		PasswordLength: &length, ExcludePunctuation: &plain,
	})
	if err != nil {
		return loader{}, fmt.Errorf("ask AWS for a password: %w", err)
	}
	secret, err := secretsmanager.NewSecret(ctx, "loader", &secretsmanager.SecretArgs{
		Name:                 pulumi.String(s.LoaderSecret()),
		Description:          pulumi.String("The user that Firehose loads events as"),
		RecoveryWindowInDays: pulumi.Int(cfg.SecretRecoveryDays),
		Tags:                 s.Tags(),
	})
	if err != nil {
		return loader{}, err
	}
	value, err := json.Marshal(credentials{cfg.LoaderUser, made.RandomPassword})
	if err != nil {
		return loader{}, err
	}
	version, err := secretsmanager.NewSecretVersion(ctx, "loader", &secretsmanager.SecretVersionArgs{
		SecretId:     secret.Arn,
		SecretString: pulumi.ToSecret(pulumi.String(string(value))).(pulumi.StringOutput),
	}, pulumi.IgnoreChanges([]string{"secretString"}))
	if err != nil {
		return loader{}, err
	}
	hash := pulumi.All(version.SecretString, version.VersionId).ApplyT(func(all []any) (string, error) {
		kept, _ := all[0].(*string)
		return hashOf(cfg.LoaderUser, kept, all[1].(string))
	}).(pulumi.StringOutput)
	return loader{SecretARN: version.Arn, PasswordHash: hash}, nil
}

type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// hashOf is the password in the form sha256|<digest>|<salt> of CREATE USER, where the
// digest is that of the password followed by the bytes that the hexadecimal salt stands
// for. The salt is the version's own identifier, so that the hash is the same each time.
// A secret of another user is an error: Firehose would sign in as him for ever.
func hashOf(user string, secret *string, versionID string) (string, error) {
	var kept credentials
	if secret == nil {
		return "", fmt.Errorf("the loader's secret has no value")
	}
	if err := json.Unmarshal([]byte(*secret), &kept); err != nil {
		return "", fmt.Errorf("the loader's secret is not {\"username\", \"password\"}: %w", err)
	}
	if kept.Username != user {
		return "", fmt.Errorf("loaderUser is %q, but the loader's secret is that of user %q: he cannot be another once he is deployed, set him again", user, kept.Username)
	}
	sum := sha256.Sum256([]byte(versionID))
	salt := sum[:16]
	digest := sha256.Sum256(append([]byte(kept.Password), salt...))
	return strings.Join([]string{"sha256", hex.EncodeToString(digest[:]), hex.EncodeToString(salt)}, "|"), nil
}
