package cognito

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pipeline/shared/localcloud/awsjson"
)

// tokenAnswer is the success of the token endpoint (RFC 6749, 5.1).
type tokenAnswer struct {
	IDToken      string `json:"id_token,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

// token is the token endpoint: codes, refresh tokens and client secrets into tokens.
func (s *Service) token(w http.ResponseWriter, r *http.Request, d Domain) {
	tokens, err := s.exchange(r, d)
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, tokenAnswer{tokens.ID, tokens.Access, tokens.Refresh, tokens.ExpiresIn, "Bearer"})
}

func (s *Service) exchange(r *http.Request, d Domain) (Tokens, error) {
	if err := parseForm(r); err != nil {
		return Tokens{}, err
	}
	c, err := s.authenticate(r, d.PoolID)
	if err != nil {
		return Tokens{}, err
	}
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		return s.byCode(c, r.PostForm)
	case "refresh_token":
		return s.byRefreshGrant(c, r.PostForm)
	case "client_credentials":
		return s.byClientCredentials(c, r.PostForm)
	case "":
		return Tokens{}, oauth("invalid_request", "")
	}
	return Tokens{}, oauth("unsupported_grant_type", "")
}

func parseForm(r *http.Request) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if err := r.ParseForm(); err != nil || strings.TrimSpace(kind) != "application/x-www-form-urlencoded" {
		return oauth("invalid_request", "")
	}
	return nil
}

// authenticate returns the client that calls: by HTTP Basic, or by client_id and
// client_secret in the form. A client with a secret has to show it.
func (s *Service) authenticate(r *http.Request, poolID string) (Client, error) {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if basicID, basicSecret, ok := r.BasicAuth(); ok {
		if id != "" && id != basicID {
			return Client{}, oauth("invalid_request", "")
		}
		id, secret = basicID, basicSecret
	} else if r.Header.Get("Authorization") != "" {
		return Client{}, oauth("invalid_client", "")
	}
	if id == "" {
		return Client{}, oauth("invalid_request", "")
	}
	c, err := s.clientOf(poolID, id)
	if err != nil || subtle.ConstantTimeCompare([]byte(secret), []byte(c.Secret)) != 1 {
		return Client{}, oauth("invalid_client", "")
	}
	return c, nil
}

func (s *Service) byCode(c Client, f url.Values) (Tokens, error) {
	if !c.OAuth || !slices.Contains(c.OAuthFlows, "code") {
		return Tokens{}, oauth("unauthorized_client", "")
	}
	if f.Get("code") == "" || f.Get("redirect_uri") == "" {
		return Tokens{}, oauth("invalid_request", "")
	}
	code, ok := s.codes.take(f.Get("code"))
	if !ok || code.Request.ClientID != c.ID || code.Request.RedirectURI != f.Get("redirect_uri") || !code.Request.verifiedBy(f.Get("code_verifier")) {
		return Tokens{}, oauth("invalid_grant", "")
	}
	u, found, err := s.users.Get(code.UserKey)
	if err != nil {
		return Tokens{}, err
	}
	if !found || u.Sub != code.Sub || !u.Enabled {
		return Tokens{}, oauth("invalid_grant", "")
	}
	return s.signIn(c, u, code.UserKey, grant{Scopes: code.Request.Scopes, Nonce: code.Request.Nonce, Pages: true})
}

// verifiedBy says whether the caller is who asked for the code (PKCE, RFC 7636, S256). A
// verifier for a code that was asked for without a challenge proves nothing.
func (r authorizeRequest) verifiedBy(verifier string) bool {
	if r.Challenge == "" || verifier == "" {
		return r.Challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	got := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(got), []byte(r.Challenge)) == 1
}

func (s *Service) byRefreshGrant(c Client, f url.Values) (Tokens, error) {
	if f.Get("refresh_token") == "" {
		return Tokens{}, oauth("invalid_request", "")
	}
	tokens, err := s.refreshTokens(c, f.Get("refresh_token"))
	if refused := (*awsjson.Error)(nil); errors.As(err, &refused) {
		return Tokens{}, oauth("invalid_grant", refused.Message)
	}
	return tokens, err
}

// byClientCredentials gives a machine its token: with the scopes it asks for, or all that
// the client has.
func (s *Service) byClientCredentials(c Client, f url.Values) (Tokens, error) {
	if !c.OAuth || !slices.Contains(c.OAuthFlows, "client_credentials") {
		return Tokens{}, oauth("unauthorized_client", "")
	}
	granted, err := s.scopesOf(c)
	if err != nil {
		return Tokens{}, err
	}
	scopes := strings.Fields(f.Get("scope"))
	if len(scopes) == 0 {
		scopes = granted
	}
	for _, scope := range scopes {
		if !slices.Contains(granted, scope) {
			return Tokens{}, oauth("invalid_scope", "")
		}
	}
	return s.machineToken(c, scopes)
}

// revokeToken is the revocation endpoint (RFC 7009).
func (s *Service) revokeToken(w http.ResponseWriter, r *http.Request, d Domain) {
	if err := s.revokeForm(r, d); err != nil {
		writeOAuthError(w, err)
		return
	}
	allowAnyOrigin(w)
	w.WriteHeader(http.StatusOK)
}

func (s *Service) revokeForm(r *http.Request, d Domain) error {
	if err := parseForm(r); err != nil {
		return err
	}
	c, err := s.authenticate(r, d.PoolID)
	if err != nil {
		return err
	}
	if r.PostForm.Get("token") == "" {
		return oauth("invalid_request", "")
	}
	err = s.revoke(c, r.PostForm.Get("token"))
	if refused := (*awsjson.Error)(nil); errors.As(err, &refused) {
		code := "invalid_request"
		if refused.Code == "UnsupportedTokenTypeException" {
			code = "unsupported_token_type"
		}
		return oauth(code, refused.Message)
	}
	return err
}

// userInfo returns the attributes that an access token with scope openid lets read.
func (s *Service) userInfo(w http.ResponseWriter, r *http.Request, d Domain) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	u, scopes, err := s.userOfToken(token)
	if err != nil || u.PoolID != d.PoolID || !slices.Contains(scopes, scopeOpenID) {
		e := &oauthError{Code: "invalid_token", status: http.StatusUnauthorized,
			Description: "Access token is expired, disabled, or deleted, or the user has globally signed out."}
		w.Header().Set("WWW-Authenticate", `Bearer error="`+e.Code+`", error_description="`+e.Description+`"`)
		writeOAuthError(w, e)
		return
	}
	claims := userClaims(u.User, grant{Scopes: scopes, Pages: true})
	claims["sub"], claims["username"] = u.Sub, u.Username
	for name, value := range claims {
		claims[name] = fmt.Sprint(value) // also email_verified, which an id token has as a boolean
	}
	writeJSON(w, http.StatusOK, claims)
}

// jwks publishes the pool's public keys (RFC 7517).
func (s *Service) jwks(w http.ResponseWriter, r *http.Request) {
	set, err := s.keySet(r.PathValue("pool"))
	if err != nil {
		writeNoPool(w, err)
		return
	}
	writeJSON(w, http.StatusOK, set.public)
}

// discovery is OpenID Connect's. A pool without a domain has no endpoints to name.
func (s *Service) discovery(w http.ResponseWriter, r *http.Request) {
	pool, err := s.pool(r.PathValue("pool"))
	if err != nil {
		writeNoPool(w, err)
		return
	}
	issuer := s.Issuer(pool.ID)
	document := map[string]any{
		"issuer":                                issuer,
		"jwks_uri":                              issuer + "/.well-known/jwks.json",
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"code", "token"},
		"scopes_supported":                      []string{"openid", "email", "phone", "profile"},
		"subject_types_supported":               []string{"public"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	}
	domain, err := s.domainOf(pool.ID)
	if err != nil {
		writeNoPool(w, err)
		return
	}
	if domain != "" {
		base := s.DomainURL(domain)
		document["authorization_endpoint"] = base + "/oauth2/authorize"
		document["end_session_endpoint"] = base + "/logout"
		document["revocation_endpoint"] = base + "/oauth2/revoke"
		document["token_endpoint"] = base + "/oauth2/token"
		document["userinfo_endpoint"] = base + "/oauth2/userInfo"
	}
	writeJSON(w, http.StatusOK, document)
}

// DomainURL is where the pages of a domain are.
func (s *Service) DomainURL(domain string) string { return s.cfg.BaseURL + PathPrefix + domain }

func writeNoPool(w http.ResponseWriter, err error) {
	var refused *awsjson.Error
	if errors.As(err, &refused) {
		writeJSON(w, http.StatusNotFound, map[string]string{"code": "ResourceNotFoundException", "message": refused.Message})
		return
	}
	writeOAuthError(w, err)
}

func writeOAuthError(w http.ResponseWriter, err error) {
	var e *oauthError
	if !errors.As(err, &e) {
		e = &oauthError{Code: "server_error", Description: err.Error(), status: http.StatusInternalServerError}
	}
	writeJSON(w, e.httpStatus(), e)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	allowAnyOrigin(w)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	// The status is sent: a client that went away is the only error left.
	_ = json.NewEncoder(w).Encode(body)
}

// allowAnyOrigin lets a page of any site read the answer. What is answered here is for
// whoever shows a code, a token or a secret; no cookie counts.
func allowAnyOrigin(w http.ResponseWriter) { w.Header().Set("Access-Control-Allow-Origin", "*") }

func preflight(w http.ResponseWriter, _ *http.Request) {
	allowAnyOrigin(w)
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.WriteHeader(http.StatusNoContent)
}
