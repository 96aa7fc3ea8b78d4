package cognito_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"pipeline/shared/localcloud/cognito"
)

func isInvalid(err error) bool { return errors.Is(err, cognito.ErrTokenInvalid) }
func isExpired(err error) bool { return errors.Is(err, cognito.ErrTokenExpired) }

func TestEverythingSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	before := w.tokens(t)
	w.start(t)
	if _, err := w.verify(t, *before.IdToken); err != nil {
		t.Errorf("a token from before the restart: %v", err)
	}
	if _, err := w.refresh(t, w.client, *before.RefreshToken); err != nil {
		t.Errorf("a refresh token from before the restart: %v", err)
	}
	w.tokens(t)
	if d, err := w.svc.UserPoolDomain(t.Context(), "events-local"); err != nil || d.PoolID != w.pool.ID {
		t.Errorf("domain %+v: %v", d, err)
	}
}

func TestNoPasswordIsOnDisk(t *testing.T) {
	w := newWorld(t)
	refreshToken := *w.tokens(t).RefreshToken
	data, err := os.ReadFile(filepath.Join(w.dir, "state.db"))
	must(t, err)
	_, secret, _ := strings.Cut(refreshToken, ".")
	for name, value := range map[string]string{"the password": testPassword, "a refresh token": secret} {
		if bytes.Contains(data, []byte(value)) {
			t.Errorf("the state holds %s in clear", name)
		}
	}
}

func TestAProtectedPoolStays(t *testing.T) {
	w := newWorld(t)
	p := w.pool
	p.DeletionProtection = true
	p, err := w.svc.UpdateUserPool(t.Context(), p)
	must(t, err)
	must(t, w.svc.DeleteUserPoolDomain(t.Context(), p.ID, "events-local"))
	wantCode(t, w.svc.DeleteUserPool(t.Context(), p.ID), "InvalidParameterException", "deletion protection is activated")
	p.DeletionProtection = false
	_, err = w.svc.UpdateUserPool(t.Context(), p)
	must(t, err)
	must(t, w.svc.DeleteUserPool(t.Context(), p.ID))
	_, err = w.svc.UserPool(t.Context(), p.ID)
	wantCode(t, err, "ResourceNotFoundException", "User pool "+p.ID+" does not exist.")
	_, err = w.signIn(t, w.client, credentials(testUser, testPassword))
	wantCode(t, err, "ResourceNotFoundException", "does not exist.")
}

func TestATokenOfADeletedPoolIsNoToken(t *testing.T) {
	w := newWorld(t)
	token := *w.tokens(t).IdToken
	wantCode(t, w.svc.DeleteUserPool(t.Context(), w.pool.ID), "InvalidParameterException", "It has a domain configured that should be deleted first.")
	must(t, w.svc.DeleteUserPoolDomain(t.Context(), w.pool.ID, "events-local"))
	must(t, w.svc.DeleteUserPool(t.Context(), w.pool.ID))
	if _, err := w.verify(t, token); !isInvalid(err) {
		t.Errorf("a token of a deleted pool: %v", err)
	}
}

func TestATokenIsNoneAlsoIfItWasReadDuringTheDeletion(t *testing.T) {
	w := newWorld(t)
	token := *w.tokens(t).IdToken
	must(t, w.svc.DeleteUserPoolDomain(t.Context(), w.pool.ID, "events-local"))
	w.store.Watch(func(bool) error {
		_, _ = w.verify(t, token)
		return nil
	})
	must(t, w.svc.DeleteUserPool(t.Context(), w.pool.ID))
	if _, err := w.verify(t, token); !isInvalid(err) {
		t.Errorf("a token of a deleted pool: %v", err)
	}
	resp, err := http.Get(w.url + cognito.PathPrefix + w.pool.ID + "/.well-known/jwks.json")
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		t.Error("the keys of a deleted pool are published")
	}
}

func TestAFaultOfTheStoreIsNotTheTokens(t *testing.T) {
	w := newWorld(t)
	token := *w.tokens(t).IdToken
	w.start(t)
	must(t, w.store.Close())
	if _, err := w.verify(t, token); err == nil || isInvalid(err) || isExpired(err) {
		t.Errorf("a token whose keys cannot be read: %v", err)
	}
}

func TestADeletionIsOneWriteForEachKindOfThing(t *testing.T) {
	w := newWorld(t)
	for i := range 9 {
		w.newUser(t, fmt.Sprint("user", i), testPassword)
		w.newClient(t, func(*cognito.Client) {}, false)
	}
	must(t, w.svc.DeleteUserPoolDomain(t.Context(), w.pool.ID, "events-local"))
	writes := 0
	w.store.Watch(func(after bool) error {
		if after {
			writes++
		}
		return nil
	})
	must(t, w.svc.DeleteUserPool(t.Context(), w.pool.ID))
	if writes != 5 { // users, resource servers, clients, keys, pool; refresh tokens are apart
		t.Errorf("a pool with 10 users and 10 clients is deleted in %d writes, want 5", writes)
	}
}

