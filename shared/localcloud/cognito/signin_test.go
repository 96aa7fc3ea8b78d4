package cognito_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"pipeline/shared/localcloud/cognito"
)

func TestAPasswordGivesTokensWithCognitosClaims(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	if got.ExpiresIn != 3600 || *got.TokenType != "Bearer" {
		t.Errorf("expires in %d s, type %s; want 3600 and Bearer", got.ExpiresIn, *got.TokenType)
	}
	id, access := w.claims(t, *got.IdToken), w.claims(t, *got.AccessToken)
	now := float64(w.now.Unix())
	for name, want := range map[string]any{
		"token_use": "id", "aud": w.client.ID, "cognito:username": testUser, "email": "ada@example.com", "email_verified": true,
		"iss": w.url + "/_aws/cognito/" + w.pool.ID, "auth_time": now, "iat": now, "exp": now + 3600, "client_id": nil, "scope": nil,
	} {
		if id[name] != want {
			t.Errorf("id token has %s %v, want %v", name, id[name], want)
		}
	}
	for name, want := range map[string]any{
		"token_use": "access", "client_id": w.client.ID, "username": testUser, "scope": "aws.cognito.signin.user.admin",
		"iss": id["iss"], "sub": id["sub"], "origin_jti": id["origin_jti"], "event_id": id["event_id"], "aud": nil, "email": nil,
	} {
		if access[name] != want {
			t.Errorf("access token has %s %v, want %v", name, access[name], want)
		}
	}
	if access["jti"] == id["jti"] || access["jti"] == nil || id["jti"] == nil || id["origin_jti"] == nil || id["event_id"] == nil {
		t.Errorf("claims of the access token are %v, of the id token %v", access, id)
	}
	if again := w.claims(t, *w.tokens(t).IdToken); again["event_id"] == id["event_id"] || again["origin_jti"] == id["origin_jti"] {
		t.Errorf("two sign-ins have event_id %v and %v, origin_jti %v and %v", id["event_id"], again["event_id"], id["origin_jti"], again["origin_jti"])
	}
}

func TestWithoutTokenRevocationTokensDoNotNameTheirSignIn(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(t, func(c *cognito.Client) { c.TokenRevocation = false }, false)
	got, err := w.signIn(t, c, credentials(testUser, testPassword))
	must(t, err)
	id, access := w.claims(t, *got.IdToken), w.claims(t, *got.AccessToken)
	if id["jti"] != nil || id["origin_jti"] != nil || access["jti"] == nil || access["origin_jti"] != nil || id["event_id"] != access["event_id"] {
		t.Errorf("claims of the access token are %v, of the id token %v", access, id)
	}
	_, err = w.aws.RevokeToken(t.Context(), &idp.RevokeTokenInput{Token: got.RefreshToken, ClientId: &c.ID})
	wantCode(t, err, "UnsupportedOperationException", "Token revocation is not enabled for this client")
	_, err = w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AccessToken})
	must(t, err)
}

func TestValidityIsTheClients(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(t, func(c *cognito.Client) {
		c.AccessTokenValidity = cognito.Validity{Value: 5, Unit: "minutes"}
		c.IDTokenValidity = cognito.Validity{Value: 2}
		c.RefreshTokenValidity = cognito.Validity{Value: 1}
	}, false)
	got, err := w.signIn(t, c, credentials(testUser, testPassword))
	must(t, err)
	id, access := w.claims(t, *got.IdToken), w.claims(t, *got.AccessToken)
	if d := access["exp"].(float64) - access["iat"].(float64); d != 300 || got.ExpiresIn != 300 {
		t.Errorf("access token is valid for %v s, want 300", d)
	}
	if d := id["exp"].(float64) - id["iat"].(float64); d != 7200 {
		t.Errorf("id token is valid for %v s, want 7200", d)
	}
	w.now = w.now.Add(24 * time.Hour)
	_, err = w.refresh(t, c, *got.RefreshToken)
	wantCode(t, err, "NotAuthorizedException", "Refresh Token has expired")
}

