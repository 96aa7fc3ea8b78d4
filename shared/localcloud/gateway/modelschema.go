package gateway

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// keywords are those of JSON schema draft 4. AWS refuses a model with any other, such as
// "example" or draft 6's "const".
var keywords = fieldSet(`$schema $ref id title description default type properties patternProperties
	additionalProperties required items additionalItems minItems maxItems uniqueItems minimum maximum
	exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format enum allOf anyOf oneOf not
	definitions dependencies minProperties maxProperties`)

// doubtful are formats that AWS's validator checks and this one does not, or the other way
// round. Those that neither has mean nothing.
var doubtful = fieldSet(`date time duration period semver iri iri-reference uri-reference uri-template
	idn-email idn-hostname relative-json-pointer base64 mac md5 sha1 sha256 sha512`)

func fieldSet(names string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(names) {
		set[name] = true
	}
	return set
}

// CheckSchema checks that a model's schema is a JSON object of keywords that AWS takes, and
// means here what it means there.
func CheckSchema(schema string) error {
	var doc map[string]any
	if err := json.Unmarshal([]byte(schema), &doc); err != nil || !utf8.ValidString(schema) {
		return invalidModel("Invalid model schema specified. It is not a JSON object")
	}
	unknown := map[string]bool{}
	var refusals []error
	walkSchema(doc, func(keyword string, value any) {
		unknown[keyword] = !keywords[keyword]
		refusals = append(refusals, checkKeyword(keyword, value))
	})
	maps.DeleteFunc(unknown, func(_ string, is bool) bool { return !is })
	if len(unknown) > 0 {
		return invalidModel(`Invalid model schema specified. Unsupported keyword(s): ["%s"]`,
			strings.Join(slices.Sorted(maps.Keys(unknown)), `", "`))
	}
	if i := slices.IndexFunc(refusals, func(err error) bool { return err != nil }); i >= 0 {
		return refusals[i]
	}
	return nil
}

// walkSchema visits the keywords of a schema and of those in it, in order. The patterns of
// patternProperties are visited as such.
func walkSchema(schema any, visit func(keyword string, value any)) {
	switch schema := schema.(type) {
	case []any: // items, allOf, anyOf, oneOf
		for _, s := range schema {
			walkSchema(s, visit)
		}
	case map[string]any:
		for _, keyword := range slices.Sorted(maps.Keys(schema)) {
			visit(keyword, schema[keyword])
			walkKeyword(keyword, schema[keyword], visit)
		}
	}
}

func walkKeyword(keyword string, value any, visit func(keyword string, value any)) {
	switch keyword {
	case "properties", "patternProperties", "definitions", "dependencies":
		named, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(named)) {
			if keyword == "patternProperties" {
				visit("pattern", name)
			}
			walkSchema(named[name], visit)
		}
	case "additionalProperties", "items", "additionalItems", "allOf", "anyOf", "oneOf", "not":
		walkSchema(value, visit)
	}
}

// checkKeyword refuses what this validator would take otherwise than AWS's.
func checkKeyword(keyword string, value any) error {
	text, _ := value.(string)
	switch {
	case keyword == "$schema" && strings.TrimSuffix(text, "#") != "http://json-schema.org/draft-04/schema":
		return refused("models of the JSON schema %v, only http://json-schema.org/draft-04/schema#", value)
	case keyword == "format" && doubtful[text]:
		return refused("the format %s, which not every validator of draft 4 has: use a pattern", text)
	case keyword == "pattern":
		return checkPattern(text)
	}
	return nil
}

// sharedEscape is an escape that ECMA's and Go's regular expressions both have.
var sharedEscape = regexp.MustCompile(`^\\(?:[dDwWsSbBtnvfr]|x[0-9A-Fa-f]{2}|[^0-9A-Za-z])`)

// checkPattern refuses a pattern of a schema, which is ECMA's, that Go does not have or
// takes otherwise. One that neither has is an error of its own.
func checkPattern(pattern string) error {
	if part := unshared(pattern); part != "" {
		return refused("the pattern %q of a model: %s is not in both ECMA's and Go's regular expressions", pattern, part)
	}
	var invalid *syntax.Error
	if _, err := regexp.Compile(pattern); errors.As(err, &invalid) && invalid.Code == syntax.ErrInvalidRepeatSize {
		return refused("the pattern %q of a model: %v", pattern, err)
	}
	return nil
}

// unshared is where a pattern begins to differ, or empty.
func unshared(pattern string) string {
	inClass := false
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		switch {
		case rest[0] == '\\' && len(rest) > 1 && !sharedEscape.MatchString(rest):
			return rest[:2]
		case rest[0] == '\\':
			i++
		case inClass && strings.HasPrefix(rest, "[:"):
			return "[:"
		case inClass:
			inClass = rest[0] != ']'
		case strings.HasPrefix(rest, "[]") || strings.HasPrefix(rest, "[^]"):
			return rest[:2]
		case rest[0] == '[':
			inClass = true
		case strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?:"):
			return rest[:min(3, len(rest))]
		}
	}
	return ""
}
