package auth_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	plane "pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/provider/auth"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	poolType   = "aws:cognito/userPool:UserPool"
	userType   = "aws:cognito/user:User"
	domainType = "aws:cognito/userPoolDomain:UserPoolDomain"
	serverType = "aws:cognito/resourceServer:ResourceServer"
	clientType = "aws:cognito/userPoolClient:UserPoolClient"

	password = "Analytical-Engine-1"
)

type everyone struct{}

func (everyone) Authorize(context.Context, string, string, map[string]string) error { return nil }

type world struct {
	*providertest.Engine
	service *plane.Service
	pool    providertest.Made
}

func newWorld(t *testing.T) world {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	service, err := plane.New(plane.Config{Store: st, Account: "000000000000", Region: "eu-central-1",
		BaseURL: "http://127.0.0.1:4566", IAM: everyone{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	w := world{Engine: providertest.New(t, "events-auth", auth.Kinds(service, "000000000000", "eu-central-1")), service: service}
	w.pool = w.Create(poolType, pool())
	return w
}

func pool() object {
	return object{"name": "events", "adminCreateUserConfig": object{"allowAdminCreateUserOnly": true},
		"passwordPolicy": object{"minimumLength": 12, "requireLowercase": true}}
}

func (w world) user() object {
	return object{"userPoolId": w.pool.ID, "username": "ada", "password": password, "messageAction": "SUPPRESS"}
}

func (w world) server() object {
	return object{"userPoolId": w.pool.ID, "identifier": "events", "scopes": []any{object{"scopeName": "write", "scopeDescription": "Send events"}}}
}

func (w world) client() object {
	return object{"userPoolId": w.pool.ID, "name": "cli", "explicitAuthFlows": []any{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		"allowedOauthFlowsUserPoolClient": true, "allowedOauthFlows": []any{"code"}, "allowedOauthScopes": []any{"openid"},
		"callbackUrls": []any{"http://localhost:3000/"}, "supportedIdentityProviders": []any{"COGNITO"},
		"accessTokenValidity": 30, "tokenValidityUnits": object{"accessToken": "minutes"}}
}

func (w world) machine() object {
	return object{"userPoolId": w.pool.ID, "name": "machine", "generateSecret": true, "allowedOauthFlowsUserPoolClient": true,
		"allowedOauthFlows": []any{"client_credentials"}, "allowedOauthScopes": []any{"events/write"}}
}

func (w world) signsIn(t *testing.T, client providertest.Made, password string) bool {
	t.Helper()
	_, err := w.service.InitiateAuth(t.Context(), plane.FlowPassword, client.ID, map[string]string{"USERNAME": "ada", "PASSWORD": password})
	return err == nil
}

func TestAPoolWithAllThatIsInItLivesFromCreateToDelete(t *testing.T) {
	w := newWorld(t)
	domain := w.Create(domainType, object{"userPoolId": w.pool.ID, "domain": "events-local"})
	server := w.Create(serverType, w.server())
	user := w.Create(userType, w.user())
	client := w.Create(clientType, w.client())
	machine := w.Create(clientType, w.machine())

	for name, c := range map[string]struct{ got, pattern string }{
		"pool ID":       {w.pool.ID, `^eu-central-1_[A-Za-z0-9]{9}$`},
		"pool ARN":      {w.pool.Outputs["arn"].(string), `^arn:aws:cognito-idp:eu-central-1:000000000000:userpool/` + w.pool.ID + `$`},
		"endpoint":      {w.pool.Outputs["endpoint"].(string), `^cognito-idp\.eu-central-1\.amazonaws\.com/` + w.pool.ID + `$`},
		"sub":           {user.Outputs["sub"].(string), `^[0-9a-f-]{36}$`},
		"user ID":       {user.ID, `^` + w.pool.ID + `/ada$`},
		"status":        {user.Outputs["status"].(string), `^CONFIRMED$`},
		"client ID":     {client.ID, `^[a-z0-9]{26}$`},
		"no secret":     {client.Outputs["clientSecret"].(string), `^$`},
		"secret":        {machine.Outputs["clientSecret"].(string), `^[a-z0-9]{51}$`},
		"scope":         {server.Outputs["scopeIdentifiers"].([]any)[0].(string), `^events/write$`},
		"name made up":  {server.Inputs["name"].(string), `^it-[0-9a-f]{7}$`},
		"domain":        {domain.ID, `^events-local$`},
		"creation date": {user.Outputs["creationDate"].(string), `^\d{4}-\d\d-\d\dT`},
	} {
		if !regexp.MustCompile(c.pattern).MatchString(c.got) {
			t.Errorf("%s is %q, want %s", name, c.got, c.pattern)
		}
	}
	if !w.signsIn(t, client, password) {
		t.Error("the user does not sign in")
	}
	if err := w.TryDelete(w.pool); err == nil || !strings.Contains(err.Error(), "domain configured that should be deleted first") {
		t.Errorf("a pool with a domain is deleted: %v", err)
	}
	for _, m := range []providertest.Made{machine, client, user, server, domain, w.pool} {
		w.Delete(m)
		if w.Exists(m) {
			t.Errorf("%s is there after its deletion", m.Token)
		}
	}
}

func TestChangesReachTheThing(t *testing.T) {
	w := newWorld(t)
	client := w.Create(clientType, w.client())
	user := w.Create(userType, w.user())
	user = w.Update(user, object{"password": "Difference-Engine-2"})
	if w.signsIn(t, client, password) || !w.signsIn(t, client, "Difference-Engine-2") {
		t.Error("the new password does not take the old one's place")
	}
	user = w.Update(user, object{"enabled": false, "attributes": object{"email": "ada@example.com"}})
	if w.signsIn(t, client, "Difference-Engine-2") || user.Outputs["enabled"] != false {
		t.Error("a disabled user signs in")
	}
	client = w.Update(client, object{"explicitAuthFlows": []any{"ALLOW_REFRESH_TOKEN_AUTH"}})
	if c, err := w.service.FindUserPoolClient(t.Context(), client.ID); err != nil || len(c.AuthFlows) != 1 || c.AccessTokenValidity.Value != 30 {
		t.Errorf("the client is %+v (%v)", c, err)
	}
	server := w.Create(serverType, w.server())
	server = w.Update(server, object{"scopes": []any{object{"scopeName": "read", "scopeDescription": "Look"}}})
	if got := server.Outputs["scopeIdentifiers"].([]any); len(got) != 1 || got[0] != "events/read" {
		t.Errorf("scopes are %v, want events/read", got)
	}
	protected := w.Update(w.pool, object{"deletionProtection": "ACTIVE"})
	if err := w.TryDelete(protected); err == nil || !strings.Contains(err.Error(), "deletion protection is activated") {
		t.Errorf("a protected pool is deleted: %v", err)
	}
}

func TestOnlyWhatCognitoCannotChangeIsReplaced(t *testing.T) {
	w := newWorld(t)
	client, user := w.Create(clientType, w.client()), w.Create(userType, w.user())
	server := w.Create(serverType, w.server())
	domain := w.Create(domainType, object{"userPoolId": w.pool.ID, "domain": "events-local"})
	for _, c := range []struct {
		made    providertest.Made
		changed object
		want    string
	}{
		{w.pool, object{"usernameConfiguration": object{"caseSensitive": true}}, "usernameConfiguration"},
		{w.pool, object{"name": "other"}, "name"}, // in pulumi-aws v6, though UpdateUserPool takes it
		{w.pool, object{"passwordPolicy": object{"minimumLength": 14}}, ""},
		{client, object{"generateSecret": true}, "generateSecret"},
		{client, object{"callbackUrls": []any{"https://example.com/"}}, ""},
		{user, object{"username": "grace"}, "username"},
		{user, object{"password": "Difference-Engine-2"}, ""},
		{server, object{"identifier": "other"}, "identifier"},
		{server, object{"name": "other"}, "name"},
		{domain, object{"domain": "events-other"}, "domain"},
	} {
		if got := w.DeletesFirst(c.made, c.changed); got != (c.want != "" && c.made.Inputs["name"] != nil) && c.made.Token != serverType {
			t.Errorf("changing %s by %v deletes it first: %v", c.made.Token, c.changed, got)
		}
		if got := w.Replaces(c.made, c.changed); got != c.want {
			t.Errorf("changing %s by %v replaces for %q, want %q", c.made.Token, c.changed, got, c.want)
		}
	}
}

func TestAPreviewRefusesWhatCognitoWould(t *testing.T) {
	w := newWorld(t)
	with := func(base, changed object) object {
		all := object{}
		for key, value := range base {
			all[key] = value
		}
		for key, value := range changed {
			all[key] = value
		}
		return all
	}
	first := object{"userPoolId": providertest.Unknown} // of a stack that is not there yet
	for _, c := range []struct {
		token  string
		inputs object
		text   string
	}{
		{poolType, object{"name": "p"}, "AllowAdminCreateUserOnly"},
		{poolType, with(pool(), object{"mfaConfiguration": "ON"}), "OFF only"},
		{poolType, with(pool(), object{"passwordPolicy": object{"minimumLength": 5}}), "greater than or equal to 6"},
		{poolType, with(pool(), object{"lambdaConfig": object{}}), "lambdaConfig: is not honoured"},
		{poolType, with(pool(), object{"accountRecoverySetting": object{"recoveryMechanisms": []any{object{"name": "verified_email", "priority": 1}}}}), "admin_only"},
		{userType, with(w.user(), object{"password": "Short-1"}), "Password not long enough"},
		{userType, with(w.user(), object{"temporaryPassword": password}), "exclude each other"},
		{userType, object{"userPoolId": w.pool.ID, "username": "ada"}, "messageAction"},
		{userType, with(with(w.user(), first), object{"messageAction": "RESEND"}), "messageAction: is"},
		{domainType, with(first, object{"domain": "my-aws"}), "reserved word: aws"},
		{domainType, with(first, object{"domain": "events", "managedLoginVersion": 2}), "managedLoginVersion"},
		{serverType, with(with(w.server(), first), object{"scopes": []any{object{"scopeName": "a/b", "scopeDescription": "d"}}}), "regular expression"},
		{clientType, with(with(w.client(), first), object{"callbackUrls": []any{"http://example.com/"}}), "cannot use the HTTP protocol."},
		{clientType, with(with(w.client(), first), object{"explicitAuthFlows": []any{"ALLOW_USER_SRP_AUTH"}}), "REFRESH_TOKEN_AUTH should always be allowed."},
		{clientType, with(with(w.client(), first), object{"allowedOauthFlows": []any{"code", "client_credentials"}}), "can not be selected along with"},
		{clientType, with(w.machine(), object{"generateSecret": false}), "does not have a client secret"},
		{clientType, with(w.client(), object{"accessTokenValidity": 4}), "Invalid range for token validity."},
		{clientType, with(w.client(), object{"refreshTokenRotation": object{"feature": "ENABLED"}}), "refreshTokenRotation: is not honoured"},
	} {
		w.Refuses(c.token, c.inputs, c.text)
	}
}

func TestAUserIsMadeWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	inputs := w.user()
	inputs["attributes"] = object{"colour": "red"}
	if _, err := w.TryCreate(userType, inputs); err == nil || !strings.Contains(err.Error(), "colour") {
		t.Errorf("an attribute that no pool has: %v", err)
	}
	w.Create(userType, w.user())
}

func TestTheOrderOfWhatIsASetIsNoChange(t *testing.T) {
	w := newWorld(t)
	client := w.Create(clientType, w.client())
	turned := object{"explicitAuthFlows": []any{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"}}
	if w.Differs(client, turned) {
		t.Errorf("%v in another order is a change", turned)
	}
	w.As("other").Update(client, turned) // by somebody else
	if in, _, _ := w.Read(client); in["explicitAuthFlows"].([]any)[0] != "ALLOW_USER_PASSWORD_AUTH" {
		t.Errorf("a refresh finds the order changed: %v", in["explicitAuthFlows"])
	}
}

func TestCognitosResourcesAreImported(t *testing.T) {
	w := newWorld(t)
	client, user := w.Create(clientType, w.client()), w.Create(userType, w.user())
	server := w.Create(serverType, w.server())
	domain := w.Create(domainType, object{"userPoolId": w.pool.ID, "domain": "events-local"})
	for _, c := range []struct {
		made     providertest.Made
		property string
		want     any
	}{
		{w.pool, "name", "events"}, {client, "name", "cli"}, {client, "accessTokenValidity", 30.0}, {user, "username", "ada"},
		{server, "identifier", "events"}, {domain, "userPoolId", w.pool.ID},
	} {
		inputs := w.Import(c.made.Token, c.made.ID)
		if inputs[c.property] != c.want {
			t.Errorf("imported %s has %s %v, want %v", c.made.Token, c.property, inputs[c.property], c.want)
		}
		if _, refused := w.Check(c.made.Token, inputs); refused != "" {
			t.Errorf("what an import of %s finds is refused: %s", c.made.Token, refused)
		}
	}
}
