package iam

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Identity is who a caller is (STS GetCallerIdentity).
type Identity struct{ Account, ARN, UserID string }

// Identity returns who ctx's calls are made by: the account's root user, or the session
// of a role.
func (s *Service) Identity(ctx context.Context) Identity {
	caller, called := CallerFrom(ctx)
	s.mu.RLock()
	p := s.roles[key(nameOf(caller.Role))]
	s.mu.RUnlock()
	if !called || p == nil {
		return Identity{Account: s.account, ARN: fmt.Sprintf("arn:%s:iam::%s:root", s.partition, s.account), UserID: s.account}
	}
	arn := p.session.by(caller.Service)
	return Identity{Account: s.account, ARN: arn, UserID: p.record.Role.ID + ":" + nameOf(arn)}
}

// urlEncode is RFC 3986, as IAM encodes policies in answers.
func urlEncode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
