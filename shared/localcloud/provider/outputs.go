package provider

import (
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"
)

// planned is what a preview knows of a resource to be created.
func (r request) planned(inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	delete(outputs, defaulted)
	for name := range r.sdk.Outputs {
		if _, set := outputs[resource.PropertyKey(name)]; !set {
			outputs[resource.PropertyKey(name)] = resource.MakeComputed(resource.NewStringProperty(""))
		}
	}
	return outputs
}

// state is inputs overlaid with what the resource returned, complete and secret where
// it must be.
func (r request) state(inputs resource.PropertyMap, out Outputs) (*structpb.Struct, error) {
	outputs := inputs.Copy()
	delete(outputs, defaulted)
	for key, value := range resource.NewPropertyMapFromMap(out) {
		outputs[key] = keepSecret(outputs[key], value)
	}
	r.tagAll(outputs)
	if missing := r.missing(outputs); len(missing) > 0 {
		return nil, fmt.Errorf("%s: the local cloud returned no %s", r.token(), strings.Join(missing, ", "))
	}
	for _, name := range r.sdk.Secrets {
		if v, set := outputs[resource.PropertyKey(name)]; set && !v.IsSecret() {
			outputs[resource.PropertyKey(name)] = resource.MakeSecret(v)
		}
	}
	return marshal(outputs)
}

// tagAll fills tagsAll, of what has tags: the provider has no tags of its own.
func (r request) tagAll(outputs resource.PropertyMap) {
	if _, tagged := r.sdk.Outputs["tagsAll"]; !tagged {
		return
	}
	outputs["tagsAll"] = resource.NewObjectProperty(resource.PropertyMap{})
	if outputs.HasValue("tags") {
		outputs["tagsAll"] = outputs["tags"]
	}
}

// missing are the outputs that AWS would have filled.
func (r request) missing(outputs resource.PropertyMap) []string {
	var names []string
	for name, always := range r.sdk.Outputs {
		if always && !outputs.HasValue(resource.PropertyKey(name)) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// problem keeps an error's text on one line for the terminal.
func problem(err error) error {
	return errors.New(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
}

// keepSecret returns value, as a secret if what it takes the place of was one.
func keepSecret(old, value resource.PropertyValue) resource.PropertyValue {
	if old.IsSecret() && !value.IsSecret() {
		return resource.MakeSecret(value)
	}
	return value
}

// without returns a copy of m that has none of the keys of others.
func without(m, others resource.PropertyMap) resource.PropertyMap {
	rest := m.Copy()
	for key := range others {
		delete(rest, key)
	}
	return rest
}

// overlay returns a copy of m with the values of top in it.
func overlay(m, top resource.PropertyMap) resource.PropertyMap {
	both := m.Copy()
	maps.Copy(both, top)
	return both
}

// List is strings as a property has them.
func List(values []string) []any {
	out := []any{}
	for _, value := range values {
		out = append(out, value)
	}
	return out
}

// Object is a map as a property has it.
func Object[V any](m map[string]V) map[string]any {
	out := map[string]any{}
	for key, value := range m {
		out[key] = value
	}
	return out
}
