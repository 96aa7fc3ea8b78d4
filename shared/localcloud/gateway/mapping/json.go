package mapping

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/jsonread"
)

var errNotJSON = errors.New("the body is not valid JSON")

// ParseJSON makes a template's value of JSON. Objects keep their order, lists print as
// JSON, and a number keeps its digits: see vtl.ParseNumber.
func ParseJSON(data string) (any, error) { return parseJSON(data, true) }

// parseJSON leaves the whole unread where that is an object and unread is set.
func parseJSON(data string, unread bool) (v any, err error) {
	b := builder{Reader: jsonread.New(data), lazy: true, places: make([]place, 0, min(len(data)/24+2, 4096))}
	if unread {
		v, err = b.element()
	} else {
		v, err = b.value()
	}
	if err == nil {
		err = b.End()
	}
	if errors.Is(err, jsonread.ErrInvalid) {
		err = errNotJSON
	}
	return v, err
}

// parseBody is ParseJSON for a payload. One that is no JSON at all is a string, as for
// json-smart; one that begins like JSON is refused, though json-smart would mend some.
func parseBody(body string, unread bool) (any, error) {
	v, err := parseJSON(body, unread)
	trimmed := strings.TrimSpace(body)
	if errors.Is(err, errNotJSON) && (trimmed == "" || !strings.ContainsRune(`{["'`, rune(trimmed[0]))) {
		return trimmed, nil
	}
	return v, err
}

// builder makes values of JSON. Where it is lazy, objects in lists stay unread.
type builder struct {
	*jsonread.Reader
	lazy     bool
	places   []place // of members of what is unread
	repeated bool    // a name in what is unread, or it may be
}

func (b *builder) value() (any, error) {
	switch b.Next() {
	case '{':
		m := vtl.NewMap()
		return m, b.members(m)
	case '[':
		l := newList()
		return l, b.Array(func() error {
			v, err := b.element()
			l.Add(v)
			return err
		})
	}
	return buildScalar(b.Reader)
}

func (b *builder) members(m *vtl.Map) error {
	return b.Object(func(name string) error {
		v, err := b.value()
		m.Put(name, v)
		return err
	})
}

// element makes what stands in a list, or alone.
func (b *builder) element() (any, error) {
	if !b.lazy || b.Next() != '{' {
		return b.value()
	}
	return b.unread()
}

func buildScalar(r *jsonread.Reader) (any, error) {
	switch r.Next() {
	case '"':
		return r.String()
	case 't', 'f', 'n':
		word, err := r.Literal()
		if word == "null" {
			return nil, err
		}
		return word == "true", err
	}
	digits, err := r.Number()
	if err != nil {
		return nil, err
	}
	return vtl.ParseNumber(digits), nil
}

// newList is a list that prints as JSON, with "/" escaped: json-smart's JSONArray prints
// itself in its style for web pages.
func newList() *vtl.List {
	l := vtl.NewList()
	l.Text = webJSON
	return l
}

func webJSON(l *vtl.List) string { return string(writer{escapeSlash: true}.value(nil, l, 0)) }

// writer writes JSON as json-smart does.
type writer struct{ escapeSlash bool }

func (w writer) value(out []byte, v any, depth int) []byte {
	if depth > 2*jsonread.MaxDepth {
		return append(out, "null"...) // a template has put a list into itself
	}
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return w.string(out, v)
	case *vtl.Map:
		return w.object(out, v, depth)
	case *vtl.List:
		out = append(out, '[')
		for i, item := range v.Items() {
			if isFull(out) {
				break
			}
			if i > 0 {
				out = append(out, ',')
			}
			out = w.value(out, item, depth+1)
		}
		return append(out, ']')
	}
	text, err := vtl.Text(v)
	if err != nil || isInfinite(v) { // of 1e999
		return append(out, "null"...)
	}
	switch v.(type) {
	case bool, int32, int64, float64, fmt.Stringer:
		return append(out, text...)
	}
	return w.string(out, text)
}

func isInfinite(v any) bool {
	if single, ok := v.(vtl.Float); ok {
		v = float64(single)
	}
	f, ok := v.(float64)
	return ok && math.IsInf(f, 0)
}

// isFull ends what is more than a template may have: lists that hold lists twice, or
// themselves. Whoever asked for the text finds it too long.
func isFull(out []byte) bool { return len(out) > limits.Memory }

func (w writer) object(out []byte, m *vtl.Map, depth int) []byte {
	if o, ok := m.Source.(*unread); ok {
		if copied, err := w.copy(out, jsonread.New(o.text)); err == nil {
			return copied
		}
	}
	out = append(out, '{')
	for i, e := range m.Entries() {
		if isFull(out) {
			break
		}
		if i > 0 {
			out = append(out, ',')
		}
		key, ok := e.Key.(string)
		if !ok {
			key, _ = vtl.Text(e.Key)
		}
		out = append(w.string(out, key), ':')
		out = w.value(out, e.Value, depth+1)
	}
	return append(out, '}')
}

func (w writer) string(out []byte, s string) []byte {
	out = append(out, '"')
	if isPlain(s) {
		return append(append(out, s...), '"')
	}
	from := 0
	for i, r := range s {
		escape := w.escape(r)
		if escape == "" {
			continue
		}
		out = append(append(out, s[from:i]...), escape...)
		from = i + utf8.RuneLen(r)
	}
	return append(append(out, s[from:]...), '"')
}

// isPlain: every byte stands for itself, in either style.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '/' {
			return false
		}
	}
	return true
}

// escape is how a character has to be written, or nothing where it stands as it is.
func (w writer) escape(r rune) string {
	switch r {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\b':
		return `\b`
	case '\f':
		return `\f`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	case '/':
		if w.escapeSlash {
			return `\/`
		}
	}
	if r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0x2000 && r <= 0x20ff {
		return fmt.Sprintf(`\u%04X`, r)
	}
	return ""
}