func TestARNsAreOfTheRegionsPartition(t *testing.T) {
	w := newWorld(t)
	svc, err := cognito.New(cognito.Config{Store: w.store, Account: "000000000000", Region: "cn-north-1", BaseURL: w.url, IAM: w, Now: time.Now})
	must(t, err)
	if p, err := svc.CreateUserPool(t.Context(), cognito.Pool{Name: "events", AdminCreateOnly: true}); !strings.HasPrefix(p.ARN, "arn:aws-cn:cognito-idp:cn-north-1:") || err != nil {
		t.Errorf("in cn-north-1 there is the pool %q (%v)", p.ARN, err)
	}
}

func TestCaseOfNamesIsAsThePoolSays(t *testing.T) {
	w := newWorld(t)
	_, err := w.svc.CreateUser(t.Context(), cognito.NewUser{PoolID: w.pool.ID, Username: strings.ToUpper(testUser)})
	wantCode(t, err, "UsernameExistsException", "User account already exists")
	exact, err := w.svc.CreateUserPool(t.Context(), cognito.Pool{Name: "exact", AdminCreateOnly: true, CaseSensitive: true})
	must(t, err)
	for _, name := range []string{"ada", "Ada"} {
		_, err := w.svc.CreateUser(t.Context(), cognito.NewUser{PoolID: exact.ID, Username: name})
		must(t, err)
	}
	exact.CaseSensitive = false
	exact, err = w.svc.UpdateUserPool(t.Context(), exact)
	if err != nil || !exact.CaseSensitive {
		t.Errorf("an update changed the case of names (%v)", err)
	}
}

func TestAPasswordConformsToThePolicy(t *testing.T) {
	w := newWorld(t)
	for password, reason := range map[string]string{
		"Aa1-aaa":                         "Password not long enough",
		"aaaaaa1-":                        "Password must have uppercase characters",
		"AAAAAA1-":                        "Password must have lowercase characters",
		"Aaaaaaa-":                        "Password must have numeric characters",
		"Aaaaaaa1":                        "Password must have symbol characters",
		" Aaaaaa1-":                       "regular expression",
		"":                                "regular expression",
		"Aaaaaa1-\x20":                    "regular expression",
		"Aa1-" + strings.Repeat("ä", 253): "regular expression",
	} {
		err := w.svc.SetUserPassword(t.Context(), w.pool.ID, testUser, password, true)
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("password %q: %v, want %s", password, err, reason)
		}
	}
	longest := "Aa1-" + strings.Repeat("ä", 252)
	if err := w.svc.SetUserPassword(t.Context(), w.pool.ID, testUser, longest, true); err != nil {
		t.Errorf("a password of 256 characters, in 508 bytes: %v", err)
	}
}

func TestADomainHasAWSsForm(t *testing.T) {
	w := newWorld(t)
	other := w.newPool(t, "other")
	for name, text := range map[string]string{
		"Events":                "regular expression",
		"-events":               "regular expression",
		"my-aws-events":         "reserved word: aws",
		"cognito-events":        "reserved word: cognito",
		"events-local":          "Domain already associated with another user pool.",
		strings.Repeat("e", 64): "regular expression",
	} {
		err := w.svc.CreateUserPoolDomain(t.Context(), cognito.Domain{Name: name, PoolID: other.ID})
		wantCode(t, err, "InvalidParameterException", text)
	}
	err := w.svc.CreateUserPoolDomain(t.Context(), cognito.Domain{Name: "second", PoolID: w.pool.ID})
	wantCode(t, err, "InvalidParameterException", "already has a domain")
	err = w.svc.CreateUserPoolDomain(t.Context(), cognito.Domain{Name: "events-two", PoolID: other.ID, ManagedLoginVersion: 2})
	wantCode(t, err, "InvalidParameterException", "ManagedLoginVersion")
}

