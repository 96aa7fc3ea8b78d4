package policy

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// condition is one line of a Condition block: an operator, a key, and the values of
// which one must hold (of a negated operator: none).
type condition struct {
	key      string
	negated  bool
	ifExists bool
	null     bool
	written  []string // the values as the policy has them
	values   []test
}

// test says whether the value of the request fits one value of the policy.
type test func(value string, vars map[string]string) bool

func (c condition) holds(context map[string]string) bool {
	value, present := context[c.key]
	if c.null {
		return c.any(strconv.FormatBool(!present), context)
	}
	if !present {
		return c.ifExists || c.negated
	}
	return c.any(value, context) != c.negated
}

func (c condition) any(value string, context map[string]string) bool {
	for _, fits := range c.values {
		if fits(value, context) {
			return true
		}
	}
	return false
}

// fixed says whether the condition holds for values that the policy spells out, at least
// as far as the account in an ARN.
func (c condition) fixed() bool {
	if c.negated || c.ifExists || c.null {
		return false
	}
	for _, v := range c.written {
		parts := strings.SplitN(v, ":", 6)
		inAccount := len(parts) == 6 && accountID.MatchString(parts[4])
		if strings.ContainsAny(v, "*?$") && !inAccount {
			return false
		}
	}
	return true
}

// operator makes the test for one value of the policy.
type operator struct {
	negated bool
	test    func(policyValue string) (test, error)
}

// operators is every condition operator that is evaluated; another is refused.
var operators = map[string]operator{
	"StringEquals":              {false, texts(literal, same)},
	"StringNotEquals":           {true, texts(literal, same)},
	"StringEqualsIgnoreCase":    {false, texts(literal, lower)},
	"StringNotEqualsIgnoreCase": {true, texts(literal, lower)},
	"StringLike":                {false, texts(plain, same)},
	"StringNotLike":             {true, texts(plain, same)},
	"ArnEquals":                 {false, texts(arnLike, same)},
	"ArnNotEquals":              {true, texts(arnLike, same)},
	"ArnLike":                   {false, texts(arnLike, same)},
	"ArnNotLike":                {true, texts(arnLike, same)},
	"Bool":                      {false, booleans},
	"Null":                      {false, booleans},
	"NumericEquals":             {false, ordered(number, func(c int) bool { return c == 0 })},
	"NumericNotEquals":          {true, ordered(number, func(c int) bool { return c == 0 })},
	"NumericLessThan":           {false, ordered(number, func(c int) bool { return c < 0 })},
	"NumericLessThanEquals":     {false, ordered(number, func(c int) bool { return c <= 0 })},
	"NumericGreaterThan":        {false, ordered(number, func(c int) bool { return c > 0 })},
	"NumericGreaterThanEquals":  {false, ordered(number, func(c int) bool { return c >= 0 })},
	"DateEquals":                {false, ordered(date, func(c int) bool { return c == 0 })},
	"DateNotEquals":             {true, ordered(date, func(c int) bool { return c == 0 })},
	"DateLessThan":              {false, ordered(date, func(c int) bool { return c < 0 })},
	"DateLessThanEquals":        {false, ordered(date, func(c int) bool { return c <= 0 })},
	"DateGreaterThan":           {false, ordered(date, func(c int) bool { return c > 0 })},
	"DateGreaterThanEquals":     {false, ordered(date, func(c int) bool { return c >= 0 })},
}

func same(s string) string { return s }

// texts compares as text, after fold has been applied to both sides.
func texts(d dialect, fold func(string) string) func(string) (test, error) {
	return func(want string) (test, error) {
		p, err := compile(fold(want), d)
		if err != nil {
			return nil, err
		}
		p.fold = fold
		return func(value string, vars map[string]string) bool { return p.matches(fold(value), vars) }, nil
	}
}

func booleans(want string) (test, error) {
	if want = lower(want); want != "true" && want != "false" {
		return nil, syntaxf("Syntax errors in policy.")
	}
	return func(value string, _ map[string]string) bool { return lower(value) == want }, nil
}

// ordered compares as numbers or dates; a value of the request that is neither fits
// nothing.
func ordered(parse func(string) (float64, bool), holds func(compared int) bool) func(string) (test, error) {
	return func(want string) (test, error) {
		limit, ok := parse(want)
		if !ok {
			return nil, syntaxf("Syntax errors in policy.")
		}
		return func(value string, _ map[string]string) bool {
			v, ok := parse(value)
			return ok && holds(cmp.Compare(v, limit))
		}, nil
	}
}

func number(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// date reads ISO 8601 as AWS takes it, or seconds since 1970.
func date(s string) (float64, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.UnixMilli()) / 1000, true
		}
	}
	return number(s)
}

// parseConditions reads a Condition block for a policy of that kind.
func parseConditions(kind Kind, v any) ([]condition, error) {
	block, ok := v.(map[string]any)
	if !ok {
		return nil, syntaxf("Syntax errors in policy.")
	}
	var out []condition
	for name, lines := range block {
		byKey, ok := lines.(map[string]any)
		if !ok {
			return nil, syntaxf("Syntax errors in policy.")
		}
		for key, values := range byKey {
			c, err := parseCondition(kind, name, key, values)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func parseCondition(kind Kind, name, key string, v any) (condition, error) {
	bare := strings.TrimSuffix(name, "IfExists")
	op, known := operators[bare]
	if !known || name == "NullIfExists" {
		return condition{}, syntaxf("the local cloud does not evaluate condition operator %q", name)
	}
	if err := checkKey(kind, key); err != nil {
		return condition{}, err
	}
	c := condition{key: lower(key), negated: op.negated, ifExists: bare != name, null: bare == "Null"}
	values, ok := oneOrManyScalars(v)
	if !ok {
		return c, syntaxf("Syntax errors in policy.")
	}
	c.written = values
	for _, value := range values {
		t, err := op.test(value)
		if err != nil {
			return c, err
		}
		c.values = append(c.values, t)
	}
	return c, nil
}
