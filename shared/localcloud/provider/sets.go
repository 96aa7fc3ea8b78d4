package provider

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// unordered is now with each list that is a set on AWS in the order that it had, where it
// holds the same: neither a program nor AWS changes a set by naming it in another order.
func unordered(was, now resource.PropertyMap, sets []string) resource.PropertyMap {
	whole := resource.NewObjectProperty(now)
	for _, path := range sets {
		whole = orderedAs(resource.NewObjectProperty(was), whole, strings.Split(path, "."))
	}
	return whole.ObjectValue()
}

// orderedAs looks for the set at a path, in each element of the lists on the way.
func orderedAs(was, now resource.PropertyValue, path []string) resource.PropertyValue {
	switch {
	case len(path) == 0 && sameSet(was, now):
		return was
	case len(path) > 0 && was.IsObject() && now.IsObject():
		key := resource.PropertyKey(path[0])
		inner, set := now.ObjectValue()[key]
		if !set {
			return now
		}
		changed := now.ObjectValue().Copy()
		changed[key] = orderedAs(was.ObjectValue()[key], inner, path[1:])
		return resource.NewObjectProperty(changed)
	case len(path) > 0 && was.IsArray() && now.IsArray() && len(was.ArrayValue()) == len(now.ArrayValue()):
		elements := slices.Clone(now.ArrayValue())
		for i, element := range elements {
			elements[i] = orderedAs(was.ArrayValue()[i], element, path)
		}
		return resource.NewArrayProperty(elements)
	}
	return now
}

// sameSet says whether lists whose values are known hold the same, in whichever order.
func sameSet(a, b resource.PropertyValue) bool {
	if !a.IsArray() || !b.IsArray() || a.ContainsUnknowns() || b.ContainsUnknowns() {
		return false
	}
	return slices.Equal(sorted(a.ArrayValue()), sorted(b.ArrayValue()))
}

func sorted(elements []resource.PropertyValue) []string {
	var texts []string
	for _, element := range elements {
		text, _ := json.Marshal(plainValue(element)) // which is strings, numbers, lists and maps
		texts = append(texts, string(text))
	}
	slices.Sort(texts)
	return texts
}
