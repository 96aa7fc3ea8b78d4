package iam

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/iam/policy"
)

// Role is one role. ARN, ID and Created are set by CreateRole.
type Role struct {
	Name              string
	Path              string // "/" unless given
	Description       string
	TrustPolicy       string // JSON
	MaxSessionSeconds int    // 3600 unless given
	Tags              map[string]string

	ARN     string
	ID      string
	Created time.Time
}

// record is a role as it is kept, with its policies.
type record struct {
	Role     Role
	Inline   map[string]string // JSON by policy name
	Attached []string          // ARNs of managed policies
}

// CreateRole makes a role. The errors are ValidationError, MalformedPolicyDocument,
// LimitExceeded and EntityAlreadyExists.
func (s *Service) CreateRole(r Role) (Role, error) {
	r = withDefaults(r)
	if err := validateRole(r); err != nil {
		return Role{}, err
	}
	r.ARN = s.roleARN(r.Path, r.Name)
	r.ID, r.Created = newID("AROA"), s.now().UTC().Truncate(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roles[key(r.Name)] != nil {
		return Role{}, errorf("EntityAlreadyExists", "Role with name %s already exists.", r.Name)
	}
	if err := s.checkTrusted(r); err != nil {
		return Role{}, err
	}
	return r, s.keep(record{Role: r})
}

func (s *Service) roleARN(path, name string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role%s%s", s.partition, s.account, path, name)
}

func withDefaults(r Role) Role {
	if r.Path == "" {
		r.Path = "/"
	}
	if r.MaxSessionSeconds == 0 {
		r.MaxSessionSeconds = 3600
	}
	return r
}

// newID is a unique id as IAM makes them: a prefix of four and seventeen characters.
func newID(prefix string) string {
	random := make([]byte, 11)
	rand.Read(random)
	return prefix + base32.StdEncoding.EncodeToString(random)[:17]
}

func key(name string) string { return strings.ToLower(name) }

// GetRole returns the role of that name, or NoSuchEntity.
func (s *Service) GetRole(name string) (Role, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.find(name)
	if err != nil {
		return Role{}, err
	}
	return p.record.Role, nil
}

// ListRoles returns every role, by name.
func (s *Service) ListRoles() []Role {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var roles []Role
	for _, k := range slices.Sorted(maps.Keys(s.roles)) {
		roles = append(roles, s.roles[k].record.Role)
	}
	return roles
}

// UpdateRole changes description, trust policy, session length and tags of the role
// that r names.
func (s *Service) UpdateRole(r Role) (Role, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find(r.Name)
	if err != nil {
		return Role{}, err
	}
	was := p.record.Role
	r.Name, r.Path, r.ARN, r.ID, r.Created = was.Name, was.Path, was.ARN, was.ID, was.Created
	r = withDefaults(r)
	if err := validateRole(r); err != nil {
		return Role{}, err
	}
	if err := s.checkTrusted(r); err != nil {
		return Role{}, err
	}
	changed := p.record
	changed.Role = r
	return r, s.keep(changed)
}

// DeleteRole removes a role that has no policies left: DeleteConflict otherwise.
func (s *Service) DeleteRole(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find(name)
	switch {
	case err != nil:
		return err
	case len(p.record.Attached) > 0:
		return errorf("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(p.record.Inline) > 0:
		return errorf("DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	if err := s.kept.Delete(key(name)); err != nil {
		return err
	}
	delete(s.roles, key(name))
	return nil
}

// find needs s.mu.
func (s *Service) find(name string) (*principal, error) {
	if p := s.roles[key(name)]; p != nil {
		return p, nil
	}
	return nil, errorf("NoSuchEntity", "The role with name %s cannot be found.", name)
}

// keep writes a role and replaces what decides by it. It needs s.mu.
func (s *Service) keep(rec record) error {
	p, err := s.compile(rec)
	if err != nil {
		return err
	}
	if err := s.kept.Put(key(rec.Role.Name), rec); err != nil {
		return err
	}
	s.roles[key(rec.Role.Name)] = p
	return nil
}

// compile reads the policies of a role once, so that deciding does not.
func (s *Service) compile(rec record) (*principal, error) {
	p := &principal{record: rec, session: sessionARNs{s.partition, s.account, rec.Role.Name}}
	trust, err := parse(policy.Trust, rec.Role.TrustPolicy)
	if err != nil {
		return nil, err
	}
	p.trust = trust
	for _, name := range slices.Sorted(maps.Keys(rec.Inline)) {
		if err := p.add(rec.Inline[name]); err != nil {
			return nil, err
		}
	}
	for _, arn := range rec.Attached {
		if err := p.add(managedPolicies[managedName(arn)]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *principal) add(document string) error {
	d, err := parse(policy.Identity, document)
	p.identity = append(p.identity, d)
	return err
}

// parse is policy.Parse with IAM's code.
func parse(kind policy.Kind, text string) (*policy.Document, error) {
	d, err := policy.Parse(kind, text)
	if err != nil {
		return nil, errorf("MalformedPolicyDocument", "%v", err)
	}
	return d, nil
}
