package provider

import (
	"context"
	"fmt"
	"reflect"
	"slices"

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
func (r request) look(ctx context.Context, id string, inputs resource.PropertyMap) (*existing, error) {
	actual, out, found, err := r.read(ctx, id, inputs)
	if err != nil || !found {
		return nil, err
	}
	for key, value := range resource.NewPropertyMapFromMap(actual) {
		inputs[key] = keepSecret(inputs[key], value)
	}
	return &existing{id, inputs, out}, nil
}

// bring reads a thing to import it. Its inputs are what a program would write: without
// what is empty and what AWS has anyway.
func (r request) bring(ctx context.Context, written string) (*existing, error) {
	if slices.Contains(r.spec().untold, "*") {
		return nil, fmt.Errorf("the local cloud cannot import %s %s: it does not keep all that a program sets of it", r.token(), written)
	}
	id, inputs, found, err := r.imported(ctx, written)
	if err != nil || !found {
		return nil, err
	}
	thing, err := r.look(ctx, id, inputs)
	if err == nil && thing != nil {
		thing.inputs = r.needed(thing.inputs)
	}
	return thing, err
}

func (r request) needed(inputs resource.PropertyMap) resource.PropertyMap {
	return needed(inputs, r.sdk.Args, resource.NewPropertyMapFromMap(r.spec().defaults))
}

// needed are the inputs that are not defaults, nor empty where they are optional.
func needed(inputs resource.PropertyMap, t property.Type, defaults resource.PropertyMap) resource.PropertyMap {
	kept := resource.PropertyMap{}
	for key, value := range inputs {
		field := t.Fields[string(key)]
		usual, has := defaults[key]
		switch {
		case !field.Required && empty(value), has && reflect.DeepEqual(plainValue(value), plainValue(usual)):
		case value.IsObject() && field.Kind == property.Object && has && usual.IsObject():
			kept[key] = resource.NewObjectProperty(needed(value.ObjectValue(), field.Type, usual.ObjectValue()))
		default:
			kept[key] = value
		}
	}
	return kept
}
