package cognito_test

import (
	"maps"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"pipeline/shared/localcloud/cognito"
)

// signIn is a sign-in of testUser in steps, by everyone's operations or the administrator's.
type signIn struct {
	t      *testing.T
	w      *world
	admin  bool
	client cognito.Client
	pool   string
	token  string         // refresh token of an earlier sign-in
	before func(step int) // is called ahead of each step, which are numbered from 1
	hashes map[int]string // secret hashes of steps that have not the right one
	step   int
}

// flows are the ways to sign in; the number is that of their steps.
var flows = map[string]struct {
	steps int
	run   func(*signIn) (cognito.SignIn, error)
}{
	"password":     {1, (*signIn).byPassword},
	"SRP":          {2, (*signIn).bySRP},
	"new password": {2, (*signIn).byNewPassword},
	"refresh":      {1, (*signIn).byRefresh},
}

func (s *signIn) byPassword() (cognito.SignIn, error) {
	flow := types.AuthFlowTypeUserPasswordAuth
	if s.admin {
		flow = types.AuthFlowTypeAdminUserPasswordAuth
	}
	return s.initiate(flow, credentials(testUser, testPassword))
}

func (s *signIn) bySRP() (cognito.SignIn, error) {
	proof := newSRPClient(5)
	out, err := s.initiate(types.AuthFlowTypeUserSrpAuth, map[string]string{"USERNAME": testUser, "SRP_A": proof.public.Text(16)})
	if err != nil {
		return out, err
	}
	return s.respond(types.ChallengeNameTypePasswordVerifier, out, proof.answer(s.w.pool.ID, testPassword, out.Parameters, s.w.now))
}

func (s *signIn) byNewPassword() (cognito.SignIn, error) {
	s.temporary()
	out, err := s.byPassword()
	if err != nil {
		return out, err
	}
	return s.respond(types.ChallengeNameTypeNewPasswordRequired, out, map[string]string{"USERNAME": testUser, "NEW_PASSWORD": testPassword})
}

func (s *signIn) byRefresh() (cognito.SignIn, error) {
	return s.initiate(types.AuthFlowTypeRefreshTokenAuth, map[string]string{"REFRESH_TOKEN": s.token})
}

func (s *signIn) temporary() {
	s.t.Helper()
	must(s.t, s.w.svc.SetUserPassword(s.t.Context(), s.w.pool.ID, testUser, testPassword, false))
}

// hashed goes on to the next step, and returns its parameters with the secret hash.
func (s *signIn) hashed(parameters map[string]string) map[string]string {
	s.step++
	if s.before != nil {
		s.before(s.step)
	}
	parameters = maps.Clone(parameters)
	if hash, wrong := s.hashes[s.step]; wrong && hash != "" {
		parameters["SECRET_HASH"] = hash
	} else if !wrong && s.client.Secret != "" {
		parameters["SECRET_HASH"] = secretHash(s.client, testUser)
	}
	return parameters
}

func (s *signIn) initiate(flow types.AuthFlowType, parameters map[string]string) (cognito.SignIn, error) {
	parameters = s.hashed(parameters)
	if !s.admin {
		out, err := s.w.aws.InitiateAuth(s.t.Context(), &idp.InitiateAuthInput{AuthFlow: flow, ClientId: &s.client.ID, AuthParameters: parameters})
		if err != nil {
			return cognito.SignIn{}, err
		}
		return answer(out.AuthenticationResult, out.ChallengeName, out.Session, out.ChallengeParameters), nil
	}
	out, err := s.w.aws.AdminInitiateAuth(s.t.Context(), &idp.AdminInitiateAuthInput{AuthFlow: flow, ClientId: &s.client.ID, UserPoolId: &s.pool, AuthParameters: parameters})
	if err != nil {
		return cognito.SignIn{}, err
	}
	return answer(out.AuthenticationResult, out.ChallengeName, out.Session, out.ChallengeParameters), nil
}

func (s *signIn) respond(name types.ChallengeNameType, to cognito.SignIn, responses map[string]string) (cognito.SignIn, error) {
	s.t.Helper()
	if to.Challenge != string(name) {
		s.t.Errorf("the challenge is %q, want %s", to.Challenge, name)
	}
	session := &to.Session
	if to.Session == "" {
		session = nil // SRP has it in the secret block
	}
	responses = s.hashed(responses)
	if !s.admin {
		out, err := s.w.aws.RespondToAuthChallenge(s.t.Context(), &idp.RespondToAuthChallengeInput{ChallengeName: name, ClientId: &s.client.ID,
			Session: session, ChallengeResponses: responses})
		if err != nil {
			return cognito.SignIn{}, err
		}
		return answer(out.AuthenticationResult, out.ChallengeName, out.Session, out.ChallengeParameters), nil
	}
	out, err := s.w.aws.AdminRespondToAuthChallenge(s.t.Context(), &idp.AdminRespondToAuthChallengeInput{ChallengeName: name, ClientId: &s.client.ID,
		UserPoolId: &s.pool, Session: session, ChallengeResponses: responses})
	if err != nil {
		return cognito.SignIn{}, err
	}
	return answer(out.AuthenticationResult, out.ChallengeName, out.Session, out.ChallengeParameters), nil
}

