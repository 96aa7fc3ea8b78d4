// Package property describes the properties that a resource type takes: those of the
// SDK's argument types, and those of the local cloud's own.
package property

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Kind is what a value is.
type Kind string

const (
	Any    Kind = "any" // not looked into
	Bool   Kind = "bool"
	Int    Kind = "int"
	Number Kind = "number"
	String Kind = "string"
	List   Kind = "list"
	Map    Kind = "map"
	Object Kind = "object"
)

// Words is a kind as a sentence has it: "want a list".
func (k Kind) Words() string {
	switch k {
	case Object, Map:
		return "an object"
	case List:
		return "a list"
	}
	return string(k)
}

// Type is the type of one value. Of is a list's or map's element, Fields are an object's.
type Type struct {
	Kind   Kind             `json:"kind"`
	Of     *Type            `json:"of,omitempty"`
	Fields map[string]Field `json:"fields,omitempty"`
}

// Field is one property of an object.
type Field struct {
	Type
	Required   bool   `json:"required,omitempty"`
	Deprecated string `json:"deprecated,omitempty"` // what the SDK says to use instead
}

// Names are the names of an object's fields, in order.
func (t Type) Names() []string { return slices.Sorted(maps.Keys(t.Fields)) }

// Inner is the type of the objects that a value holds: itself, or in a list or map.
func (t Type) Inner() Type {
	for t.Of != nil {
		t = *t.Of
	}
	return t
}

// Of is the type of a Go type whose fields have `pulumi` tags: "name" where a pointer,
// slice or map may be absent and anything else not, "name,optional" where it may.
func Of(t reflect.Type) Type {
	switch t.Kind() {
	case reflect.Pointer:
		return Of(t.Elem())
	case reflect.Slice:
		element := Of(t.Elem())
		return Type{Kind: List, Of: &element}
	case reflect.Map:
		element := Of(t.Elem())
		return Type{Kind: Map, Of: &element}
	case reflect.Struct:
		return Type{Kind: Object, Fields: fieldsOf(t)}
	case reflect.String:
		return Type{Kind: String}
	case reflect.Bool:
		return Type{Kind: Bool}
	case reflect.Int, reflect.Int64, reflect.Int32:
		return Type{Kind: Int}
	case reflect.Float64:
		return Type{Kind: Number}
	}
	return Type{Kind: Any}
}

func fieldsOf(t reflect.Type) map[string]Field {
	fields := map[string]Field{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, option, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		if name != "" {
			fields[name] = Field{Type: Of(field.Type), Required: option != "optional" && !maybeAbsent(field.Type.Kind())}
		}
	}
	return fields
}

func maybeAbsent(kind reflect.Kind) bool {
	return slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface}, kind)
}
