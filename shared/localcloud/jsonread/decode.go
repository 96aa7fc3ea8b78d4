package jsonread

import (
	"encoding/json"
)

// Decode is JSON as encoding/json decodes it, with numbers as json.Number and text that is no
// UTF-8 as it is.
func Decode(text string) (any, error) {
	r := New(text)
	v, err := r.decode()
	if err == nil {
		err = r.End()
	}
	return v, err
}

var literals = map[string]any{"true": true, "false": false}

func (r *Reader) decode() (any, error) {
	switch r.Next() {
	case '{':
		m := map[string]any{}
		return m, r.Object(func(name string) (err error) { m[name], err = r.decode(); return err })
	case '[':
		l := []any{}
		err := r.Array(func() error {
			v, err := r.decode()
			l = append(l, v)
			return err
		})
		return l, err
	case '"':
		return r.String()
	case 't', 'f', 'n':
		word, err := r.Literal()
		return literals[word], err
	}
	digits, err := r.Number()
	return json.Number(digits), err
}
