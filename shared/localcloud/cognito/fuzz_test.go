package cognito_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"pipeline/shared/localcloud/cognito"
)

// Whatever a client sends as a token is refused as one, and nothing else.
func FuzzVerifyToken(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJSUzI1NiJ9.e30.AA", `{"payload":"e30","signatures":[]}`} {
		f.Add(seed)
	}
	s, pool, _ := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := s.VerifyToken(t.Context(), []string{pool.ARN}, token); !errors.Is(err, cognito.ErrTokenInvalid) {
			t.Errorf("token %q: %v, want it invalid", token, err)
		}
	})
}

// Whatever a browser asks for, it is sent to a URL of the client or stays where it is.
func FuzzAuthorize(f *testing.F) {
	s, _, client := fuzzWorld(f)
	for _, seed := range []string{"", "response_type=code", "redirect_uri=//evil.example", "scope=openid%20openid&response_type=token", "client_id=x&client_id=y"} {
		f.Add(seed)
		f.Add("client_id=" + client.ID + "&redirect_uri=" + url.QueryEscape(callback) + "&" + seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		req := httptest.NewRequest(http.MethodGet, cognito.PathPrefix+"events-local/oauth2/authorize", nil)
		req.URL.RawQuery = query
		w := httptest.NewRecorder()
		s.Pages().ServeHTTP(w, req)
		to := w.Header().Get("Location")
		ours := to == "" || strings.HasPrefix(to, callback) || strings.HasPrefix(to, cognito.PathPrefix+"events-local/login?")
		if w.Code >= http.StatusInternalServerError || !ours {
			t.Errorf("%q: %d, led to %q", query, w.Code, to)
		}
	})
}

// Whatever a client proves with, it does not sign in without the password.
func FuzzSignIn(f *testing.F) {
	s, _, client := fuzzWorld(f)
	f.Add("02", "x", "y", "z")
	f.Add("-1", "", "AAAA", "AAAA")
	f.Fuzz(func(t *testing.T, public, timestamp, signature, block string) {
		challenge, err := s.InitiateAuth(t.Context(), cognito.FlowSRP, client.ID, map[string]string{"USERNAME": "Ada", "SRP_A": public})
		if err == nil && block == "" {
			block = challenge.Parameters["SECRET_BLOCK"]
		}
		answer, err := s.RespondToAuthChallenge(t.Context(), client.ID, cognito.ChallengeSRP, "", map[string]string{"USERNAME": "Ada",
			"PASSWORD_CLAIM_SECRET_BLOCK": block, "TIMESTAMP": timestamp, "PASSWORD_CLAIM_SIGNATURE": signature})
		if err == nil || answer.Tokens != nil {
			t.Errorf("signed in with public number %q, signature %q", public, signature)
		}
	})
}

func fuzzWorld(f *testing.F) (*cognito.Service, cognito.Pool, cognito.Client) {
	f.Helper()
	s, pool, client, err := bareWorld(f.Context(), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	return s, pool, client
}
