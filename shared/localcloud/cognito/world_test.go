package cognito_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/go-jose/go-jose/v4"

	"pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/store"
)

const (
	testUser     = "Ada"
	testPassword = "Analytical-Engine-1"
)

// world is a Cognito with one pool, its domain, a user and a public client, behind a
// front door, with its clock.
type world struct {
	dir    string
	url    string
	now    time.Time
	denied string // action that IAM denies
	store  *store.Store
	svc    *cognito.Service
	aws    *idp.Client
	pool   cognito.Pool
	client cognito.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{dir: t.TempDir(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			w.svc.Handler().ServeHTTP(rw, r)
			return
		}
		w.svc.Pages().ServeHTTP(rw, r)
	}))
	w.url = server.URL
	w.start(t)
	t.Cleanup(func() {
		server.Close()
		_ = w.store.Close()
	})
	w.aws = idp.New(idp.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
	w.pool = w.newPool(t, "events")
	must(t, w.svc.CreateUserPoolDomain(t.Context(), cognito.Domain{Name: "events-local", PoolID: w.pool.ID}))
	must(t, w.svc.CreateResourceServer(t.Context(), cognito.ResourceServer{PoolID: w.pool.ID, Identifier: "events", Name: "Events",
		Scopes: []cognito.Scope{{Name: "write", Description: "Send events"}}}))
	w.newUser(t, testUser, testPassword)
	w.client = w.newClient(t, func(*cognito.Client) {}, false)
	return w
}

// start opens the state, after the first time as a restart does.
func (w *world) start(t *testing.T) {
	t.Helper()
	if w.store != nil {
		must(t, w.store.Close())
	}
	var err error
	w.store, err = store.Open(filepath.Join(w.dir, "state.db"))
	must(t, err)
	w.svc, err = cognito.New(cognito.Config{Store: w.store, Account: "000000000000", Region: "eu-central-1", BaseURL: w.url,
		IAM: w, Now: func() time.Time { return w.now }})
	must(t, err)
}

func (w *world) Authorize(_ context.Context, action, resource string, _ map[string]string) error {
	if action == w.denied {
		return errors.New("User: role is not authorized to perform: " + action + " on resource: " + resource)
	}
	return nil
}

func (w *world) newPool(t *testing.T, name string) cognito.Pool {
	t.Helper()
	pool, err := w.svc.CreateUserPool(t.Context(), cognito.Pool{Name: name, AdminCreateOnly: true})
	must(t, err)
	return pool
}

func (w *world) newUser(t *testing.T, name, password string) cognito.User {
	t.Helper()
	u, err := w.svc.CreateUser(t.Context(), cognito.NewUser{PoolID: w.pool.ID, Username: name,
		Attributes: map[string]string{"email": "ada@example.com", "email_verified": "true"}})
	must(t, err)
	must(t, w.svc.SetUserPassword(t.Context(), w.pool.ID, name, password, true))
	return u
}

// newClient makes a client that may do everything, changed by f.
func (w *world) newClient(t *testing.T, f func(*cognito.Client), secret bool) cognito.Client {
	t.Helper()
	c := everything(w.pool.ID)
	f(&c)
	c, err := w.svc.CreateUserPoolClient(t.Context(), c, secret)
	must(t, err)
	return c
}

func everything(poolID string) cognito.Client {
	return cognito.Client{PoolID: poolID, Name: "cli",
		AuthFlows: []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		OAuth:     true, OAuthFlows: []string{"code"}, Scopes: []string{"openid", "email", "profile", "events/write"},
		CallbackURLs: []string{callback}, LogoutURLs: []string{"https://localhost:3000/bye"}, IdentityProviders: []string{"COGNITO"},
		PreventExistenceErrors: "ENABLED", TokenRevocation: true}
}

const callback = "http://localhost:3000/"

func (w *world) machine(t *testing.T) cognito.Client {
	t.Helper()
	return w.newClient(t, func(c *cognito.Client) {
		c.OAuthFlows, c.Scopes, c.CallbackURLs, c.LogoutURLs = []string{"client_credentials"}, []string{"events/write"}, nil, nil
	}, true)
}

func (w *world) signIn(t *testing.T, c cognito.Client, parameters map[string]string) (*types.AuthenticationResultType, error) {
	t.Helper()
	out, err := w.aws.InitiateAuth(t.Context(), &idp.InitiateAuthInput{AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: &c.ID,
		AuthParameters: parameters})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func credentials(name, password string) map[string]string {
	return map[string]string{"USERNAME": name, "PASSWORD": password}
}

// tokens signs the user in.
func (w *world) tokens(t *testing.T) *types.AuthenticationResultType {
	t.Helper()
	result, err := w.signIn(t, w.client, credentials(testUser, testPassword))
	must(t, err)
	return result
}

func (w *world) verify(t *testing.T, token string) (map[string]any, error) {
	t.Helper()
	return w.svc.VerifyToken(t.Context(), []string{w.pool.ARN}, token)
}

// claims checks a token against the published keys, as any OpenID Connect client does.
func (w *world) claims(t *testing.T, token string) map[string]any {
	t.Helper()
	var keys jose.JSONWebKeySet
	w.getJSON(t, cognito.PathPrefix+w.pool.ID+"/.well-known/jwks.json", &keys)
	parsed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	must(t, err)
	payload, err := parsed.Verify(&keys)
	must(t, err)
	claims := map[string]any{}
	must(t, json.Unmarshal(payload, &claims))
	return claims
}

func (w *world) getJSON(t *testing.T, path string, into any) {
	t.Helper()
	resp, err := http.Get(w.url + path)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", path, resp.Status)
	}
	must(t, json.NewDecoder(resp.Body).Decode(into))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks an error of the SDK or of a Go method against "Code: text".
func wantCode(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	got := ""
	if errors.As(err, &api) {
		got = api.ErrorCode() + ": " + api.ErrorMessage()
	} else if err != nil {
		got = err.Error()
	}
	if !strings.HasPrefix(got, code+": ") || !strings.Contains(got, text) {
		t.Errorf("got error %q, want %s: %s", got, code, text)
	}
}
