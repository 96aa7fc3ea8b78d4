package provider

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// defaulted lists among the inputs those that the program did not write, as pulumi-aws
// does: a name that was made up is kept for as long as the program writes none, and a
// resource under a name of its program's is deleted before it is replaced
// (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace).
const defaulted resource.PropertyKey = "__defaults"

// autoName fills property from the old inputs if it was made up then, or with the name and
// a random suffix.
func (r request) autoName(seed []byte, olds, news resource.PropertyMap) error {
	property := r.spec().autoName
	key := resource.PropertyKey(property)
	switch {
	case property == "":
		return nil
	case news.HasValue(key):
		news[defaulted] = resource.NewArrayProperty(nil)
		return nil
	case olds.HasValue(key) && !named(property, olds):
		news[key] = olds[key]
	default:
		name, limit := r.urn.Name(), 64
		if r.spec().lowerName {
			name, limit = strings.ToLower(name), 63
		}
		unique, err := resource.NewUniqueName(seed, name+"-", 7, limit, nil)
		if err != nil {
			return err
		}
		news[key] = resource.NewStringProperty(unique)
	}
	news[defaulted] = resource.NewArrayProperty([]resource.PropertyValue{resource.NewStringProperty(property)})
	return nil
}

// named says whether a program wrote the name that a property holds. Of inputs that do not
// tell, an import's, it is not known, and they count as made up.
func named(property string, inputs resource.PropertyMap) bool {
	list := bare(inputs[defaulted])
	return property != "" && list.IsArray() && !slices.ContainsFunc(list.ArrayValue(), func(v resource.PropertyValue) bool {
		return v.IsString() && v.StringValue() == property
	})
}

// internal says whether a property is the engine's or the provider's own.
func internal(key resource.PropertyKey) bool { return strings.HasPrefix(string(key), "__") }
