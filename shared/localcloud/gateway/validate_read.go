package gateway

import (
	"errors"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"pipeline/shared/localcloud/jsonread"
)

// shape is a schema that is checked while a body is read, before any value is made of the
// body: most bodies are valid, and jsonschema wants maps of them. It has the keywords that
// events mostly need. What a shape does not take, and all bodies of a schema that has no
// shape, jsonschema judges.
type shape struct {
	begins    string // what a value may begin with, "0" for a number; empty: anything
	whole     bool   // of the numbers integers only
	members   map[string]member
	closed    bool // there may be no other members
	required  uint64
	items     *shape // nil: any
	pattern   jsonschema.Regexp
	format    *jsonschema.Format
	words     map[string]bool // of an enum, or nil
	minimum   *int64
	maximum   *int64
	minItems  int
	maxItems  *int
	minLength int
	maxLength *int
}

// member is what an object holds under one name.
type member struct {
	*shape
	required uint64 // its bit, or 0
}

// shaped are the fields of a jsonschema.Schema that shapeOf knows. The extensions are
// wholeNumbers, which no shape takes more than.
var shaped = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`DraftVersion Location ID Title Description Default Types Required
		Properties AdditionalProperties Items MinItems MaxItems MinLength MaxLength Pattern Format Enum Minimum Maximum Extensions`) {
		shaped[name] = true
	}
}

// shapeOf returns nil for a schema with a keyword that a shape does not have.
func shapeOf(s *jsonschema.Schema) *shape {
	if s.Bool != nil && *s.Bool { // {} is made this
		return &shape{}
	}
	if s.DraftVersion != 4 || !hasShape(s) {
		return nil
	}
	out := &shape{pattern: s.Pattern, format: s.Format, maxItems: s.MaxItems, maxLength: s.MaxLength}
	out.minItems, out.minLength = orZero(s.MinItems), orZero(s.MinLength)
	out.setTypes(s.Types)
	if !out.setMembers(s) || !out.setItems(s.Items) || !out.setWords(s.Enum) ||
		!setBound(&out.minimum, s.Minimum) || !setBound(&out.maximum, s.Maximum) {
		return nil
	}
	return out
}

// hasShape goes through all fields, so that one that jsonschema gets later is not passed
// over.
func hasShape(s *jsonschema.Schema) bool {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !shaped[field.Name] && !v.Field(i).IsZero() {
			return false
		}
	}
	return true
}

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

var begins = map[string]string{"object": "{", "array": "[", "string": `"`, "boolean": "tf", "null": "n", "number": "0", "integer": "0"}

func (s *shape) setTypes(types *jsonschema.Types) {
	if types == nil {
		return
	}
	names := types.ToStrings()
	for _, name := range names {
		s.begins += begins[name]
	}
	s.whole = slices.Contains(names, "integer") && !slices.Contains(names, "number")
}

// setMembers says whether all that s asks of an object's members can be checked.
func (s *shape) setMembers(schema *jsonschema.Schema) bool {
	if len(schema.Properties) > 0 {
		s.members = map[string]member{}
	}
	for name, property := range schema.Properties {
		if s.members[name] = (member{shape: shapeOf(property)}); s.members[name].shape == nil {
			return false
		}
	}
	for i, name := range schema.Required {
		m, ok := s.members[name]
		if !ok || i == 64 {
			return false
		}
		m.required = 1 << i
		s.members[name] = m
		s.required |= m.required
	}
	additional, isBool := schema.AdditionalProperties.(bool)
	s.closed = isBool && !additional
	return isBool || schema.AdditionalProperties == nil
}

func (s *shape) setItems(items any) bool {
	if items == nil {
		return true
	}
	if one, ok := items.(*jsonschema.Schema); ok {
		s.items = shapeOf(one)
	}
	return s.items != nil
}

// setWords takes an enum of strings.
func (s *shape) setWords(enum *jsonschema.Enum) bool {
	if enum == nil {
		return true
	}
	s.words = map[string]bool{}
	for _, v := range enum.Values {
		word, ok := v.(string)
		if !ok {
			return false
		}
		s.words[word] = true
	}
	return s.begins == `"`
}

// setBound takes a whole number.
func setBound(to **int64, bound *big.Rat) bool {
	if bound == nil {
		return true
	}
	if !bound.IsInt() || !bound.Num().IsInt64() {
		return false
	}
	n := bound.Num().Int64()
	*to = &n
	return true
}

// errShapeless means that the shape does not take the body: it may follow the schema even so.
var errShapeless = errors.New("not of this shape")

// takes says whether the body is sure to follow the schema. Of members with one name each
// has to, though the last alone counts.
func (s *shape) takes(body string) bool {
	r := jsonread.New(body)
	return s.check(r) == nil && r.End() == nil
}

func (s *shape) check(r *jsonread.Reader) error {
	first := r.Next()
	if first == '-' || first >= '0' && first <= '9' {
		first = '0'
	}
	switch {
	case s.begins != "" && strings.IndexByte(s.begins, first) < 0:
		return errShapeless
	case first == '"':
		return s.checkString(r)
	case first == '0':
		return s.checkNumber(r)
	case first == '{' && (s.members != nil || s.closed):
		return s.checkObject(r)
	case first == '[':
		return s.checkArray(r)
	}
	return r.Skip()
}

func (s *shape) checkObject(r *jsonread.Reader) error {
	missing := s.required
	err := r.Object(func(name string) error {
		m, ok := s.members[name]
		missing &^= m.required
		switch {
		case ok:
			return m.check(r)
		case s.closed:
			return errShapeless
		}
		return r.Skip()
	})
	if err == nil && missing != 0 {
		return errShapeless
	}
	return err
}

func (s *shape) checkArray(r *jsonread.Reader) error {
	n := 0
	err := r.Array(func() error {
		if n++; s.items == nil {
			return r.Skip()
		}
		return s.items.check(r)
	})
	if err == nil && (n < s.minItems || s.maxItems != nil && n > *s.maxItems) {
		return errShapeless
	}
	return err
}

func (s *shape) checkString(r *jsonread.Reader) error {
	text, err := r.String()
	if err != nil {
		return err
	}
	length := utf8.RuneCountInString(text)
	switch {
	case length < s.minLength, s.maxLength != nil && length > *s.maxLength,
		s.pattern != nil && !s.pattern.MatchString(text), s.words != nil && !s.words[text],
		s.format != nil && s.format.Validate(text) != nil:
		return errShapeless
	}
	return nil
}

func (s *shape) checkNumber(r *jsonread.Reader) error {
	digits, err := r.Number()
	if err != nil || !s.whole && s.minimum == nil && s.maximum == nil {
		return err
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || s.minimum != nil && n < *s.minimum || s.maximum != nil && n > *s.maximum {
		return errShapeless
	}
	return nil
}
