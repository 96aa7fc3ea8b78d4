package gateway

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/google/uuid"
)

// WebACL is a regional web ACL of AWS WAF, as far as it guards a stage: rules by rate.
type WebACL struct {
	ARN, ID, Name, Description string
	DefaultBlock               bool
	Rules                      []RateRule
	Visibility                 Visibility
	Tags                       map[string]string
	LockToken                  string // changes with each update
}

// RateRule acts on clients that send more than Limit requests in the window.
type RateRule struct {
	Name          string
	Priority      int
	Limit         int  // 10 to 2,000,000,000 requests of one address
	WindowSeconds int  // 60, 120, 300 or 600
	Block         bool // else it only counts
	Visibility    Visibility
}

// Visibility is where CloudWatch and the console would show what a rule did. It is kept.
type Visibility struct {
	Metrics, Samples bool
	MetricName       string
}

var webACLName = regexp.MustCompile(`^[\w-]{1,128}$`)

// wafError is an error of AWS WAF (botocore service model wafv2).
func wafError(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

// CheckWebACL checks a web ACL.
func CheckWebACL(in WebACL) error {
	if !webACLName.MatchString(in.Name) {
		return wafError("WAFInvalidParameterException", "Error reason: The name is not valid., field: NAME, parameter: %s", in.Name)
	}
	priorities := map[int]bool{}
	for _, r := range in.Rules {
		switch {
		case priorities[r.Priority]:
			return wafError("WAFInvalidParameterException", "Error reason: A rule's priority must be unique., field: RULE, parameter: %s", r.Name)
		case r.Limit < 10 || r.Limit > 2_000_000_000:
			return wafError("WAFInvalidParameterException", "Error reason: The rate limit must be between 10 and 2000000000., field: RATE_BASED_STATEMENT, parameter: %d", r.Limit)
		case !slices.Contains([]int{60, 120, 300, 600}, r.WindowSeconds):
			return wafError("WAFInvalidParameterException", "Error reason: The evaluation window must be 60, 120, 300 or 600., field: RATE_BASED_STATEMENT, parameter: %d", r.WindowSeconds)
		}
		priorities[r.Priority] = true
	}
	return nil
}

// CreateWebACL makes a web ACL, which guards nothing until it is associated.
func (s *Service) CreateWebACL(in WebACL) (WebACL, error) {
	if err := CheckWebACL(in); err != nil {
		return WebACL{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.acls {
		if other.Name == in.Name {
			return WebACL{}, wafError("WAFDuplicateItemException", "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.")
		}
	}
	in.ID, in.LockToken = uuid.NewString(), uuid.NewString()
	in.ARN = fmt.Sprintf("%s:wafv2:%s:%s:regional/webacl/%s/%s", s.partition(), s.Region, s.Account, in.Name, in.ID)
	return in, s.putWebACL(in)
}

func (s *Service) putWebACL(in WebACL) error {
	if err := s.storedACLs.Put(in.ARN, in); err != nil {
		return err
	}
	s.acls[in.ARN] = in
	return nil
}

func (s *Service) webACL(arn string) (WebACL, error) {
	acl, ok := s.acls[arn]
	if !ok {
		return WebACL{}, wafError("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
	}
	return acl, nil
}

// WebACLByID returns a web ACL, or WAFNonexistentItemException.
func (s *Service) WebACLByID(id string) (WebACL, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, acl := range s.acls {
		if acl.ID == id {
			return acl, nil
		}
	}
	return s.webACL(id)
}

// WebACLOf returns the ARN of the web ACL that guards a stage; empty where none does.
func (s *Service) WebACLOf(stage string) (arn string, err error) {
	match := stageARN.FindStringSubmatch(stage)
	if match == nil {
		return "", notFound("Invalid stage identifier specified")
	}
	st, err := s.GetStage(match[1], match[2])
	return st.WebACLARN, err
}

// UpdateWebACL changes everything but a web ACL's name, at once where it is associated.
func (s *Service) UpdateWebACL(in WebACL) (WebACL, error) {
	if err := CheckWebACL(in); err != nil {
		return WebACL{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.webACL(in.ARN)
	if err != nil {
		return WebACL{}, err
	}
	in.ID, in.Name, in.LockToken = old.ID, old.Name, uuid.NewString()
	if err := s.putWebACL(in); err != nil {
		return WebACL{}, err
	}
	return in, s.serveGuarded(in.ARN)
}

// DeleteWebACL removes a web ACL that guards nothing.
func (s *Service) DeleteWebACL(arn string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.webACL(arn); err != nil {
		return err
	}
	for _, a := range s.apis {
		for _, stage := range a.Stages {
			if stage.WebACLARN == arn {
				return wafError("WAFAssociatedItemException", "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.")
			}
		}
	}
	if err := s.storedACLs.Delete(arn); err != nil {
		return err
	}
	delete(s.acls, arn)
	return nil
}

var stageARN = regexp.MustCompile(`^arn:aws[\w-]*:apigateway:[\w-]+::/restapis/([a-z0-9]+)/stages/([\w-]+)$`)

// AssociateWebACL puts a web ACL in front of a stage, in the place of another.
func (s *Service) AssociateWebACL(aclARN, stage string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.webACL(aclARN); err != nil {
		return err
	}
	return s.guard(stage, aclARN)
}

// DisassociateWebACL takes a stage's web ACL away.
func (s *Service) DisassociateWebACL(stage string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guard(stage, "")
}

func (s *Service) guard(stage, aclARN string) error {
	match := stageARN.FindStringSubmatch(stage)
	if match == nil {
		return wafError("WAFInvalidParameterException", "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: %s", stage)
	}
	return s.changeStagesLocked(match[1], match[2], func(a *api) error {
		st, ok := a.Stages[match[2]]
		if !ok {
			return notFound("Invalid stage identifier specified")
		}
		st.WebACLARN = aclARN
		a.Stages[match[2]] = st
		return nil
	})
}

// serveGuarded serves every stage anew that a web ACL guards.
func (s *Service) serveGuarded(aclARN string) error {
	for _, a := range s.apis {
		for name, stage := range a.Stages {
			if stage.WebACLARN != aclARN {
				continue
			}
			if err := s.serveStage(a, name); err != nil {
				return err
			}
		}
	}
	return nil
}
