package provider

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Coverage is what the kinds honour, as Markdown, from the types that Check enforces: a
// row for each resource type and function with the properties that are honoured, and
// the ones that the SDK has and Check refuses.
func Coverage(kinds ...[]Kind) string {
	var resources, functions []string
	for _, kind := range slices.Concat(kinds...) {
		switch k := kind.(type) {
		case life:
			args, _ := k.sdkTypes()
			honours, refuses := split(k.honouredType(), args.ElementType(), "")
			resources = append(resources, row(k.token(), honours, refuses))
		case function:
			honours, _ := split(k.honouredType(), nil, "")
			functions = append(functions, row(k.token(), honours, nil))
		}
	}
	slices.Sort(resources)
	slices.Sort(functions)
	return "### Resource types\n\n| type | honours | refuses |\n| --- | --- | --- |\n" + strings.Join(resources, "") +
		"\n### Functions\n\n| function | honours | |\n| --- | --- | --- |\n" + strings.Join(functions, "")
}

func row(token string, honours, refuses []string) string {
	return fmt.Sprintf("| `%s` | %s | %s |\n", strings.TrimPrefix(token, "aws:"), list(honours), list(refuses))
}

func list(properties []string) string {
	if len(properties) == 0 {
		return ""
	}
	return "`" + strings.Join(properties, "`, `") + "`"
}

// split tells the properties of the SDK's type sdk that a handler's type has from
// those that it has not. Where it has an object, it goes into it.
func split(handler, sdk reflect.Type, path string) (honours, refuses []string) {
	ours := fieldsOf(handler)
	theirs := ours
	if sdk != nil {
		theirs = fieldsOf(sdk)
	}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		field, honoured := ours[name]
		if !honoured {
			refuses = append(refuses, path+name)
			continue
		}
		inner, isObject := object(field.Type)
		innerSDK, known := object(theirs[name].Type)
		if !isObject || !known {
			honours = append(honours, path+name)
			continue
		}
		h, r := split(inner, innerSDK, path+name+".")
		honours, refuses = append(honours, h...), append(refuses, r...)
	}
	return honours, refuses
}

// object is the struct that a field's type holds, directly or in a list.
func object(t reflect.Type) (reflect.Type, bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct
}
