package main

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// sender is a user whom tools can sign in as.
type sender struct{ name, secretARN pulumi.StringOutput }

// newUsers makes the configured users. The first one is the sender; without users its
// outputs are empty.
func newUsers(ctx *pulumi.Context, s *stack.Stack, pool *cognito.UserPool, cfg config) (sender, error) {
	first := sender{name: pulumi.String("").ToStringOutput(), secretARN: pulumi.String("").ToStringOutput()}
	for i, u := range cfg.Users {
		made, err := newSignedUser(ctx, s, u, signedUserArgs{Pool: pool, Password: cfg.Passwords[u.Name], Policy: cfg})
		if err != nil {
			return first, err
		}
		if i == 0 {
			first = sender{made.User.Username, made.SecretARN}
		}
	}
	return first, nil
}

// signedUser is a user of the pool with his password in Secrets Manager, as
// {"username": ..., "password": ...}.
type signedUser struct {
	pulumi.ResourceState
	User      *cognito.User
	SecretARN pulumi.StringOutput // known when the value is there too
}

type signedUserArgs struct {
	Pool     *cognito.UserPool
	Password string // empty: it is generated
	Policy   config
}

func newSignedUser(ctx *pulumi.Context, s *stack.Stack, u user, args signedUserArgs) (*signedUser, error) {
	c := &signedUser{}
	if err := ctx.RegisterComponentResource("pipeline:auth:SignedUser", u.Name, c); err != nil {
		return nil, err
	}
	password, err := newPassword(ctx, s, u.Name, args, c)
	if err != nil {
		return nil, err
	}
	// A permanent password: no invitation goes out, and nothing has to be changed before
	// the first token.
	c.User, err = cognito.NewUser(ctx, u.Name, &cognito.UserArgs{
		UserPoolId:    args.Pool.ID(),
		Username:      pulumi.String(u.Name),
		Password:      passwordIn(password.SecretString),
		Attributes:    pulumi.ToStringMap(u.Attributes),
		MessageAction: pulumi.String("SUPPRESS"),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	c.SecretARN = password.Arn
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"username": c.User.Username, "secretArn": c.SecretARN})
}

// newPassword keeps the password in a secret: the configured one, or one that is
// generated on the first deploy and then stays. Every later run generates another, which
// IgnoreChanges drops.
func newPassword(ctx *pulumi.Context, s *stack.Stack, user string, args signedUserArgs, parent pulumi.Resource) (*secretsmanager.SecretVersion, error) {
	recoveryDays := 0 // a secret that can come back keeps its name from the next deploy
	if s.Environment.Protected {
		recoveryDays = 30
	}
	secret, err := secretsmanager.NewSecret(ctx, user+"-password", &secretsmanager.SecretArgs{
		Name:                 pulumi.String(s.UserSecret(user)),
		Description:          pulumi.Sprintf("Sign-in of user %s", user),
		RecoveryWindowInDays: pulumi.Int(recoveryDays),
		Tags:                 s.Tags(),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	options := []pulumi.ResourceOption{pulumi.Parent(parent)}
	password := args.Password
	if password == "" {
		if password, err = generate(ctx, args.Policy); err != nil {
			return nil, err
		}
		options = append(options, pulumi.IgnoreChanges([]string{"secretString"}))
	}
	value, err := json.Marshal(signIn{user, password})
	if err != nil {
		return nil, err
	}
	return secretsmanager.NewSecretVersion(ctx, user+"-password", &secretsmanager.SecretVersionArgs{
		SecretId:     secret.Arn,
		SecretString: pulumi.ToSecret(pulumi.String(value)).(pulumi.StringOutput),
	}, options...)
}

// signIn is the value of a user's secret.
type signIn struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// passwordIn takes the password out of what the secret holds, which is not always what
// this run would have put there.
func passwordIn(secret pulumi.StringPtrOutput) pulumi.StringOutput {
	return secret.ApplyT(func(text *string) (string, error) {
		var value signIn
		if text == nil {
			return "", nil
		}
		if err := json.Unmarshal([]byte(*text), &value); err != nil || value.Password == "" {
			return "", fmt.Errorf("the secret of a user holds no {\"username\", \"password\"}")
		}
		return value.Password, nil
	}).(pulumi.StringOutput)
}

// generate asks Secrets Manager for a password with every kind of character, but without
// those that shells take for their own.
func generate(ctx *pulumi.Context, policy config) (string, error) {
	length := max(24, policy.PasswordMinimumLength)
	made, err := secretsmanager.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordArgs{
		PasswordLength:          &length,
		ExcludeCharacters:       pulumi.StringRef("\"'`\\$"),
		RequireEachIncludedType: pulumi.BoolRef(true),
	})
	if err != nil {
		return "", fmt.Errorf("generate a password: %w", err)
	}
	return made.RandomPassword, nil
}