func answer(tokens *types.AuthenticationResultType, challenge types.ChallengeNameType, session *string, parameters map[string]string) cognito.SignIn {
	out := cognito.SignIn{Challenge: string(challenge), Parameters: parameters}
	if session != nil {
		out.Session = *session
	}
	if tokens != nil {
		out.Tokens = &cognito.Tokens{Access: *tokens.AccessToken, ID: *tokens.IdToken, ExpiresIn: int(tokens.ExpiresIn)}
	}
	return out
}

// eachFlow calls f for each flow and who calls it, with a sign-in that would succeed.
func eachFlow(t *testing.T, secret bool, f func(t *testing.T, flow string, fresh func() *signIn)) {
	for flow := range flows {
		for caller, admin := range map[string]bool{"everyone": false, "administrator": true} {
			t.Run(flow+" by "+caller, func(t *testing.T) {
				w := newWorld(t)
				c := w.newClient(t, func(*cognito.Client) {}, secret)
				parameters := credentials(testUser, testPassword)
				if secret {
					parameters = withHash(parameters, secretHash(c, testUser))
				}
				first, err := w.signIn(t, c, parameters)
				must(t, err)
				f(t, flow, func() *signIn {
					return &signIn{t: t, w: w, admin: admin, client: c, pool: w.pool.ID, token: *first.RefreshToken}
				})
			})
		}
	}
}

func TestEveryStepOfASignInNeedsTheClientsSecret(t *testing.T) {
	eachFlow(t, true, func(t *testing.T, flow string, fresh func() *signIn) {
		for step := range flows[flow].steps {
			for hash, want := range map[string]string{"": "SECRET_HASH was not received", "bm8=": "SecretHash does not match for the client: "} {
				s := fresh()
				s.hashes = map[int]string{step + 1: hash}
				_, err := flows[flow].run(s)
				wantCode(t, err, "NotAuthorizedException", want)
				if s.step != step+1 {
					t.Errorf("hash %q of step %d was refused at step %d", hash, step+1, s.step)
				}
			}
		}
		s := fresh()
		out, err := flows[flow].run(s)
		must(t, err)
		if out.Tokens == nil || s.w.claims(t, out.Tokens.ID)["cognito:username"] != testUser {
			t.Errorf("the sign-in gave %+v, want tokens of %s", out, testUser)
		}
	})
}

// Who may go on is asked at the last step too, whatever was so at the first.
func TestASignInEndsWhereItsUserMayNotGoOn(t *testing.T) {
	notAuthorized := func(text string) [2]string { return [2]string{"NotAuthorizedException", text} }
	for name, c := range map[string]struct {
		first, last func(s *signIn)      // happen ahead of these steps
		want        map[string][2]string // by flow
	}{
		"disabled": {
			last: func(s *signIn) { must(s.t, s.w.svc.SetUserEnabled(s.t.Context(), s.w.pool.ID, testUser, false)) },
			want: map[string][2]string{"password": notAuthorized("User is disabled."), "SRP": notAuthorized("User is disabled."),
				"new password": notAuthorized("User is disabled."), "refresh": notAuthorized("User is disabled.")}},
		"deleted": {
			last: func(s *signIn) { must(s.t, s.w.svc.DeleteUser(s.t.Context(), s.w.pool.ID, testUser)) },
			want: map[string][2]string{"SRP": notAuthorized("Incorrect username or password."),
				"new password": notAuthorized("Invalid session for the user."),
				"refresh":      {"UserNotFoundException", "User does not exist."}}},
		"deleted and made again": {
			last: func(s *signIn) {
				must(s.t, s.w.svc.DeleteUser(s.t.Context(), s.w.pool.ID, testUser))
				s.w.newUser(s.t, testUser, testPassword)
			},
			want: map[string][2]string{"SRP": notAuthorized("Incorrect username or password."),
				"new password": notAuthorized("Invalid session for the user."),
				"refresh":      {"UserNotFoundException", "User does not exist."}}},
		"of another client": {
			last: func(s *signIn) { s.client = s.w.newClient(s.t, func(*cognito.Client) {}, false) },
			want: map[string][2]string{"SRP": notAuthorized("Incorrect username or password."),
				"new password": notAuthorized("Invalid session for the user."), "refresh": notAuthorized("Invalid Refresh Token")}},
		"with a password that ends": {
			first: func(s *signIn) { s.temporary(); s.w.now = s.w.now.AddDate(0, 0, 7).Add(-time.Minute) },
			last:  func(s *signIn) { s.w.now = s.w.now.Add(time.Minute) },
			want: map[string][2]string{"password": notAuthorized("Temporary password has expired"), "SRP": notAuthorized("Temporary password has expired"),
				"new password": notAuthorized("Temporary password has expired")}},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlow(t, true, func(t *testing.T, flow string, fresh func() *signIn) {
				want, ok := c.want[flow]
				if !ok {
					return
				}
				s := fresh()
				s.before = func(step int) {
					if step == 1 && c.first != nil {
						c.first(s)
					}
					if step == flows[flow].steps {
						c.last(s)
					}
				}
				_, err := flows[flow].run(s)
				wantCode(t, err, want[0], want[1])
			})
		})
	}
}

