package cognito

import (
	"context"
	"regexp"
	"strings"
)

// Domain is the prefix under which a pool has its pages. A pool has one at most.
type Domain struct {
	Name                string
	PoolID              string
	ManagedLoginVersion int // 1, the classic pages; 2 needs a branding that nothing here makes
}

var domainPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$`)

// CreateUserPoolDomain gives a pool its pages.
func (s *Service) CreateUserPoolDomain(ctx context.Context, in Domain) error {
	if err := s.authorize(ctx, "CreateUserPoolDomain", s.arn(in.PoolID)); err != nil {
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
	if _, found, err := s.domains.Get(in.Name); err != nil || found {
		return orElse(err, errInvalidParameter("Domain already associated with another user pool."))
	}
	if other, err := s.domainOf(in.PoolID); err != nil || other != "" {
		return orElse(err, errInvalidParameter("User pool already has a domain configured."))
	}
	return s.domains.Put(in.Name, in)
}

// Check says what AWS would not accept, but for a name that is taken.
func (d Domain) Check() error {
	if !domainPattern.MatchString(d.Name) {
		return errPattern("domain", d.Name, domainPattern)
	}
	for _, word := range []string{"aws", "amazon", "cognito"} {
		if strings.Contains(d.Name, word) {
			return errInvalidParameter("Domain cannot contain reserved word: %s", word)
		}
	}
	if d.ManagedLoginVersion > 1 {
		return errInvalidParameter("the local cloud has the classic hosted pages only: set ManagedLoginVersion to 1")
	}
	return nil
}

// UserPoolDomain returns the domain of this name.
func (s *Service) UserPoolDomain(ctx context.Context, name string) (Domain, error) {
	if err := s.authorize(ctx, "DescribeUserPoolDomain", "*"); err != nil {
		return Domain{}, err
	}
	return s.domain(name)
}

func (s *Service) domain(name string) (Domain, error) {
	d, found, err := s.domains.Get(name)
	if err == nil && !found {
		err = errNotFound("Domain %s does not exist.", name)
	}
	return d, err
}

// DeleteUserPoolDomain takes the pages of a pool down.
func (s *Service) DeleteUserPoolDomain(ctx context.Context, poolID, name string) error {
	if err := s.authorize(ctx, "DeleteUserPoolDomain", s.arn(poolID)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.domain(name)
	if err != nil {
		return err
	}
	if d.PoolID != poolID {
		return errInvalidParameter("No such domain or user pool exists.")
	}
	return s.domains.Delete(name)
}

// DomainOf returns the name of the pool's domain, empty when it has none.
func (s *Service) DomainOf(ctx context.Context, poolID string) (string, error) {
	if err := s.authorize(ctx, "DescribeUserPool", s.arn(poolID)); err != nil {
		return "", err
	}
	return s.domainOf(poolID)
}

func (s *Service) domainOf(poolID string) (string, error) {
	items, err := s.domains.List()
	for _, item := range items {
		if item.Value.PoolID == poolID {
			return item.Key, err
		}
	}
	return "", err
}

// orElse is err where there is one.
func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
