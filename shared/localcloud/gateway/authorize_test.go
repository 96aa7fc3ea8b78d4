package gateway_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
)

func TestATokenIsCheckedAsAWSChecksIt(t *testing.T) {
	w := newWorld(t)
	w.tokens["id"] = map[string]any{"token_use": "id", "sub": "u1", "exp": float64(w.now.Add(time.Hour).Unix())}
	w.tokens["access"] = map[string]any{"token_use": "access", "scope": "other events/write", "exp": float64(w.now.Add(time.Hour).Unix())}
	w.tokens["narrow"] = map[string]any{"token_use": "access", "scope": "other", "exp": float64(w.now.Add(time.Hour).Unix())}
	expired := "e30." + "eyJleHAiOjF9" + ".c2ln" // {"exp":1}
	for _, c := range []struct {
		name, header string
		scopes       []string
		status       int
		body         string
	}{
		{"none", "", nil, 401, `{"message":"Unauthorized"}`},
		{"no token at all", "rubbish", nil, 401, `{"message":"Unauthorized"}`},
		{"expired", expired, nil, 401, `{"message":"The incoming token has expired"}`},
		{"id token", "id", nil, 200, ""},
		{"id token with Bearer", "Bearer id", nil, 200, ""},
		{"access token where no scope is asked for", "access", nil, 401, `{"message":"Unauthorized"}`},
		{"id token where a scope is asked for", "id", []string{"events/write"}, 401, `{"message":"Unauthorized"}`},
		{"access token with a scope", "access", []string{"events/read", "events/write"}, 200, ""},
		{"access token without the scope", "narrow", []string{"events/write"}, 401, `{"message":"Unauthorized"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := w.newAuthorized(c.scopes)
			e.deploy()
			headers := []string{}
			if c.header != "" {
				headers = []string{"Authorization", c.header}
			}
			r := e.send(`{}`, headers...)
			if r.status != c.status || c.body != "" && r.body != c.body {
				t.Errorf("answer is %v, want %d %s", r, c.status, c.body)
			}
			if got := r.header.Get("X-Amzn-Errortype"); c.status == 401 && got != "UnauthorizedException" {
				t.Errorf("x-amzn-ErrorType is %q", got)
			}
		})
	}
}

func TestTheValidationExpressionIsForTheTokensAudience(t *testing.T) {
	w := newWorld(t)
	for token, audience := range map[string]any{"mine": "client1", "longer": "client11", "none": nil} {
		w.tokens[token] = map[string]any{"token_use": "id", "aud": audience, "exp": float64(w.now.Add(time.Hour).Unix())}
	}
	e := w.newAuthorized(nil)
	w.must(w.UpdateAuthorizer(e.id, gateway.Authorizer{ID: value[gateway.Method](t)(w.GetMethod(e.post)).AuthorizerID, Name: "users", Type: "COGNITO_USER_POOLS",
		ProviderARNs: []string{pool}, IdentitySource: "method.request.header.Authorization", IdentityValidationExpression: "client[0-9]"}))
	e.deploy()
	for token, want := range map[string]int{"mine": 200, "longer": 401, "none": 401} {
		if r := e.send(`{}`, "Authorization", token); r.status != want {
			t.Errorf("the token %s answers %v, want %d", token, r, want)
		}
	}
}

func TestClaimsAreTextsToATemplate(t *testing.T) {
	w := newWorld(t)
	w.tokens["id"] = map[string]any{"token_use": "id", "sub": "u1", "email_verified": true, "auth_time": float64(1592586614), "iat": float64(1592586614),
		"exp": float64(4102444800), "cognito:groups": []any{"admins", "players"}}
	var got string
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	}
	e := w.newAuthorized(nil)
	i := value[gateway.Method](t)(w.GetMethod(e.post)).Integration
	i.RequestTemplates = map[string]string{"application/json": `#set($c = $context.authorizer.claims)$c.sub|$c.email_verified|$c.auth_time|$c.iat|$c.exp|` +
		`#foreach($g in $c.get('cognito:groups').split(','))$g;#end|#if($c.email_verified == "true")yes#end|$context.authorizer.principalId`}
	w.must(w.PutIntegration(e.post, *i))
	e.deploy()
	e.send(`{}`, "Authorization", "id")
	if want := "u1|true|1592586614|Fri Jun 19 17:10:14 UTC 2020|Fri Jan 01 00:00:00 UTC 2100|admins;players;|yes|"; got != want {
		t.Errorf("the template sees %s, want %s", got, want)
	}
}

func (w *world) newAuthorized(scopes []string) *events {
	w.t.Helper()
	e := w.newEvents()
	a := value[gateway.Authorizer](w.t)(w.CreateAuthorizer(e.id, gateway.Authorizer{Name: "users", Type: "COGNITO_USER_POOLS",
		ProviderARNs: []string{pool}, IdentitySource: "method.request.header.Authorization", ResultTTLSeconds: 300}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "COGNITO_USER_POOLS", AuthorizerID: a.ID, AuthorizationScopes: scopes}))
	return e
}

func TestAnOpenMethodAsksForNoTokenAlsoWithAnAuthorizer(t *testing.T) {
	w := newWorld(t)
	e := w.newAuthorized(nil)
	m := value[gateway.Method](t)(w.GetMethod(e.post))
	m.Authorization = "NONE"
	w.must(w.UpdateMethod(e.post, m))
	e.deploy()
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("the method answers %v", r)
	}
}

func TestAVerifiedTokenIsRememberedForTheTTLAndNotBeyondItsExpiry(t *testing.T) {
	w := newWorld(t)
	claims := map[string]any{"token_use": "id", "exp": float64(w.now.Add(time.Hour).Unix())}
	w.tokens["t"] = claims
	w.tokens["short"] = map[string]any{"token_use": "id", "exp": float64(w.now.Add(time.Minute).Unix())}
	e := w.newAuthorized(nil)
	e.deploy()
	send := func(token string) int { return e.send(`{}`, "Authorization", token).status }
	if send("t") != 200 || send("short") != 200 {
		t.Fatal("valid tokens are refused")
	}
	delete(w.tokens, "t")
	delete(w.tokens, "short")
	w.later(2 * time.Minute)
	if got := send("short"); got != 401 {
		t.Errorf("a token answers %d beyond its expiry, want 401", got)
	}
	if got := send("t"); got != 200 {
		t.Errorf("a verified token answers %d within the TTL, want 200", got)
	}
	w.later(4 * time.Minute)
	if got := send("t"); got != 401 {
		t.Errorf("a verified token answers %d beyond the TTL, want 401", got)
	}
}
