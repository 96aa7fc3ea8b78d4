package policy

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// SyntaxError is what is wrong with a document, in AWS's words where AWS has some.
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }

func syntaxf(format string, args ...any) error {
	return &SyntaxError{Message: fmt.Sprintf(format, args...)}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// notJSON is what AWS says of a document that is no JSON object.
var notJSON = map[Kind]string{
	Identity: "Syntax errors in policy.",
	Trust:    "This policy contains invalid Json",
	Resource: "Policies must be valid JSON and the first byte must be '{'",
}

// Parse reads a document of that kind. The error is *SyntaxError.
func Parse(kind Kind, text string) (*Document, error) {
	tree, err := decode(text)
	if errors.Is(err, errNotJSON) {
		return nil, syntaxf("%s", notJSON[kind])
	}
	if err != nil {
		return nil, err
	}
	if err := onlyFields(tree, "Version", "Id", "Statement"); err != nil {
		return nil, err
	}
	if err := checkVersion(kind, tree["Version"]); err != nil {
		return nil, err
	}
	if id, present := tree["Id"]; present && !isString(id) {
		return nil, syntaxf("Syntax errors in policy.")
	}
	if tree["Version"] != "2012-10-17" && strings.Contains(text, "${") {
		return nil, syntaxf("the local cloud evaluates policy variables in version 2012-10-17 only")
	}
	return parseStatements(kind, tree["Statement"])
}

func checkVersion(kind Kind, v any) error {
	switch {
	case v == "2012-10-17", kind != Identity && (v == nil || v == "2008-10-17"):
		return nil
	case v == nil || v == "2008-10-17":
		return syntaxf("Policy document must be version 2012-10-17 or greater.")
	}
	return syntaxf("Syntax errors in policy.")
}

func parseStatements(kind Kind, v any) (*Document, error) {
	list, ok := v.([]any)
	if one, single := v.(map[string]any); single {
		list, ok = []any{one}, true
	}
	if !ok || len(list) == 0 {
		return nil, syntaxf("Syntax errors in policy.")
	}
	d, sids := &Document{kind: kind}, map[string]bool{}
	for _, e := range list {
		tree, ok := e.(map[string]any)
		if !ok {
			return nil, syntaxf("Syntax errors in policy.")
		}
		if err := checkSid(kind, tree, sids); err != nil {
			return nil, err
		}
		st, err := parseStatement(kind, tree)
		if err != nil {
			return nil, err
		}
		d.statements = append(d.statements, st)
	}
	return d, nil
}

var alphanumeric = regexp.MustCompile(`^[0-9A-Za-z]*$`)

// checkSid refuses a Sid that is used twice, or not alphanumeric (resource policies of
// S3 may have spaces too; none of the layers does).
func checkSid(kind Kind, tree map[string]any, seen map[string]bool) error {
	v, present := tree["Sid"]
	if !present {
		return nil
	}
	sid, ok := v.(string)
	switch {
	case !ok:
		return syntaxf("Syntax errors in policy.")
	case !alphanumeric.MatchString(sid):
		return syntaxf("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
	case sid != "" && seen[sid]:
		return syntaxf("Statement IDs (SID) in a single policy must be unique.")
	}
	seen[sid] = true
	return nil
}

// statementFields are the elements that a statement of each kind may have. NotPrincipal
// is left out on purpose: no layer has it, and AWS advises against it.
var statementFields = map[Kind][]string{
	Identity: {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"},
	Trust:    {"Sid", "Effect", "Principal", "Action", "Condition"},
	Resource: {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"},
}

func parseStatement(kind Kind, tree map[string]any) (statement, error) {
	var st statement
	if err := checkFields(kind, tree); err != nil {
		return st, err
	}
	switch tree["Effect"] {
	case "Allow":
	case "Deny":
		st.deny = true
	default:
		return st, syntaxf("Syntax errors in policy.")
	}
	var err error
	if kind != Identity {
		if st.principals, err = parsePrincipal(tree["Principal"]); err != nil {
			return st, err
		}
	}
	if st.actions, err = parseActions(kind, tree); err != nil {
		return st, err
	}
	if kind != Trust {
		if st.resources, err = parseResources(kind, tree); err != nil {
			return st, err
		}
	}
	if c, present := tree["Condition"]; present {
		st.conditions, err = parseConditions(kind, c)
	}
	return st, err
}

func checkFields(kind Kind, tree map[string]any) error {
	switch {
	case kind == Identity && (has(tree, "Principal") || has(tree, "NotPrincipal")):
		return syntaxf("Policy document should not specify a principal.")
	case kind == Trust && (has(tree, "Resource") || has(tree, "NotResource")):
		return syntaxf("Has prohibited field Resource")
	case kind != Identity && has(tree, "NotPrincipal"):
		return syntaxf("the local cloud does not evaluate NotPrincipal")
	case kind != Identity && !has(tree, "Principal"):
		return syntaxf("Missing required field Principal")
	}
	return onlyFields(tree, statementFields[kind]...)
}

func has(tree map[string]any, name string) bool {
	_, present := tree[name]
	return present
}

func onlyFields(tree map[string]any, names ...string) error {
	for _, name := range sortedKeys(tree) {
		if !slices.Contains(names, name) {
			return syntaxf("Unknown field %s", name)
		}
	}
	return nil
}

// either reads an element and its Not form, of which a statement has exactly one.
func either(tree map[string]any, name, missing string) (values []string, not bool, err error) {
	v, present := tree[name]
	n, negated := tree["Not"+name]
	if negated {
		v = n
	}
	if present == negated {
		return nil, false, syntaxf("%s", missing)
	}
	values, ok := oneOrMany(v)
	if !ok || len(values) == 0 {
		return nil, false, syntaxf("%s", missing)
	}
	return values, negated, nil
}

var vendor = regexp.MustCompile(`^[a-zA-Z0-9.-]+$`)

func parseActions(kind Kind, tree map[string]any) (list, error) {
	names, not, err := either(tree, "Action", "Policy statement must contain actions.")
	if err != nil {
		return list{}, err
	}
	l := list{not: not, written: names}
	for _, name := range names {
		if err := checkAction(kind, name); err != nil {
			return l, err
		}
		p, err := compile(lower(name), plain)
		if err != nil {
			return l, err
		}
		l.patterns = append(l.patterns, p)
	}
	return l, nil
}

func checkAction(kind Kind, name string) error {
	before, after, colon := strings.Cut(name, ":")
	switch {
	case kind == Trust && !trustActions[name]:
		return syntaxf("AssumeRole policy may only specify STS AssumeRole actions.")
	case name == "*":
		return nil
	case !colon:
		return syntaxf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	case strings.Contains(after, ":"):
		return syntaxf("Actions/Condition can contain only one colon.")
	case !vendor.MatchString(before):
		return syntaxf("Vendor %s is not valid", before)
	case strings.ContainsAny(after, "$ "):
		return syntaxf("Syntax errors in policy.")
	}
	return nil
}

// trustActions: the other actions by which a role is taken on need a federated
// principal, or tag sessions, which nobody here does.
var trustActions = set("sts:AssumeRole")

func parseResources(kind Kind, tree map[string]any) (list, error) {
	names, not, err := either(tree, "Resource", "Policy statement must contain resources.")
	if err != nil {
		return list{}, err
	}
	l := list{not: not, written: names}
	for _, name := range names {
		if err := checkResource(kind, name); err != nil {
			return l, err
		}
		d := resourceARN
		if name == "*" {
			d = plain
		}
		p, err := compile(name, d)
		if err != nil {
			return l, err
		}
		l.patterns = append(l.patterns, p)
	}
	return l, nil
}

var partitions = set("aws", "aws-cn", "aws-us-gov", "*")

func checkResource(kind Kind, name string) error {
	parts := strings.SplitN(name, ":", 6)
	switch {
	case name == "*":
		return nil
	case kind == Resource && len(parts) != 6:
		return syntaxf("Policy has invalid resource")
	case len(parts) != 6 || parts[0] != "arn":
		return syntaxf("Resource %s must be in ARN format or \"*\".", name)
	case !partitions[parts[1]]:
		return syntaxf("Partition %q is not valid for resource %q.", parts[1], name)
	case !vendor.MatchString(parts[2]):
		return syntaxf("Resource vendor must be fully qualified and cannot contain regexes.")
	case parts[2] == "iam" && parts[3] != "":
		return syntaxf("IAM resource %s cannot contain region information.", name)
	}
	return nil
}
