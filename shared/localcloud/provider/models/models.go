// Package models is what AWS's own service models say about the values of properties:
// lengths, ranges, patterns and enumerations.
//
// Its table is made from the models in the Go module that it names as its source (command
// generate, which finds a property's shape by the operation that makes the thing, and by
// the property's name). It has the properties that the models constrain. The models are
// as old as the module: a value that AWS has added since is refused.
//
// A pattern holds for the whole value, as AWS takes it. Lengths of texts are in UTF-16
// code units, as in Java.
package models

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

// Rule is what a model says of one property.
type Rule struct {
	Shape   string   `json:"shape"` // "firehose-2015-08-04 IntervalInSeconds"
	Min     *float64 `json:"min"`   // of the number, or of the length of anything else
	Max     *float64 `json:"max"`
	Pattern string   `json:"pattern"` // in Java's words, as AWS publishes it
	Go      string   `json:"go"`      // in Go's words, where they differ
	Not     string   `json:"not"`     // what must not match, in Go's words
	Enum    []string `json:"enum"`
}

// Rules are the rules of one resource type, by property path: a.b is a field, a[] an
// element of a list, a{} a value of a map and a{key} each of its keys.
type Rules map[string]Rule

//go:embed models.json
var data []byte

type table struct {
	Source string           `json:"source"`
	Types  map[string]Rules `json:"types"`
}

var load = sync.OnceValues(func() (table, error) {
	var t table
	err := json.Unmarshal(data, &t)
	return t, err
})

// Source names the module that the models are of, with its version.
func Source() string {
	t, _ := load()
	return t.Source
}

// Of returns the rules of a resource type, by its token. There may be none.
func Of(token string) (Rules, error) {
	t, err := load()
	if err != nil {
		return nil, fmt.Errorf("the table of AWS's models: %w", err)
	}
	return t.Types[token], nil
}

// Check returns an error in AWS's words if value breaks the rule: a string, a float64, a
// list or a map, of which only the length is looked at. The error does not quote the value.
func (r Rule) Check(value any) error {
	var text string
	switch v := value.(type) {
	case float64:
		return r.bounds(v, "value")
	case []any:
		return r.bounds(float64(len(v)), "length")
	case map[string]any:
		return r.bounds(float64(len(v)), "length")
	case string:
		text = v
	default:
		return nil // true and false keep every rule
	}
	if len(r.Enum) > 0 && !slices.Contains(r.Enum, text) {
		return r.broken("Member must satisfy enum value set: [%s]", strings.Join(r.Enum, ", "))
	}
	if err := r.bounds(float64(len(utf16.Encode([]rune(text)))), "length"); err != nil {
		return err
	}
	return r.matches(text)
}

// bounds checks a number or a length, which is what says.
func (r Rule) bounds(n float64, what string) error {
	number := func(limit float64) string { return strconv.FormatFloat(limit, 'f', -1, 64) }
	if r.Min != nil && n < *r.Min {
		return r.broken("Member must have %s greater than or equal to %s", what, number(*r.Min))
	}
	if r.Max != nil && n > *r.Max {
		return r.broken("Member must have %s less than or equal to %s", what, number(*r.Max))
	}
	return nil
}

func (r Rule) matches(text string) error {
	pattern := r.Go
	if pattern == "" {
		pattern = r.Pattern
	}
	matched, err := whole(pattern, text)
	if err != nil || pattern == "" {
		return err
	}
	excluded, err := whole(r.Not, text)
	if err != nil {
		return err
	}
	if !matched || r.Not != "" && excluded {
		return r.broken("Member must satisfy regular expression pattern: %s", r.Pattern)
	}
	return nil
}

func whole(pattern, text string) (bool, error) {
	return regexp.MatchString(`\A(?:`+pattern+`)\z`, text)
}

func (r Rule) broken(format string, args ...any) error {
	return fmt.Errorf("failed to satisfy constraint: %s (AWS's model as of %s: %s)", fmt.Sprintf(format, args...), path.Base(Source()), r.Shape)
}
