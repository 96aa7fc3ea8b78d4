package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

func isString(v any) bool { _, ok := v.(string); return ok }

// oneOrMany reads a string, or an array of them.
func oneOrMany(v any) ([]string, bool) {
	if s, ok := v.(string); ok {
		return []string{s}, true
	}
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	var out []string
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// oneOrManyScalars reads condition values, which may be written as booleans and numbers.
func oneOrManyScalars(v any) ([]string, bool) {
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	var out []string
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case bool, json.Number:
			out = append(out, fmt.Sprint(e))
		default:
			return nil, false
		}
	}
	return out, len(out) > 0
}

var errNotJSON = errors.New("not a JSON object")

// decode reads a JSON object, in which no member may stand twice: which of the two
// would count is not a question to leave open in a policy.
func decode(text string) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewBufferString(text))
	dec.UseNumber()
	v, err := decodeValue(dec)
	if err != nil {
		return nil, err
	}
	tree, ok := v.(map[string]any)
	if _, err := dec.Token(); !ok || err != io.EOF {
		return nil, errNotJSON
	}
	return tree, nil
}

func decodeValue(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, errNotJSON
	}
	switch t {
	case json.Delim('{'):
		return decodeObject(dec)
	case json.Delim('['):
		return decodeArray(dec)
	}
	return t, nil
}

func decodeObject(dec *json.Decoder) (any, error) {
	m := map[string]any{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, errNotJSON
		}
		name, _ := t.(string)
		if has(m, name) {
			return nil, syntaxf("Duplicate field %s", name)
		}
		if m[name], err = decodeValue(dec); err != nil {
			return nil, err
		}
	}
	return m, closing(dec)
}

func decodeArray(dec *json.Decoder) (any, error) {
	list := []any{}
	for dec.More() {
		v, err := decodeValue(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, closing(dec)
}

func closing(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return errNotJSON
	}
	return nil
}