func TestWhoMayNotSignInIsToldWhatAWSTells(t *testing.T) {
	w := newWorld(t)
	legacy := w.newClient(t, func(c *cognito.Client) { c.PreventExistenceErrors = "LEGACY" }, false)
	noPassword := w.newClient(t, func(c *cognito.Client) { c.AuthFlows = []string{"ALLOW_REFRESH_TOKEN_AUTH"} }, false)
	w.newUser(t, "Disabled", testPassword)
	must(t, w.svc.SetUserEnabled(t.Context(), w.pool.ID, "Disabled", false))
	for name, c := range map[string]struct {
		client     cognito.Client
		parameters map[string]string
		code, text string
	}{
		"wrong password":       {w.client, credentials(testUser, "no"), "NotAuthorizedException", "Incorrect username or password."},
		"hidden unknown user":  {w.client, credentials("Bob", "no"), "NotAuthorizedException", "Incorrect username or password."},
		"unknown user":         {legacy, credentials("Bob", "no"), "UserNotFoundException", "User does not exist."},
		"disabled user":        {w.client, credentials("Disabled", testPassword), "NotAuthorizedException", "User is disabled."},
		"no such client":       {cognito.Client{ID: "nobody"}, credentials(testUser, "x"), "ResourceNotFoundException", "User pool client nobody does not exist."},
		"flow is not allowed":  {noPassword, credentials(testUser, testPassword), "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"},
		"no name":              {w.client, map[string]string{"PASSWORD": "x"}, "InvalidParameterException", "Missing required parameter USERNAME"},
		"no password":          {w.client, map[string]string{"USERNAME": "x"}, "InvalidParameterException", "Missing required parameter PASSWORD"},
		"hash without secret":  {w.client, withHash(credentials(testUser, testPassword), "x"), "NotAuthorizedException", "not configured with secret"},
		"nothing in the world": {w.client, nil, "InvalidParameterException", "Missing required parameter USERNAME"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.signIn(t, c.client, c.parameters)
			wantCode(t, err, c.code, c.text)
		})
	}
}

func withHash(parameters map[string]string, hash string) map[string]string {
	parameters["SECRET_HASH"] = hash
	return parameters
}

