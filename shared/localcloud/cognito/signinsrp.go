package cognito

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
)

// The sign-in in which the password does not leave the client: USER_SRP_AUTH, answered by
// the challenge PASSWORD_VERIFIER.

// srpState is what the secret block holds, sealed. Sub is empty when there is no such
// user, which the client is not to learn.
type srpState struct {
	ClientID, UserKey, Username, Sub string
	Key                              []byte
}

const sealSRP = "srp"

func (s *Service) bySRP(c Client, parameters map[string]string) (SignIn, error) {
	username, public := parameters["USERNAME"], parameters["SRP_A"]
	if username == "" || public == "" {
		return SignIn{}, errMissing(firstMissing(parameters, "USERNAME", "SRP_A"))
	}
	if err := c.checkSecretHash(username, parameters["SECRET_HASH"]); err != nil {
		return SignIn{}, err
	}
	pool, err := s.pool(c.PoolID)
	if err != nil {
		return SignIn{}, err
	}
	key := userKey(pool, username)
	u, found, err := s.users.Get(key)
	if err != nil {
		return SignIn{}, err
	}
	if !found {
		if !c.hidesUsers() {
			return SignIn{}, errUserNotFound()
		}
		u = s.decoy(pool, username)
	}
	return s.challengeSRP(c, u, key, public)
}

// decoy is a user to challenge in place of one who is not there: always with the same
// salt, as a user has, and with a password that nobody knows.
func (s *Service) decoy(pool Pool, username string) userRecord {
	mac := hmac.New(sha256.New, s.sealer.decoyKey)
	mac.Write([]byte(userKey(pool, username)))
	secret := mac.Sum(nil)
	salt := secret[:16]
	return userRecord{User: User{Username: username}, Password: verifier{
		Salt: salt, Value: exponent(salt, pool.ID, username, hex.EncodeToString(secret[16:])).Bytes()}}
}

func (s *Service) challengeSRP(c Client, u userRecord, userKey, srpA string) (SignIn, error) {
	public, key, err := u.Password.exchange(srpA)
	if err != nil {
		return SignIn{}, err
	}
	block, err := seal(s.sealer, sealSRP, srpState{c.ID, userKey, u.Username, u.Sub, key}, c.sessionTTL())
	return SignIn{Challenge: ChallengeSRP, Parameters: map[string]string{
		"SALT":            hex.EncodeToString(u.Password.Salt),
		"SRP_B":           hex.EncodeToString(public),
		"SECRET_BLOCK":    block,
		"USERNAME":        u.Username,
		"USER_ID_FOR_SRP": u.Username,
	}}, err
}

func (s *Service) respondSRP(c Client, responses map[string]string) (SignIn, error) {
	if name := firstMissing(responses, "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"); name != "" {
		return SignIn{}, errMissing(name)
	}
	state, err := unseal[srpState](s.sealer, sealSRP, responses["PASSWORD_CLAIM_SECRET_BLOCK"])
	if errors.Is(err, errSealExpired) {
		return SignIn{}, errNotAuthorized("Invalid session for the user, session is expired.")
	}
	if err != nil || state.ClientID != c.ID {
		return SignIn{}, errWrongPassword()
	}
	if err := s.attempts.locked(state.UserKey); err != nil {
		return SignIn{}, err
	}
	right := state.provenBy(c.PoolID, responses)
	u, found, err := s.users.Get(state.UserKey)
	if err != nil {
		return SignIn{}, err
	}
	if found {
		s.attempts.note(state.UserKey, right)
	}
	if !right || !found || u.Sub != state.Sub {
		return SignIn{}, errWrongPassword()
	}
	if err := s.mayEnter(u); err != nil {
		return SignIn{}, err
	}
	return s.passwordWasRight(c, u, state.UserKey)
}

// provenBy says whether the responses come from someone who knows the password.
func (state srpState) provenBy(poolID string, responses map[string]string) bool {
	sealed := responses["PASSWORD_CLAIM_SECRET_BLOCK"]
	block, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return false
	}
	signature, err := base64.StdEncoding.DecodeString(responses["PASSWORD_CLAIM_SIGNATURE"])
	return err == nil && hmac.Equal(signature, proof(state.Key, poolID, state.Username, block, responses["TIMESTAMP"]))
}
