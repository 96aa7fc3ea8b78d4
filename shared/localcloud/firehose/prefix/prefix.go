// Package prefix evaluates the expressions in Firehose's object prefixes:
// !{timestamp:yyyy/MM/dd}, !{firehose:random-string}, !{firehose:error-output-type} and
// !{partitionKeyFromQuery:name} (Firehose developer guide, "Custom prefixes for Amazon S3
// objects"). !{partitionKeyFromLambda:name} is refused: no Lambda runs here.
package prefix

import (
	"fmt"
	"strings"
	"time"
)

// MaxLength is the most characters that an evaluated prefix may have.
const MaxLength = 512

// Template is a parsed prefix. The zero value is the empty prefix.
type Template struct{ parts []part }

// part is a literal, or an expression with its namespace.
type part struct{ namespace, value string }

// Values are what expressions evaluate to.
type Values struct {
	Time      time.Time         // arrival of the oldest record in the object
	ErrorType string            // for example processing-failed
	Keys      map[string]string // partition keys by name
	Random    func() string     // 11 characters, new at every call
}

// Parse parses a prefix.
func Parse(s string) (Template, error) {
	var t Template
	for s != "" {
		literal, rest, found := strings.Cut(s, "!{")
		if literal != "" {
			t.parts = append(t.parts, part{value: literal})
		}
		if !found {
			return t, nil
		}
		expression, after, closed := strings.Cut(rest, "}")
		if !closed {
			return t, fmt.Errorf("the expression !{%s is not closed by }", rest)
		}
		p, err := parseExpression(expression)
		if err != nil {
			return t, err
		}
		t.parts, s = append(t.parts, p), after
	}
	return t, nil
}

func parseExpression(e string) (part, error) {
	namespace, value, ok := strings.Cut(e, ":")
	if !ok || value == "" {
		return part{}, fmt.Errorf("the expression !{%s} is not of the form !{namespace:value}", e)
	}
	p := part{namespace, value}
	switch namespace {
	case "timestamp":
		return p, checkPattern(value)
	case "partitionKeyFromQuery":
		return p, nil
	case "firehose":
		if value == "random-string" || value == "error-output-type" {
			return p, nil
		}
		return p, fmt.Errorf("!{firehose:%s}: the firehose namespace has random-string and error-output-type only", value)
	case "partitionKeyFromLambda":
		return p, fmt.Errorf("!{%s}: the local cloud runs no Lambda; use partitionKeyFromQuery", e)
	}
	return p, fmt.Errorf("!{%s}: the namespace %q does not exist; there are timestamp, firehose and partitionKeyFromQuery", e, namespace)
}

// Expressions tells whether there is any expression.
func (t Template) Expressions() bool {
	for _, p := range t.parts {
		if p.namespace != "" {
			return true
		}
	}
	return false
}

// Has tells whether there is an expression of the namespace, and of the value unless
// that is empty.
func (t Template) Has(namespace, value string) bool {
	for _, p := range t.parts {
		if p.namespace == namespace && (value == "" || p.value == value) {
			return true
		}
	}
	return false
}

// Keys returns the partition keys that the template uses, in order.
func (t Template) Keys() []string {
	var keys []string
	for _, p := range t.parts {
		if p.namespace == "partitionKeyFromQuery" {
			keys = append(keys, p.value)
		}
	}
	return keys
}

// Eval returns the prefix for v. It fails where a key is missing or the result is longer
// than MaxLength.
func (t Template) Eval(v Values) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		text, err := p.eval(v)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	if b.Len() > MaxLength {
		return "", fmt.Errorf("the evaluated prefix has %d characters, at most %d are allowed", b.Len(), MaxLength)
	}
	return b.String(), nil
}

func (p part) eval(v Values) (string, error) {
	switch p.namespace {
	case "":
		return p.value, nil
	case "timestamp":
		return formatTime(v.Time.UTC(), p.value), nil
	case "partitionKeyFromQuery":
		value, ok := v.Keys[p.value]
		if !ok {
			return "", fmt.Errorf("the partition key %q was not extracted", p.value)
		}
		return value, nil
	}
	if p.value == "random-string" {
		return v.Random(), nil
	}
	return v.ErrorType, nil
}