func secretHash(c cognito.Client, username string) string {
	mac := hmac.New(sha256.New, []byte(c.Secret))
	mac.Write([]byte(username + c.ID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestAClientWithASecretHasToProveIt(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(t, func(*cognito.Client) {}, true)
	_, err := w.signIn(t, c, credentials(testUser, testPassword))
	wantCode(t, err, "NotAuthorizedException", "Client "+c.ID+" is configured with secret but SECRET_HASH was not received")
	_, err = w.signIn(t, c, withHash(credentials(testUser, testPassword), "bm8="))
	wantCode(t, err, "NotAuthorizedException", "SecretHash does not match for the client: "+c.ID)
	got, err := w.signIn(t, c, withHash(credentials(testUser, testPassword), secretHash(c, testUser)))
	must(t, err)
	_, err = w.refresh(t, c, *got.RefreshToken)
	wantCode(t, err, "NotAuthorizedException", "SECRET_HASH was not received")
	_, err = w.aws.InitiateAuth(t.Context(), &idp.InitiateAuthInput{AuthFlow: types.AuthFlowTypeRefreshTokenAuth, ClientId: &c.ID,
		AuthParameters: map[string]string{"REFRESH_TOKEN": *got.RefreshToken, "SECRET_HASH": secretHash(c, testUser)}})
	must(t, err)
	_, err = w.aws.InitiateAuth(t.Context(), &idp.InitiateAuthInput{AuthFlow: types.AuthFlowTypeRefreshTokenAuth, ClientId: &w.client.ID,
		AuthParameters: map[string]string{"REFRESH_TOKEN": *w.tokens(t).RefreshToken, "SECRET_HASH": "bm8="}})
	wantCode(t, err, "NotAuthorizedException", "Client "+w.client.ID+" is not configured with secret but SECRET_HASH was received")
}

func (w *world) refresh(t *testing.T, c cognito.Client, token string) (*types.AuthenticationResultType, error) {
	t.Helper()
	out, err := w.aws.InitiateAuth(t.Context(), &idp.InitiateAuthInput{AuthFlow: types.AuthFlowTypeRefreshTokenAuth, ClientId: &c.ID,
		AuthParameters: map[string]string{"REFRESH_TOKEN": token}})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func TestARefreshTokenGivesNewTokensOfTheSameSignIn(t *testing.T) {
	w := newWorld(t)
	first := w.tokens(t)
	w.now = w.now.Add(2 * time.Hour)
	second, err := w.refresh(t, w.client, *first.RefreshToken)
	must(t, err)
	if second.RefreshToken != nil {
		t.Error("a refresh gave a new refresh token")
	}
	before, after := w.claims(t, *first.AccessToken), w.claims(t, *second.AccessToken)
	if before["origin_jti"] != after["origin_jti"] || before["auth_time"] != after["auth_time"] || before["jti"] == after["jti"] {
		t.Errorf("claims before %v and after %v the refresh", before, after)
	}
	if _, err := w.verify(t, *second.IdToken); err != nil {
		t.Errorf("the new id token: %v", err)
	}
	other := w.newClient(t, func(*cognito.Client) {}, false)
	for _, token := range []string{"x", "", *first.RefreshToken + "A", *first.AccessToken} {
		if _, err := w.refresh(t, w.client, token); err == nil {
			t.Errorf("refresh token %.20q gave tokens", token)
		}
	}
	_, err = w.refresh(t, other, *first.RefreshToken)
	wantCode(t, err, "NotAuthorizedException", "Invalid Refresh Token")
}

func TestARevokedSignInIsOver(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	_, err := w.aws.RevokeToken(t.Context(), &idp.RevokeTokenInput{Token: got.AccessToken, ClientId: &w.client.ID})
	wantCode(t, err, "UnsupportedTokenTypeException", "")
	_, err = w.aws.RevokeToken(t.Context(), &idp.RevokeTokenInput{Token: got.RefreshToken, ClientId: &w.client.ID})
	must(t, err)
	_, err = w.refresh(t, w.client, *got.RefreshToken)
	wantCode(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
	_, err = w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AccessToken})
	wantCode(t, err, "NotAuthorizedException", "Access Token has been revoked")
}

func TestGetUserIsForTheBearerOfAnAccessToken(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	user, err := w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AccessToken})
	must(t, err)
	if *user.Username != testUser || len(user.UserAttributes) != 3 || *user.UserAttributes[0].Name != "sub" {
		t.Errorf("user %s with %d attributes", *user.Username, len(user.UserAttributes))
	}
	_, err = w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.IdToken})
	wantCode(t, err, "NotAuthorizedException", "Invalid Access Token")
	_, err = w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: aws.String("a.b.c")})
	wantCode(t, err, "NotAuthorizedException", "Invalid Access Token")
	must(t, w.svc.DeleteUser(t.Context(), w.pool.ID, testUser))
	w.newUser(t, testUser, testPassword)
	_, err = w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AccessToken})
	wantCode(t, err, "UserNotFoundException", "User does not exist.")
	w.now = w.now.Add(time.Hour)
	_, err = w.aws.GetUser(t.Context(), &idp.GetUserInput{AccessToken: got.AccessToken})
	wantCode(t, err, "NotAuthorizedException", "Access Token has expired")
}

// temporary makes a user with a temporary password, and starts his first sign-in.
func (w *world) temporary(t *testing.T) *idp.InitiateAuthOutput {
	t.Helper()
	_, err := w.svc.CreateUser(t.Context(), cognito.NewUser{PoolID: w.pool.ID, Username: "Grace", TemporaryPassword: "Temporary-1"})
	must(t, err)
	out, err := w.aws.InitiateAuth(t.Context(), &idp.InitiateAuthInput{AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: &w.client.ID,
		AuthParameters: credentials("Grace", "Temporary-1")})
	must(t, err)
	return out
}

func (w *world) newPassword(t *testing.T, session *string, password string) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	return w.aws.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{ChallengeName: types.ChallengeNameTypeNewPasswordRequired,
		ClientId: &w.client.ID, Session: session, ChallengeResponses: map[string]string{"USERNAME": "Grace", "NEW_PASSWORD": password}})
}

