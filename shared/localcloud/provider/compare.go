package provider

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// failure is one property that Check refuses. Property is a Pulumi property path.
type failure struct{ Property, Reason string }

// notHonoured and notInSDK are the two reasons a property can have no field.
const (
	notHonoured = "is not honoured by the local cloud; remove it, or deploy this to AWS"
	notInSDK    = "is no property of this type in the pulumi-aws SDK"
)

func typeOf[A any]() reflect.Type { return reflect.TypeOf((*A)(nil)).Elem() }

// compare walks inputs beside a struct type with `pulumi` tags and returns what does
// not fit: a property without a field (for the given reason), one missing, one of
// another kind. Unknown values fit everything.
func compare(inputs resource.PropertyMap, t reflect.Type, absent string) []failure {
	return compareObject(inputs, t, "", absent)
}

func compareObject(object resource.PropertyMap, t reflect.Type, path, absent string) []failure {
	fields := fieldsOf(t)
	var failures []failure
	for _, key := range object.StableKeys() {
		if strings.HasPrefix(string(key), "__") { // the engine's own
			continue
		}
		field, ok := fields[string(key)]
		if !ok {
			failures = append(failures, failure{join(path, string(key)), absent})
			continue
		}
		failures = append(failures, compareValue(object[key], field.Type, join(path, string(key)), absent)...)
	}
	for name, field := range fields {
		if _, set := object[resource.PropertyKey(name)]; !set && !optional(field) {
			failures = append(failures, failure{join(path, name), "is required"})
		}
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	return failures
}

func compareValue(value resource.PropertyValue, t reflect.Type, path, absent string) []failure {
	value = bare(value)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value.IsComputed() || value.IsNull() || t.Kind() == reflect.Interface {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		if value.IsObject() {
			return compareObject(value.ObjectValue(), t, path, absent)
		}
	case reflect.Slice:
		if value.IsArray() {
			var failures []failure
			for i, v := range value.ArrayValue() {
				failures = append(failures, compareValue(v, t.Elem(), fmt.Sprintf("%s[%d]", path, i), absent)...)
			}
			return failures
		}
	case reflect.Map:
		if value.IsObject() {
			var failures []failure
			for _, k := range value.ObjectValue().StableKeys() {
				failures = append(failures, compareValue(value.ObjectValue()[k], t.Elem(), join(path, string(k)), absent)...)
			}
			return failures
		}
	default:
		if kindFits(value, t.Kind()) {
			return nil
		}
	}
	return []failure{{path, fmt.Sprintf("is a %s, want %s", value.TypeString(), goName(t))}}
}

func kindFits(value resource.PropertyValue, kind reflect.Kind) bool {
	switch kind {
	case reflect.String:
		return value.IsString()
	case reflect.Bool:
		return value.IsBool()
	case reflect.Int, reflect.Int64, reflect.Int32:
		return value.IsNumber() && value.NumberValue() == float64(int64(value.NumberValue()))
	case reflect.Float64:
		return value.IsNumber()
	}
	return false
}

func goName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	}
	return t.String()
}

// fieldsOf returns a struct type's fields by `pulumi` tag.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		if name != "" {
			fields[name] = field
		}
	}
	return fields
}

// optional follows the SDK: a pointer, slice or map may be absent unless... a list that
// is required has no pointer either, so only AWS can tell; AWS does, in Validate.
func optional(field reflect.StructField) bool {
	switch field.Type.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return strings.HasSuffix(field.Tag.Get("pulumi"), ",optional")
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// bare strips secrets and output values down to what they hold.
func bare(v resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput() && !v.OutputValue().Known:
			return resource.MakeComputed(resource.NewStringProperty(""))
		case v.IsOutput():
			v = v.OutputValue().Element
		default:
			return v
		}
	}
}

// plainMap is inputs as plain Go, without secrets' wrapping, unknowns and nulls.
func plainMap(inputs resource.PropertyMap) map[string]any {
	plain := map[string]any{}
	for k, v := range inputs {
		v = bare(v)
		if v.IsComputed() || v.IsNull() || strings.HasPrefix(string(k), "__") {
			continue
		}
		plain[string(k)] = plainValue(v)
	}
	return plain
}

func plainValue(v resource.PropertyValue) any {
	v = bare(v)
	switch {
	case v.IsArray():
		list := make([]any, 0, len(v.ArrayValue()))
		for _, e := range v.ArrayValue() {
			list = append(list, plainValue(e))
		}
		return list
	case v.IsObject():
		return plainMap(v.ObjectValue())
	case v.IsComputed():
		return nil
	}
	return v.V
}
