package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"pipeline/shared/localcloud/jsonread"
)

// noLoader keeps a "$ref" inside the API's own models: nothing is read from the file
// system or the network.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not a model of this API", url)
}

// compileModel compiles one of an API's models, which may refer to the others by url and
// name.
func compileModel(url string, models map[string]Model, name string) (*servedModel, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(noLoader{})
	c.RegisterVocabulary(&wholeVocabulary)
	for _, m := range models {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(m.Schema))
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name, err)
		}
		if err := c.AddResource(url+m.Name, doc); err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name, err)
		}
	}
	schema, err := c.Compile(url + name)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return &servedModel{schema: schema, shape: shapeOf(schema)}, nil
}

// servedModel is a model that bodies are checked against.
type servedModel struct {
	schema *jsonschema.Schema
	shape  *shape // or nil
}

// check returns "" for a body that follows the model, else the text of
// $context.error.validationErrorString. An empty body is {}.
func (m *servedModel) check(body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	text := string(body)
	if m.shape != nil && m.shape.takes(text) {
		return ""
	}
	value, err := jsonread.Decode(text)
	if err != nil {
		return "[Invalid JSON]"
	}
	value = bounded(value)
	var invalid *jsonschema.ValidationError
	if err := m.schema.Validate(value); !errors.As(err, &invalid) {
		return ""
	}
	var texts []string
	explain(invalid, value, &texts)
	return "[" + strings.Join(texts, ", ") + "]"
}

// explain appends the texts of e's leaves, in the order of their places in the instance.
// The texts are those of AWS's validator (json-schema-validator 2.2, the messages of its
// validation.properties).
func explain(e *jsonschema.ValidationError, instance any, texts *[]string) {
	if text := explainOne(e, valueAt(instance, e.InstanceLocation)); text != "" {
		*texts = append(*texts, text)
		return
	}
	causes := slices.Clone(e.Causes)
	slices.SortStableFunc(causes, func(a, b *jsonschema.ValidationError) int {
		return slices.Compare(a.InstanceLocation, b.InstanceLocation)
	})
	for _, cause := range causes {
		explain(cause, instance, texts)
	}
}

// explainOne returns "" for an error that only holds others.
func explainOne(e *jsonschema.ValidationError, value any) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", typeOf(k.Got, value), asJSON(k.Want))
	case *kind.Required:
		return fmt.Sprintf("object has missing required properties (%s)", sortedJSON(k.Missing))
	case *kind.AdditionalProperties:
		return fmt.Sprintf("object instance has properties which are not allowed by the schema: %s", sortedJSON(k.Properties))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", asJSON(k.Got), asJSON(k.Want))
	case *kind.Dependency:
		return fmt.Sprintf("property %q of object has missing property dependencies (requires %s)", k.Prop, sortedJSON(k.Missing))
	case *kind.OneOf:
		if len(k.Subschemas) > 0 { // jsonschema stops at the second: how many more is not known
			return "instance failed to match exactly one schema (matched more than one)"
		}
		return fmt.Sprintf("instance failed to match exactly one schema (matched 0 out of %d)", len(e.Causes))
	case *kind.AnyOf:
		return fmt.Sprintf("instance failed to match at least one required schema among %d", len(e.Causes))
	case *kind.AllOf:
		return "instance failed to match all required schemas"
	case *kind.Not:
		return "instance matched a schema which it should not have"
	case *kind.Format:
		if k.Want == "date-time" {
			return fmt.Sprintf("string %s is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]", asJSON(k.Got))
		}
		return fmt.Sprintf("string %s is invalid against requested format %s", asJSON(k.Got), k.Want)
	}
	return explainBound(e, value)
}

func explainBound(e *jsonschema.ValidationError, value any) string {
	switch k := e.ErrorKind.(type) {
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.AdditionalItems:
		return fmt.Sprintf("array has extra elements; additional elements are not allowed, %d too many", k.Count)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	case *kind.MinLength:
		return fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", asJSON(value), k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", asJSON(value), k.Got, k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %q does not match input string %s", k.Want, asJSON(k.Got))
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %v)", number(k.Want), value)
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %v)", number(k.Want), value)
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("numeric instance is not strictly greater than the required minimum %s", number(k.Want))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("numeric instance is not strictly lower than the required maximum %s", number(k.Want))
	case *kind.MultipleOf:
		return fmt.Sprintf("remainder of division is not zero (%v / %s)", value, number(k.Want))
	}
	return ""
}

func typeOf(got string, value any) string {
	if n, ok := value.(json.Number); ok && isWhole(n) {
		return "integer"
	}
	return got
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(20), "0")
}

func sortedJSON(names []string) string { return asJSON(slices.Sorted(slices.Values(names))) }

func asJSON(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func valueAt(v any, location []string) any {
	for _, name := range location {
		switch parent := v.(type) {
		case map[string]any:
			v = parent[name]
		case []any:
			i := 0
			fmt.Sscan(name, &i) // an index that the validator made
			v = parent[i]
		}
	}
	return v
}