func TestAClientIsRefusedWhereAWSRefusesIt(t *testing.T) {
	w := newWorld(t)
	machine := func(c *cognito.Client) {
		c.OAuthFlows, c.Scopes, c.CallbackURLs = []string{"client_credentials"}, []string{"events/write"}, nil
	}
	for name, c := range map[string]struct {
		change     func(*cognito.Client)
		secret     bool
		code, text string
	}{
		"machine flow with another":   {func(c *cognito.Client) { machine(c); c.OAuthFlows = append(c.OAuthFlows, "code") }, true, "InvalidOAuthFlowException", "can not be selected along with"},
		"machine flow without secret": {machine, false, "InvalidOAuthFlowException", "does not have a client secret"},
		"machine flow for a user":     {func(c *cognito.Client) { machine(c); c.Scopes = []string{"openid"} }, true, "InvalidOAuthFlowException", "openid is not supported with client_credentials flow"},
		"unknown scope":               {func(c *cognito.Client) { c.Scopes = []string{"events/read"} }, false, "ScopeDoesNotExistException", "Invalid scope requested: events/read"},
		"no flows":                    {func(c *cognito.Client) { c.OAuthFlows = nil }, false, "InvalidParameterException", "AllowedOAuthFlows and AllowedOAuthScopes are required"},
		"unknown OAuth flow":          {func(c *cognito.Client) { c.OAuthFlows = []string{"token"} }, false, "InvalidParameterException", "[code, implicit, client_credentials]"},
		"unknown flow":                {func(c *cognito.Client) { c.AuthFlows = []string{"ALLOW_USER_AUTH"} }, false, "InvalidParameterException", "ALLOW_USER_AUTH"},
		"no refresh":                  {func(c *cognito.Client) { c.AuthFlows = []string{"ALLOW_USER_SRP_AUTH"} }, false, "InvalidParameterException", "REFRESH_TOKEN_AUTH should always be allowed."},
		"http callback":               {func(c *cognito.Client) { c.CallbackURLs = []string{"http://example.com/"} }, false, "InvalidParameterException", "cannot use the HTTP protocol."},
		"callback with fragment":      {func(c *cognito.Client) { c.CallbackURLs = []string{"https://example.com/#x"} }, false, "InvalidParameterException", "fragment"},
		"script for a callback":       {func(c *cognito.Client) { c.CallbackURLs = []string{"javascript:alert(1)"} }, false, "InvalidParameterException", "javascript"},
		"no callback":                 {func(c *cognito.Client) { c.CallbackURLs = nil }, false, "InvalidParameterException", "callback URL"},
		"foreign default":             {func(c *cognito.Client) { c.DefaultRedirectURI = "https://a/" }, false, "InvalidParameterException", "Default redirect URI"},
		"unknown provider":            {func(c *cognito.Client) { c.IdentityProviders = []string{"Google"} }, false, "InvalidParameterException", "Google"},
		"4 minutes":                   {func(c *cognito.Client) { c.AccessTokenValidity = cognito.Validity{Value: 4, Unit: "minutes"} }, false, "InvalidParameterException", "Invalid range for token validity."},
		"two days":                    {func(c *cognito.Client) { c.IDTokenValidity = cognito.Validity{Value: 2, Unit: "days"} }, false, "InvalidParameterException", "Invalid range for token validity."},
		"ten years and a day":         {func(c *cognito.Client) { c.RefreshTokenValidity = cognito.Validity{Value: 3651} }, false, "InvalidParameterException", "Invalid range for token validity."},
		"tokens outlive their refresh": {func(c *cognito.Client) {
			c.RefreshTokenValidity = cognito.Validity{Value: 60, Unit: "minutes"}
			c.AccessTokenValidity = cognito.Validity{Value: 2}
		}, false, "InvalidParameterException", "cannot outlive"},
		"weeks": {func(c *cognito.Client) { c.RefreshTokenValidity = cognito.Validity{Value: 1, Unit: "weeks"} }, false, "InvalidParameterException", "weeks"},
		"name":  {func(c *cognito.Client) { c.Name = "a/b" }, false, "InvalidParameterException", "clientName"},
	} {
		client := everything(w.pool.ID)
		c.change(&client)
		_, err := w.svc.CreateUserPoolClient(t.Context(), client, c.secret)
		if err == nil {
			t.Errorf("%s: made a client", name)
			continue
		}
		t.Run(name, func(t *testing.T) { wantCode(t, err, c.code, c.text) })
	}
}

func TestAClientMayCallBackThisMachineByHTTP(t *testing.T) {
	w := newWorld(t)
	urls := []string{"http://localhost:3000/", "http://127.0.0.1:3000/", "http://[::1]:3000/"}
	w.newClient(t, func(c *cognito.Client) { c.CallbackURLs = urls }, false)
}

func TestAttributesAreCheckedAsCognitoDoes(t *testing.T) {
	w := newWorld(t)
	for text, attributes := range map[string]map[string]string{
		"Invalid phone number format.":  {"phone_number": "0171 123"},
		"Invalid email address format.": {"email": "ada"},
		"email_verified":                {"email": "ada@example.com", "email_verified": "yes"},
		"email is required":             {"email_verified": "true"},
		"phone_number is required":      {"phone_number_verified": "true"},
		"at most 2048 characters":       {"nickname": strings.Repeat("ä", 2049)},
	} {
		_, err := w.svc.CreateUser(t.Context(), cognito.NewUser{PoolID: w.pool.ID, Username: "Eve", Attributes: attributes})
		wantCode(t, err, "InvalidParameterException", text)
		wantCode(t, w.svc.SetUserAttributes(t.Context(), w.pool.ID, testUser, attributes), "InvalidParameterException", text)
	}
	must(t, w.svc.SetUserAttributes(t.Context(), w.pool.ID, testUser, map[string]string{"phone_number": "+49171123", "phone_number_verified": "true",
		"email_verified": "false", "nickname": strings.Repeat("ä", 2048)}))
}

