package policy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// What the values of a statement look like (IAM JSON policy elements reference).
var (
	sid       = regexp.MustCompile(`^[A-Za-z0-9]*$`)
	action    = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)
	assume    = regexp.MustCompile(`^sts:(AssumeRole\w*|TagSession|SetSourceIdentity|SetContext)$`)
	resources = regexp.MustCompile(`^(\*|arn:[^:]+:[^:]*:[^:]*:[^:]*:.+)$`)
	condition = regexp.MustCompile(`^(For(Any|All)Values?:)?(String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|` +
		`Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?$`)
	principals = []string{"AWS", "Service", "Federated", "CanonicalUser"}
)

// checkValues looks at what the elements hold.
func (s written) checkValues(kind Kind) error {
	if !sid.MatchString(s.Sid) {
		return fmt.Errorf("Sid is %q, want letters and digits", s.Sid)
	}
	actions := action
	if kind == TrustPolicy {
		actions = assume
	}
	for _, e := range []struct {
		name  string
		value json.RawMessage
		form  *regexp.Regexp
	}{{"Action", s.Action, actions}, {"NotAction", s.NotAction, action}, {"Resource", s.Resource, resources}, {"NotResource", s.NotResource, resources}} {
		if err := checkTexts(e.name, e.value, e.form); err != nil {
			return err
		}
	}
	for operator := range s.Condition {
		if !condition.MatchString(operator) {
			return fmt.Errorf("Condition has the unknown operator %q", operator)
		}
	}
	return checkPrincipal(slices.Concat(s.Principal, s.NotPrincipal))
}

// checkTexts wants a text or a list of texts, each of a form.
func checkTexts(name string, value json.RawMessage, form *regexp.Regexp) error {
	if value == nil {
		return nil
	}
	var one string
	var many []string
	if json.Unmarshal(value, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(value, &many) != nil || len(many) == 0 {
		return fmt.Errorf("%s is no text and no list of texts", name)
	}
	for _, text := range many {
		if !form.MatchString(text) {
			return fmt.Errorf("%s has %q, want the form %s", name, text, form)
		}
	}
	return nil
}

// checkPrincipal wants "*", or kinds of principals with texts.
func checkPrincipal(value json.RawMessage) error {
	var anyone string
	if len(value) == 0 || json.Unmarshal(value, &anyone) == nil && anyone == "*" {
		return nil
	}
	var byKind map[string]json.RawMessage
	if err := json.Unmarshal(value, &byKind); err != nil || len(byKind) == 0 {
		return fmt.Errorf("Principal is %s, want \"*\" or an object of %v", value, principals)
	}
	for kind, names := range byKind {
		if !slices.Contains(principals, kind) {
			return fmt.Errorf("Principal has the unknown kind %q, want one of %v", kind, principals)
		}
		if err := checkTexts("Principal."+kind, names, regexp.MustCompile(`.`)); err != nil {
			return err
		}
	}
	return nil
}
