package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// Auth is what layer auth exports: who may post events.
type Auth struct {
	UserPoolID      pulumi.StringOutput // the pool of those who may post events
	UserPoolARN     pulumi.StringOutput // what the gateway checks tokens against
	ClientID        pulumi.StringOutput // the public client: code with PKCE, password sign-in
	MachineClientID pulumi.StringOutput // client_credentials
	SignInDomain    pulumi.StringOutput // prefix of the hosted pages' host name
	WriteScope      pulumi.StringOutput // scope that an access token needs to post events
	UserName        pulumi.StringOutput // the first configured user
	UserSecretARN   pulumi.StringOutput // the secret with that user's password
}

func (o *Auth) fields() fields {
	return fields{
		"userPoolId":              &o.UserPoolID,
		"userPoolArn":             &o.UserPoolARN,
		"CognitoUserPoolClientId": &o.ClientID,
		"machineClientId":         &o.MachineClientID,
		"CognitoUserPoolDomain":   &o.SignInDomain,
		"writeScope":              &o.WriteScope,
		"userName":                &o.UserName,
		"userSecretArn":           &o.UserSecretARN,
	}
}

// Export exports o from layer auth.
func (o Auth) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "auth") }

// ReadAuth reads what layer auth exported in the same environment.
func ReadAuth(ctx *pulumi.Context, s *stack.Stack) (Auth, error) {
	var o Auth
	err := o.fields().read(ctx, s, "auth")
	return o, err
}
