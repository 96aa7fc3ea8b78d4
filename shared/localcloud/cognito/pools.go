package cognito

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"time"

	"pipeline/shared/localcloud/store"
)

// Pool is a user pool. ID, ARN, CaseSensitive, Created and Changed are the service's;
// CaseSensitive is set on creation and then stays.
type Pool struct {
	ID                 string // <region>_<9 characters>
	ARN                string
	Name               string
	CaseSensitive      bool // user names that differ in case are different users
	Policy             PasswordPolicy
	DeletionProtection bool
	AdminCreateOnly    bool   // nobody signs himself up; the only kind there is here
	Tier               string // LITE, ESSENTIALS (default) or PLUS
	Tags               map[string]string
	Created            time.Time
	Changed            time.Time
}

// poolIDPattern is botocore's for UserPoolIdType.
var poolIDPattern = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

// poolNamePattern is botocore's for UserPoolNameType and ClientNameType.
var poolNamePattern = regexp.MustCompile(`^[\w\s+=,.@-]{1,128}$`)

// CreateUserPool makes a pool with its two signing keys. A zero Policy is AWS's default.
func (s *Service) CreateUserPool(ctx context.Context, in Pool) (Pool, error) {
	if err := s.authorize(ctx, "CreateUserPool", "*"); err != nil {
		return Pool{}, err
	}
	if err := in.Check(); err != nil {
		return Pool{}, err
	}
	in = in.withDefaults()
	keys, err := newKeys()
	if err != nil {
		return Pool{}, err
	}
	in.ID = s.cfg.Region + "_" + randomID(9)
	in.ARN = s.arn(in.ID)
	in.Created, in.Changed = s.cfg.Now(), s.cfg.Now()
	if err := s.forgetKeys(); err != nil {
		return Pool{}, err
	}
	if err := s.keys.Put(in.ID, keys); err != nil { // first: a pool is never without keys
		return Pool{}, err
	}
	return in, s.pools.Put(in.ID, in)
}

// forgetKeys deletes the keys of pools whose creation failed on the way, on a full disk.
func (s *Service) forgetKeys() error {
	items, err := s.keys.List()
	for _, item := range items {
		_, found, failed := s.pools.Get(item.Key)
		if failed == nil && !found {
			failed = s.keys.Delete(item.Key)
		}
		err = errors.Join(err, failed)
	}
	return err
}

// Check says what AWS, or the local cloud, would not accept.
func (p Pool) Check() error {
	p = p.withDefaults()
	switch {
	case !poolNamePattern.MatchString(p.Name):
		return errPattern("poolName", p.Name, poolNamePattern)
	case !p.AdminCreateOnly:
		return errInvalidParameter("the local cloud has no self sign-up: set AdminCreateUserConfig.AllowAdminCreateUserOnly")
	case p.Tier != "LITE" && p.Tier != "ESSENTIALS" && p.Tier != "PLUS":
		return errEnum("userPoolTier", p.Tier, []string{"PLUS", "LITE", "ESSENTIALS"})
	}
	return p.Policy.Check()
}

func (p Pool) withDefaults() Pool {
	if p.Policy == (PasswordPolicy{}) {
		p.Policy = DefaultPasswordPolicy
	}
	if p.Tier == "" {
		p.Tier = "ESSENTIALS"
	}
	p.Tags = maps.Clone(p.Tags)
	return p
}

// UserPool returns the pool with this ID.
func (s *Service) UserPool(ctx context.Context, id string) (Pool, error) {
	if err := s.authorize(ctx, "DescribeUserPool", s.arn(id)); err != nil {
		return Pool{}, err
	}
	return s.pool(id)
}

func (s *Service) pool(id string) (Pool, error) {
	p, found, err := s.pools.Get(id)
	switch {
	case err != nil || found:
	case !poolIDPattern.MatchString(id):
		err = errPattern("userPoolId", id, poolIDPattern)
	default:
		err = errNotFound("User pool %s does not exist.", id)
	}
	return p, err
}

// UpdateUserPool replaces the settings of the pool in.ID, except whether names are case
// sensitive.
func (s *Service) UpdateUserPool(ctx context.Context, in Pool) (Pool, error) {
	if err := s.authorize(ctx, "UpdateUserPool", s.arn(in.ID)); err != nil {
		return Pool{}, err
	}
	if err := in.Check(); err != nil {
		return Pool{}, err
	}
	in = in.withDefaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.pool(in.ID)
	if err != nil {
		return Pool{}, err
	}
	in.ARN, in.CaseSensitive, in.Created, in.Changed = old.ARN, old.CaseSensitive, old.Created, s.cfg.Now()
	return in, s.pools.Put(in.ID, in)
}

// DeleteUserPool deletes a pool with its users, clients and tokens. A pool with deletion
// protection or with a domain stays.
func (s *Service) DeleteUserPool(ctx context.Context, id string) error {
	if err := s.authorize(ctx, "DeleteUserPool", s.arn(id)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(id)
	if err != nil {
		return err
	}
	if p.DeletionProtection {
		return errInvalidParameter("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
	}
	domain, err := s.domainOf(id)
	if err != nil {
		return err
	}
	if domain != "" {
		return errInvalidParameter("User pool cannot be deleted. It has a domain configured that should be deleted first.")
	}
	return s.forgetPool(id)
}

// forgetPool deletes what is in the pool first: where that fails the pool is still there to
// be deleted again.
func (s *Service) forgetPool(id string) error {
	for _, forget := range []func() error{
		func() error { return deleteBelow(s.users, id+"/") },
		func() error { return deleteBelow(s.servers, id+"/") },
		func() error {
			return s.clients.DeleteWhere(func(c store.Item[Client]) bool { return c.Value.PoolID == id })
		},
		func() error { return deleteBelow(s.refreshes, id+"/") },
		func() error { return s.keys.Delete(id) },
		func() error { return s.pools.Delete(id) },
	} {
		if err := forget(); err != nil {
			return err
		}
	}
	s.signers.Delete(id)
	return nil
}

// UserPools returns every pool in the order of IDs.
func (s *Service) UserPools(ctx context.Context) ([]Pool, error) {
	if err := s.authorize(ctx, "ListUserPools", "*"); err != nil {
		return nil, err
	}
	items, err := s.pools.List()
	pools := make([]Pool, 0, len(items))
	for _, item := range items {
		pools = append(pools, item.Value)
	}
	return pools, err
}
