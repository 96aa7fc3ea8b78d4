package firehose

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"pipeline/shared/localcloud/iam"
)

// signIn is how Firehose signs in to the cluster: a declared user, or a secret whose
// value is kept for ten minutes as AWS keeps it (developer guide, "Authenticate with AWS
// Secrets Manager").
type signIn struct {
	cfg  Config
	into Redshift

	mu       sync.Mutex
	user     string
	password string
	readAt   time.Time
}

func newSignIn(cfg Config, into Redshift) *signIn { return &signIn{cfg: cfg, into: into} }

// secretRole is the role that reads the secret.
func (r Redshift) secretRole() string {
	if sm := r.SecretsManagerConfiguration; sm != nil && sm.Enabled && sm.RoleARN != "" {
		return sm.RoleARN
	}
	return r.RoleARN
}

func (s *signIn) read(ctx context.Context) (user, password string, err error) {
	sm := s.into.SecretsManagerConfiguration
	if sm == nil || !sm.Enabled {
		return s.into.Username, s.into.Password, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	age := s.cfg.Now().Sub(s.readAt) // negative when the clock was set back
	if !s.readAt.IsZero() && age >= 0 && age < secretTime {
		return s.user, s.password, nil
	}
	ctx = iam.WithCaller(ctx, iam.Caller{Service: principal, Role: s.into.secretRole()})
	text, err := s.cfg.Secrets.SecretValue(ctx, sm.SecretARN)
	if err != nil {
		return "", "", &secretError{err}
	}
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil || body.Username == "" || body.Password == "" {
		return "", "", &LoadError{Code: "28000", Message: `the secret does not have the form {"username": "...", "password": "..."}`}
	}
	s.user, s.password, s.readAt = body.Username, body.Password, s.cfg.Now()
	return s.user, s.password, nil
}
