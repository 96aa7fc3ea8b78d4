package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/pulumitest"
)

const (
	poolType    = "aws:cognito/userPool:UserPool"
	userType    = "aws:cognito/user:User"
	domainType  = "aws:cognito/userPoolDomain:UserPoolDomain"
	clientType  = "aws:cognito/userPoolClient:UserPoolClient"
	serverType  = "aws:cognito/resourceServer:ResourceServer"
	secretType  = "aws:secretsmanager/secret:Secret"
	versionType = "aws:secretsmanager/secretVersion:SecretVersion"
)

func world(stack string, set map[string]any) pulumitest.World {
	return pulumitest.World{Project: "events-auth", Stack: stack, Settings: set}
}

func deployed(t *testing.T, stack string, set map[string]any) pulumitest.Result {
	t.Helper()
	r := world(stack, set).Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

func withPasswords(t *testing.T, passwords map[string]string) pulumitest.Result {
	t.Helper()
	w := world("local", nil)
	w.Secrets = map[string]any{"passwords": passwords}
	return w.Run(t, deploy)
}

func texts(v resource.PropertyValue) []string {
	var list []string
	for _, element := range v.ArrayValue() {
		list = append(list, element.StringValue())
	}
	return list
}

func TestNobodySignsHimselfUp(t *testing.T) {
	pool := deployed(t, "local", nil).One(t, poolType).Inputs
	if !pool["adminCreateUserConfig"].ObjectValue()["allowAdminCreateUserOnly"].BoolValue() {
		t.Error("anyone can sign up, and then post events")
	}
	if got := pool["accountRecoverySetting"].ObjectValue()["recoveryMechanisms"].ArrayValue(); len(got) != 1 || got[0].ObjectValue()["name"].StringValue() != "admin_only" {
		t.Errorf("a user resets his own password by %v, want the administrator only", got)
	}
}

func TestAPoolIsProtectedWhereItsEnvironmentIs(t *testing.T) {
	for stack, want := range map[string]struct {
		protection   string
		recoveryDays float64
	}{"dev": {"INACTIVE", 0}, "prod": {"ACTIVE", 30}} {
		r := deployed(t, stack, nil)
		if got := r.One(t, poolType).Inputs["deletionProtection"].StringValue(); got != want.protection {
			t.Errorf("deletion protection in %s is %s, want %s", stack, got, want.protection)
		}
		if got := r.One(t, secretType).Inputs["recoveryWindowInDays"].NumberValue(); got != want.recoveryDays {
			t.Errorf("a deleted password in %s comes back for %v days, want %v", stack, got, want.recoveryDays)
		}
	}
}

func TestAUserWithoutAConfiguredPasswordGetsOneThatStays(t *testing.T) {
	r := deployed(t, "local", nil)
	version := r.One(t, versionType)
	if secret := version.Inputs["secretString"]; !secret.IsSecret() {
		t.Error("the generated password is in clear in the state")
	}
	if got := version.Plain()["secretString"]; got != `{"username":"sender","password":"`+pulumitest.Password+`"}` {
		t.Errorf("the secret holds %v", got)
	}
	if got := r.One(t, secretType).Inputs["name"].StringValue(); got != "events-local/user/sender" {
		t.Errorf("the secret's name is %s", got)
	}
	user := r.One(t, userType)
	if !user.Inputs["password"].IsSecret() || user.Plain()["password"] != pulumitest.Password {
		t.Error("the user's password is not the secret's, or in clear")
	}
	if user.Inputs["messageAction"].StringValue() != "SUPPRESS" || user.Inputs.HasValue("temporaryPassword") {
		t.Error("the user gets an invitation, or has to change his password first")
	}
}

func TestAConfiguredPasswordWins(t *testing.T) {
	r := withPasswords(t, map[string]string{"sender": "Configured-Password-1"})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	user, version := r.One(t, userType), r.One(t, versionType)
	if user.Plain()["password"] != "Configured-Password-1" || !user.Inputs["password"].IsSecret() || !version.Inputs["secretString"].IsSecret() {
		t.Error("the configured password is not the user's, or in clear")
	}
}

func TestAPasswordInClearIsRefused(t *testing.T) {
	r := world("local", map[string]any{"passwords": map[string]string{"sender": "In-Clear-1"}}).Run(t, deploy)
	if r.Err == nil || !strings.Contains(r.Err.Error(), "passwords are there in clear, of sender:") || !strings.Contains(r.Err.Error(), "STACK=local go tool mage secrets:set auth passwords.sender") {
		t.Errorf("the error is %v", r.Err)
	}
	if r.Err != nil && strings.Contains(r.Err.Error(), "In-Clear-1") {
		t.Error("the error repeats the password")
	}
	if len(r.Resources) > 0 {
		t.Errorf("%d resources were made", len(r.Resources))
	}
}

// One encrypted password makes Pulumi call all of them secret.
func TestAPasswordInClearBesideAnEncryptedOneIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PULUMI_CONFIG", "{}")
	t.Setenv("PULUMI_CONFIG_SECRET_KEYS", `["events-auth:passwords"]`)
	file := "config: {events-auth:passwords: {ada: {secure: v1:x}, bob: In-Clear-1}}"
	if err := os.WriteFile("Pulumi.local.yaml", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		return config{Passwords: map[string]string{"ada": "Encrypted-1", "bob": "In-Clear-1"}}.checkPasswords(ctx)
	}, pulumi.WithMocks("events-auth", "local", struct{ pulumi.MockResourceMonitor }{}))
	if err == nil || !strings.Contains(err.Error(), "passwords are there in clear, of bob:") || strings.Contains(err.Error(), "In-Clear-1") {
		t.Errorf("the error is %v, want one that names bob and not his password", err)
	}
}

