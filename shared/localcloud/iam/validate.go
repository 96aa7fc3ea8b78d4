package iam

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"pipeline/shared/localcloud/iam/policy"
)

// Patterns of the service model (botocore iam: roleNameType, pathType,
// roleDescriptionType).
var (
	entityName  = regexp.MustCompile(`^[\w+=,.@-]+$`)
	entityPath  = regexp.MustCompile(`^(/|/[\x21-\x7E]+/)$`)
	description = regexp.MustCompile(`^[\x{0009}\x{000A}\x{000D}\x{0020}-\x{007E}\x{00A1}-\x{00FF}]*$`)
)

const maxTags = 50

func validateRole(r Role) error {
	if err := validateName("roleName", r.Name, 64); err != nil {
		return err
	}
	switch {
	case len(r.Path) > 512:
		return violation("path", r.Path, "Member must have length less than or equal to 512")
	case !entityPath.MatchString(r.Path):
		return violation("path", r.Path, `Member must satisfy regular expression pattern: (\u002F)|(\u002F[\u0021-\u007E]+\u002F)`)
	case utf8.RuneCountInString(r.Description) > 1000:
		return violation("description", r.Description, "Member must have length less than or equal to 1000")
	case !description.MatchString(r.Description):
		return violation("description", r.Description, `Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`)
	case r.MaxSessionSeconds < 3600:
		return violation("maxSessionDuration", r.MaxSessionSeconds, "Member must have value greater than or equal to 3600")
	case r.MaxSessionSeconds > 43200:
		return violation("maxSessionDuration", r.MaxSessionSeconds, "Member must have value less than or equal to 43200")
	case written(r.TrustPolicy) > maxTrustPolicy:
		return errorf("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrustPolicy)
	}
	if err := validateTags(r.Tags); err != nil {
		return err
	}
	_, err := parse(policy.Trust, r.TrustPolicy)
	return err
}

// checkTrusted refuses a trust policy that names a role or user of this account who does
// not exist, as AWS does when the policy is written. There are no users here.
func (s *Service) checkTrusted(r Role) error {
	d, err := parse(policy.Trust, r.TrustPolicy)
	if err != nil {
		return err
	}
	for _, arn := range d.Principals() {
		if !s.exists(arn) {
			return errorf("MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":%q", arn)
		}
	}
	return nil
}

// Exists is false of the ARN of a role or user of this account who is not there: a policy
// that names one is refused when it is written.
func (s *Service) Exists(arn string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.exists(arn)
}

func (s *Service) exists(arn string) bool {
	if !strings.HasPrefix(arn, fmt.Sprintf("arn:%s:iam::%s:", s.partition, s.account)) {
		return true
	}
	p := s.roles[key(nameOf(arn))]
	return p != nil && p.record.Role.ARN == arn
}

func validateName(member, name string, max int) error {
	switch {
	case len(name) < 1:
		return violation(member, name, "Member must have length greater than or equal to 1")
	case len(name) > max:
		return violation(member, name, fmt.Sprintf("Member must have length less than or equal to %d", max))
	case !entityName.MatchString(name):
		return violation(member, name, `Member must satisfy regular expression pattern: [\w+=,.@-]+`)
	}
	return nil
}

func validateTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return errorf("LimitExceeded", "Cannot exceed quota for TagsPerRole: %d", maxTags)
	}
	for k, v := range tags {
		if k == "" || utf8.RuneCountInString(k) > 128 {
			return violation("tags.member.key", k, "Member must have length between 1 and 128")
		}
		if utf8.RuneCountInString(v) > 256 {
			return violation("tags.member.value", v, "Member must have length less than or equal to 256")
		}
	}
	return nil
}

func violation(member string, value any, constraint string) error {
	return errorf("ValidationError", "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", value, member, constraint)
}

// Check says what is wrong with a role before it is made; the account's other roles are
// left out of it.
func (r Role) Check() error { return validateRole(withDefaults(r)) }

// CheckTrustPolicy says what is wrong with a trust policy: MalformedPolicyDocument.
func CheckTrustPolicy(document string) error {
	_, err := parse(policy.Trust, document)
	return err
}

// CheckRolePolicy says what is wrong with an inline policy and its name.
func CheckRolePolicy(name, document string) error {
	if err := validateName("policyName", name, 128); err != nil {
		return err
	}
	_, err := parse(policy.Identity, document)
	return err
}

// CheckManagedPolicy says whether an ARN is of a managed policy that there is:
// NoSuchEntity otherwise.
func (s *Service) CheckManagedPolicy(arn string) error {
	prefix := "arn:" + s.partition + ":iam::aws:policy/"
	if _, known := managedPolicies[managedName(arn)]; !known || !strings.HasPrefix(arn, prefix) {
		return errorf("NoSuchEntity", "Policy %s does not exist or is not attachable. The local cloud has service-role/AmazonAPIGatewayPushToCloudWatchLogs only: grant what another grants by an inline policy", arn)
	}
	return nil
}
