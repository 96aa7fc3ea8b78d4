package cognito_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/cognito"
)

// post calls an OAuth endpoint, with HTTP Basic if there is a user.
func (w *world) post(t *testing.T, endpoint string, form url.Values, user, password string) (int, map[string]any) {
	t.Helper()
	if user == "" {
		return w.send(t, endpoint, form, "")
	}
	return w.send(t, endpoint, form, basic(user, password))
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func (w *world) send(t *testing.T, endpoint string, form url.Values, authorization string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+cognito.PathPrefix+"events-local/oauth2/"+endpoint, strings.NewReader(form.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil && resp.ContentLength != 0 {
		t.Fatalf("answer of %s: %v", endpoint, err)
	}
	return resp.StatusCode, answer
}

func TestAMachineSignsInWithItsSecret(t *testing.T) {
	w := newWorld(t)
	c := w.machine(t)
	inBody := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {c.Secret}}
	for name, answer := range map[string]func() (int, map[string]any){
		"in the form": func() (int, map[string]any) { return w.post(t, "token", inBody, "", "") },
		"by Basic": func() (int, map[string]any) {
			return w.post(t, "token", url.Values{"grant_type": {"client_credentials"}, "scope": {"events/write"}}, c.ID, c.Secret)
		},
	} {
		status, got := answer()
		if status != http.StatusOK || got["id_token"] != nil || got["refresh_token"] != nil || got["expires_in"] != 3600.0 {
			t.Fatalf("%s: %d %v", name, status, got)
		}
		claims := w.claims(t, got["access_token"].(string))
		if claims["sub"] != c.ID || claims["client_id"] != c.ID || claims["scope"] != "events/write" || claims["token_use"] != "access" || claims["username"] != nil {
			t.Errorf("%s: claims %v", name, claims)
		}
	}
}

func TestAMachineWithoutItsSecretGetsNothing(t *testing.T) {
	w := newWorld(t)
	c := w.machine(t)
	closed := w.machine(t)
	closed.OAuth = false
	closed, err := w.svc.UpdateUserPoolClient(t.Context(), closed)
	must(t, err)
	inForm := url.Values{"client_id": {c.ID}, "client_secret": {c.Secret}}
	for name, r := range map[string]struct {
		form           url.Values
		user, password string
		header         string // Authorization, where it is not Basic of the two
		refusal        string
	}{
		"OAuth is off":      {user: closed.ID, password: closed.Secret, refusal: "unauthorized_client"},
		"another scheme":    {form: inForm, header: "Bearer x", refusal: "invalid_client"},
		"no base64":         {form: inForm, header: "Basic %", refusal: "invalid_client"},
		"no colon":          {form: inForm, header: "Basic eA==", refusal: "invalid_client"},
		"no secret":         {form: url.Values{"client_id": {c.ID}}, refusal: "invalid_client"},
		"wrong secret":      {user: c.ID, password: "x", refusal: "invalid_client"},
		"nobody":            {refusal: "invalid_request"},
		"two clients":       {form: url.Values{"client_id": {w.client.ID}}, user: c.ID, password: c.Secret, refusal: "invalid_request"},
		"another scope":     {form: url.Values{"scope": {"events/read"}}, user: c.ID, password: c.Secret, refusal: "invalid_scope"},
		"a user's scope":    {form: url.Values{"scope": {"openid"}}, user: c.ID, password: c.Secret, refusal: "invalid_scope"},
		"a code":            {form: url.Values{"grant_type": {"authorization_code"}}, user: c.ID, password: c.Secret, refusal: "unauthorized_client"},
		"no grant type":     {form: url.Values{"grant_type": {""}}, user: c.ID, password: c.Secret, refusal: "invalid_request"},
		"bad refresh token": {form: url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}, user: c.ID, password: c.Secret, refusal: "invalid_grant"},
	} {
		form := url.Values{"grant_type": {"client_credentials"}}
		for k, v := range r.form {
			form[k] = v
		}
		if r.user != "" {
			r.header = basic(r.user, r.password)
		}
		if status, got := w.send(t, "token", form, r.header); status != http.StatusBadRequest || got["error"] != r.refusal {
			t.Errorf("%s: %d %v, want 400 %s", name, status, got, r.refusal)
		}
	}
}

