package iam

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"sync"
	"time"
)

// Credentials are temporary keys that stand for a role.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

// keyPrefix marks the access keys of this plane: AWS's four letters for temporary ones,
// and ours. Any other key is the administrator's.
const keyPrefix = "ASIALOCAL"

// sessionLength is how long services' sessions last, and renewal how long before the
// end AssumeRole stops handing out the same keys.
const (
	sessionLength = time.Hour
	renewal       = 15 * time.Minute
)

// sessions are the keys in use. They are not kept: after a restart services assume
// their roles anew.
type sessions struct {
	mu       sync.Mutex
	byKey    map[string]session
	byCaller map[Caller]Credentials
}

type session struct {
	caller Caller
	keys   Credentials
}

func newSessions() sessions {
	return sessions{byKey: map[string]session{}, byCaller: map[Caller]Credentials{}}
}

// AssumeRole hands service the keys of a role that trusts it, and is *Denied otherwise.
func (s *Service) AssumeRole(_ context.Context, service, roleARN string) (Credentials, error) {
	caller := Caller{Service: service, Role: roleARN}
	if err := s.Assumable(service, roleARN); err != nil {
		return Credentials{}, err
	}
	return s.sessions.open(caller, s.now()), nil
}

// Assumable says whether the role exists and trusts service: nil, or *Denied. It is
// what AWS checks when a resource is made that names a role.
func (s *Service) Assumable(service, roleARN string) error {
	_, err := s.assumable(Caller{Service: service, Role: roleARN})
	return err
}

// Caller returns whom temporary keys stand for, and false for keys that are not of this
// plane, that have expired, or whose token is another's.
func (s *Service) Caller(accessKeyID, sessionToken string) (Caller, bool) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	found, ok := s.sessions.byKey[accessKeyID]
	if !ok || found.keys.SessionToken != sessionToken || !s.now().Before(found.keys.Expiration) {
		return Caller{}, false
	}
	return found.caller, true
}

// Temporary says whether an access key is of this plane: if Caller does not know it, it
// has expired, and is nobody's.
func Temporary(accessKeyID string) bool { return strings.HasPrefix(accessKeyID, keyPrefix) }

func (ss *sessions) open(caller Caller, now time.Time) Credentials {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if keys, ok := ss.byCaller[caller]; ok && now.Before(keys.Expiration.Add(-renewal)) {
		return keys
	}
	ss.forgetExpired(now)
	keys := newCredentials(now.Add(sessionLength))
	ss.byKey[keys.AccessKeyID] = session{caller: caller, keys: keys}
	ss.byCaller[caller] = keys
	return keys
}

func (ss *sessions) forgetExpired(now time.Time) {
	for id, s := range ss.byKey {
		if !now.Before(s.keys.Expiration) {
			delete(ss.byKey, id)
		}
	}
}

func newCredentials(expiration time.Time) Credentials {
	random := make([]byte, 30+96)
	rand.Read(random)
	return Credentials{
		AccessKeyID:     newID(keyPrefix)[:20],
		SecretAccessKey: base64.StdEncoding.EncodeToString(random[:30]),
		SessionToken:    base64.StdEncoding.EncodeToString(random[30:]),
		Expiration:      expiration.UTC(),
	}
}

// sessionARNs makes the ARNs of a role's sessions.
type sessionARNs struct{ partition, account, role string }

// sessionNames are the names that services give their sessions, as denials show them.
var sessionNames = map[string]string{
	"apigateway.amazonaws.com": "BackplaneAssumeRoleSession",
	"firehose.amazonaws.com":   "AWSFirehoseToS3",
	"redshift.amazonaws.com":   "RedshiftIamRoleSession",
}

func (a sessionARNs) by(service string) string {
	name, known := sessionNames[service]
	if !known {
		name, _, _ = strings.Cut(service, ".")
	}
	return "arn:" + a.partition + ":sts::" + a.account + ":assumed-role/" + a.role + "/" + name
}
