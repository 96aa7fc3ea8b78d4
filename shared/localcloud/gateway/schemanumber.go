package gateway

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// wholeNumbers is the type "integer" as draft 4 and AWS's validator have it: a number that
// is written with a fraction or an exponent is none, also where it is whole.
type wholeNumbers struct {
	allowed []string // types, of which "number" is none
}

// wholeVocabulary adds wholeNumbers to the schemas that need it.
var wholeVocabulary = jsonschema.Vocabulary{
	URL: "urn:whole-numbers",
	Compile: func(_ *jsonschema.CompilerContext, schema map[string]any) (jsonschema.SchemaExt, error) {
		types := typesOf(schema["type"])
		if !slices.Contains(types, "integer") || slices.Contains(types, "number") {
			return nil, nil
		}
		return wholeNumbers{types}, nil
	},
}

// typesOf are the types of a schema: one, or a list.
func typesOf(v any) (types []string) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		if name, ok := item.(string); ok {
			types = append(types, name)
		}
	}
	return types
}

// Validate implements jsonschema.SchemaExt.
func (w wholeNumbers) Validate(ctx *jsonschema.ValidatorContext, v any) {
	if n, ok := v.(json.Number); ok && !isWhole(n) {
		ctx.AddError(&kind.Type{Got: "number", Want: w.allowed})
	}
}

func isWhole(n json.Number) bool { return !strings.ContainsAny(n.String(), ".eE") }

// maxDigits and maxExponent bound the numbers that jsonschema calculates with: it takes
// every digit of 1e999999, and fails for an exponent of seven digits.
const maxDigits, maxExponent = 1000, 1000

// bounded is a JSON value whose numbers are bounded. One that is not is as large, or as
// small, as a number here can be, or has the digits of a double.
func bounded(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = bounded(member)
		}
	case []any:
		for i, item := range v {
			v[i] = bounded(item)
		}
	case json.Number:
		return boundedNumber(v)
	}
	return v
}

func boundedNumber(n json.Number) json.Number {
	exponent := 0
	mantissa, digits, found := strings.Cut(strings.ToLower(n.String()), "e")
	if found {
		var err error
		if exponent, err = strconv.Atoi(digits); err != nil {
			exponent = maxExponent + 1
		}
	}
	switch {
	case len(n) <= maxDigits && max(exponent, -exponent) <= maxExponent:
		return n
	case isWhole(n):
		return n[:maxDigits]
	}
	return nearest(n, strings.Trim(mantissa, "-0.") == "")
}

// nearest is never whole.
func nearest(n json.Number, isZero bool) json.Number {
	f, _ := strconv.ParseFloat(n.String(), 64) // its error is that f is infinite
	sign := strings.Repeat("-", strings.Count(n.String()[:1], "-"))
	switch {
	case math.IsInf(f, 0):
		return json.Number(sign + "1e1000")
	case f == 0 && !isZero:
		return json.Number(sign + "1e-1000")
	}
	return json.Number(strconv.FormatFloat(f, 'e', -1, 64))
}
