package mapping

import (
	"errors"
	"slices"
	"strings"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/jsonread"
)

// input is $input.
type input struct {
	request *Request
	body    string
	params  *vtl.Map // nil until it is asked for

	opened  bool // the body is an object, of which a part is asked for that is one too
	parsed  bool // document and err are those of body
	payload any
	err     error
}

func newInput(r *Request) *input {
	in := &input{request: r, body: string(r.Body)}
	if in.body == "" {
		in.body = "{}"
	}
	return in
}

func (in *input) parameters() *vtl.Map {
	if in.params == nil {
		in.params = vtl.NewMap()
		in.params.Put("path", textMap(in.request.Path))
		in.params.Put("querystring", textMap(lasts(in.request.Query)))
		in.params.Put("header", textMap(lasts(in.request.Header)))
	}
	return in.params
}

// lasts are parameters by name, of several values the last, as AWS takes it.
func lasts(values Values) map[string]string {
	out := make(map[string]string, len(values))
	for name, all := range values {
		if len(all) > 0 {
			out[name] = all[len(all)-1]
		}
	}
	return out
}

// textMap is a map of strings, ordered by key: the order in which AWS lists parameters.
func textMap(values map[string]string) *vtl.Map {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	m := vtl.NewMap()
	for _, name := range names {
		m.Put(name, values[name])
	}
	return m
}

// Property is $input.body.
func (in *input) Property(name string) (any, bool) {
	if name == "body" {
		return in.body, true
	}
	return nil, false
}

// Call is $input.path(x), $input.json(x), $input.params() and $input.params(x).
func (in *input) Call(name string, args []any) (any, bool, error) {
	if name == "params" && len(args) == 0 {
		return in.parameters(), true, nil
	}
	if len(args) != 1 {
		return nil, false, nil
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, false, nil
	}
	switch name {
	case "params":
		return in.param(text), true, nil
	case "path":
		v, err := in.find(text)
		return v, true, err
	case "json":
		v, err := in.find(text)
		return jsonOf(v), true, err
	}
	return nil, false, nil
}

func (in *input) document() (any, error) {
	if !in.parsed {
		in.parsed = true
		in.payload, in.err = parseBody(in.body, !in.opened)
	}
	return in.payload, in.err
}

// glance looks for $.name in the body: of the answer to a batch a template mostly asks for
// one number. ok is false where it cannot tell.
func (in *input) glance(path string) (v any, ok bool) {
	name, ok := strings.CutPrefix(path, "$.")
	if !ok || name == "" || strings.IndexFunc(name, func(c rune) bool { return c > 'z' || !isWord(byte(c)) }) >= 0 {
		return nil, false
	}
	l := lookup{Reader: *jsonread.New(in.body), name: name}
	err := l.run()
	in.opened = errors.Is(err, errNoScalar)
	return l.value, err == nil && l.End() == nil
}

func (in *input) find(path string) (any, error) {
	if !in.parsed {
		if v, ok := in.glance(path); ok {
			return v, nil
		}
	}
	root, err := in.document()
	if err != nil {
		return nil, err
	}
	if v, ok := walk(root, path); ok {
		return v, nil
	}
	return evaluate(root, path)
}

// jsonOf is the JSON of what a path found, a string or a vtl.Deferred: an empty string for
// what it did not find, and for null, which is the same to it.
func jsonOf(v any) any {
	if v == nil {
		return `""`
	}
	if m, ok := v.(*vtl.Map); ok {
		if o, ok := m.Source.(*unread); ok && o.asJSON {
			return o.text
		}
	}
	return vtl.Deferred(func(out []byte) []byte { return writer{}.value(out, v, 0) })
}

// param looks in the path, then the query string, then the headers. The names of headers
// count in any case: HTTP/2 sends them in lower case whatever the client wrote.
func (in *input) param(name string) any {
	for _, where := range []string{"path", "querystring", "header"} {
		if v := in.parameters().Get(where).(*vtl.Map).Get(name); v != nil {
			return v
		}
	}
	for _, e := range in.parameters().Get("header").(*vtl.Map).Entries() {
		if key, ok := e.Key.(string); ok && strings.EqualFold(key, name) {
			return e.Value
		}
	}
	return nil
}
