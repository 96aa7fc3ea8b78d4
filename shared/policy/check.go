package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Kind is what a document is for; it decides which elements a statement has.
type Kind string

const (
	TrustPolicy      Kind = "trust policy"
	PermissionPolicy Kind = "permission policy"
)

// limits are how long policies may be, white space not counted (IAM user guide, "IAM and
// AWS STS quotas"): a role's trust policy, and all its inline policies together.
var limits = map[Kind]int{TrustPolicy: 2048, PermissionPolicy: 10240}

// Check says what is wrong with a policy that a person wrote: no JSON, too long, an
// element that the grammar does not have, one that is missing, a value of another form (IAM
// user guide, "Grammar of the IAM JSON policy language").
func Check(kind Kind, text string) error {
	if n := len(strings.Join(strings.Fields(text), "")); n > limits[kind] {
		return fmt.Errorf("%s: it has %d characters without white space, want %d at most", kind, n, limits[kind])
	}
	var d struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := strict([]byte(text), &d); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if d.Version != Version {
		return fmt.Errorf("%s: Version is %q, want %q", kind, d.Version, Version)
	}
	statements, err := list(d.Statement)
	if err != nil || len(statements) == 0 {
		return fmt.Errorf("%s: Statement is no object and no list of objects", kind)
	}
	for i, raw := range statements {
		if err := checkStatement(kind, raw); err != nil {
			return fmt.Errorf("%s: statement %d: %w", kind, i+1, err)
		}
	}
	return nil
}

// written is a statement as it stands in a document.
type written struct {
	Sid, Effect             string
	Principal, NotPrincipal json.RawMessage
	Action, NotAction       json.RawMessage
	Resource, NotResource   json.RawMessage
	Condition               map[string]map[string]json.RawMessage
}

func checkStatement(kind Kind, raw json.RawMessage) error {
	var s written
	if err := strict(raw, &s); err != nil {
		return err
	}
	if err := s.checkElements(kind); err != nil {
		return err
	}
	return s.checkValues(kind)
}

// checkElements looks at which elements there are.
func (s written) checkElements(kind Kind) error {
	if s.Effect != "Allow" && s.Effect != "Deny" {
		return fmt.Errorf("Effect is %q, want Allow or Deny", s.Effect)
	}
	if (s.Action == nil) == (s.NotAction == nil) {
		return errors.New("it has to have one of Action and NotAction")
	}
	if trust := kind == TrustPolicy; trust != (s.Principal != nil || s.NotPrincipal != nil) {
		return errors.New("a trust policy names a Principal, a permission policy does not")
	} else if trust == (s.Resource != nil || s.NotResource != nil) {
		return errors.New("a permission policy names a Resource, a trust policy does not")
	}
	if s.Resource != nil && s.NotResource != nil {
		return errors.New("it has both Resource and NotResource")
	}
	if s.Principal != nil && s.NotPrincipal != nil {
		return errors.New("it has both Principal and NotPrincipal")
	}
	return nil
}

// strict decodes one JSON value and refuses members that target does not have.
func strict(text []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the JSON document")
	}
	return nil
}

// list is a value that may stand alone or in a list, as a list.
func list(raw json.RawMessage) ([]json.RawMessage, error) {
	if len(raw) > 0 && raw[0] == '{' {
		return []json.RawMessage{raw}, nil
	}
	var many []json.RawMessage
	err := json.Unmarshal(raw, &many)
	return many, err
}
