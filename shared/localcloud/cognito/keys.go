package cognito

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"pipeline/shared/localcloud/awsjson"
)

// privateKey is one signing key as it is stored.
type privateKey struct {
	ID    string
	PKCS1 []byte
}

// A pool signs its id tokens with one key and its access tokens with another, as on AWS.
const (
	idKey     = 0
	accessKey = 1
)

func newKeys() ([]privateKey, error) {
	keys := make([]privateKey, 2)
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		keys[i] = privateKey{ID: base64.StdEncoding.EncodeToString(random(32)), PKCS1: x509.MarshalPKCS1PrivateKey(key)}
	}
	return keys, nil
}

// keySet is a pool's keys, ready for use.
type keySet struct {
	signers [2]jose.Signer
	public  jose.JSONWebKeySet
}

// keySet returns the keys of a pool that exists; they never change.
func (s *Service) keySet(poolID string) (*keySet, error) {
	if known, ok := s.signers.Load(poolID); ok {
		return known.(*keySet), nil
	}
	stored, found, err := s.keys.Get(poolID)
	if err != nil || !found {
		return nil, orElse(err, errNotFound("User pool %s does not exist.", poolID))
	}
	set, err := parseKeys(stored)
	if err != nil {
		return nil, fmt.Errorf("keys of user pool %s: %w", poolID, err)
	}
	s.signers.Store(poolID, set)
	// Looked up after that: forgetPool deletes first the pool and then the set.
	if _, exists, err := s.pools.Get(poolID); err != nil || !exists {
		s.signers.Delete(poolID)
		return nil, orElse(err, errNotFound("User pool %s does not exist.", poolID))
	}
	return set, nil
}

func parseKeys(stored []privateKey) (*keySet, error) {
	set := &keySet{}
	for i, k := range stored {
		key, err := x509.ParsePKCS1PrivateKey(k.PKCS1)
		if err != nil {
			return nil, err
		}
		set.signers[i], err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: k.ID}}, nil)
		if err != nil {
			return nil, err
		}
		set.public.Keys = append(set.public.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: k.ID, Algorithm: "RS256", Use: "sig"})
	}
	return set, nil
}

func (k *keySet) sign(key int, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := k.signers[key].Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// VerifyToken checks a token that one of the user pools issued: its signature, issuer and
// time. It returns the claims; what they allow is for the caller to say, who looks at
// token_use and scope. As with API Gateway, a token that was revoked is good here until
// it ends. Errors are ErrTokenExpired, ErrTokenInvalid, or a fault of the store.
func (s *Service) VerifyToken(_ context.Context, userPoolARNs []string, token string) (map[string]any, error) {
	parsed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, invalidToken("%v", err)
	}
	if len(parsed.Signatures) != 1 {
		return nil, invalidToken("it has %d signatures", len(parsed.Signatures))
	}
	for _, arn := range userPoolARNs {
		pool := poolOf(arn)
		claims, ours, err := s.verify(pool, parsed)
		if ours || err != nil {
			return claims, err
		}
	}
	return nil, invalidToken("no pool of this API signed it")
}

// verify says whether the token is signed by the pool, and then whether it is good.
func (s *Service) verify(poolID string, token *jose.JSONWebSignature) (claims map[string]any, ours bool, err error) {
	set, err := s.keySet(poolID)
	if gone := (*awsjson.Error)(nil); errors.As(err, &gone) {
		return nil, false, nil // a pool that is gone has no token
	}
	if err != nil {
		return nil, false, err
	}
	keys := set.public.Key(token.Signatures[0].Header.KeyID)
	if len(keys) != 1 {
		return nil, false, nil
	}
	payload, err := token.Verify(keys[0])
	if err != nil {
		return nil, true, invalidToken("%v", err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, true, invalidToken("%v", err)
	}
	return claims, true, s.checkClaims(poolID, claims)
}

func (s *Service) checkClaims(poolID string, claims map[string]any) error {
	if claims["iss"] != s.Issuer(poolID) {
		return invalidToken("its issuer is %v", claims["iss"])
	}
	if exp, ok := claims["exp"].(float64); !ok || s.cfg.Now().Unix() >= int64(exp) {
		return ErrTokenExpired
	}
	if iat, _ := claims["iat"].(float64); int64(iat) < s.good.Load() {
		return ErrTokenExpired
	}
	return nil
}

// ExpireTokens is a drill: id and access tokens that were issued until then have expired;
// the zero time ends it. Tokens are dated to the second: those of the rest of that second
// have expired too.
func (s *Service) ExpireTokens(until time.Time) {
	if until.IsZero() {
		s.good.Store(0)
		return
	}
	s.good.Store(until.Unix() + 1)
}

// ExpiredUntil is what ExpireTokens was told.
func (s *Service) ExpiredUntil() time.Time {
	if good := s.good.Load(); good != 0 {
		return time.Unix(good-1, 0)
	}
	return time.Time{}
}

// poolOf returns the pool ID at the end of a pool's ARN.
func poolOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// userOfToken returns the user whom an access token of any pool stands for, and the
// token's scopes. A token that was revoked stands for nobody.
func (s *Service) userOfToken(token string) (userRecord, []string, error) {
	poolID := s.unverifiedPool(token)
	claims, err := s.VerifyToken(context.Background(), []string{poolID}, token)
	if errors.Is(err, ErrTokenExpired) {
		return userRecord{}, nil, errNotAuthorized("Access Token has expired")
	}
	if err != nil && !errors.Is(err, ErrTokenInvalid) {
		return userRecord{}, nil, err
	}
	if err != nil || claims["token_use"] != "access" {
		return userRecord{}, nil, errNotAuthorized("Invalid Access Token")
	}
	if revoked, err := s.revoked(poolID, claims); err != nil || revoked {
		return userRecord{}, nil, orElse(err, errNotAuthorized("Access Token has been revoked"))
	}
	u, err := s.userOfClaims(poolID, claims)
	scope, _ := claims["scope"].(string)
	return u, strings.Fields(scope), err
}

// unverifiedPool returns the ID of the pool that a token says it is of.
func (s *Service) unverifiedPool(token string) string {
	parsed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(parsed.UnsafePayloadWithoutVerification(), &claims) != nil {
		return ""
	}
	return poolOf(claims.Issuer)
}

func (s *Service) userOfClaims(poolID string, claims map[string]any) (userRecord, error) {
	pool, err := s.pool(poolID)
	if err != nil {
		return userRecord{}, err
	}
	username, _ := claims["username"].(string)
	u, err := s.user(pool, username)
	if err != nil {
		return userRecord{}, err
	}
	if u.Sub != claims["sub"] {
		return userRecord{}, errUserNotFound()
	}
	if !u.Enabled {
		return userRecord{}, errNotAuthorized("User is disabled.")
	}
	return u, nil
}
