package cognito

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// authorizeRequest is a request of the authorize endpoint: a client that wants a code or
// tokens for whoever signs in.
type authorizeRequest struct {
	PoolID      string
	ClientID    string
	RedirectURI string
	Type        string // code or token
	Scopes      []string
	State       string
	Nonce       string
	Challenge   string // PKCE, S256
}

// pageError is a request that no client can be told about: the browser gets a page.
type pageError struct{ text string }

func (e *pageError) Error() string { return e.text }

// parseAuthorize checks a request in the order that "Authorize endpoint" of Cognito's
// developer guide gives. A *pageError stays in the browser; an *oauthError is for the
// client, at the redirect URI.
func (s *Service) parseAuthorize(poolID string, q url.Values) (authorizeRequest, Client, error) {
	r := authorizeRequest{PoolID: poolID, ClientID: q.Get("client_id"), RedirectURI: q.Get("redirect_uri"), Type: q.Get("response_type"),
		Scopes: strings.Fields(q.Get("scope")), State: q.Get("state"), Nonce: q.Get("nonce"), Challenge: q.Get("code_challenge")}
	c, err := s.pageClient(poolID, r.ClientID)
	if err != nil {
		return r, c, err
	}
	if r.RedirectURI == "" {
		r.RedirectURI = c.DefaultRedirectURI
	}
	if !slices.Contains(c.CallbackURLs, r.RedirectURI) {
		return r, c, &pageError{"redirect_mismatch"}
	}
	granted, err := s.scopesOf(c)
	if err != nil {
		return r, c, err
	}
	if len(r.Scopes) == 0 {
		r.Scopes = granted
	}
	return r, c, r.check(c, granted, q)
}

// pageClient returns a client that the hosted pages serve.
func (s *Service) pageClient(poolID, clientID string) (Client, error) {
	c, err := s.clientOf(poolID, clientID)
	if err != nil {
		return c, &pageError{"invalid_client: client " + clientID + " does not exist."}
	}
	if !c.OAuth || !slices.Contains(c.IdentityProviders, "COGNITO") {
		return c, &pageError{"Login pages unavailable. The client allows no OAuth flow, or not the identity provider COGNITO."}
	}
	return c, nil
}

func (r authorizeRequest) check(c Client, granted []string, q url.Values) error {
	flow := map[string]string{"code": "code", "token": "implicit"}[r.Type]
	switch {
	case flow == "":
		return oauth("invalid_request", "response_type must be code or token")
	case !slices.Contains(c.OAuthFlows, flow):
		return oauth("unauthorized_client", "")
	case slices.ContainsFunc(r.Scopes, func(scope string) bool { return !slices.Contains(granted, scope) }):
		return oauth("invalid_scope", "")
	case r.Challenge != "" && q.Get("code_challenge_method") != "S256":
		return oauth("invalid_request", "code_challenge_method must be S256")
	case r.Challenge == "" && q.Get("code_challenge_method") != "":
		return oauth("invalid_request", "code_challenge is missing")
	case q.Has("identity_provider") && q.Get("identity_provider") != "COGNITO", q.Has("idp_identifier"):
		return oauth("invalid_request", "the local cloud signs users of the pool in, and no others")
	}
	return nil
}

// scopesOf returns the client's scopes, without those of resource servers that are gone.
func (s *Service) scopesOf(c Client) ([]string, error) {
	custom, err := s.customScopes(c.PoolID)
	var scopes []string
	for _, scope := range c.Scopes {
		if custom[scope] || slices.Contains(systemScopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, err
}

// redirect returns where the browser goes with the answer: in the query for a code, in
// the fragment, which no server sees, for tokens.
func (r authorizeRequest) redirect(answer url.Values) string {
	if r.State != "" {
		answer.Set("state", r.State)
	}
	encoded := strings.ReplaceAll(answer.Encode(), "+", "%20") // which every decoder reads as a space
	if r.Type == "token" {
		return r.RedirectURI + "#" + encoded
	}
	separator := "?"
	if strings.Contains(r.RedirectURI, "?") {
		separator = "&"
	}
	return r.RedirectURI + separator + encoded
}

// finish sends the browser back to the client with what it asked for.
func (s *Service) finish(w http.ResponseWriter, r *http.Request, req authorizeRequest, c Client, u userRecord, key string) error {
	if req.Type == "code" {
		id := s.codes.add(code{Request: req, UserKey: key, Sub: u.Sub})
		http.Redirect(w, r, req.redirect(url.Values{"code": {id}}), http.StatusFound)
		return nil
	}
	tokens, err := s.issue(c, u.User, grant{Scopes: req.Scopes, AuthTime: s.cfg.Now(), OriginJTI: uuid.NewString(), Nonce: req.Nonce, Pages: true})
	if err != nil {
		return err
	}
	http.Redirect(w, r, req.redirect(tokens.fragment()), http.StatusFound)
	return nil
}

func (t Tokens) fragment() url.Values {
	v := url.Values{"access_token": {t.Access}, "token_type": {"Bearer"}, "expires_in": {strconv.Itoa(t.ExpiresIn)}}
	if t.ID != "" {
		v.Set("id_token", t.ID)
	}
	return v
}

// browserSession is a user who signed in on the pages and need not again for an hour.
type browserSession struct{ PoolID, UserKey, Sub string }

const (
	sessionCookie = "cognito"
	sessionTTL    = time.Hour
	sealBrowser   = "browser"
)

// signedIn returns the user of the browser's session, if he has one with this pool.
func (s *Service) signedIn(r *http.Request, poolID string) (userRecord, string, bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return userRecord{}, "", false
	}
	session, err := unseal[browserSession](s.sealer, sealBrowser, cookie.Value)
	if err != nil || session.PoolID != poolID {
		return userRecord{}, "", false
	}
	u, found, err := s.users.Get(session.UserKey)
	return u, session.UserKey, err == nil && found && u.Sub == session.Sub && u.Enabled && u.Status == StatusConfirmed
}

// remember gives the browser its session. SameSite=Lax lets it come along when a client's
// page leads to the authorize endpoint, and with no other request of another site.
func (s *Service) remember(w http.ResponseWriter, domain, poolID string, u userRecord, key string) error {
	value, err := seal(s.sealer, sealBrowser, browserSession{poolID, key, u.Sub}, sessionTTL)
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: value, Path: PathPrefix + domain, MaxAge: int(sessionTTL / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return err
}

// refuse answers a request that parseAuthorize refused.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, req authorizeRequest, err error) {
	var forClient *oauthError
	if !errors.As(err, &forClient) {
		writeErrorPage(w, err)
		return
	}
	answer := url.Values{"error": {forClient.Code}}
	if forClient.Description != "" {
		answer.Set("error_description", forClient.Description)
	}
	http.Redirect(w, r, req.redirect(answer), http.StatusFound)
}
