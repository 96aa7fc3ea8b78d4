package cognito

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
)

// Flow is one way to sign in, by AWS's name for it in InitiateAuth.
type Flow string

// The flows that are served. The last is for AdminInitiateAuth only.
const (
	FlowPassword      Flow = "USER_PASSWORD_AUTH"
	FlowSRP           Flow = "USER_SRP_AUTH"
	FlowRefresh       Flow = "REFRESH_TOKEN_AUTH"
	FlowAdminPassword Flow = "ADMIN_USER_PASSWORD_AUTH"
)

// flowCustom a client may have, but no pool has the Lambda triggers that it needs.
const flowCustom Flow = "CUSTOM_AUTH"

// The challenges that are put.
const (
	ChallengeNewPassword = "NEW_PASSWORD_REQUIRED"
	ChallengeSRP         = "PASSWORD_VERIFIER"
)

// SignIn is the answer to a step of a sign-in: tokens, or a challenge to respond to.
type SignIn struct {
	Tokens     *Tokens
	Challenge  string
	Session    string
	Parameters map[string]string
}

// InitiateAuth starts a sign-in, with the parameters that the flow takes.
func (s *Service) InitiateAuth(_ context.Context, flow Flow, clientID string, parameters map[string]string) (SignIn, error) {
	c, err := s.client(clientID)
	if err != nil {
		return SignIn{}, err
	}
	if flow == FlowAdminPassword {
		return SignIn{}, errInvalidParameter("Initiate Auth method not supported.")
	}
	return s.initiate(flow, c, parameters)
}

// AdminInitiateAuth is InitiateAuth by someone with credentials of the account.
func (s *Service) AdminInitiateAuth(ctx context.Context, flow Flow, poolID, clientID string, parameters map[string]string) (SignIn, error) {
	if err := s.authorize(ctx, "AdminInitiateAuth", s.arn(poolID)); err != nil {
		return SignIn{}, err
	}
	c, err := s.clientOf(poolID, clientID)
	if err != nil {
		return SignIn{}, err
	}
	if flow == FlowPassword {
		return SignIn{}, errInvalidParameter("Initiate Auth method not supported.")
	}
	return s.initiate(flow, c, parameters)
}

func (s *Service) initiate(flow Flow, c Client, parameters map[string]string) (SignIn, error) {
	if err := c.allows(flow); err != nil {
		return SignIn{}, err
	}
	switch flow {
	case FlowRefresh:
		return s.byRefreshToken(c, parameters)
	case FlowSRP:
		return s.bySRP(c, parameters)
	default:
		return s.byPassword(c, parameters)
	}
}

// allows says whether the client has the flow, in the text that AWS has for each.
func (c Client) allows(flow Flow) error {
	setting, refusal := "", ""
	switch flow {
	case FlowPassword:
		setting, refusal = "ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"
	case FlowSRP:
		setting, refusal = "ALLOW_USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."
	case FlowRefresh:
		return nil // CheckAuthFlows lets no client be without it
	case FlowAdminPassword:
		setting, refusal = "ALLOW_ADMIN_USER_PASSWORD_AUTH", "Auth flow not enabled for this client"
	case flowCustom:
		setting, refusal = "ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH is not enabled for the client."
	default:
		return errInvalidParameter("the local cloud does not serve the authentication flow %s", flow)
	}
	if !slices.Contains(c.AuthFlows, setting) {
		return errInvalidParameter("%s", refusal)
	}
	if flow == flowCustom {
		return errInvalidParameter("Custom auth lambda trigger is not configured for the user pool.")
	}
	return nil
}

func (s *Service) byRefreshToken(c Client, parameters map[string]string) (SignIn, error) {
	token := parameters["REFRESH_TOKEN"]
	if token == "" {
		return SignIn{}, errMissing("REFRESH_TOKEN")
	}
	// The hash is of a user name that the request need not have: AWS takes the user of
	// the token.
	if c.Secret == "" && parameters["SECRET_HASH"] != "" {
		return SignIn{}, c.checkSecretHash("", parameters["SECRET_HASH"])
	}
	if r, _, err := s.findRefresh(c, token); err == nil && c.Secret != "" {
		u, found, err := s.users.Get(r.UserKey)
		if err != nil || !found {
			return SignIn{}, orElse(err, errUserNotFound())
		}
		if err := c.checkSecretHash(u.Username, parameters["SECRET_HASH"]); err != nil && c.checkSecretHash(u.Sub, parameters["SECRET_HASH"]) != nil {
			return SignIn{}, err
		}
	}
	tokens, err := s.refreshTokens(c, token)
	return SignIn{Tokens: &tokens}, err
}