func TestThePublicClientHasNoSecretAndTellsNobodyWhoIsThere(t *testing.T) {
	c := deployed(t, "local", nil).Named(t, clientType, "public").Inputs
	if c.HasValue("generateSecret") && c["generateSecret"].BoolValue() {
		t.Error("the public client has a secret")
	}
	if c["preventUserExistenceErrors"].StringValue() != "ENABLED" || !c["enableTokenRevocation"].BoolValue() {
		t.Error("the client tells which users exist, or its tokens cannot be revoked")
	}
	if !c["allowedOauthFlowsUserPoolClient"].BoolValue() || !slices.Equal(texts(c["allowedOauthFlows"]), []string{"code"}) {
		t.Errorf("the client's flows are %v, want code", c["allowedOauthFlows"])
	}
	if slices.Contains(texts(c["allowedOauthScopes"]), "aws.cognito.signin.user.admin") {
		t.Error("a token lets its bearer change the user")
	}
}

func TestTheMachineClientHasOneFlowAndOneScope(t *testing.T) {
	r := deployed(t, "local", map[string]any{"resourceServer": "https://api.example.com",
		"scopes": []string{"openid", "https://api.example.com/write"}})
	c := r.Named(t, clientType, "machine").Inputs
	if !c["generateSecret"].BoolValue() || !slices.Equal(texts(c["allowedOauthFlows"]), []string{"client_credentials"}) {
		t.Errorf("the machine's flows are %v", c["allowedOauthFlows"])
	}
	if got := texts(c["allowedOauthScopes"]); !slices.Equal(got, []string{"https://api.example.com/write"}) {
		t.Errorf("the machine's scopes are %v", got)
	}
	if got := r.One(t, serverType).Inputs["identifier"].StringValue(); got != "https://api.example.com" {
		t.Errorf("the resource server is %s", got)
	}
}

func TestTheMachineClientCanBeLeftOut(t *testing.T) {
	r := deployed(t, "local", map[string]any{"machineClient": false})
	if got := r.All(clientType); len(got) != 1 || got[0].Name != "public" {
		t.Errorf("there are %d clients, want the public one", len(got))
	}
}

func TestSettingsReachCognito(t *testing.T) {
	r := deployed(t, "local", map[string]any{
		"users":        []any{map[string]any{"name": "ada", "attributes": map[string]any{"email": "ada@example.com"}}, map[string]any{"name": "grace"}},
		"callbackUrls": []string{"myapp://signed-in"}, "oauthFlows": []string{"code", "implicit"}, "accessTokenMinutes": 5,
		"authFlows": []string{"ALLOW_REFRESH_TOKEN_AUTH"}, "domainPrefix": "events-of-mine", "passwordCharacters": []string{"numbers"},
	})
	if n := len(r.All(userType)); n != 2 {
		t.Errorf("there are %d users, want 2", n)
	}
	if got := r.Named(t, userType, "ada").Inputs["attributes"].ObjectValue()["email"].StringValue(); got != "ada@example.com" {
		t.Errorf("Ada's address is %s", got)
	}
	c := r.Named(t, clientType, "public").Inputs
	if c["accessTokenValidity"].NumberValue() != 5 || c["tokenValidityUnits"].ObjectValue()["accessToken"].StringValue() != "minutes" {
		t.Errorf("access tokens are valid for %v %v, want 5 minutes", c["accessTokenValidity"], c["tokenValidityUnits"])
	}
	if got := texts(c["callbackUrls"]); !slices.Equal(got, []string{"myapp://signed-in"}) {
		t.Errorf("callback URLs are %v", got)
	}
	if got := r.One(t, domainType).Inputs["domain"].StringValue(); got != "events-of-mine" {
		t.Errorf("domain is %s", got)
	}
	policy := r.One(t, poolType).Inputs["passwordPolicy"].ObjectValue()
	if policy["requireSymbols"].BoolValue() || !policy["requireNumbers"].BoolValue() {
		t.Errorf("password policy is %v, want numbers only", policy)
	}
}

