package iam

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Quotas of IAM ("IAM and STS quotas"): characters that are not white space, counts.
const (
	maxTrustPolicy      = 2048
	maxInlinePolicies   = 10240 // all of one role together
	maxAttachedPolicies = 10
)

// managedPolicies are the policies of AWS itself that the layers attach, as AWS
// publishes them ("AWS managed policy reference").
var managedPolicies = map[string]string{
	"service-role/AmazonAPIGatewayPushToCloudWatchLogs": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:DescribeLogGroups","logs:DescribeLogStreams",
		"logs:PutLogEvents","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"*"}]}`,
}

// ManagedPolicies are the names of AWS's policies that a role may have, for the
// documentation.
func ManagedPolicies() []string { return slices.Sorted(maps.Keys(managedPolicies)) }

// managedName is the key in managedPolicies of arn:<partition>:iam::aws:policy/<name>.
func managedName(arn string) string {
	_, name, _ := strings.Cut(arn, ":iam::aws:policy/")
	return name
}

// PutRolePolicy writes an inline policy of a role, replacing one of that name.
func (s *Service) PutRolePolicy(role, name, document string) error {
	if err := CheckRolePolicy(name, document); err != nil {
		return err
	}
	return s.change(role, func(rec *record) error {
		if rec.Inline == nil {
			rec.Inline = map[string]string{}
		}
		rec.Inline[name] = document
		size := 0
		for _, d := range rec.Inline {
			size += written(d)
		}
		if size > maxInlinePolicies {
			return errorf("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, role)
		}
		return nil
	})
}

// written counts the characters of a policy as the quotas do: without white space.
func written(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// RolePolicies returns the inline policies of a role, JSON by name.
func (s *Service) RolePolicies(role string) (map[string]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.find(role)
	if err != nil {
		return nil, err
	}
	return maps.Clone(p.record.Inline), nil
}

// GetRolePolicy returns one inline policy of a role, or NoSuchEntity.
func (s *Service) GetRolePolicy(role, name string) (document string, err error) {
	policies, err := s.RolePolicies(role)
	if err != nil {
		return "", err
	}
	document, found := policies[name]
	if !found {
		return "", noRolePolicy(name)
	}
	return document, nil
}

func noRolePolicy(name string) error {
	return errorf("NoSuchEntity", "The role policy with name %s cannot be found.", name)
}

// DeleteRolePolicy removes an inline policy of a role, or is NoSuchEntity.
func (s *Service) DeleteRolePolicy(role, name string) error {
	return s.change(role, func(rec *record) error {
		if _, found := rec.Inline[name]; !found {
			return noRolePolicy(name)
		}
		delete(rec.Inline, name)
		return nil
	})
}

// AttachRolePolicy attaches a managed policy. It is no error when it is attached.
func (s *Service) AttachRolePolicy(role, policyARN string) error {
	if err := s.CheckManagedPolicy(policyARN); err != nil {
		return err
	}
	return s.change(role, func(rec *record) error {
		if slices.Contains(rec.Attached, policyARN) {
			return nil
		}
		if len(rec.Attached) == maxAttachedPolicies {
			return errorf("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttachedPolicies)
		}
		rec.Attached = append(rec.Attached, policyARN)
		return nil
	})
}

// AttachedRolePolicies returns the ARNs of the managed policies of a role.
func (s *Service) AttachedRolePolicies(role string) ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.find(role)
	if err != nil {
		return nil, err
	}
	return slices.Clone(p.record.Attached), nil
}

// DetachRolePolicy takes a managed policy off a role, or is NoSuchEntity.
func (s *Service) DetachRolePolicy(role, policyARN string) error {
	return s.change(role, func(rec *record) error {
		i := slices.Index(rec.Attached, policyARN)
		if i < 0 {
			return errorf("NoSuchEntity", "Policy %s was not found.", policyARN)
		}
		rec.Attached = slices.Delete(rec.Attached, i, i+1)
		return nil
	})
}

// change edits a copy of a role's record and keeps it.
func (s *Service) change(role string, edit func(*record) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find(role)
	if err != nil {
		return err
	}
	rec := p.record
	rec.Inline, rec.Attached = maps.Clone(rec.Inline), slices.Clone(rec.Attached)
	if err := edit(&rec); err != nil {
		return err
	}
	return s.keep(rec)
}
