package iam

import (
	"context"
	"net/http"
	"regexp"
	"strings"
)

var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 +Credential=([^/,]+)/`)

// SignedBy returns the access key that a request is signed with, in its headers or in
// its URL, and the session token beside it. Signatures are not verified: whoever reaches
// the loopback interface of this machine is its user.
func SignedBy(r *http.Request) (accessKeyID, sessionToken string, signed bool) {
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		return m[1], r.Header.Get("X-Amz-Security-Token"), true
	}
	query := r.URL.Query()
	if !query.Has("X-Amz-Credential") {
		return "", "", false
	}
	id, _, _ := strings.Cut(query.Get("X-Amz-Credential"), "/")
	return id, query.Get("X-Amz-Security-Token"), true
}

var credentialScope = regexp.MustCompile(`Credential=[^/]+/[0-9]{8}/([^/]+)/([^/]+)/aws4_request`)

// Scope is the region and the service that a request is signed for, in its headers or in
// its URL; empty where nobody signed.
func Scope(r *http.Request) (region, service string) {
	signature := r.Header.Get("Authorization")
	if signature == "" && strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		signature = "Credential=" + r.URL.Query().Get("X-Amz-Credential")
	}
	if found := credentialScope.FindStringSubmatch(signature); found != nil {
		return found[1], found[2]
	}
	return "", ""
}

// Signer returns the context of a request with its caller: the role that temporary keys
// stand for; for any other keys the administrator, and for none nobody (signed is
// false). The error is ExpiredToken.
func (s *Service) Signer(r *http.Request) (ctx context.Context, signed bool, err error) {
	id, token, signed := SignedBy(r)
	caller, known := s.Caller(id, token)
	switch {
	case known:
		return WithCaller(r.Context(), caller), true, nil
	case Temporary(id):
		return nil, true, errorf("ExpiredToken", "The security token included in the request is expired")
	}
	return r.Context(), signed, nil
}
