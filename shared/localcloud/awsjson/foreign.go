package awsjson

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Foreign returns the name of a member of a decoded object, or of one within it, that type
// t does not have by that very name; "" if there is none. AWS tells names apart by case,
// and package json does not.
func Foreign(value any, t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := value.(type) {
	case []any:
		for _, inner := range v {
			if name := Foreign(inner, element(t)); name != "" {
				return name
			}
		}
	case map[string]any:
		member := members(t)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner, known := member(name)
			if !known {
				return name
			}
			if name := Foreign(v[name], inner); name != "" {
				return name
			}
		}
	}
	return ""
}

// ForeignError refuses a member that Foreign names: one that AWS does not have, or that
// means nothing here.
func ForeignError(name string) error {
	return fmt.Errorf("the local cloud does not honour the parameter %s", name)
}

// element is the type of a list's or map's elements, or any.
func element(t reflect.Type) reflect.Type {
	if k := t.Kind(); k == reflect.Slice || k == reflect.Array || k == reflect.Map {
		return t.Elem()
	}
	return reflect.TypeFor[any]()
}

// members finds the type of a member. What is no struct, or reads itself, has members of
// all names.
func members(t reflect.Type) func(name string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return func(string) (reflect.Type, bool) { return element(t), true }
	}
	types := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && (!f.Anonymous || name != "") {
			types[cmp.Or(name, f.Name)] = f.Type
		}
	}
	return func(name string) (reflect.Type, bool) {
		inner, known := types[name]
		return inner, known
	}
}
