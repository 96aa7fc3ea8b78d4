// Package settings reads a project's own settings, Pulumi.<stack>.yaml, into a struct.
// A setting that the struct does not have, or of another type, is an error that lists
// the known ones; Pulumi's own config package has no way to see what nobody asked for.
package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
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
// The engine hands a program its settings as JSON in PULUMI_CONFIG, a value as text
// and an object as JSON (pulumi/sdk, go/pulumi/run.go).
func Load[S any](ctx *pulumi.Context, defaults S) (S, error) {
	set := defaults
	raw := map[string]string{}
	if text := os.Getenv("PULUMI_CONFIG"); text != "" {
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			return set, fmt.Errorf("read the settings: PULUMI_CONFIG: %w", err)
		}
	}
	target := reflect.ValueOf(&set).Elem()
	known := names(target.Type())
	for key, value := range raw {
		name, ours := strings.CutPrefix(key, ctx.Project()+":")
		if !ours {
			continue
		}
		index, ok := known[name]
		if !ok {
			return set, fmt.Errorf("Pulumi.%s.yaml: unknown setting %s:%s; project %s has %s",
				ctx.Stack(), ctx.Project(), name, ctx.Project(), strings.Join(sorted(known), ", "))
		}
		if err := assign(ctx, target.Field(index), name, value); err != nil {
			return set, fmt.Errorf("Pulumi.%s.yaml: setting %s:%s %w", ctx.Stack(), ctx.Project(), name, err)
		}
	}
	if v, ok := any(set).(Validator); ok {
		if err := v.Validate(); err != nil {
			return set, fmt.Errorf("Pulumi.%s.yaml: %w", ctx.Stack(), err)
		}
	}
	return set, nil
}

var secretType = reflect.TypeOf(pulumi.StringOutput{})

func assign(ctx *pulumi.Context, field reflect.Value, name, value string) error {
	switch {
	case field.Type() == secretType:
		secret, err := config.TrySecret(ctx, name)
		if err != nil {
			return err
		}
		field.Set(reflect.ValueOf(secret))
		return nil
	case field.Kind() == reflect.String:
		field.SetString(value)
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(value)))
	decoder.DisallowUnknownFields()
	fresh := reflect.New(field.Type())
	if err := decoder.Decode(fresh.Interface()); err != nil {
		if ctx.IsConfigSecret(ctx.Project() + ":" + name) {
			return fmt.Errorf("is secret and no %s", typeName(field.Type()))
		}
		return fmt.Errorf("is %q, want %s: %w", value, typeName(field.Type()), err)
	}
	field.Set(fresh.Elem())
	return nil
}

// names are the fields of a settings struct by setting.
func names(t reflect.Type) map[string]int {
	known := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = i
	}
	return known
}

func sorted(known map[string]int) []string {
	var list []string
	for name := range known {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
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
	}
	return t.String()
}
