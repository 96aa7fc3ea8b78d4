package cognito_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/cognito"
)

// browser follows the redirects of the hosted pages, and stops at the client's.
type browser struct {
	t    *testing.T
	w    *world
	http *http.Client
	page string // body of the last page
	at   *url.URL
	code int
	head http.Header
}

func newBrowser(t *testing.T, w *world) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, w: w, http: &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(req.URL.String(), w.url) {
			return http.ErrUseLastResponse
		}
		return nil
	}}}
}

func (b *browser) took(resp *http.Response, err error) *browser {
	b.t.Helper()
	must(b.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(b.t, err)
	b.page, b.at, b.code, b.head = string(body), resp.Request.URL, resp.StatusCode, resp.Header
	if to, err := resp.Location(); err == nil {
		b.at = to
	}
	return b
}

func (b *browser) get(path string, q url.Values) *browser {
	b.t.Helper()
	return b.took(b.http.Get(b.w.url + cognito.PathPrefix + "events-local/" + path + "?" + q.Encode()))
}

// submit posts the form on the page, with these values in it.
func (b *browser) submit(values url.Values) *browser {
	b.t.Helper()
	for _, hidden := range regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`).FindAllStringSubmatch(b.page, -1) {
		if !values.Has(hidden[1]) {
			values.Set(hidden[1], strings.ReplaceAll(hidden[2], "&#43;", "+"))
		}
	}
	return b.took(b.http.PostForm(b.at.String(), values))
}

func signInForm(user, password string) url.Values {
	return url.Values{"username": {user}, "password": {password}}
}

const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// authorize is a good request of a client.
func authorize(c cognito.Client) url.Values {
	sum := sha256.Sum256([]byte(codeVerifier))
	return url.Values{"client_id": {c.ID}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid events/write"},
		"state": {"s t&a=te"}, "nonce": {"once"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
}

// redeem asks the token endpoint for the code that the browser came back with.
func (b *browser) redeem(f url.Values) (int, map[string]any) {
	b.t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {b.w.client.ID}, "redirect_uri": {callback},
		"code": {b.at.Query().Get("code")}, "code_verifier": {codeVerifier}}
	for name, values := range f {
		form[name] = values
	}
	return b.w.post(b.t, "token", form, "", "")
}

func TestACodeWithPKCEGivesTokens(t *testing.T) {
	w := newWorld(t)
	b := newBrowser(t, w).get("oauth2/authorize", authorize(w.client))
	if b.code != http.StatusOK || !strings.HasSuffix(b.at.Path, "/login") || !strings.Contains(b.page, "Sign in") {
		t.Fatalf("authorize led to %s: %d", b.at, b.code)
	}
	b.submit(signInForm(testUser, testPassword))
	if got := b.at.Query(); b.at.Host != "localhost:3000" || got.Get("state") != "s t&a=te" || got.Get("code") == "" {
		t.Fatalf("sign-in led to %s", b.at)
	}
	status, answer := b.redeem(nil)
	if status != http.StatusOK || answer["token_type"] != "Bearer" || answer["expires_in"] != 3600.0 {
		t.Fatalf("token endpoint: %d %v", status, answer)
	}
	id, access := w.claims(t, answer["id_token"].(string)), w.claims(t, answer["access_token"].(string))
	sum := sha256.Sum256([]byte(answer["access_token"].(string)))
	if id["nonce"] != "once" || id["at_hash"] != base64.RawURLEncoding.EncodeToString(sum[:16]) || id["aud"] != w.client.ID {
		t.Errorf("id token %v", id)
	}
	if access["scope"] != "openid events/write" || access["version"] != 2.0 || access["username"] != testUser {
		t.Errorf("access token %v", access)
	}
	status, again := w.post(t, "token", url.Values{"grant_type": {"refresh_token"}, "client_id": {w.client.ID},
		"refresh_token": {answer["refresh_token"].(string)}}, "", "")
	if status != http.StatusOK || again["refresh_token"] != nil {
		t.Fatalf("refresh: %d %v", status, again)
	}
	if got := w.claims(t, again["access_token"].(string)); got["scope"] != "openid events/write" || got["origin_jti"] != access["origin_jti"] {
		t.Errorf("refreshed access token %v", got)
	}
}

func TestACodeIsForOneClientOneUseAndFiveMinutes(t *testing.T) {
	w := newWorld(t)
	other := w.newClient(t, func(*cognito.Client) {}, false)
	fresh := func() *browser {
		return newBrowser(t, w).get("oauth2/authorize", authorize(w.client)).submit(signInForm(testUser, testPassword))
	}
	for name, c := range map[string]struct {
		form    url.Values
		before  func(*browser)
		refusal string
	}{
		"another client":        {form: url.Values{"client_id": {other.ID}}, refusal: "invalid_grant"},
		"another redirect URI":  {form: url.Values{"redirect_uri": {"http://localhost:3000"}}, refusal: "invalid_grant"},
		"another verifier":      {form: url.Values{"code_verifier": {strings.Repeat("x", 43)}}, refusal: "invalid_grant"},
		"no verifier":           {form: url.Values{"code_verifier": {""}}, refusal: "invalid_grant"},
		"no code":               {form: url.Values{"code": {""}}, refusal: "invalid_request"},
		"an invented code":      {form: url.Values{"code": {"x"}}, refusal: "invalid_grant"},
		"a second use":          {before: func(b *browser) { b.redeem(nil) }, refusal: "invalid_grant"},
		"after five minutes":    {before: func(*browser) { w.now = w.now.Add(5 * time.Minute) }, refusal: "invalid_grant"},
		"an unknown client":     {form: url.Values{"client_id": {"x"}}, refusal: "invalid_client"},
		"an unknown grant type": {form: url.Values{"grant_type": {"password"}}, refusal: "unsupported_grant_type"},
		"the machine's grant":   {form: url.Values{"grant_type": {"client_credentials"}}, refusal: "unauthorized_client"},
		"a user made again": {before: func(*browser) {
			must(t, w.svc.DeleteUser(t.Context(), w.pool.ID, testUser))
			w.newUser(t, testUser, testPassword)
		}, refusal: "invalid_grant"},
		"a user who is disabled": {before: func(*browser) { must(t, w.svc.SetUserEnabled(t.Context(), w.pool.ID, testUser, false)) }, refusal: "invalid_grant"},
	} {
		must(t, w.svc.SetUserEnabled(t.Context(), w.pool.ID, testUser, true))
		b := fresh()
		if c.before != nil {
			c.before(b)
		}
		if status, answer := b.redeem(c.form); status != http.StatusBadRequest || answer["error"] != c.refusal {
			t.Errorf("%s: %d %v, want 400 %s", name, status, answer, c.refusal)
		}
	}
}

func TestAVerifierProvesNothingWhereThereWasNoChallenge(t *testing.T) {
	w := newWorld(t)
	q := authorize(w.client)
	q.Del("code_challenge")
	q.Del("code_challenge_method")
	b := newBrowser(t, w).get("oauth2/authorize", q).submit(signInForm(testUser, testPassword))
	if status, answer := b.redeem(nil); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("with a verifier: %d %v, want 400 invalid_grant", status, answer)
	}
	if status, answer := b.get("oauth2/authorize", q).redeem(url.Values{"code_verifier": {""}}); status != http.StatusOK {
		t.Errorf("without a verifier: %d %v, want tokens", status, answer)
	}
}

func TestAuthorizeTellsTheClientWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		member, value string
		refusal       string
	}{
		"response type":    {"response_type", "both", "invalid_request"},
		"implicit flow":    {"response_type", "token", "unauthorized_client"},
		"scope":            {"scope", "openid phone", "invalid_scope"},
		"challenge method": {"code_challenge_method", "plain", "invalid_request"},
		"challenge":        {"code_challenge", "", "invalid_request"},
		"provider":         {"identity_provider", "Google", "invalid_request"},
	} {
		q := authorize(w.client)
		q.Set(c.member, c.value)
		b := newBrowser(t, w).get("oauth2/authorize", q)
		got := b.at.Query()
		if b.at.Fragment != "" {
			got, _ = url.ParseQuery(b.at.EscapedFragment())
		}
		if b.at.Host != "localhost:3000" || got.Get("error") != c.refusal || got.Get("state") != "s t&a=te" {
			t.Errorf("%s: led to %s, want error=%s", name, b.at, c.refusal)
		}
	}
}

func TestAnUnknownClientOrURLStaysInTheBrowser(t *testing.T) {
	w := newWorld(t)
	closed := w.newClient(t, func(c *cognito.Client) { c.OAuth = false }, false)
	for name, change := range map[string][2]string{
		"client":         {"client_id", "nobody"},
		"client's pages": {"client_id", closed.ID},
		"URL":            {"redirect_uri", "https://evil.example/"},
		"part of a URL":  {"redirect_uri", callback + "deeper"},
		"no URL":         {"redirect_uri", ""},
		"markup":         {"client_id", "<script>alert(1)</script>"},
	} {
		q := authorize(w.client)
		q.Set(change[0], change[1])
		for _, path := range []string{"oauth2/authorize", "login"} {
			b := newBrowser(t, w).get(path, q)
			if b.code != http.StatusBadRequest || strings.Contains(b.page, "<script>") || b.head.Get("Location") != "" {
				t.Errorf("%s: %s answered %d at %s", name, path, b.code, b.at)
			}
		}
	}
}

func TestTheFormIsOnlyForWhoSawIt(t *testing.T) {
	w := newWorld(t)
	b := newBrowser(t, w).get("login", authorize(w.client))
	for _, h := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(b.head.Get("Content-Security-Policy"), h) {
			t.Errorf("content security policy %q lacks %s", b.head.Get("Content-Security-Policy"), h)
		}
	}
	forged := signInForm(testUser, testPassword)
	forged.Set("_csrf", "guessed")
	if b.submit(forged); b.code != http.StatusForbidden {
		t.Errorf("a form with a guessed token answered %d at %s", b.code, b.at)
	}
	bare := newBrowser(t, w) // has no cookie: another site made it post
	bare.page, bare.at = b.page, b.at
	if bare.submit(signInForm(testUser, testPassword)); bare.code != http.StatusForbidden {
		t.Errorf("a form without its cookie answered %d at %s", bare.code, bare.at)
	}
	if b.submit(signInForm(testUser, "wrong")); b.code != http.StatusBadRequest || !strings.Contains(b.page, "Incorrect username or password.") {
		t.Errorf("a wrong password answered %d", b.code)
	}
	if b.submit(signInForm(testUser, testPassword)); b.at.Host != "localhost:3000" {
		t.Errorf("the right password led to %s", b.at)
	}
}

func TestASessionOfTheBrowserSparesTheFormUntilLogout(t *testing.T) {
	w := newWorld(t)
	b := newBrowser(t, w).get("oauth2/authorize", authorize(w.client)).submit(signInForm(testUser, testPassword))
	if b.get("oauth2/authorize", authorize(w.client)); b.at.Host != "localhost:3000" {
		t.Fatalf("with a session authorize led to %s", b.at)
	}
	if b.get("logout", url.Values{"client_id": {w.client.ID}, "logout_uri": {"https://evil.example/"}}); b.code != http.StatusBadRequest {
		t.Errorf("logout to an unknown URL answered %d", b.code)
	}
	if b.get("logout", url.Values{"client_id": {w.client.ID}, "logout_uri": {"https://localhost:3000/bye"}}); b.at.Path != "/bye" {
		t.Fatalf("logout led to %s", b.at)
	}
	if b.get("oauth2/authorize", authorize(w.client)); !strings.HasSuffix(b.at.Path, "/login") {
		t.Errorf("after logout authorize led to %s", b.at)
	}
	b.submit(signInForm(testUser, testPassword))
	w.now = w.now.Add(time.Hour)
	if b.get("oauth2/authorize", authorize(w.client)); !strings.HasSuffix(b.at.Path, "/login") {
		t.Errorf("after an hour authorize led to %s", b.at)
	}
}

func TestASessionOfTheBrowserEndsWithItsUser(t *testing.T) {
	for name, happens := range map[string]func(t *testing.T, w *world) error{
		"is disabled": func(t *testing.T, w *world) error {
			return w.svc.SetUserEnabled(t.Context(), w.pool.ID, testUser, false)
		},
		"has to change his password": func(t *testing.T, w *world) error {
			return w.svc.SetUserPassword(t.Context(), w.pool.ID, testUser, testPassword, false)
		},
		"is made again": func(t *testing.T, w *world) error {
			err := w.svc.DeleteUser(t.Context(), w.pool.ID, testUser)
			w.newUser(t, testUser, testPassword)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := newBrowser(t, w).get("oauth2/authorize", authorize(w.client)).submit(signInForm(testUser, testPassword))
			must(t, happens(t, w))
			if b.get("oauth2/authorize", authorize(w.client)); !strings.HasSuffix(b.at.Path, "/login") {
				t.Errorf("authorize led to %s, want the form", b.at)
			}
		})
	}
}

func TestATemporaryPasswordIsChangedOnThePage(t *testing.T) {
	w := newWorld(t)
	w.temporary(t)
	b := newBrowser(t, w).get("oauth2/authorize", authorize(w.client)).submit(signInForm("Grace", "Temporary-1"))
	if b.code != http.StatusOK || !strings.Contains(b.page, "New password") {
		t.Fatalf("a temporary password answered %d: %s", b.code, b.page)
	}
	if b.submit(url.Values{"password": {"short"}}); !strings.Contains(b.page, "Password not long enough") {
		t.Fatalf("a short password answered %s", b.page)
	}
	if b.submit(url.Values{"password": {"My-own-Password-1"}}); b.at.Query().Get("code") == "" {
		t.Fatalf("a new password led to %s", b.at)
	}
	if status, answer := b.redeem(nil); status != http.StatusOK {
		t.Errorf("token endpoint: %d %v", status, answer)
	}
}

func TestTheImplicitFlowGivesTokensInTheFragment(t *testing.T) {
	w := newWorld(t)
	c := w.newClient(t, func(c *cognito.Client) { c.OAuthFlows = []string{"implicit"} }, false)
	q := authorize(c)
	q.Set("response_type", "token")
	q.Set("scope", "openid email")
	b := newBrowser(t, w).get("oauth2/authorize", q).submit(signInForm(testUser, testPassword))
	got, err := url.ParseQuery(b.at.EscapedFragment())
	must(t, err)
	if b.at.RawQuery != "" || got.Get("token_type") != "Bearer" || got.Get("state") != "s t&a=te" || got.Has("refresh_token") {
		t.Fatalf("sign-in led to %s", b.at)
	}
	if id := w.claims(t, got.Get("id_token")); id["email"] != "ada@example.com" || id["nonce"] != "once" {
		t.Errorf("id token %v", id)
	}
	q.Set("scope", "events/write")
	b.get("oauth2/authorize", q)
	if got, _ := url.ParseQuery(b.at.EscapedFragment()); got.Has("id_token") || !got.Has("access_token") {
		t.Errorf("without openid the tokens are %s", b.at.Fragment)
	}
}
