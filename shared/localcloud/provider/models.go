package provider

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/localcloud/provider/models"
	"pipeline/shared/localcloud/provider/property"
)

// byModels is what AWS's service models refuse of the values that are known.
func (r request) byModels(news resource.PropertyMap) []failure {
	rules, err := models.Of(r.token())
	if err != nil {
		return []failure{{"", err.Error()}}
	}
	m := modelled{rules: rules}
	m.object(news, r.sdk.Args, place{})
	return m.failures
}

// modelled collects what a resource type's rules refuse.
type modelled struct {
	rules    models.Rules
	failures []failure
}

// place is where a value stands: as the rules name it (rules[].name), as people do
// (rules[0].name), and whether it is inside a secret.
type place struct {
	rule, shown string
	secret      bool
}

func (p place) field(name string) place {
	return place{join(p.rule, name), join(p.shown, name), p.secret}
}

func (m *modelled) object(o resource.PropertyMap, t property.Type, at place) {
	for _, key := range o.StableKeys() {
		if field, ok := t.Fields[string(key)]; ok && (field.Required || !empty(o[key])) {
			m.value(o[key], field.Type, at.field(string(key)))
		}
	}
}

// empty says whether a value is one that the pulumi-aws provider does not send to AWS
// where the property is optional.
func empty(v resource.PropertyValue) bool {
	v = bare(v)
	return v.IsNull() || v.IsString() && v.StringValue() == "" ||
		v.IsArray() && len(v.ArrayValue()) == 0 || v.IsObject() && len(v.ObjectValue()) == 0
}

func (m *modelled) value(v resource.PropertyValue, t property.Type, at place) {
	at.secret = at.secret || v.IsSecret() || v.IsOutput() && v.OutputValue().Secret
	v = bare(v)
	if v.IsComputed() || v.IsNull() {
		return
	}
	m.rule(v, at.rule, at)
	switch {
	case v.IsArray() && t.Of != nil:
		for i, element := range v.ArrayValue() {
			m.value(element, *t.Of, place{at.rule + "[]", at.shown + "[" + strconv.Itoa(i) + "]", at.secret})
		}
	case v.IsObject() && t.Of != nil:
		for _, key := range v.ObjectValue().StableKeys() {
			inside := place{at.rule + "{}", join(at.shown, string(key)), at.secret}
			m.rule(resource.NewStringProperty(string(key)), at.rule+"{key}", inside)
			m.value(v.ObjectValue()[key], *t.Of, inside)
		}
	case v.IsObject():
		m.object(v.ObjectValue(), t, at)
	}
}

// rule applies the rule of that name, if there is one, to v.
func (m *modelled) rule(v resource.PropertyValue, name string, at place) {
	rule, ok := m.rules[name]
	if !ok {
		return
	}
	plain := plainValue(v)
	if err := rule.Check(plain); err != nil {
		m.failures = append(m.failures, failure{at.shown, fmt.Sprintf("%s %v", quoted(plain, at.secret), err)})
	}
}

// quoted is a value as an error shows it.
func quoted(value any, secret bool) string {
	switch v := value.(type) {
	case string:
		if secret {
			return "the secret value"
		}
		return strconv.Quote(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	}
	return "the value"
}
