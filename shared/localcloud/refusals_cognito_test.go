package main

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// cognitoRefusals are those of the API (botocore service model cognito-idp), to the AWS
// SDK.
var cognitoRefusals = []refusal{
	{"a wrong password", signsIn("public", "USERNAME", "ada", "PASSWORD", "Wrong-password-1"), 400, "NotAuthorizedException", "Incorrect username or password."},
	{"a user who is not there, of a client that does not tell", signsIn("public", "USERNAME", "eve", "PASSWORD", password), 400, "NotAuthorizedException", "Incorrect username or password."},
	{"a user who is not there, of a client that tells", signsIn("legacy", "USERNAME", "eve", "PASSWORD", password), 400, "UserNotFoundException", "User does not exist."},
	{"a user who is disabled", signsIn("public", "USERNAME", "gone", "PASSWORD", password), 400, "NotAuthorizedException", "User is disabled."},
	{"a flow that the client does not allow", signsIn("refreshing", "USERNAME", "ada", "PASSWORD", password), 400, "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"},
	{"a sign-in without a name", signsIn("public", "PASSWORD", password), 400, "InvalidParameterException", "Missing required parameter USERNAME"},
	{"a client that is not there", signsIn("", "USERNAME", "ada", "PASSWORD", password), 400, "ResourceNotFoundException", "User pool client nowhere does not exist."},
	{"a client with a secret and no hash of it", signsIn("secretive", "USERNAME", "ada", "PASSWORD", password), 400, "NotAuthorizedException", "Client {secretive} is configured with secret but SECRET_HASH was not received"},
	{"a client with a secret and a wrong hash", signsIn("secretive", "USERNAME", "ada", "PASSWORD", password, "SECRET_HASH", "aGFzaA=="), 400, "NotAuthorizedException", "SecretHash does not match for the client: {secretive}"},
	{"a client without a secret and a hash", signsIn("public", "USERNAME", "ada", "PASSWORD", password, "SECRET_HASH", "aGFzaA=="), 400, "NotAuthorizedException", "Client {public} is not configured with secret but SECRET_HASH was received"},
	{"a refresh token that nobody gave", refreshes("public", "token"), 400, "NotAuthorizedException", "Invalid Refresh Token"},
	{"a first own password that is too short", func(ctx context.Context, a *account) error {
		answer, err := a.cognito().InitiateAuth(ctx, a.signIn1("public", map[string]string{"USERNAME": "new", "PASSWORD": password}))
		if err != nil {
			return err
		}
		_, err = a.cognito().RespondToAuthChallenge(ctx, &cognito.RespondToAuthChallengeInput{ClientId: aws.String(a.names["public"]),
			ChallengeName: answer.ChallengeName, Session: answer.Session, ChallengeResponses: map[string]string{"USERNAME": "new", "NEW_PASSWORD": "short-1"}})
		return err
	}, 400, "InvalidPasswordException", "Password does not conform to policy: Password not long enough"},
	{"a sign-up where only administrators make users", func(ctx context.Context, a *account) error {
		_, err := a.cognito().SignUp(ctx, &cognito.SignUpInput{ClientId: aws.String(a.names["public"]), Username: aws.String("eve"), Password: aws.String(password)})
		return err
	}, 400, "NotAuthorizedException", "SignUp is not permitted for this user pool"},
	{"an access token that is none", func(ctx context.Context, a *account) error {
		_, err := a.cognito().GetUser(ctx, &cognito.GetUserInput{AccessToken: aws.String("e30.e30.e30")})
		return err
	}, 400, "NotAuthorizedException", "Invalid Access Token"},
	{"a user who is not there, by an administrator", func(ctx context.Context, a *account) error {
		_, err := a.cognito().AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: aws.String(a.names["pool"]), Username: aws.String("eve")})
		return err
	}, 400, "UserNotFoundException", "User does not exist."},
	{"a pool that is not there", describesPool("eu-central-1_Nowhere99"), 400, "ResourceNotFoundException", "User pool eu-central-1_Nowhere99 does not exist."},
	{"a pool by a name that cannot be one", describesPool("nowhere"), 400, "InvalidParameterException",
		`1 validation error detected: Value 'nowhere' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`},
	{"a role that may not", func(ctx context.Context, a *account) error {
		_, err := cognito.NewFromConfig(a.nobody).DescribeUserPool(ctx, &cognito.DescribeUserPoolInput{UserPoolId: aws.String(a.names["pool"])})
		return err
	}, 400, "AccessDeniedException", "User: {session} is not authorized to perform: cognito-idp:DescribeUserPool on resource: {poolArn} because no identity-based policy allows the cognito-idp:DescribeUserPool action"},
	{"a pool with a domain, to be deleted", func(_ context.Context, a *account) error {
		return a.engine.TryDelete(a.pool)
	}, 0, "InvalidParameterException", "User pool cannot be deleted. It has a domain configured that should be deleted first."},
}