func TestAnAdministratorNeedsPermissionForEveryStepAndTheClientsPool(t *testing.T) {
	operations := []string{"AdminInitiateAuth", "AdminRespondToAuthChallenge"}
	eachFlow(t, false, func(t *testing.T, flow string, fresh func() *signIn) {
		for i := range flows[flow].steps {
			s := fresh()
			s.before = func(step int) {
				if step == i+1 {
					s.w.denied = "cognito-idp:" + operations[i]
				}
			}
			_, err := flows[flow].run(s)
			if s.w.denied = ""; !s.admin { // who needs no permission
				must(t, err)
				continue
			}
			wantCode(t, err, "AccessDeniedException", "not authorized to perform: cognito-idp:"+operations[i]+" on resource: "+s.w.pool.ARN)
			s = fresh()
			s.before = func(step int) {
				if step == i+1 {
					s.pool = s.w.newPool(t, "other").ID
				}
			}
			_, err = flows[flow].run(s)
			wantCode(t, err, "ResourceNotFoundException", "User pool client "+s.client.ID+" does not exist.")
		}
	})
}

func TestAFlowIsRefusedAsAWSRefusesIt(t *testing.T) {
	w := newWorld(t)
	least := w.newClient(t, func(c *cognito.Client) { c.AuthFlows = []string{"ALLOW_REFRESH_TOKEN_AUTH"} }, false)
	custom := w.newClient(t, func(c *cognito.Client) { c.AuthFlows = []string{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH"} }, false)
	for _, c := range []struct {
		client     cognito.Client
		admin      bool
		flow, text string
	}{
		{w.client, false, "ADMIN_USER_PASSWORD_AUTH", "Initiate Auth method not supported."},
		{w.client, false, "ADMIN_NO_SRP_AUTH", "Initiate Auth method not supported."},
		{w.client, true, "USER_PASSWORD_AUTH", "Initiate Auth method not supported."},
		{least, false, "USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"},
		{least, false, "USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."},
		{least, true, "USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."},
		{least, true, "ADMIN_USER_PASSWORD_AUTH", "Auth flow not enabled for this client"},
		{least, true, "ADMIN_NO_SRP_AUTH", "Auth flow not enabled for this client"},
		{least, false, "CUSTOM_AUTH", "CUSTOM_AUTH is not enabled for the client."},
		{custom, false, "CUSTOM_AUTH", "Custom auth lambda trigger is not configured for the user pool."},
		{w.client, false, "USER_AUTH", "the local cloud does not serve the authentication flow USER_AUTH"},
	} {
		s := &signIn{t: t, w: w, admin: c.admin, client: c.client, pool: w.pool.ID}
		_, err := s.initiate(types.AuthFlowType(c.flow), credentials(testUser, testPassword))
		wantCode(t, err, "InvalidParameterException", c.text)
	}
	admin := &signIn{t: t, w: w, admin: true, client: w.client, pool: w.pool.ID}
	for flow, parameters := range map[types.AuthFlowType]map[string]string{ // by their older names
		"ADMIN_NO_SRP_AUTH": credentials(testUser, testPassword), "REFRESH_TOKEN": {"REFRESH_TOKEN": *w.tokens(t).RefreshToken}} {
		if out, err := admin.initiate(flow, parameters); err != nil || out.Tokens == nil {
			t.Errorf("%s gave %+v (%v), want tokens", flow, out, err)
		}
	}
}