func TestAScopeGoesWithItsResourceServer(t *testing.T) {
	w := newWorld(t)
	c := w.machine(t)
	must(t, w.svc.DeleteResourceServer(t.Context(), w.pool.ID, "events"))
	status, got := w.post(t, "token", url.Values{"grant_type": {"client_credentials"}, "scope": {"events/write"}}, c.ID, c.Secret)
	if status != http.StatusBadRequest || got["error"] != "invalid_scope" {
		t.Errorf("a scope that is gone: %d %v", status, got)
	}
}

func TestUserInfoIsForTheBearerOfOpenID(t *testing.T) {
	w := newWorld(t)
	b := newBrowser(t, w).get("oauth2/authorize", authorize(w.client)).submit(signInForm(testUser, testPassword))
	_, tokens := b.redeem(nil)
	if status, got, _ := w.userInfo(t, tokens["access_token"].(string)); status != http.StatusOK || got["username"] != testUser || got["email"] != "ada@example.com" || got["email_verified"] != "true" {
		t.Errorf("user info: %d %v", status, got)
	}
	for name, token := range map[string]string{"an id token": tokens["id_token"].(string), "no openid": *w.tokens(t).AccessToken, "nothing": ""} {
		if status, got, challenge := w.userInfo(t, token); status != http.StatusUnauthorized || got["error"] != "invalid_token" || challenge == "" {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
	status, _ := w.post(t, "revoke", url.Values{"token": {tokens["refresh_token"].(string)}, "client_id": {w.client.ID}}, "", "")
	if status != http.StatusOK {
		t.Errorf("revoke answered %d", status)
	}
	if status, _, _ := w.userInfo(t, tokens["access_token"].(string)); status != http.StatusUnauthorized {
		t.Errorf("a revoked token's user info answered %d", status)
	}
}

// userInfo asks for the attributes that a token lets read; challenge is WWW-Authenticate.
func (w *world) userInfo(t *testing.T, token string) (status int, answer map[string]any, challenge string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+cognito.PathPrefix+"events-local/oauth2/userInfo", nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	must(t, json.NewDecoder(resp.Body).Decode(&answer))
	return resp.StatusCode, answer, resp.Header.Get("WWW-Authenticate")
}

func TestScopesLimitTheAttributes(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(t, func(c *cognito.Client) { c.Scopes = append(c.Scopes, "phone") }, false)
	attributes := map[string]string{"email": "ada@example.com", "email_verified": "true", "phone_number": "+4930123456",
		"phone_number_verified": "false", "name": "Ada", "given_name": "Ada", "profile": "https://example.com/ada"}
	must(t, w.svc.SetUserAttributes(t.Context(), w.pool.ID, testUser, attributes))
	email, phone := []string{"email", "email_verified"}, []string{"phone_number", "phone_number_verified"}
	all := slices.Collect(maps.Keys(attributes))
	b := newBrowser(t, w).get("oauth2/authorize", authorize(c)).submit(signInForm(testUser, testPassword))
	for scope, want := range map[string][]string{"openid": all, "openid events/write": all, "openid email": email, "openid phone": phone,
		"openid email phone": slices.Concat(email, phone), "openid profile": all, "openid email profile": all} {
		q := authorize(c)
		q.Set("scope", scope)
		_, tokens := b.get("oauth2/authorize", q).redeem(url.Values{"client_id": {c.ID}})
		id := w.claims(t, tokens["id_token"].(string))
		_, info, _ := w.userInfo(t, tokens["access_token"].(string))
		for name, value := range attributes {
			inID, inInfo := any(value), any(value)
			if strings.HasSuffix(name, "_verified") {
				inID = value == "true"
			}
			if !slices.Contains(want, name) {
				inID, inInfo = nil, nil
			}
			if id[name] != inID || info[name] != inInfo {
				t.Errorf("scope %q: %s is %v in the id token and %v in the user info, want %v and %v", scope, name, id[name], info[name], inID, inInfo)
			}
		}
	}
}

func TestDiscoveryNamesWhatIsThere(t *testing.T) {
	w := newWorld(t)
	var d map[string]any
	w.getJSON(t, cognito.PathPrefix+w.pool.ID+"/.well-known/openid-configuration", &d)
	issuer, base := w.url+"/_aws/cognito/"+w.pool.ID, w.url+"/_aws/cognito/events-local"
	ofPool := map[string]any{
		"issuer": issuer, "jwks_uri": issuer + "/.well-known/jwks.json",
		"id_token_signing_alg_values_supported": []any{"RS256"}, "response_types_supported": []any{"code", "token"},
		"scopes_supported": []any{"openid", "email", "phone", "profile"}, "subject_types_supported": []any{"public"},
		"token_endpoint_auth_methods_supported": []any{"client_secret_basic", "client_secret_post"},
	}
	want := maps.Clone(ofPool)
	for name, path := range map[string]string{"authorization_endpoint": "/oauth2/authorize", "end_session_endpoint": "/logout",
		"revocation_endpoint": "/oauth2/revoke", "token_endpoint": "/oauth2/token", "userinfo_endpoint": "/oauth2/userInfo"} {
		want[name] = base + path
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("discovery document %v, want %v", d, want)
	}
	var keys struct {
		Keys []struct{ Kty, Alg, Use, Kid, N, E, D string }
	}
	w.getJSON(t, strings.TrimPrefix(d["jwks_uri"].(string), w.url), &keys)
	if len(keys.Keys) != 2 {
		t.Fatalf("the key set has %d keys, want 2", len(keys.Keys))
	}
	for _, k := range keys.Keys {
		if k.Kty != "RSA" || k.Alg != "RS256" || k.Use != "sig" || k.E != "AQAB" || len(k.Kid) != 44 || k.D != "" {
			t.Errorf("published key %+v", k)
		}
	}
	for _, document := range []string{"jwks.json", "openid-configuration"} {
		resp, err := http.Get(w.url + cognito.PathPrefix + "eu-central-1_NOBODY/.well-known/" + document)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s of no pool: %s", document, resp.Status)
		}
	}
	must(t, w.svc.DeleteUserPoolDomain(t.Context(), w.pool.ID, "events-local"))
	d = nil
	if w.getJSON(t, cognito.PathPrefix+w.pool.ID+"/.well-known/openid-configuration", &d); !reflect.DeepEqual(d, ofPool) {
		t.Errorf("without a domain the discovery document is %v, want %v", d, ofPool)
	}
}

func TestATokenIsGoodForItsPoolAndTimeOnly(t *testing.T) {
	w := newWorld(t)
	token := *w.tokens(t).IdToken
	if claims, err := w.verify(t, token); err != nil || claims["cognito:username"] != testUser {
		t.Fatalf("a good token: %v %v", claims, err)
	}
	other := w.newPool(t, "other")
	if _, err := w.svc.VerifyToken(t.Context(), []string{other.ARN}, token); !isInvalid(err) {
		t.Errorf("another pool's token: %v", err)
	}
	if _, err := w.svc.VerifyToken(t.Context(), []string{other.ARN, w.pool.ARN}, token); err != nil {
		t.Errorf("a token of the second pool: %v", err)
	}
	parts := strings.Split(token, ".")
	for name, bad := range map[string]string{
		"tampered payload": parts[0] + "." + flip(parts[1]) + "." + parts[2],
		"tampered proof":   parts[0] + "." + parts[1] + "." + flip(parts[2]),
		"no algorithm":     "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"another key ID":   "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ." + parts[1] + "." + parts[2],
		"not a token":      "x",
		"nothing":          "",
	} {
		if _, err := w.verify(t, bad); !isInvalid(err) {
			t.Errorf("%s: %v, want an invalid token", name, err)
		}
	}
	at := w.url
	w.url = "http://127.0.0.1:1" // the front door moves, and the issuer with it
	w.start(t)
	if _, err := w.verify(t, token); !isInvalid(err) || !strings.Contains(err.Error(), "its issuer is "+at) {
		t.Errorf("a token of another issuer, signed by the same key: %v, want an invalid token", err)
	}
	w.url = at
	w.start(t)
	w.now = w.now.Add(time.Hour)
	if _, err := w.verify(t, token); !isExpired(err) {
		t.Errorf("a token of an hour ago: %v, want an expired token", err)
	}
}

func flip(part string) string {
	middle := len(part) / 2
	other := byte('A')
	if part[middle] == 'A' {
		other = 'B'
	}
	return part[:middle] + string(other) + part[middle+1:]
}
