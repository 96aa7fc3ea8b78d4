package cognito

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/store"
)

// Tokens is what a sign-in gives. ID and Refresh are empty where the flow has none.
type Tokens struct {
	Access    string
	ID        string
	Refresh   string
	ExpiresIn int // seconds, of the access token
}

// grant is what tokens are issued for.
type grant struct {
	Scopes    []string
	AuthTime  time.Time
	OriginJTI string
	Nonce     string
	Pages     bool // by the hosted pages: claims differ, and an id token needs scope openid
}

// refresh is a refresh token as it is stored, under <pool ID>/<origin_jti>.
type refresh struct {
	Hash     []byte // of the secret part of the token
	ClientID string
	UserKey  string
	Sub      string
	Grant    grant
	Expires  time.Time
	Revoked  bool
}

// signIn issues all three tokens for a new sign-in.
func (s *Service) signIn(c Client, u userRecord, key string, g grant) (Tokens, error) {
	g.OriginJTI, g.AuthTime = uuid.NewString(), s.cfg.Now()
	tokens, err := s.issue(c, u.User, g)
	if err != nil {
		return Tokens{}, err
	}
	secret := random(48)
	hash := sha256.Sum256(secret)
	err = s.refreshes.Put(c.PoolID+"/"+g.OriginJTI, refresh{Hash: hash[:], ClientID: c.ID, UserKey: key, Sub: u.Sub, Grant: g,
		Expires: s.cfg.Now().Add(c.refreshTTL())})
	tokens.Refresh = g.OriginJTI + "." + base64.RawURLEncoding.EncodeToString(secret)
	return tokens, err
}

// issue signs an access token and, where there is one to be, an id token.
func (s *Service) issue(c Client, u User, g grant) (Tokens, error) {
	keys, err := s.keySet(c.PoolID)
	if err != nil {
		return Tokens{}, err
	}
	tokens := Tokens{ExpiresIn: int(c.accessTTL() / time.Second)}
	event := uuid.NewString()
	if tokens.Access, err = keys.sign(accessKey, s.accessClaims(c, u, g, event)); err != nil {
		return Tokens{}, err
	}
	if g.Pages && !slices.Contains(g.Scopes, scopeOpenID) {
		return tokens, nil
	}
	claims := s.idClaims(c, u, g, event)
	if g.Pages {
		claims["at_hash"] = accessTokenHash(tokens.Access)
	}
	tokens.ID, err = keys.sign(idKey, claims)
	return tokens, err
}

// accessClaims are those of "Understanding the access token" in Cognito's guide.
func (s *Service) accessClaims(c Client, u User, g grant, event string) map[string]any {
	claims := s.commonClaims(c, u, g, event, c.accessTTL())
	claims["jti"] = uuid.NewString()
	claims["token_use"] = "access"
	claims["client_id"] = c.ID
	claims["username"] = u.Username
	claims["scope"] = strings.Join(g.Scopes, " ")
	if g.Pages {
		claims["version"] = 2
	}
	return claims
}

// idClaims are those of "Understanding the identity (ID) token" in Cognito's guide.
func (s *Service) idClaims(c Client, u User, g grant, event string) map[string]any {
	claims := s.commonClaims(c, u, g, event, c.idTTL())
	maps.Copy(claims, userClaims(u, g))
	if c.TokenRevocation { // an access token has a jti anyway
		claims["jti"] = uuid.NewString()
	}
	claims["token_use"] = "id"
	claims["aud"] = c.ID
	claims["cognito:username"] = u.Username
	if g.Nonce != "" {
		claims["nonce"] = g.Nonce
	}
	return claims
}

// commonClaims are those of both tokens, which are of one event.
func (s *Service) commonClaims(c Client, u User, g grant, event string, ttl time.Duration) map[string]any {
	now := s.cfg.Now()
	claims := map[string]any{
		"sub":       u.Sub,
		"iss":       s.Issuer(c.PoolID),
		"event_id":  event,
		"auth_time": g.AuthTime.Unix(),
		"iat":       now.Unix(),
		"exp":       now.Add(ttl).Unix(),
	}
	if c.TokenRevocation {
		claims["origin_jti"] = g.OriginJTI
	}
	return claims
}

