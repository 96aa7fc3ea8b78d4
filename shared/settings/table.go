package settings

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Table is a settings struct as a Markdown table: name, type, default, meaning and
// limit, from the struct's `json`, `help` and `limit` tags and the values of defaults.
// A field of struct type is followed by a row for each of its own fields, with the
// defaults that an object begins with (Load).
func Table(defaults any) string {
	var b strings.Builder
	b.WriteString("| setting | type | default | meaning | limit |\n| --- | --- | --- | --- | --- |\n")
	rows(&b, "", reflect.ValueOf(defaults))
	return b.String()
}

func rows(b *strings.Builder, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := nameOf(field)
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s | %s |\n", prefix, name, typeName(field.Type),
			defaultText(v.Field(i)), field.Tag.Get("help"), field.Tag.Get("limit"))
		if inner, ok := inside(field.Type); ok {
			rows(b, prefix+name+inner.suffix, inner.begin(v.Field(i)))
		}
	}
}

type insideType struct {
	t      reflect.Type
	suffix string
}

// begin is what an object in the field v begins with: the field's own default, else its
// type's.
func (i insideType) begin(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Struct {
		return v
	}
	return initial(i.t)
}

// inside is the struct that a field holds, if it holds one: directly, in a list or in a map.
func inside(t reflect.Type) (insideType, bool) {
	suffix := "."
	for {
		switch {
		case t == secretType:
			return insideType{}, false
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		case t.Kind() == reflect.Slice:
			t, suffix = t.Elem(), "[]"+suffix
		case t.Kind() == reflect.Map:
			t, suffix = t.Elem(), ".<name>"+suffix
		default:
			return insideType{t, suffix}, t.Kind() == reflect.Struct
		}
	}
}

func defaultText(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Float64:
		return fmt.Sprintf("`%v`", v.Interface())
	case reflect.Struct:
		return "" // its members follow
	}
	if v.IsZero() {
		return ""
	}
	text, err := json.Marshal(v.Interface())
	if err != nil || len(text) > 200 {
		return "see config.go"
	}
	return "`" + strings.ReplaceAll(string(text), "|", `\|`) + "`"
}
