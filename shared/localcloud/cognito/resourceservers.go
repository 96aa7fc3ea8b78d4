package cognito

import (
	"context"
	"regexp"
)

// ResourceServer is an API with the scopes that a token can carry for it, written
// <Identifier>/<scope>.
type ResourceServer struct {
	PoolID     string
	Identifier string
	Name       string
	Scopes     []Scope
}

// Scope is one thing that a resource server lets do.
type Scope struct{ Name, Description string }

var (
	identifierPattern = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]{1,256}$`)
	serverNamePattern = regexp.MustCompile(`^[\w\s+=,.@-]{1,256}$`)
	scopePattern      = regexp.MustCompile(`^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}$`)
)

func (r ResourceServer) key() string { return r.PoolID + "/" + r.Identifier }

// Check says what AWS would not accept.
func (r ResourceServer) Check() error {
	if !identifierPattern.MatchString(r.Identifier) {
		return errPattern("identifier", r.Identifier, identifierPattern)
	}
	if !serverNamePattern.MatchString(r.Name) {
		return errPattern("name", r.Name, serverNamePattern)
	}
	if len(r.Scopes) > 100 {
		return errInvalidParameter("a resource server has at most 100 scopes, not %d", len(r.Scopes))
	}
	for _, scope := range r.Scopes {
		if !scopePattern.MatchString(scope.Name) {
			return errPattern("scopeName", scope.Name, scopePattern)
		}
		if n := len([]rune(scope.Description)); n < 1 || n > 256 {
			return errInvalidParameter("scope %s has a description of %d characters; it must have 1 to 256", scope.Name, n)
		}
	}
	return nil
}

// CreateResourceServer declares an API of the pool.
func (s *Service) CreateResourceServer(ctx context.Context, in ResourceServer) error {
	return s.putResourceServer(ctx, "CreateResourceServer", in, func(found bool) error {
		if found {
			return errInvalidParameter("Resource server %s already exists.", in.Identifier)
		}
		return nil
	})
}

// UpdateResourceServer replaces its name and scopes.
func (s *Service) UpdateResourceServer(ctx context.Context, in ResourceServer) error {
	return s.putResourceServer(ctx, "UpdateResourceServer", in, func(found bool) error {
		if !found {
			return errNoResourceServer(in.Identifier)
		}
		return nil
	})
}

func (s *Service) putResourceServer(ctx context.Context, action string, in ResourceServer, check func(found bool) error) error {
	if err := s.authorize(ctx, action, s.arn(in.PoolID)); err != nil {
		return err
	}
	if err := in.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.pool(in.PoolID); err != nil {
		return err
	}
	_, found, err := s.servers.Get(in.key())
	if err != nil {
		return err
	}
	if err := check(found); err != nil {
		return err
	}
	return s.servers.Put(in.key(), in)
}

// ResourceServer returns the resource server of a pool.
func (s *Service) ResourceServer(ctx context.Context, poolID, identifier string) (ResourceServer, error) {
	if err := s.authorize(ctx, "DescribeResourceServer", s.arn(poolID)); err != nil {
		return ResourceServer{}, err
	}
	if _, err := s.pool(poolID); err != nil {
		return ResourceServer{}, err
	}
	r, found, err := s.servers.Get(poolID + "/" + identifier)
	if err == nil && !found {
		err = errNoResourceServer(identifier)
	}
	return r, err
}

// DeleteResourceServer forgets an API; its scopes are in no later token.
func (s *Service) DeleteResourceServer(ctx context.Context, poolID, identifier string) error {
	if _, err := s.ResourceServer(ctx, poolID, identifier); err != nil {
		return err
	}
	if err := s.authorize(ctx, "DeleteResourceServer", s.arn(poolID)); err != nil {
		return err
	}
	return s.servers.Delete(poolID + "/" + identifier)
}

func errNoResourceServer(identifier string) error {
	return errNotFound("Resource server %s does not exist.", identifier)
}

// customScopes returns the scopes of the pool's resource servers, as tokens have them.
func (s *Service) customScopes(poolID string) (map[string]bool, error) {
	items, err := below(s.servers, poolID+"/")
	scopes := map[string]bool{}
	for _, item := range items {
		for _, scope := range item.Value.Scopes {
			scopes[item.Value.Identifier+"/"+scope.Name] = true
		}
	}
	return scopes, err
}