// pageRefusals are those of the token endpoint (RFC 6749, 5.2; Cognito developer guide,
// "Token endpoint"), to a plain HTTP client.
var pageRefusals = []refusal{
	{"a grant that there is none of", asksToken("machine", "grant_type", "password"), 400, "unsupported_grant_type", ""},
	{"no grant", asksToken("machine"), 400, "invalid_request", ""},
	{"a wrong secret", asksToken("machine:wrong", "grant_type", "client_credentials"), 400, "invalid_client", ""},
	{"a client that is not there", asksToken("nowhere:wrong", "grant_type", "client_credentials"), 400, "invalid_client", ""},
	{"a client that may not", asksToken("public", "grant_type", "client_credentials", "client_id", "{public}"), 400, "unauthorized_client", ""},
	{"a scope that the client may not have", asksToken("machine", "grant_type", "client_credentials", "scope", "events/read"), 400, "invalid_scope", ""},
	{"a code that nobody gave", asksToken("public", "grant_type", "authorization_code", "client_id", "{public}", "code", "x", "redirect_uri", "https://localhost:3000/"), 400, "invalid_grant", ""},
	{"a refresh token that nobody gave", asksToken("public", "grant_type", "refresh_token", "client_id", "{public}", "refresh_token", "x"), 400, "invalid_grant", ""},
}

func (a *account) cognito() *cognito.Client { return cognito.NewFromConfig(a.aws) }

func pairs(words []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(words); i += 2 {
		m[words[i]] = words[i+1]
	}
	return m
}

func (a *account) signIn1(client string, parameters map[string]string) *cognito.InitiateAuthInput {
	id := a.names[client]
	if id == "" {
		id = "nowhere"
	}
	return &cognito.InitiateAuthInput{AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: aws.String(id), AuthParameters: parameters}
}

func signsIn(client string, parameters ...string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		_, err := a.cognito().InitiateAuth(ctx, a.signIn1(client, pairs(parameters)))
		return err
	}
}

func refreshes(client, token string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := a.signIn1(client, map[string]string{"REFRESH_TOKEN": token})
		in.AuthFlow = types.AuthFlowTypeRefreshTokenAuth
		_, err := a.cognito().InitiateAuth(ctx, in)
		return err
	}
}

func describesPool(id string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		_, err := a.cognito().DescribeUserPool(ctx, &cognito.DescribeUserPoolInput{UserPoolId: aws.String(id)})
		return err
	}
}

// asksToken posts a form to the token endpoint as a client: the machine client by its
// secret, another by "id:secret", and one without a secret by the form alone.
func asksToken(client string, fields ...string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		headers := []string{"Content-Type", "application/x-www-form-urlencoded"}
		id, secret, given := strings.Cut(client, ":")
		if client == "machine" {
			secret, given = a.names["machineSecret"], true
		}
		if known := a.names[id]; known != "" {
			id = known
		}
		if given {
			headers = append(headers, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+secret)))
		}
		return a.call(ctx, http.MethodPost, a.url+"/_aws/cognito/events-local/oauth2/token", form(a.fillAll(fields)...), inOAuth, headers...)
	}
}
