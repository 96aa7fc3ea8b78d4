// Package cognito is the local cloud's Amazon Cognito user pools: users that an
// administrator makes, the clients they sign in with, and the signed tokens they get.
//
// One Service holds every pool of the account. Three sets of clients call it: the
// provider through its Go methods, the AWS SDKs through Handler (JSON), and browsers and
// machines through Pages (the OAuth 2.0 and OpenID Connect endpoints of a pool's domain).
//
// Users have a name and a password. Self sign-up, MFA, Lambda triggers, federation,
// groups and messages to users are refused.
package cognito

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

// Authorizer decides whether the caller in ctx may act on a resource. Its error is a
// denial, and its text AWS's.
type Authorizer interface {
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
}

// Config is what a Service needs.
type Config struct {
	Store   *store.Store
	Account string // 12 digits
	Region  string
	BaseURL string // of the front door, such as http://127.0.0.1:4566, where PathPrefix leads to Pages
	IAM     Authorizer
	Now     func() time.Time
}

// PathPrefix is where Pages serves: <prefix><pool ID>/.well-known/... and
// <prefix><domain>/oauth2/....
const PathPrefix = "/_aws/cognito/"

// Service is every user pool of one account in one region.
type Service struct {
	cfg Config

	pools     store.Collection[Pool]
	keys      store.Collection[[]privateKey]
	users     store.Collection[userRecord]
	domains   store.Collection[Domain]
	servers   store.Collection[ResourceServer]
	clients   store.Collection[Client]
	refreshes store.Collection[refresh]

	mu       sync.Mutex // held from reading a stored value to writing it back
	signers  sync.Map   // pool ID to *keySet
	sealer   *sealer
	codes    *codes
	attempts *attempts
	good     atomic.Int64 // seconds since 1970: tokens issued before have expired
}

// New opens the pools that cfg.Store keeps. A sign-in that was under way when the store
// was last closed starts again; tokens stay valid.
func New(cfg Config) (*Service, error) {
	sealer, err := newSealer(cfg.Now)
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, sealer: sealer, codes: newCodes(cfg.Now), attempts: newAttempts(cfg.Now)}
	for _, open := range []func() error{
		func() (err error) { s.pools, err = store.NewCollection[Pool](cfg.Store, "cognito-pools"); return },
		func() (err error) {
			s.keys, err = store.NewSealedCollection[[]privateKey](cfg.Store, "cognito-keys")
			return
		},
		func() (err error) { s.users, err = store.NewCollection[userRecord](cfg.Store, "cognito-users"); return },
		func() (err error) { s.domains, err = store.NewCollection[Domain](cfg.Store, "cognito-domains"); return },
		func() (err error) {
			s.servers, err = store.NewCollection[ResourceServer](cfg.Store, "cognito-resource-servers")
			return
		},
		func() (err error) {
			s.clients, err = store.NewSealedCollection[Client](cfg.Store, "cognito-clients")
			return
		},
		func() (err error) {
			s.refreshes, err = store.NewCollection[refresh](cfg.Store, "cognito-refresh-tokens")
			s.refreshes = s.refreshes.Apart() // clients have them
			return
		},
		s.forgetExpired,
	} {
		if err := open(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Issuer is the iss claim of the pool's tokens, below which its keys are published.
func (s *Service) Issuer(poolID string) string { return s.cfg.BaseURL + PathPrefix + poolID }

func (s *Service) arn(poolID string) string {
	return "arn:" + iam.Partition(s.cfg.Region) + ":cognito-idp:" + s.cfg.Region + ":" + s.cfg.Account + ":userpool/" + poolID
}

// authorize asks IAM about an operation that AWS signs; signing in needs no signature.
func (s *Service) authorize(ctx context.Context, action, resource string) error {
	if err := s.cfg.IAM.Authorize(ctx, "cognito-idp:"+action, resource, nil); err != nil {
		return errAccessDenied(err)
	}
	return nil
}

// below lists the values of c whose key starts with prefix.
func below[T any](c store.Collection[T], prefix string) ([]store.Item[T], error) {
	items, err := c.List()
	if err != nil {
		return nil, err
	}
	var found []store.Item[T]
	for _, item := range items {
		if strings.HasPrefix(item.Key, prefix) {
			found = append(found, item)
		}
	}
	return found, nil
}

// deleteBelow deletes the values of c whose key starts with prefix.
func deleteBelow[T any](c store.Collection[T], prefix string) error {
	return c.DeleteWhere(func(item store.Item[T]) bool { return strings.HasPrefix(item.Key, prefix) })
}

// randomID returns n random characters of A-Z and 2-7; n is at most 26.
func randomID(n int) string { return rand.Text()[:n] }
