package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pipeline/shared/localcloud/provider/models"
	"pipeline/shared/localcloud/provider/property"
)

// Values is how the values of properties are checked, as Markdown: a row for each resource
// type with the properties that AWS's own service models constrain, and those that the
// local cloud has rules of its own for.
func Values(kinds ...[]Kind) (string, error) {
	var rows []string
	for _, kind := range slices.Concat(kinds...) {
		l, ok := kind.(life)
		if !ok {
			continue
		}
		rules, err := models.Of(l.token())
		if err != nil {
			return "", err
		}
		own := slices.Sorted(maps.Keys(l.spec().rules))
		if l.spec().whole {
			own = append(own, "*")
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", strings.TrimPrefix(l.token(), "aws:"), list(constrained(l.honoured(), rules)), list(own)))
	}
	slices.Sort(rows)
	return "| type | by AWS's models | by rules here |\n| --- | --- | --- |\n" + strings.Join(rows, ""), nil
}

var inner = strings.NewReplacer("[]", "", "{}", "", "{key}", "")

// constrained are the properties among ours that have a rule, for themselves or for what
// is in them.
func constrained(ours property.Type, rules models.Rules) []string {
	var names []string
	for _, path := range slices.Sorted(maps.Keys(rules)) {
		name := inner.Replace(path)
		if has(ours, strings.Split(name, ".")) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// has says whether an object has a property at a path.
func has(t property.Type, path []string) bool {
	field, ok := t.Fields[path[0]]
	return ok && (len(path) == 1 || has(field.Inner(), path[1:]))
}
