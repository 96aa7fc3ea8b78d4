package provider

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/localcloud/provider/property"
)

// refreshed is what a program wrote with what AWS has in its place. An input that Read does
// not tell stays, and one that it tells as nil goes. One that the program did not write
// comes, unless it is what AWS has anyway.
func refreshed(written, told resource.PropertyMap, t property.Type, usual resource.PropertyMap) resource.PropertyMap {
	now := written.Copy()
	for key, value := range told {
		field := t.Fields[string(key)]
		was, wrote := written[key]
		switch {
		case wrote && value.IsNull():
			delete(now, key)
		case wrote:
			now[key] = refreshedValue(was, value, field.Type, usual[key])
		case unasked(value, field, usual[key]):
		default:
			now[key] = neededValue(value, field.Type, usual[key])
		}
	}
	return now
}

// unasked says whether AWS has a value without being asked for it: the default, or nothing.
// An object that is there is something, whatever it holds: "allow" of an action.
func unasked(value resource.PropertyValue, field property.Field, usual resource.PropertyValue) bool {
	switch {
	case field.Required && !value.IsNull():
		return false
	case usual.IsObject() && value.IsObject() && field.Kind == property.Object:
		return len(needed(value.ObjectValue(), field.Type, usual.ObjectValue())) == 0
	case usual.V != nil && !usual.IsArray():
		return reflect.DeepEqual(plainValue(value), plainValue(usual))
	case field.Kind == property.Object && value.IsObject():
		return false
	}
	return empty(value) || zero(value)
}

func zero(v resource.PropertyValue) bool {
	v = bare(v)
	return v.IsBool() && !v.BoolValue() || v.IsNumber() && v.NumberValue() == 0
}

// refreshedValue is secret where what it takes the place of was.
func refreshedValue(was, value resource.PropertyValue, t property.Type, usual resource.PropertyValue) resource.PropertyValue {
	switch {
	case reflect.DeepEqual(plainValue(was), plainValue(value)):
		return was
	case was.IsSecret():
		return resource.MakeSecret(refreshedValue(was.SecretValue().Element, value, t, usual))
	case t.Kind == property.Object && was.IsObject() && value.IsObject():
		return resource.NewObjectProperty(refreshed(was.ObjectValue(), value.ObjectValue(), t, inside(usual)))
	case t.Kind == property.List && was.IsArray() && value.IsArray() && len(was.ArrayValue()) == len(value.ArrayValue()):
		return refreshedList(was.ArrayValue(), value.ArrayValue(), *t.Of, usual)
	case was.ContainsSecrets():
		return resource.MakeSecret(value)
	}
	return value
}

func refreshedList(were, values []resource.PropertyValue, t property.Type, usual resource.PropertyValue) resource.PropertyValue {
	if usual.IsArray() {
		usual = usual.ArrayValue()[0]
	}
	now := []resource.PropertyValue{}
	for i, value := range values {
		now = append(now, refreshedValue(were[i], value, t, usual))
	}
	return resource.NewArrayProperty(now)
}

// inside is what an object's defaults are.
func inside(usual resource.PropertyValue) resource.PropertyMap {
	if usual.IsObject() {
		return usual.ObjectValue()
	}
	return resource.PropertyMap{}
}
