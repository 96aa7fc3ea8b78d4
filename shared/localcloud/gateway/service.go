// Package gateway is the local cloud's API Gateway for REST APIs: the configuration
// calls by which an API is made, and the endpoint that serves it. What is served is the
// snapshot that a deployment took; a later change is not served until it is deployed.
//
// An access log has the variables of AWS, but for those that are not known here and are
// refused: how AWS WAF and the authorizer fared (waf.latency, authorizer.status and the like),
// overrides, endpointType, tlsVersion and cipherSuite. What only IAM and Lambda authorizers,
// API keys, client certificates, canaries and custom domains give is "-", as on AWS without
// them. The texts of integration.error and integrationErrorMessage are not AWS's.
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/store"
)

// Tokens verifies a Cognito token's signature, expiry and issuer against user pools.
type Tokens interface {
	VerifyToken(ctx context.Context, userPoolARNs []string, token string) (claims map[string]any, err error)
}

// Logs is CloudWatch Logs: where access and execution logs go.
type Logs interface {
	CreateLogGroup(ctx context.Context, name string) error
	CreateLogStream(ctx context.Context, group, stream string) error
	PutLogEvents(ctx context.Context, group, stream string, messages ...string) error
}

// Roles says whether a service may take a role on, and what the role may do.
type Roles interface {
	Assumable(service, roleARN string) error
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
}

// Config is what a Service is made of. All of it is required.
type Config struct {
	Store    *store.Store
	Account  string // 12 digits
	Region   string
	BaseURL  string // of the one HTTP port, such as http://127.0.0.1:4566
	Tokens   Tokens
	Logs     Logs
	Roles    Roles
	Services map[string]http.Handler // by the service name in an integration's URI, such as firehose
	Now      func() time.Time
}

// Account-wide throttle of AWS: 10,000 requests a second with a burst of 5,000
// (API Gateway quotas). It is shared by every API of the account.
const (
	accountRate  = 10000
	accountBurst = 5000
)

// principal is API Gateway's service principal.
const principal = "apigateway.amazonaws.com"

// Service holds the REST APIs of one account and serves their stages.
type Service struct {
	Config

	mu          sync.Mutex // writers; readers of served take no lock
	apis        map[string]*api
	acls        map[string]WebACL // by ARN
	account     atomic.Pointer[Account]
	stored      store.Collection[api]
	deployments store.Collection[deployment]
	accounts    store.Collection[Account]
	storedACLs  store.Collection[WebACL]

	served   atomic.Pointer[map[string]*servedStage] // by apiID + "/" + stage
	throttle *throttle
	bodies   awsjson.Budget
	turns    turns
	patience time.Duration // with a client that sends its body
	longest  time.Duration // that a template may run
	lines    *logWriter
}

// New opens the APIs that c.Store keeps and serves their stages again.
func New(c Config) (*Service, error) {
	s := &Service{Config: c, apis: map[string]*api{}, acls: map[string]WebACL{}, throttle: newThrottle(accountRate, accountBurst)}
	s.bodies.Limit, s.patience, s.longest, s.turns = bodyBudget, bodyTimeout, longestTemplate, newTurns()
	s.served.Store(&map[string]*servedStage{})
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open gateway: %w", err)
	}
	s.lines = newLogWriter(c.Logs, s.logCaller)
	for _, a := range s.apis {
		for name := range a.Stages {
			if err := s.serveStage(a, name); err != nil {
				return nil, fmt.Errorf("serve stage %s of API %s: %w", name, a.API.ID, err)
			}
		}
	}
	return s, nil
}

func (s *Service) open() (err error) {
	if s.stored, err = store.NewCollection[api](s.Store, "gateway.apis"); err != nil {
		return err
	}
	if s.deployments, err = store.NewCollection[deployment](s.Store, "gateway.deployments"); err != nil {
		return err
	}
	if s.accounts, err = store.NewCollection[Account](s.Store, "gateway.account"); err != nil {
		return err
	}
	account, _, err := s.accounts.Get(s.Account)
	if err != nil {
		return err
	}
	s.account.Store(&account)
	if err := s.openACLs(); err != nil {
		return err
	}
	items, err := s.stored.List()
	for _, item := range items {
		s.apis[item.Key] = &item.Value
	}
	return err
}

func (s *Service) openACLs() (err error) {
	if s.storedACLs, err = store.NewCollection[WebACL](s.Store, "gateway.webacls"); err != nil {
		return err
	}
	items, err := s.storedACLs.List()
	for _, item := range items {
		s.acls[item.Key] = item.Value
	}
	return err
}

// Close waits for log lines to be written.
func (s *Service) Close() error {
	s.lines.close()
	return nil
}

// api is one REST API as it is configured now, and its stages.
type api struct {
	API        RestAPI
	Resources  map[string]*Resource
	Models     map[string]Model // by name
	Validators map[string]RequestValidator
	Authorizer map[string]Authorizer
	Responses  map[reason]GatewayResponse
	Stages     map[string]Stage
}

// change applies f to a copy of an API and keeps the copy if f and the store succeed.
func (s *Service) change(apiID string, f func(a *api) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changeLocked(apiID, f)
}

func (s *Service) changeLocked(apiID string, f func(a *api) error) error {
	a, err := s.api(apiID)
	if err != nil {
		return err
	}
	a, err = clone(a)
	if err != nil {
		return err
	}
	if err := f(a); err != nil {
		return err
	}
	if err := s.stored.Put(apiID, *a); err != nil {
		return err
	}
	s.apis[apiID] = a
	return nil
}

// read calls f with an API that f must not change or keep.
func (s *Service) read(apiID string, f func(a *api) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.api(apiID)
	if err != nil {
		return err
	}
	return f(a)
}

func (s *Service) api(apiID string) (*api, error) {
	a, ok := s.apis[apiID]
	if !ok {
		return nil, notFound("Invalid API identifier specified %s:%s", s.Account, apiID)
	}
	return a, nil
}

func clone[T any](v *T) (*T, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := new(T)
	return out, json.Unmarshal(data, out)
}

// newID returns an identifier as AWS makes them: n lower-case letters and digits.
func newID(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	id := make([]byte, n)
	rand.Read(id) // never fails: crypto/rand panics instead
	for i := range id {
		id[i] = alphabet[int(id[i])%len(alphabet)]
	}
	return string(id)
}
