package provider

import (
	"context"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/localcloud/provider/property"
)

// existing is a thing that Read found.
type existing struct {
	id     string
	inputs resource.PropertyMap
	out    Outputs
}

// look reads a thing that the engine has inputs of.
func (r request) look(ctx context.Context, id string, written resource.PropertyMap) (*existing, error) {
	told, out, found, err := r.read(ctx, id, written)
	if err != nil || !found {
		return nil, err
	}
	usual := resource.NewPropertyMapFromMap(r.spec().defaults)
	now := refreshed(written, resource.NewPropertyMapFromMap(told), r.sdk.Args, usual)
	r.hide(now, written)
	return &existing{id, unordered(written, now, r.spec().sets), out}, nil
}

// hide makes those inputs secret that a program did not write and whose outputs are secret.
func (r request) hide(now, written resource.PropertyMap) {
	for _, name := range r.sdk.Secrets {
		key := resource.PropertyKey(name)
		if value, told := now[key]; told && !written.HasValue(key) && !value.IsSecret() {
			now[key] = resource.MakeSecret(value)
		}
	}
}

// bring reads a thing to import it. Its inputs are what a program would write: without
// what is empty and what AWS has anyway.
func (r request) bring(ctx context.Context, written string) (*existing, error) {
	id, inputs, found, err := r.imported(ctx, written)
	if err != nil || !found {
		return nil, err
	}
	return r.look(ctx, id, inputs)
}

func (r request) needed(inputs resource.PropertyMap) resource.PropertyMap {
	return needed(inputs, r.sdk.Args, resource.NewPropertyMapFromMap(r.spec().defaults))
}

// needed are the inputs that are not defaults, nor nothing where they are optional.
func needed(inputs resource.PropertyMap, t property.Type, defaults resource.PropertyMap) resource.PropertyMap {
	kept := resource.PropertyMap{}
	for key, value := range inputs {
		field := t.Fields[string(key)]
		usual, has := defaults[key]
		switch {
		case internal(key):
		case !field.Required && (empty(value) || !has && zero(value)), has && reflect.DeepEqual(plainValue(value), plainValue(usual)):
		default:
			kept[key] = neededValue(value, field.Type, usual)
		}
	}
	return kept
}

// neededValue goes into a value as far as there are defaults. A list's are those of its
// elements, in one.
func neededValue(value resource.PropertyValue, t property.Type, usual resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsObject() && t.Kind == property.Object && usual.IsObject():
		return resource.NewObjectProperty(needed(value.ObjectValue(), t, usual.ObjectValue()))
	case value.IsArray() && t.Kind == property.List && usual.IsArray():
		elements := []resource.PropertyValue{}
		for _, element := range value.ArrayValue() {
			elements = append(elements, neededValue(element, *t.Of, usual.ArrayValue()[0]))
		}
		return resource.NewArrayProperty(elements)
	}
	return value
}