// machineToken issues the access token of a client that signs in as itself.
func (s *Service) machineToken(c Client, scopes []string) (Tokens, error) {
	keys, err := s.keySet(c.PoolID)
	if err != nil {
		return Tokens{}, err
	}
	now := s.cfg.Now()
	access, err := keys.sign(accessKey, map[string]any{
		"sub": c.ID, "client_id": c.ID, "token_use": "access", "scope": strings.Join(scopes, " "), "iss": s.Issuer(c.PoolID),
		"auth_time": now.Unix(), "iat": now.Unix(), "exp": now.Add(c.accessTTL()).Unix(), "version": 2, "jti": uuid.NewString(),
	})
	return Tokens{Access: access, ExpiresIn: int(c.accessTTL() / time.Second)}, err
}

// userClaims are the attributes that the scopes let the client read: all of them with
// openid alone, with profile, or when the user signed in through the API.
func userClaims(u User, g grant) map[string]any {
	all := !g.Pages || slices.Contains(g.Scopes, "profile") ||
		!slices.Contains(g.Scopes, "email") && !slices.Contains(g.Scopes, "phone")
	claims := map[string]any{}
	for name, value := range u.Attributes {
		scope, _, _ := strings.Cut(name, "_")
		if !all && !slices.Contains(g.Scopes, scope) {
			continue
		}
		claims[name] = value
		if strings.HasSuffix(name, "_verified") {
			claims[name] = value == "true"
		}
	}
	return claims
}

// accessTokenHash is the at_hash claim (OpenID Connect Core 3.1.3.6).
func accessTokenHash(access string) string {
	sum := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// refreshTokens issues new tokens for the refresh token of a client.
func (s *Service) refreshTokens(c Client, token string) (Tokens, error) {
	r, _, err := s.findRefresh(c, token)
	if err != nil {
		return Tokens{}, err
	}
	if r.Revoked {
		return Tokens{}, errNotAuthorized("Refresh Token has been revoked")
	}
	if !s.cfg.Now().Before(r.Expires) {
		return Tokens{}, errNotAuthorized("Refresh Token has expired")
	}
	u, found, err := s.users.Get(r.UserKey)
	if err != nil || !found || u.Sub != r.Sub {
		return Tokens{}, orElse(err, errUserNotFound())
	}
	if !u.Enabled {
		return Tokens{}, errNotAuthorized("User is disabled.")
	}
	return s.issue(c, u.User, r.Grant)
}

// findRefresh returns what is stored of a client's refresh token, and where.
func (s *Service) findRefresh(c Client, token string) (refresh, string, error) {
	origin, encoded, _ := strings.Cut(token, ".")
	secret, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return refresh{}, "", errNotAuthorized("Invalid Refresh Token")
	}
	key := c.PoolID + "/" + origin
	r, found, err := s.refreshes.Get(key)
	if err != nil {
		return refresh{}, "", err
	}
	hash := sha256.Sum256(secret)
	if !found || r.ClientID != c.ID || subtle.ConstantTimeCompare(hash[:], r.Hash) != 1 {
		return refresh{}, "", errNotAuthorized("Invalid Refresh Token")
	}
	return r, key, nil
}

// revoke ends a refresh token and, where Cognito itself is asked, every access token that
// came of it. An unknown token is as good as revoked (RFC 7009, 2.2).
func (s *Service) revoke(c Client, token string) error {
	if !c.TokenRevocation {
		return awsjson.Errorf("UnsupportedOperationException", "Token revocation is not enabled for this client")
	}
	if strings.Count(token, ".") == 2 {
		return awsjson.Errorf("UnsupportedTokenTypeException", "Invalid token type: only refresh tokens can be revoked")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, key, err := s.findRefresh(c, token)
	if unknown := (*awsjson.Error)(nil); errors.As(err, &unknown) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Revoked = true
	return s.refreshes.Put(key, r)
}

// revoked says whether the sign-in that a token came of was revoked.
func (s *Service) revoked(poolID string, claims map[string]any) (bool, error) {
	origin, ok := claims["origin_jti"].(string)
	if !ok {
		return false, nil
	}
	r, _, err := s.refreshes.Get(poolID + "/" + origin)
	return r.Revoked, err
}

// forgetExpired deletes refresh tokens that have ended, and so long ago that no access
// token of theirs is left to be asked about.
func (s *Service) forgetExpired() error {
	now := s.cfg.Now()
	return s.refreshes.DeleteWhere(func(r store.Item[refresh]) bool { return !now.Before(r.Value.Expires.Add(24 * time.Hour)) })
}
