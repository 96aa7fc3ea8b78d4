// Package policy reads AWS policy documents and decides by them. It has own code
// because the only evaluators in Go belong to whole servers; the language is the one of
// the IAM user guide, "Grammar of the IAM JSON policy language", without the elements
// that no layer uses: those are refused when the policy is made, never ignored.
package policy

// Document is a policy that Parse has found valid.
type Document struct {
	kind       Kind
	statements []statement
}

// Kind is what a policy is attached to; it decides which elements it may have.
type Kind int

// The kinds of policies.
const (
	Identity Kind = iota // of a role: what it may do
	Trust                // of a role: who may take it on
	Resource             // of a bucket, topic, ...: who may do what with it
)

// Decision is what one policy says of a request.
type Decision int

// The decisions, weakest first.
const (
	None  Decision = iota // says nothing, which is a denial unless another policy allows
	Allow                 // allows it, unless another policy denies
	Deny                  // forbids it, whatever another policy allows
)

// Request is one call to decide on. Context holds the values of condition keys, with
// the keys in lower case.
type Request struct {
	Principal Principal
	Action    string
	Resource  string
	Context   map[string]string
}

// Resources returns the resources of all statements, as they are written.
func (d *Document) Resources() []string {
	var all []string
	for _, st := range d.statements {
		all = append(all, st.resources.written...)
	}
	return all
}

// Actions returns the actions of all statements, as they are written.
func (d *Document) Actions() []string {
	var all []string
	for _, st := range d.statements {
		all = append(all, st.actions.written...)
	}
	return all
}

// Principals returns the ARNs of roles, users and sessions that statements name.
func (d *Document) Principals() []string {
	var all []string
	for _, st := range d.statements {
		all = append(all, st.principals.arns...)
	}
	return all
}

type statement struct {
	deny       bool
	principals principals // empty in identity policies: the role itself
	actions    list
	resources  list // empty in trust policies: the role itself
	conditions []condition
}

// list is Action or NotAction, Resource or NotResource.
type list struct {
	patterns []pattern
	written  []string
	not      bool
}

func (l list) matches(s string, vars map[string]string) bool {
	for _, p := range l.patterns {
		if p.matches(s, vars) {
			return !l.not
		}
	}
	return l.not
}

// Evaluate decides r by this document alone. An Allow for a whole account reaches the
// account's administrator; a role of it needs an identity policy besides.
func (d *Document) Evaluate(r Request) Decision {
	decision := None
	action := lower(r.Action)
	for i := range d.statements {
		st := &d.statements[i]
		match := st.principalMatch(d.kind, r.Principal)
		if match == noMatch || !st.applies(action, r) {
			continue
		}
		if st.deny {
			return Deny
		}
		if match == direct {
			decision = Allow
		}
	}
	return decision
}

func (st *statement) principalMatch(kind Kind, p Principal) match {
	if kind == Identity {
		return direct
	}
	return st.principals.match(p)
}

func (st *statement) applies(action string, r Request) bool {
	if !st.actions.matches(action, r.Context) {
		return false
	}
	if len(st.resources.patterns) > 0 && !st.resources.matches(r.Resource, r.Context) {
		return false
	}
	for _, c := range st.conditions {
		if !c.holds(r.Context) {
			return false
		}
	}
	return true
}

// TimeDependent says whether a decision may change as time goes by, so that it must not
// be remembered.
func (d *Document) TimeDependent() bool {
	for _, st := range d.statements {
		for _, c := range st.conditions {
			if c.key == "aws:currenttime" || c.key == "aws:epochtime" {
				return true
			}
		}
	}
	return false
}

// Public says whether the policy lets in anyone at all, as S3 Block Public Access
// decides it: an Allow for "*" that no condition ties to an account, an ARN or a
// principal (S3 user guide, "The meaning of public").
func (d *Document) Public() bool {
	for _, st := range d.statements {
		if !st.deny && st.principals.everyone && !st.tied() {
			return true
		}
	}
	return false
}

// tyingKeys are the keys whose fixed value makes a statement for "*" not public.
var tyingKeys = map[string]bool{
	"aws:principalaccount": true, "aws:principalarn": true, "aws:sourceaccount": true, "aws:sourcearn": true,
}

func (st *statement) tied() bool {
	for _, c := range st.conditions {
		if tyingKeys[c.key] && c.fixed() {
			return true
		}
	}
	return false
}
