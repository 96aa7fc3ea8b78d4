// Package settings reads a project's own settings, Pulumi.<stack>.yaml, into a struct.
// A setting that the struct does not have, or of another type, is an error that lists
// the known ones; Pulumi's own config package has no way to see what nobody asked for.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// Validator is a settings struct with rules between its fields.
type Validator interface{ Validate() error }

// Load returns defaults overlaid with what the stack sets. S is a struct whose fields
// carry `json` (the setting's name) and `help` tags. A field of type
// pulumi.StringOutput is a secret: it stays nil when it is not set.
//
// Of an object only the members that are set change; lists and maps are replaced whole.
// An object that has no default (a nil pointer, an element of a list) begins with what
// its type's method Defaults returns, if it has one.
//
// The engine hands a program its settings as JSON in PULUMI_CONFIG, a value as text
// and an object as JSON (pulumi/sdk, go/pulumi/run.go).
func Load[S any](ctx *pulumi.Context, defaults S) (S, error) {
	set, err := load(ctx, defaults)
	if err == nil {
		if v, ok := any(set).(Validator); ok {
			err = v.Validate()
		}
	}
	if err != nil {
		return set, fmt.Errorf("Pulumi.%s.yaml: %w", ctx.Stack(), err)
	}
	return set, nil
}

func load[S any](ctx *pulumi.Context, set S) (S, error) {
	raw := map[string]string{}
	if text := os.Getenv("PULUMI_CONFIG"); text != "" {
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			return set, fmt.Errorf("read the settings: PULUMI_CONFIG: %w", err)
		}
	}
	prefix := ctx.Project() + ":"
	target := reflect.ValueOf(&set).Elem()
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		name, ours := strings.CutPrefix(key, prefix)
		if !ours {
			continue
		}
		field, ok := member(target, name)
		if !ok {
			return set, unknown(prefix, name, target.Type())
		}
		if err := assign(ctx, field, name, raw[key]); err != nil {
			return set, err
		}
	}
	return set, nil
}

var secretType = reflect.TypeOf(pulumi.StringOutput{})

// assign sets a field from a setting's text: a string as it is, all else from JSON.
func assign(ctx *pulumi.Context, field reflect.Value, name, text string) error {
	path := ctx.Project() + ":" + name
	if field.Type() == secretType {
		secret, err := config.TrySecret(ctx, name)
		field.Set(reflect.ValueOf(secret))
		return err
	}
	var value any = text
	if field.Kind() != reflect.String {
		if err := parse(text, &value); err != nil {
			value = text // as a string it is of the wrong type, which is what to say of it
		}
	}
	err := decode(field, value, path)
	var mistyped *mistyped
	if errors.As(err, &mistyped) && ctx.IsConfigSecret(path) {
		mistyped.value = nil
	}
	return err
}

// member is the field of a struct that a setting's name stands for.
func member(object reflect.Value, name string) (reflect.Value, bool) {
	for i := range object.NumField() {
		if nameOf(object.Type().Field(i)) == name {
			return object.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func nameOf(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// unknown lists what there is in an object of type t instead of name.
func unknown(prefix, name string, t reflect.Type) error {
	var known []string
	for i := range t.NumField() {
		known = append(known, prefix+nameOf(t.Field(i)))
	}
	slices.Sort(known)
	return fmt.Errorf("unknown setting %s%s; there are %s", prefix, name, strings.Join(known, ", "))
}

func typeName(t reflect.Type) string {
	switch {
	case t == secretType:
		return "secret"
	case t.Kind() == reflect.Pointer:
		return typeName(t.Elem())
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem())
	case t.Kind() == reflect.Map:
		return "map of " + typeName(t.Elem())
	case t.Kind() == reflect.Struct:
		return "object"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Int:
		return "whole number"
	case t.Kind() == reflect.Float64:
		return "number"
	case t.Kind() == reflect.Interface:
		return "anything"
	}
	return t.String()
}