func TestATemporaryPasswordGivesNoTokenUntilItIsChanged(t *testing.T) {
	w := newWorld(t)
	challenge := w.temporary(t)
	if challenge.AuthenticationResult != nil || challenge.ChallengeName != types.ChallengeNameTypeNewPasswordRequired {
		t.Fatalf("answer %+v, want the challenge NEW_PASSWORD_REQUIRED", challenge)
	}
	_, err := w.newPassword(t, challenge.Session, "short")
	wantCode(t, err, "InvalidPasswordException", "Password does not conform to policy: Password not long enough")
	_, err = w.newPassword(t, aws.String(strings.Repeat("x", 20)), "My-own-Password-1")
	wantCode(t, err, "NotAuthorizedException", "Invalid session for the user.")
	answer, err := w.newPassword(t, challenge.Session, "My-own-Password-1")
	must(t, err)
	if w.claims(t, *answer.AuthenticationResult.IdToken)["cognito:username"] != "Grace" {
		t.Error("the tokens are not Grace's")
	}
	_, err = w.newPassword(t, challenge.Session, "Another-Password-1")
	wantCode(t, err, "NotAuthorizedException", "Invalid session for the user.")
	u, err := w.svc.User(t.Context(), w.pool.ID, "Grace")
	if err != nil || u.Status != cognito.StatusConfirmed {
		t.Errorf("status is %s (%v), want CONFIRMED", u.Status, err)
	}
}

func TestTemporaryPasswordsAndSessionsEnd(t *testing.T) {
	w := newWorld(t)
	challenge := w.temporary(t)
	w.now = w.now.Add(3 * time.Minute)
	_, err := w.newPassword(t, challenge.Session, "My-own-Password-1")
	wantCode(t, err, "NotAuthorizedException", "session is expired")
	w.now = w.now.AddDate(0, 0, 7)
	_, err = w.signIn(t, w.client, credentials("Grace", "Temporary-1"))
	wantCode(t, err, "NotAuthorizedException", "Temporary password has expired")
}

func TestWrongPasswordsLockTheUserForAWhile(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		_, err := w.signIn(t, w.client, credentials(testUser, "wrong"))
		wantCode(t, err, "NotAuthorizedException", "Incorrect username or password.")
	}
	_, err := w.signIn(t, w.client, credentials(testUser, testPassword))
	wantCode(t, err, "NotAuthorizedException", "Password attempts exceeded")
	w.now = w.now.Add(time.Second)
	_, err = w.signIn(t, w.client, credentials(testUser, "wrong"))
	wantCode(t, err, "NotAuthorizedException", "Incorrect username or password.")
	w.now = w.now.Add(time.Second)
	_, err = w.signIn(t, w.client, credentials(testUser, testPassword))
	wantCode(t, err, "NotAuthorizedException", "Password attempts exceeded")
	w.now = w.now.Add(time.Second)
	w.tokens(t)
}

func TestAQuietQuarterOfAnHourForgetsWrongPasswords(t *testing.T) {
	w := newWorld(t)
	wrong := func(n int) {
		for range n {
			_, err := w.signIn(t, w.client, credentials(testUser, "wrong"))
			wantCode(t, err, "NotAuthorizedException", "Incorrect username or password.")
		}
	}
	wrong(5)
	w.now = w.now.Add(15*time.Minute - time.Second)
	wrong(1)
	_, err := w.signIn(t, w.client, credentials(testUser, testPassword))
	wantCode(t, err, "NotAuthorizedException", "Password attempts exceeded")
	w.now = w.now.Add(15 * time.Minute)
	wrong(4)
	w.tokens(t)
}

func TestALockoutEndsWhenTheClockIsSetBack(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		_, err := w.signIn(t, w.client, credentials(testUser, "wrong"))
		wantCode(t, err, "NotAuthorizedException", "Incorrect username or password.")
	}
	w.now = w.now.Add(-24 * time.Hour)
	w.tokens(t)
}

func TestAnAdministratorMaySayWhereTheUserIs(t *testing.T) {
	w := newWorld(t)
	_, err := w.aws.AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		ClientId: &w.client.ID, UserPoolId: &w.pool.ID, AuthParameters: credentials(testUser, testPassword),
		ContextData: &types.ContextDataType{IpAddress: aws.String("192.0.2.1"), ServerName: aws.String("events"), ServerPath: aws.String("/"),
			HttpHeaders: []types.HttpHeader{{HeaderName: aws.String("Accept"), HeaderValue: aws.String("*/*")}}}})
	must(t, err)
}

func TestNobodySignsHimselfUp(t *testing.T) {
	w := newWorld(t)
	_, err := w.aws.SignUp(t.Context(), &idp.SignUpInput{ClientId: &w.client.ID, Username: aws.String("Eve"), Password: aws.String("Evil-Password-1")})
	wantCode(t, err, "NotAuthorizedException", "SignUp is not permitted for this user pool")
}
