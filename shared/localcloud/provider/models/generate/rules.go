package main

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// resource says where AWS's models speak of a resource type.
type resource struct {
	api       string // folder under models/apis
	operation string // whose input has the properties
	// names are the members of properties that are called otherwise, by path or, at any
	// depth, as *.name:
	// "a.b" is member b of the shape of member a, "Operation:a" a member of another
	// operation's input. An empty one is a property that has no member, although one has
	// its name.
	names map[string]string
}

// table are the rules of one resource type, by property path: a.b is a field, a[] an
// element of a list, a{} a value of a map and a{key} its keys.
type table map[string]rule

// rule is what a model says of one property. Package models has the same.
type rule struct {
	Shape   string   `json:"shape"` // firehose-2015-08-04 IntervalInSeconds
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Pattern string   `json:"pattern,omitempty"` // as AWS writes it
	Go      string   `json:"go,omitempty"`      // as Go has it, where that differs
	Not     string   `json:"not,omitempty"`     // what must not match, in Go's words
	Enum    []string `json:"enum,omitempty"`
}

// walk makes the table of one resource type.
type walk struct {
	resource
	model
	made     table
	used     map[string]bool
	failures []error
}

func (r resource) table(args property, m model) (table, error) {
	w := &walk{r, m, table{}, map[string]bool{}, nil}
	operation, ok := m.Operations[r.operation]
	if !ok {
		return nil, fmt.Errorf("%s has no operation %s", r.api, r.operation)
	}
	w.object(args, operation.Input.Shape, "")
	for name := range r.names {
		if !w.used[name] {
			w.failures = append(w.failures, fmt.Errorf("no property is called %s", name))
		}
	}
	return w.made, errors.Join(w.failures...)
}

// object finds the member of each property, by rule or by name.
func (w *walk) object(t property, in, path string) {
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		if shape, ok := w.memberOf(in, at, name); ok {
			w.value(t.Fields[name], shape, at)
		}
	}
}

func (w *walk) memberOf(in, path, name string) (string, bool) {
	for _, key := range []string{path, "*." + name} {
		if to, named := w.names[key]; named {
			w.used[key] = true
			if to == "" {
				return "", false
			}
			return w.follow(in, to, path)
		}
	}
	for _, other := range slices.Sorted(maps.Keys(w.Shapes[in].Members)) {
		if plain(other) == plain(name) {
			return w.Shapes[in].Members[other].Shape, true
		}
	}
	return "", false
}

// follow goes from a shape along the members a.b to the last one's shape; from another
// operation's input where one is named, as in Operation:a.b.
func (w *walk) follow(in, to, path string) (string, bool) {
	if operation, member, other := strings.Cut(to, ":"); other {
		in, to = w.Operations[operation].Input.Shape, member
	}
	for _, name := range strings.Split(to, ".") {
		inner := w.Shapes[in]
		if inner.Type == "list" {
			inner = w.Shapes[inner.Member.Shape]
		}
		m, ok := inner.Members[name]
		if !ok {
			w.fail(path, "shape %s has no member %s", in, name)
			return "", false
		}
		in = m.Shape
	}
	return in, true
}

// plain is a name without what Pulumi, Terraform and AWS write differently.
func plain(name string) string {
	return strings.TrimSuffix(strings.ToLower(strings.ReplaceAll(name, "_", "")), "s")
}

func (w *walk) fail(path, format string, args ...any) {
	w.failures = append(w.failures, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

var scalars = map[string][]string{
	"string": {"string", "blob", "timestamp"},
	"int":    {"integer", "long", "double", "float"},
	"number": {"integer", "long", "double", "float"},
	"bool":   {"boolean"},
	"any":    {"string", "structure", "list", "map", "integer", "long", "boolean", "double", "blob"},
}

// value compares a property with its shape and takes over the shape's rule.
func (w *walk) value(t property, shapeName, path string) {
	s := w.Shapes[shapeName]
	switch {
	case t.Kind == "object" && s.Type == "structure":
		w.object(t, shapeName, path)
		return
	case t.Of == nil && s.Type == "list": // Pulumi flattens lists of at most one
		w.value(t, s.Member.Shape, path)
		return
	case t.Kind == "list" && s.Type == "structure" && t.Of.Kind == "object":
		w.value(*t.Of, shapeName, path+"[]")
		return
	case t.Kind == "list" && s.Type == "list":
		w.value(*t.Of, s.Member.Shape, path+"[]")
	case t.Kind == "map" && s.Type == "map":
		w.rule(s.Key.Shape, path+"{key}")
		w.value(*t.Of, s.Value.Shape, path+"{}")
	case t.Kind == "map" && s.Type == "list":
		w.pairs(s, path)
	case !slices.Contains(scalars[t.Kind], s.Type):
		w.fail(path, "is a %s, but shape %s a %s", t.Kind, shapeName, s.Type)
	}
	w.rule(shapeName, path)
}

// pairs are the rules of a map that AWS has as a list of keys and values: tags,
// dimensions, attributes.
func (w *walk) pairs(list shape, path string) {
	pair := w.Shapes[list.Member.Shape]
	for _, names := range [][2]string{{"Key", "Value"}, {"key", "value"}, {"Name", "Value"}} {
		if key, ok := pair.Members[names[0]]; ok {
			w.rule(key.Shape, path+"{key}")
			w.rule(pair.Members[names[1]].Shape, path+"{}")
			return
		}
	}
	w.fail(path, "shape %s is no list of keys and values", list.Member.Shape)
}

// rule takes over what a shape says of its values, if it does.
func (w *walk) rule(shapeName, path string) {
	s := w.Shapes[shapeName]
	r := rule{Shape: w.Metadata.UID + " " + shapeName, Min: s.Min, Max: s.Max, Pattern: s.Pattern, Enum: s.Enum}
	if r.Max != nil && *r.Max == math.MaxInt32 { // what a Java string can hold
		r.Max = nil
	}
	if r.Min == nil && r.Max == nil && r.Pattern == "" && len(r.Enum) == 0 {
		return
	}
	if s.Pattern != "" {
		var err error
		if r.Go, r.Not, err = translate(s.Pattern); err != nil {
			w.fail(path, "shape %s: %v", shapeName, err)
		}
	}
	w.made[path] = r
}
