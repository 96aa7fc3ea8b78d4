package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxCachedTokens bounds an authorizer's cache. A full cache is emptied: tokens that are
// in use come back with one verification each.
const maxCachedTokens = 10000

// servedAuthorizer verifies tokens for one authorizer of one served stage.
type servedAuthorizer struct {
	tokens   Tokens
	pools    []string
	header   string         // that the token is in
	pattern  *regexp.Regexp // of the token's aud; nil: any (CreateAuthorizer, identityValidationExpression)
	ttl      time.Duration
	now      func() time.Time
	mu       sync.RWMutex
	verified map[string]verifiedToken
}

type verifiedToken struct {
	claims map[string]any
	texts  map[string]any // of claims, for $context
	until  time.Time
}

func newServedAuthorizer(s *Service, a Authorizer) (out *servedAuthorizer, err error) {
	out = &servedAuthorizer{
		tokens: s.Tokens, pools: a.ProviderARNs, now: s.Now,
		header:   strings.TrimPrefix(a.IdentitySource, "method.request.header."),
		ttl:      time.Duration(a.ResultTTLSeconds) * time.Second,
		verified: map[string]verifiedToken{},
	}
	if a.IdentityValidationExpression != "" {
		out.pattern, err = wholly(a.IdentityValidationExpression)
	}
	return out, err
}

const unauthorized = "Unauthorized"

// authorize returns the claims of the request's token, as texts: an id token where no scope is
// asked for, an access token with one of scopes otherwise (PutMethod,
// authorizationScopes). A token of the other use is as bad as none.
func (a *servedAuthorizer) authorize(ctx context.Context, value string, scopes []string) (map[string]any, *failure) {
	if value == "" {
		return nil, fail(reasonUnauthorized, unauthorized, "Unauthorized request: no %s header", a.header)
	}
	token := strings.TrimPrefix(value, "Bearer ")
	verified, err := a.verify(ctx, token)
	if err != nil {
		return nil, tokenFailure(err, token, a.now())
	}
	if err := checkUse(verified.claims, scopes); err != nil {
		return nil, fail(reasonUnauthorized, unauthorized, "Unauthorized request: %v", err)
	}
	if aud, _ := verified.claims["aud"].(string); a.pattern != nil && !a.pattern.MatchString(aud) {
		return nil, fail(reasonUnauthorized, unauthorized, "Unauthorized request: the token's aud does not match the validation expression")
	}
	return verified.texts, nil
}

func checkUse(claims map[string]any, scopes []string) error {
	want := "id"
	if len(scopes) > 0 {
		want = "access"
	}
	if use, _ := claims["token_use"].(string); use != want {
		return fmt.Errorf("the method takes an %s token and this is an %s token", want, use)
	}
	if len(scopes) == 0 {
		return nil
	}
	granted, _ := claims["scope"].(string)
	for _, scope := range strings.Fields(granted) {
		if slices.Contains(scopes, scope) {
			return nil
		}
	}
	return fmt.Errorf("the token has none of the scopes %s", strings.Join(scopes, ", "))
}

// verify verifies token, or remembers that it did. A token is never remembered beyond
// its own expiry.
func (a *servedAuthorizer) verify(ctx context.Context, token string) (verifiedToken, error) {
	now := a.now()
	a.mu.RLock()
	known, ok := a.verified[token]
	a.mu.RUnlock()
	if ok && now.Before(known.until) {
		return known, nil
	}
	claims, err := a.tokens.VerifyToken(ctx, a.pools, token)
	if err != nil {
		return verifiedToken{}, err
	}
	known = verifiedToken{claims, claimTexts(claims), earlier(now.Add(a.ttl), expiry(claims))}
	if a.ttl > 0 {
		a.remember(token, known)
	}
	return known, nil
}

// ForgetTokens is a drill: authorizers verify every token anew.
func (s *Service) ForgetTokens() {
	for _, stage := range *s.served.Load() {
		for _, a := range stage.authorizers {
			a.forget()
		}
	}
}

func (a *servedAuthorizer) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.verified)
}

func (a *servedAuthorizer) remember(token string, v verifiedToken) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.verified) >= maxCachedTokens {
		clear(a.verified)
	}
	a.verified[token] = v
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// expiry is the time of the exp claim; the zero time, which is long past, without one.
func expiry(claims map[string]any) time.Time {
	if exp, ok := numericClaim(claims["exp"]); ok {
		return time.Unix(exp, 0)
	}
	return time.Time{}
}

// tokenFailure is AWS's answer to a token that was not verified. A token that has
// expired gets its own message, with the same status and type.
func tokenFailure(err error, token string, now time.Time) *failure {
	message := unauthorized
	var told interface{ Expired() bool }
	if errors.As(err, &told) && told.Expired() || hasExpired(token, now) {
		message = "The incoming token has expired"
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fail(reasonAuthorizerFailure, "Internal server error", "Execution failed due to an authorizer error: %v", err)
	}
	return fail(reasonUnauthorized, message, "Unauthorized request: %v", err)
}

// hasExpired reads the exp claim of a token whose signature nobody vouches for: it
// chooses between two texts of one refusal, nothing else.
func hasExpired(token string, now time.Time) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		return false
	}
	exp := expiry(claims)
	return !exp.IsZero() && !exp.After(now)
}
