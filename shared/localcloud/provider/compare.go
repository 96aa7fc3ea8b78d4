package provider

import (
	"fmt"
	"maps"
	"reflect"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/localcloud/provider/property"
)

// failure is one property that Check refuses. Property is a Pulumi property path.
type failure struct{ Property, Reason string }

// notHonoured and notInSDK are the two reasons a property can have no field.
const (
	notHonoured = "is not honoured by the local cloud; remove it, or deploy this to AWS"
	notInSDK    = "is no property of this type in the pulumi-aws SDK"
)

// typeOf is the type of a handler's own arguments.
func typeOf[A any]() property.Type { return property.Of(reflect.TypeFor[A]()) }

// compare walks inputs beside the type of an object and returns what does not fit: a
// property that the type does not have (for the given reason), one missing, one of
// another kind. Unknown values fit everything.
func compare(inputs resource.PropertyMap, t property.Type, absent string) []failure {
	failures := compareObject(inputs, t, "", absent)
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	return failures
}

func compareObject(object resource.PropertyMap, t property.Type, path, absent string) []failure {
	var failures []failure
	for _, key := range object.StableKeys() {
		if path == "" && internal(key) {
			continue
		}
		field, ok := t.Fields[string(key)]
		if !ok {
			failures = append(failures, failure{join(path, string(key)), absent})
			continue
		}
		failures = append(failures, compareValue(object[key], field.Type, join(path, string(key)), absent)...)
	}
	for name, field := range t.Fields {
		if _, set := object[resource.PropertyKey(name)]; !set && field.Required {
			failures = append(failures, failure{join(path, name), "is required"})
		}
	}
	return failures
}

func compareValue(value resource.PropertyValue, t property.Type, path, absent string) []failure {
	value = bare(value)
	var failures []failure
	switch {
	case value.IsComputed() || value.IsNull():
	case t.Kind == property.Object && value.IsObject():
		return compareObject(value.ObjectValue(), t, path, absent)
	case t.Kind == property.List && value.IsArray():
		for i, v := range value.ArrayValue() {
			failures = append(failures, compareElement(v, *t.Of, fmt.Sprintf("%s[%d]", path, i), absent)...)
		}
	case t.Kind == property.Map && value.IsObject():
		for _, k := range value.ObjectValue().StableKeys() {
			failures = append(failures, compareValue(value.ObjectValue()[k], *t.Of, join(path, string(k)), absent)...)
		}
	case !fits(value, t.Kind):
		failures = append(failures, failure{path, fmt.Sprintf("is a %s, want %s", value.TypeString(), t.Kind.Words())})
	}
	return failures
}

// compareElement is compareValue for what is in a list, where the Go SDK keeps the nil that
// it leaves out of maps and structs (sdk/go/pulumi/rpc.go).
func compareElement(value resource.PropertyValue, t property.Type, path, absent string) []failure {
	if bare(value).IsNull() {
		return []failure{{path, "is null, want " + t.Kind.Words()}}
	}
	return compareValue(value, t, path, absent)
}

// fits says whether a value that has nothing inside is of a kind.
func fits(value resource.PropertyValue, kind property.Kind) bool {
	switch kind {
	case property.String:
		return value.IsString()
	case property.Bool:
		return value.IsBool()
	case property.Int:
		return value.IsNumber() && value.NumberValue() == float64(int64(value.NumberValue()))
	case property.Number:
		return value.IsNumber()
	}
	return kind == property.Any
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

// opened is inputs with every value bare.
func opened(inputs resource.PropertyMap) resource.PropertyMap {
	all := resource.PropertyMap{}
	for k, v := range inputs {
		all[k] = openedValue(v)
	}
	return all
}

func openedValue(v resource.PropertyValue) resource.PropertyValue {
	switch v = bare(v); {
	case v.IsObject():
		return resource.NewObjectProperty(opened(v.ObjectValue()))
	case v.IsArray():
		elements := []resource.PropertyValue{}
		for _, e := range v.ArrayValue() {
			elements = append(elements, openedValue(e))
		}
		return resource.NewArrayProperty(elements)
	}
	return v
}

// plainMap is inputs as plain Go, without secrets' wrapping, unknowns, nulls and what is the
// engine's or the provider's own.
func plainMap(inputs resource.PropertyMap) map[string]any {
	plain := plainObject(inputs)
	maps.DeleteFunc(plain, func(key string, _ any) bool { return internal(resource.PropertyKey(key)) })
	return plain
}

func plainObject(object resource.PropertyMap) map[string]any {
	plain := map[string]any{}
	for k, v := range object {
		v = bare(v)
		if v.IsComputed() || v.IsNull() {
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
		return plainObject(v.ObjectValue())
	case v.IsComputed():
		return nil
	}
	return v.V
}
