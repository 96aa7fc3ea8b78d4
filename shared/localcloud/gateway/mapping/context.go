package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"pipeline/shared/localcloud/gateway/vtl"
)

// contextOrder is the order in which AWS lists $context; any others come after these.
var contextOrder = []string{"resourceId", "authorizer", "resourcePath", "error", "httpMethod", "extendedRequestId",
	"requestTime", "path", "accountId", "protocol", "requestOverride", "stage", "domainPrefix", "requestTimeEpoch",
	"requestId", "identity", "domainName", "deploymentId", "responseOverride", "apiId", "status"}

// known are the names of contextOrder.
var known = func() map[string]bool {
	is := map[string]bool{}
	for _, name := range contextOrder {
		is[name] = true
	}
	return is
}()

// contextMap is $context. It and the maps in it print nothing, and a template can set
// overrides only. It is read where it is; most templates ask for a few of its values.
func contextMap(values map[string]any, o *overrides) *vtl.Map {
	m := silentMap(readOnly)
	m.Source = &contextSource{values, o}
	return m
}

type contextSource struct {
	values    map[string]any
	overrides *overrides
}

func (c *contextSource) Peek(_ *vtl.Map, name string) (any, bool) {
	switch name {
	case "requestOverride":
		return c.overrides.ofRequest(), true
	case "responseOverride":
		return c.overrides.ofResponse(), true
	}
	v, ok := c.values[name]
	return contextValue(v), ok
}

func (c *contextSource) Fill(m *vtl.Map) {
	for _, name := range slices.Concat(contextOrder, others(c.values)) {
		if v, ok := c.Peek(m, name); ok {
			m.Put(name, v)
		}
	}
}

// others are the names that contextOrder does not have, sorted.
func others(values map[string]any) (names []string) {
	for name := range values {
		if !known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// contextValue is a value of $context.
func contextValue(v any) any {
	if n, ok := v.(json.Number); ok { // of RenderFile
		return vtl.ParseNumber(n.String())
	}
	inner, ok := v.(map[string]any)
	if !ok {
		return vtl.Value(v)
	}
	m := silentMap(readOnly)
	m.Source = innerSource(inner)
	return m
}

// innerSource is a map in $context.
type innerSource map[string]any

func (s innerSource) Peek(_ *vtl.Map, name string) (any, bool) {
	v, ok := s[name]
	return contextValue(v), ok
}

func (s innerSource) Fill(m *vtl.Map) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		m.Put(name, contextValue(s[name]))
	}
}

// silentMap prints nothing: $context.identity and $context.authorizer.claims are empty.
func silentMap(beforePut func(key, v any) error) *vtl.Map {
	m := vtl.NewMap()
	m.Text = noText
	m.BeforePut = beforePut
	return m
}

func noText(*vtl.Map) string { return "" }

func readOnly(key, _ any) error {
	return fmt.Errorf("$context: %v cannot be set, only requestOverride.{header,path,querystring} and responseOverride", key)
}

// overrides are $context.requestOverride and $context.responseOverride.
type overrides struct {
	request, response *vtl.Map   // nil until a template asks: few do
	earlier           *overrides // or nil
}

// newOverrides begins with what an earlier template has set.
func newOverrides(earlier *Result) *overrides {
	o := &overrides{}
	if earlier != nil && earlier.overrides != nil && earlier.overrides.asked() {
		o.earlier = earlier.overrides
	}
	return o
}

// asked says whether there can be an override.
func (o *overrides) asked() bool {
	return o.request != nil || o.response != nil || o.earlier != nil
}

func (o *overrides) ofRequest() *vtl.Map {
	if o.request != nil {
		return o.request
	}
	o.request = silentMap(readOnly)
	for _, name := range []string{"path", "header", "querystring"} {
		inner := silentMap(once())
		if o.earlier != nil {
			copyEntries(inner, o.earlier.ofRequest().Get(name).(*vtl.Map))
		}
		o.request.Put(name, inner)
	}
	return o.request
}

func (o *overrides) ofResponse() *vtl.Map {
	if o.response != nil {
		return o.response
	}
	header := silentMap(once())
	o.response = silentMap(once())
	o.response.Put("header", header)
	if o.earlier != nil {
		copyEntries(o.response, o.earlier.ofResponse())
		copyEntries(header, o.earlier.ofResponse().Get("header").(*vtl.Map))
	}
	return o.response
}

func copyEntries(to, from *vtl.Map) {
	for _, e := range from.Entries() {
		if name, ok := e.Key.(string); ok && !to.Has(name) {
			to.Put(name, e.Value)
		}
	}
}

// ErrOverriddenTwice is in the chain of the error of a template that sets an override a
// second time. AWS answers such a request with a 5XX.
var ErrOverriddenTwice = errors.New("a template can set an override only once")

// once lets each key be set once by a template.
func once() func(key, v any) error {
	set := map[any]bool{}
	return func(key, v any) error {
		name, ok := key.(string)
		if !ok {
			return fmt.Errorf("override %v: a name is a string", key)
		}
		if set[name] {
			return fmt.Errorf("override %s: %w", name, ErrOverriddenTwice)
		}
		set[name] = true
		return nil
	}
}

// result reads what the template has set.
func (o *overrides) result(body []byte) (Result, error) {
	r := Result{Body: body, overrides: o}
	if !o.asked() {
		return r, nil
	}
	var err error
	for _, part := range []struct {
		in   *vtl.Map
		name string
		to   *Values
	}{
		{o.ofRequest(), "path", &r.RequestPath}, {o.ofRequest(), "querystring", &r.RequestQuery},
		{o.ofRequest(), "header", &r.RequestHeader}, {o.ofResponse(), "header", &r.ResponseHeader},
	} {
		if *part.to, err = valuesOf(part.in.Get(part.name)); err != nil {
			return Result{}, fmt.Errorf("override %s: %w", part.name, err)
		}
	}
	r.Status = statusOf(o.ofResponse().Get("status"))
	return r, nil
}

func valuesOf(v any) (Values, error) {
	m, ok := v.(*vtl.Map)
	if !ok {
		return nil, errors.New("it was replaced by something that is no map")
	}
	values := Values{}
	for _, e := range m.Entries() {
		name, ok := e.Key.(string)
		if !ok {
			return nil, fmt.Errorf("the name %v is no string", e.Key)
		}
		texts, err := textsOf(e.Value)
		if err != nil {
			return nil, err
		}
		values[name] = texts
	}
	return values, nil
}

// textsOf is one value, or those of a list.
func textsOf(v any) ([]string, error) {
	items := []any{v}
	if l, ok := v.(*vtl.List); ok {
		items = l.Items()
	}
	texts := make([]string, len(items))
	for i, item := range items {
		var err error
		if texts[i], err = vtl.Text(item); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// statusOf is an integer. AWS ignores a status that is anything else, such as "404".
func statusOf(v any) int {
	switch v := v.(type) {
	case int32:
		return int(v)
	case int64:
		return int(v)
	}
	return 0
}
