package cognito

import (
	"context"
	"crypto/subtle"
	"net/http"
	"slices"

	"pipeline/shared/localcloud/awsjson"
)

// Handler serves AWS's JSON protocol, target prefix AWSCognitoIdentityProviderService
// (botocore service model cognito-idp). Members that are not here are refused by name.
func (s *Service) Handler() http.Handler {
	return awsjson.Handler("cognito-idp", map[string]awsjson.Operation{
		"AdminGetUser":                awsjson.Op(s.adminGetUserOp),
		"AdminInitiateAuth":           awsjson.Op(s.adminInitiateAuthOp),
		"AdminRespondToAuthChallenge": awsjson.Op(s.adminRespondOp),
		"DescribeResourceServer":      awsjson.Op(s.describeResourceServerOp),
		"DescribeUserPool":            awsjson.Op(s.describeUserPoolOp),
		"DescribeUserPoolClient":      awsjson.Op(s.describeUserPoolClientOp),
		"DescribeUserPoolDomain":      awsjson.Op(s.describeUserPoolDomainOp),
		"GetUser":                     awsjson.Op(s.getUserOp),
		"InitiateAuth":                awsjson.Op(s.initiateAuthOp),
		"ListUserPoolClients":         awsjson.Op(s.listUserPoolClientsOp),
		"ListUserPools":               awsjson.Op(s.listUserPoolsOp),
		"ListUsers":                   awsjson.Op(s.listUsersOp),
		"RespondToAuthChallenge":      awsjson.Op(s.respondToAuthChallengeOp),
		"RevokeToken":                 awsjson.Op(s.revokeTokenOp),
		"SignUp":                      awsjson.Op(s.signUpOp),
	})
}

// clientContext is what a client may say about itself. On AWS it is for Lambda triggers and
// for threat protection, and a pool without either does nothing with it.
type clientContext struct {
	ClientMetadata    map[string]string
	AnalyticsMetadata map[string]string
	UserContextData   map[string]string
}

// adminContext is what an administrator's tool may say about a user's client.
type adminContext struct {
	ClientMetadata    map[string]string
	AnalyticsMetadata map[string]string
	ContextData       map[string]any
}

type initiateAuthInput struct {
	AuthFlow       Flow
	ClientId       string
	AuthParameters map[string]string
	clientContext
}

func (s *Service) initiateAuthOp(ctx context.Context, in *initiateAuthInput) (*signInOutput, error) {
	answer, err := s.InitiateAuth(ctx, canonical(in.AuthFlow), in.ClientId, in.AuthParameters)
	return answer.output(), err
}

type adminInitiateAuthInput struct {
	AuthFlow             Flow
	UserPoolId, ClientId string
	AuthParameters       map[string]string
	adminContext
}

func (s *Service) adminInitiateAuthOp(ctx context.Context, in *adminInitiateAuthInput) (*signInOutput, error) {
	answer, err := s.AdminInitiateAuth(ctx, canonical(in.AuthFlow), in.UserPoolId, in.ClientId, in.AuthParameters)
	return answer.output(), err
}

// canonical maps AWS's older names of flows to the newer.
func canonical(flow Flow) Flow {
	switch flow {
	case "REFRESH_TOKEN":
		return FlowRefresh
	case "ADMIN_NO_SRP_AUTH":
		return FlowAdminPassword
	}
	return flow
}

type respondInput struct {
	ClientId, ChallengeName, Session string
	ChallengeResponses               map[string]string
	clientContext
}

func (s *Service) respondToAuthChallengeOp(ctx context.Context, in *respondInput) (*signInOutput, error) {
	answer, err := s.RespondToAuthChallenge(ctx, in.ClientId, in.ChallengeName, in.Session, in.ChallengeResponses)
	return answer.output(), err
}

type adminRespondInput struct {
	UserPoolId, ClientId, ChallengeName, Session string
	ChallengeResponses                           map[string]string
	adminContext
}

func (s *Service) adminRespondOp(ctx context.Context, in *adminRespondInput) (*signInOutput, error) {
	answer, err := s.AdminRespondToAuthChallenge(ctx, in.UserPoolId, in.ClientId, in.ChallengeName, in.Session, in.ChallengeResponses)
	return answer.output(), err
}

// signInOutput is the answer to a step of a sign-in: a result or a challenge.
type signInOutput struct {
	AuthenticationResult *authenticationResult `json:",omitempty"`
	ChallengeName        string                `json:",omitempty"`
	Session              string                `json:",omitempty"`
	ChallengeParameters  map[string]string
}

type authenticationResult struct {
	AccessToken  string
	ExpiresIn    int
	IdToken      string `json:",omitempty"`
	RefreshToken string `json:",omitempty"`
	TokenType    string
}

func (a SignIn) output() *signInOutput {
	out := &signInOutput{ChallengeName: a.Challenge, Session: a.Session, ChallengeParameters: orEmpty(a.Parameters)}
	if t := a.Tokens; t != nil {
		out.AuthenticationResult = &authenticationResult{AccessToken: t.Access, ExpiresIn: t.ExpiresIn, IdToken: t.ID,
			RefreshToken: t.Refresh, TokenType: "Bearer"}
	}
	return out
}

type getUserOutput struct {
	Username       string
	UserAttributes []attribute
}

func (s *Service) getUserOp(_ context.Context, in *struct{ AccessToken string }) (*getUserOutput, error) {
	u, scopes, err := s.userOfToken(in.AccessToken)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(scopes, scopeAdmin) {
		return nil, errNotAuthorized("Access Token does not have required scopes")
	}
	return &getUserOutput{Username: u.Username, UserAttributes: attributes(u.User)}, nil
}

func (s *Service) revokeTokenOp(_ context.Context, in *struct{ Token, ClientId, ClientSecret string }) (*struct{}, error) {
	c, err := s.client(in.ClientId)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(in.ClientSecret), []byte(c.Secret)) != 1 {
		return nil, awsjson.Errorf("UnauthorizedException", "Unauthorized: the client's secret is wrong or missing")
	}
	return &struct{}{}, s.revoke(c, in.Token)
}

type signUpInput struct {
	ClientId, SecretHash, Username, Password string
	UserAttributes, ValidationData           []attribute
	clientContext
}

// signUpOp always refuses: every pool here has admin-only sign-up.
func (s *Service) signUpOp(_ context.Context, in *signUpInput) (*struct{}, error) {
	if _, err := s.client(in.ClientId); err != nil {
		return nil, err
	}
	return nil, errNotAuthorized("SignUp is not permitted for this user pool")
}