func TestAnUpdateOfAClientKeepsItsSecret(t *testing.T) {
	w := newWorld(t)
	c := w.machine(t)
	if !regexp.MustCompile(`^[a-z0-9]{26}$`).MatchString(c.ID) || len(c.Secret) != 51 {
		t.Errorf("client ID %q, secret of %d characters", c.ID, len(c.Secret))
	}
	changed := c
	changed.Name, changed.Secret = "renamed", ""
	got, err := w.svc.UpdateUserPoolClient(t.Context(), changed)
	if err != nil || got.Secret != c.Secret || got.Name != "renamed" {
		t.Errorf("after the update: %+v (%v)", got, err)
	}
}

func TestToolsSeeWhatIsThere(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	pools, err := w.aws.ListUserPools(ctx, &idp.ListUserPoolsInput{MaxResults: aws.Int32(60)})
	must(t, err)
	if len(pools.UserPools) != 1 || *pools.UserPools[0].Id != w.pool.ID || !pools.UserPools[0].CreationDate.Equal(w.now) {
		t.Errorf("pools %+v", pools.UserPools)
	}
	pool, err := w.aws.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: &w.pool.ID})
	must(t, err)
	if p := pool.UserPool; *p.Arn != w.pool.ARN || !p.AdminCreateUserConfig.AllowAdminCreateUserOnly || *p.Policies.PasswordPolicy.MinimumLength != 8 || *p.Domain != "events-local" {
		t.Errorf("pool %+v", p)
	}
	user, err := w.aws.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &w.pool.ID, Username: aws.String(testUser)})
	must(t, err)
	if user.UserStatus != "CONFIRMED" || !user.Enabled {
		t.Errorf("user %+v", user)
	}
	bySub, err := w.aws.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &w.pool.ID, Username: user.UserAttributes[0].Value})
	must(t, err)
	if *bySub.Username != testUser {
		t.Errorf("the user of %s's sub is %s", testUser, *bySub.Username)
	}
	w.newUser(t, "Zoe", testPassword)
	users, err := w.aws.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &w.pool.ID, Limit: aws.Int32(1)})
	must(t, err)
	more, err := w.aws.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &w.pool.ID, Limit: aws.Int32(1), PaginationToken: users.PaginationToken})
	must(t, err)
	if *users.Users[0].Username != testUser || *more.Users[0].Username != "Zoe" || more.PaginationToken != nil {
		t.Errorf("users page by page: %v, %v", users.Users, more.Users)
	}
	clients, err := w.aws.ListUserPoolClients(ctx, &idp.ListUserPoolClientsInput{UserPoolId: &w.pool.ID})
	must(t, err)
	client, err := w.aws.DescribeUserPoolClient(ctx, &idp.DescribeUserPoolClientInput{UserPoolId: &w.pool.ID, ClientId: clients.UserPoolClients[0].ClientId})
	must(t, err)
	if c := client.UserPoolClient; *c.ClientName != "cli" || *c.AccessTokenValidity != 60 || c.TokenValidityUnits.AccessToken != "minutes" || c.AllowedOAuthScopes[3] != "events/write" {
		t.Errorf("client %+v", c)
	}
	domain, err := w.aws.DescribeUserPoolDomain(ctx, &idp.DescribeUserPoolDomainInput{Domain: aws.String("events-local")})
	must(t, err)
	if d := domain.DomainDescription; *d.UserPoolId != w.pool.ID || d.Status != "ACTIVE" {
		t.Errorf("domain %+v", d)
	}
	server, err := w.aws.DescribeResourceServer(ctx, &idp.DescribeResourceServerInput{UserPoolId: &w.pool.ID, Identifier: aws.String("events")})
	must(t, err)
	if s := server.ResourceServer; len(s.Scopes) != 1 || *s.Scopes[0].ScopeName != "write" {
		t.Errorf("resource server %+v", s)
	}
}

func TestSelfSignUpIsNotToBeHad(t *testing.T) {
	w := newWorld(t)
	_, err := w.svc.CreateUserPool(t.Context(), cognito.Pool{Name: "open"})
	wantCode(t, err, "InvalidParameterException", "AllowAdminCreateUserOnly")
}
