package provider

import (
	"fmt"
	"slices"
	"strings"

	"pipeline/shared/localcloud/provider/property"
	"pipeline/shared/localcloud/provider/sdk"
)

// Coverage is what the kinds honour, as Markdown, from the types that Check enforces: a
// row for each resource type and function with the properties that are honoured, and
// the ones that the SDK has and Check refuses.
func Coverage(kinds ...[]Kind) (string, error) {
	var resources, functions []string
	for _, kind := range slices.Concat(kinds...) {
		switch k := kind.(type) {
		case life:
			known, err := sdk.Lookup(k.token())
			if err != nil {
				return "", err
			}
			honours, refuses := split(k.honoured(), known.Args, "")
			resources = append(resources, row(k.token(), honours, refuses))
		case function:
			honours, _ := split(k.honoured(), k.honoured(), "")
			functions = append(functions, row(k.token(), honours, nil))
		}
	}
	slices.Sort(resources)
	slices.Sort(functions)
	return "### Resource types\n\n| type | honours | refuses |\n| --- | --- | --- |\n" + strings.Join(resources, "") +
		"\n### Functions\n\n| function | honours | |\n| --- | --- | --- |\n" + strings.Join(functions, ""), nil
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

// split tells the properties of the SDK's type that a handler's type has from those that
// it has not. Where it has an object, it goes into it.
func split(ours, theirs property.Type, path string) (honours, refuses []string) {
	for _, name := range theirs.Names() {
		field, honoured := ours.Fields[name]
		if !honoured {
			refuses = append(refuses, path+name)
			continue
		}
		inner, innerSDK := field.Inner(), theirs.Fields[name].Inner()
		if inner.Kind != property.Object || innerSDK.Kind != property.Object {
			honours = append(honours, path+name)
			continue
		}
		h, r := split(inner, innerSDK, path+name+".")
		if len(inner.Fields) == 0 { // it is there, or not
			h = []string{path + name}
		}
		honours, refuses = append(honours, h...), append(refuses, r...)
	}
	return honours, refuses
}

// Honoured are the properties of every resource type, by token: what package sdk's table
// is made from.
func Honoured(kinds ...[]Kind) map[string]property.Type {
	types := map[string]property.Type{}
	for _, kind := range slices.Concat(kinds...) {
		if l, ok := kind.(life); ok {
			types[l.token()] = l.honoured()
		}
	}
	return types
}

// Imports is what an import does not find, as Markdown.
func Imports(kinds ...[]Kind) string {
	var rows []string
	for token, untold := range Untold(kinds...) {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |\n", strings.TrimPrefix(token, "aws:"), strings.Join(untold, ", ")))
	}
	slices.Sort(rows)
	return "| type | not found |\n| --- | --- |\n" + strings.Join(rows, "")
}

// Untold are the inputs of every resource type that no import finds, by token.
func Untold(kinds ...[]Kind) map[string][]string {
	names := map[string][]string{}
	for _, kind := range slices.Concat(kinds...) {
		if l, ok := kind.(life); ok && len(l.spec().untold) > 0 {
			names[l.token()] = l.spec().untold
		}
	}
	return names
}