func (s *Service) byPassword(c Client, parameters map[string]string) (SignIn, error) {
	username, password := parameters["USERNAME"], parameters["PASSWORD"]
	if username == "" || password == "" {
		return SignIn{}, errMissing(firstMissing(parameters, "USERNAME", "PASSWORD"))
	}
	if err := c.checkSecretHash(username, parameters["SECRET_HASH"]); err != nil {
		return SignIn{}, err
	}
	u, key, err := s.checkPassword(c, username, password)
	if err != nil {
		return SignIn{}, err
	}
	return s.passwordWasRight(c, u, key)
}

// checkPassword returns the user who has this name and password. It takes as long for a
// user who is not there.
func (s *Service) checkPassword(c Client, username, password string) (userRecord, string, error) {
	pool, err := s.pool(c.PoolID)
	if err != nil {
		return userRecord{}, "", err
	}
	key := userKey(pool, username)
	u, found, err := s.users.Get(key)
	if err != nil {
		return u, key, err
	}
	if !found {
		if !c.hidesUsers() {
			return u, key, errUserNotFound()
		}
		_ = newVerifier(pool.ID, username, password)
		return u, key, errWrongPassword()
	}
	if err := s.attempts.locked(key); err != nil {
		return u, key, err
	}
	right := u.Password.matches(pool.ID, u.Username, password)
	s.attempts.note(key, right)
	if !right {
		return u, key, errWrongPassword()
	}
	return u, key, s.mayEnter(u)
}

// mayEnter says whether a user whose password is right may go on.
func (s *Service) mayEnter(u userRecord) error {
	if !u.Enabled {
		return errNotAuthorized("User is disabled.")
	}
	if !u.TemporaryUntil.IsZero() && !s.cfg.Now().Before(u.TemporaryUntil) {
		return errNotAuthorized("Temporary password has expired and must be reset by an administrator.")
	}
	return nil
}

// passwordWasRight gives tokens, or asks for a password of the user's own.
func (s *Service) passwordWasRight(c Client, u userRecord, key string) (SignIn, error) {
	if u.Status == StatusForceChangePassword {
		return s.askNewPassword(c, u, key)
	}
	tokens, err := s.signIn(c, u, key, grant{Scopes: []string{scopeAdmin}})
	return SignIn{Tokens: &tokens}, err
}

// RespondToAuthChallenge goes on with a sign-in.
func (s *Service) RespondToAuthChallenge(_ context.Context, clientID, challenge, session string, responses map[string]string) (SignIn, error) {
	c, err := s.client(clientID)
	if err != nil {
		return SignIn{}, err
	}
	return s.respond(c, challenge, session, responses)
}

// AdminRespondToAuthChallenge is RespondToAuthChallenge by someone with credentials of
// the account.
func (s *Service) AdminRespondToAuthChallenge(ctx context.Context, poolID, clientID, challenge, session string, responses map[string]string) (SignIn, error) {
	if err := s.authorize(ctx, "AdminRespondToAuthChallenge", s.arn(poolID)); err != nil {
		return SignIn{}, err
	}
	c, err := s.clientOf(poolID, clientID)
	if err != nil {
		return SignIn{}, err
	}
	return s.respond(c, challenge, session, responses)
}

func (s *Service) respond(c Client, challenge, session string, responses map[string]string) (SignIn, error) {
	if responses["USERNAME"] == "" {
		return SignIn{}, errMissing("USERNAME")
	}
	if err := c.checkSecretHash(responses["USERNAME"], responses["SECRET_HASH"]); err != nil {
		return SignIn{}, err
	}
	switch challenge {
	case ChallengeSRP:
		return s.respondSRP(c, responses)
	case ChallengeNewPassword:
		return s.respondNewPassword(c, session, responses)
	}
	return SignIn{}, errInvalidParameter("the local cloud does not put the challenge %s", challenge)
}

// checkSecretHash checks the proof that a client with a secret adds to a user name:
// Base64(HMAC-SHA256(secret, user name + client ID)).
func (c Client) checkSecretHash(username, hash string) error {
	switch {
	case c.Secret == "" && hash == "":
		return nil
	case c.Secret == "":
		return errNotAuthorized("Client %s is not configured with secret but SECRET_HASH was received", c.ID)
	case hash == "":
		return errNotAuthorized("Client %s is configured with secret but SECRET_HASH was not received", c.ID)
	}
	mac := hmac.New(sha256.New, []byte(c.Secret))
	mac.Write([]byte(username + c.ID))
	if !hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(hash)) {
		return errNotAuthorized("SecretHash does not match for the client: %s", c.ID)
	}
	return nil
}

func errMissing(parameter string) error {
	return errInvalidParameter("Missing required parameter %s", parameter)
}

func errInvalidSession() error { return errNotAuthorized("Invalid session for the user.") }

func firstMissing(parameters map[string]string, names ...string) string {
	for _, name := range names {
		if parameters[name] == "" {
			return name
		}
	}
	return ""
}