func TestWithoutUsersThereIsNobodyToSendAs(t *testing.T) {
	r := deployed(t, "local", map[string]any{"users": []any{}})
	if n := len(r.All(userType)) + len(r.All(secretType)); n != 0 {
		t.Errorf("%d users and secrets are made, want none", n)
	}
}

func TestWhatCanBeTaggedIsTagged(t *testing.T) {
	r := deployed(t, "local", nil)
	for _, token := range []string{poolType, secretType} {
		if tags := r.One(t, token).Inputs["tags"]; !tags.IsObject() || tags.ObjectValue()["layer"].StringValue() != "auth" {
			t.Errorf("%s has the tags %v", token, tags)
		}
	}
}

func TestSettingsThatCognitoWouldRefuseAreRefusedFirst(t *testing.T) {
	for rule, c := range map[string]struct {
		set  map[string]any
		want string
	}{
		"a callback in clear":       {map[string]any{"callbackUrls": []string{"http://example.com/"}}, "is not https"},
		"a host like localhost":     {map[string]any{"callbackUrls": []string{"http://localhost.example.com/"}}, "is not https"},
		"a callback with a #":       {map[string]any{"callbackUrls": []string{"https://example.com/#x"}}, "fragment"},
		"no callback":               {map[string]any{"callbackUrls": []string{}}, "callbackUrls is empty"},
		"a relative logout":         {map[string]any{"logoutUrls": []string{"/bye"}}, "absolute URL"},
		"the machine's flow":        {map[string]any{"oauthFlows": []string{"client_credentials"}}, "there are code, implicit"},
		"no refresh":                {map[string]any{"authFlows": []string{"ALLOW_USER_SRP_AUTH"}}, "ALLOW_REFRESH_TOKEN_AUTH"},
		"a scope of no server":      {map[string]any{"scopes": []string{"events/read"}}, `scopes has "events/read"; there are openid`},
		"a user twice":              {map[string]any{"users": []any{map[string]any{"name": "ada"}, map[string]any{"name": "Ada"}}}, "is there twice"},
		"a user without a name":     {map[string]any{"users": []any{map[string]any{}}}, "users[0].name"},
		"four minutes":              {map[string]any{"accessTokenMinutes": 4}, "accessTokenMinutes is 4: Cognito takes 5 to 1440"},
		"ten years and a day":       {map[string]any{"refreshTokenDays": 3651}, "refreshTokenDays is 3651"},
		"five characters":           {map[string]any{"passwordMinimumLength": 5}, "6 to 99"},
		"a reserved word":           {map[string]any{"domainPrefix": "my-cognito"}, "reserves the word cognito"},
		"a domain in capitals":      {map[string]any{"domainPrefix": "Events"}, "lower-case"},
		"a tier that is not there":  {map[string]any{"tier": "FREE"}, "there are LITE, ESSENTIALS, PLUS"},
		"an unknown setting":        {map[string]any{"password": "x"}, "unknown setting events-auth:password"},
		"a setting of another type": {map[string]any{"users": "ada"}, "want list of object"},
	} {
		t.Run(rule, func(t *testing.T) {
			r := world("local", c.set).Run(t, deploy)
			if r.Err == nil || !strings.Contains(r.Err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", r.Err, c.want)
			}
			if len(r.Resources) > 0 {
				t.Errorf("%d resources were made", len(r.Resources))
			}
		})
	}
}

func TestAPasswordOfNobodyIsRefused(t *testing.T) {
	r := withPasswords(t, map[string]string{"nobody": "Password-1"})
	if r.Err == nil || !strings.Contains(r.Err.Error(), "passwords.nobody is the password of no user") {
		t.Errorf("the error is %v", r.Err)
	}
}

func TestAMissingPasswordNamesTheCommandThatSetsIt(t *testing.T) {
	for name, key := range map[string]string{"ada": "passwords.ada", "ada@example.com": `'passwords["ada@example.com"]'`} {
		r := world("dev", map[string]any{"users": []any{map[string]any{"name": name, "generatePassword": false}}}).Run(t, deploy)
		want := "user " + name + " has no password: set it with: STACK=dev go tool mage secrets:set auth " + key
		if r.Err == nil || !strings.HasSuffix(strings.TrimSpace(r.Err.Error()), want) {
			t.Errorf("the error is %v, want %q", r.Err, want)
		}
		path, err := resource.ParsePropertyPath(strings.Trim(key, "'"))
		if err != nil || len(path) != 2 || path[1] != name {
			t.Errorf("Pulumi reads %s as %v (%v), want the password of %s", key, path, err, name)
		}
	}
}
