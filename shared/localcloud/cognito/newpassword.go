package cognito

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// The step between a temporary password and tokens: the challenge NEW_PASSWORD_REQUIRED,
// which the hosted pages put as a second form.

// newPasswordSession is the state between a temporary password and the one that replaces
// it. Salt is that of the temporary one: once it is replaced the session is over.
type newPasswordSession struct {
	ClientID, UserKey string
	Salt              []byte
}

const sealNewPassword = "new password"

func (s *Service) askNewPassword(c Client, u userRecord, key string) (SignIn, error) {
	session, err := s.newPasswordSession(c, u, key)
	if err != nil {
		return SignIn{}, err
	}
	attributes, err := json.Marshal(orEmpty(u.Attributes))
	return SignIn{Challenge: ChallengeNewPassword, Session: session, Parameters: map[string]string{
		"USER_ID_FOR_SRP": u.Username, "requiredAttributes": "[]", "userAttributes": string(attributes),
	}}, err
}

func (s *Service) newPasswordSession(c Client, u userRecord, key string) (string, error) {
	return seal(s.sealer, sealNewPassword, newPasswordSession{c.ID, key, u.Password.Salt}, c.sessionTTL())
}

func (s *Service) respondNewPassword(c Client, session string, responses map[string]string) (SignIn, error) {
	if session == "" {
		return SignIn{}, errMissing("Session")
	}
	password := responses["NEW_PASSWORD"]
	if password == "" {
		return SignIn{}, errMissing("NEW_PASSWORD")
	}
	for name := range responses {
		if !slices.Contains([]string{"USERNAME", "NEW_PASSWORD", "SECRET_HASH"}, name) {
			return SignIn{}, errInvalidParameter("the local cloud does not take the response %s to %s", name, ChallengeNewPassword)
		}
	}
	u, key, err := s.setOwnPassword(c, session, responses["USERNAME"], password)
	if err != nil {
		return SignIn{}, err
	}
	return s.passwordWasRight(c, u, key)
}

// setOwnPassword replaces the temporary password of the session's user. An empty username
// stands for whoever that is.
func (s *Service) setOwnPassword(c Client, sealed, username, password string) (userRecord, string, error) {
	session, err := unseal[newPasswordSession](s.sealer, sealNewPassword, sealed)
	if errors.Is(err, errSealExpired) {
		return userRecord{}, "", errNotAuthorized("Invalid session for the user, session is expired.")
	}
	if err != nil || session.ClientID != c.ID {
		return userRecord{}, "", errInvalidSession()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pool, err := s.pool(c.PoolID)
	if err != nil {
		return userRecord{}, "", err
	}
	u, found, err := s.users.Get(session.UserKey)
	if err != nil {
		return userRecord{}, "", err
	}
	sameUser := username == "" || userKey(pool, username) == session.UserKey
	if !found || !sameUser || !bytes.Equal(u.Password.Salt, session.Salt) {
		return userRecord{}, "", errInvalidSession()
	}
	if err := errors.Join(s.mayEnter(u), pool.Policy.allows(password)); err != nil {
		return userRecord{}, "", err
	}
	u.Password = newVerifier(pool.ID, u.Username, password)
	u.Status, u.TemporaryUntil, u.Changed = StatusConfirmed, time.Time{}, s.cfg.Now()
	return u, session.UserKey, s.users.Apart().Put(session.UserKey, u)
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
