package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// mistyped is a setting whose value is of another type than the struct's.
type mistyped struct {
	path  string
	want  reflect.Type
	value any // nil: it is secret
}

func (e *mistyped) Error() string {
	want := typeName(e.want)
	if inner, ok := inside(e.want); ok && want == "object" {
		want += " of " + strings.Join(membersOf(inner.t), ", ")
	}
	if e.value == nil {
		return fmt.Sprintf("setting %s is secret, and no %s", e.path, want)
	}
	text, err := json.Marshal(e.value)
	if err != nil {
		text = fmt.Append(nil, e.value)
	}
	return fmt.Sprintf("setting %s is %s, want %s", e.path, text, want)
}

func membersOf(t reflect.Type) []string {
	var all []string
	for i := range t.NumField() {
		all = append(all, nameOf(t.Field(i)))
	}
	return all
}

// parse reads one JSON value, numbers as they are written.
func parse(text string, value *any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the value")
	}
	return nil
}

// decode sets target to value, which is at path.
func decode(target reflect.Value, value any, path string) error {
	switch target.Kind() {
	case reflect.Struct:
		return decodeObject(target, value, path)
	case reflect.Pointer:
		return decodePointer(target, value, path)
	case reflect.Slice:
		return decodeList(target, value, path)
	case reflect.Map:
		return decodeMap(target, value, path)
	}
	text, err := json.Marshal(value)
	if err == nil && value != nil {
		err = json.Unmarshal(text, target.Addr().Interface())
	}
	if err != nil || value == nil {
		return &mistyped{path, target.Type(), orNull(value)}
	}
	return nil
}

// orNull is value, or what stands for JSON's null in a message.
func orNull(value any) any {
	if value == nil {
		return json.RawMessage("null")
	}
	return value
}

func decodeObject(target reflect.Value, value any, path string) error {
	set, ok := value.(map[string]any)
	if !ok {
		return &mistyped{path, target.Type(), orNull(value)}
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		field, known := member(target, name)
		if !known {
			return unknown(path+".", name, target.Type())
		}
		if err := decode(field, set[name], path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// decodePointer takes null for "not set".
func decodePointer(target reflect.Value, value any, path string) error {
	if value == nil {
		target.SetZero()
		return nil
	}
	fresh := reflect.New(target.Type().Elem())
	fresh.Elem().Set(initial(target.Type().Elem()))
	if !target.IsNil() {
		fresh.Elem().Set(target.Elem())
	}
	if err := decode(fresh.Elem(), value, path); err != nil {
		return err
	}
	target.Set(fresh)
	return nil
}

func decodeList(target reflect.Value, value any, path string) error {
	set, ok := value.([]any)
	if !ok {
		return &mistyped{path, target.Type(), orNull(value)}
	}
	list := reflect.MakeSlice(target.Type(), len(set), len(set))
	for i, element := range set {
		list.Index(i).Set(initial(target.Type().Elem()))
		if err := decode(list.Index(i), element, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	target.Set(list)
	return nil
}

func decodeMap(target reflect.Value, value any, path string) error {
	set, ok := value.(map[string]any)
	if !ok {
		return &mistyped{path, target.Type(), orNull(value)}
	}
	all := reflect.MakeMap(target.Type())
	for _, name := range slices.Sorted(maps.Keys(set)) {
		element := reflect.New(target.Type().Elem()).Elem()
		element.Set(initial(element.Type()))
		if err := decode(element, set[name], path+"."+name); err != nil {
			return err
		}
		all.SetMapIndex(reflect.ValueOf(name), element)
	}
	target.Set(all)
	return nil
}

// initial is what a value of type t begins with: what its method Defaults returns, else
// nothing.
func initial(t reflect.Type) reflect.Value {
	if m, ok := t.MethodByName("Defaults"); ok && m.Type.NumIn() == 1 && m.Type.NumOut() == 1 && m.Type.Out(0) == t {
		return m.Func.Call([]reflect.Value{reflect.Zero(t)})[0]
	}
	return reflect.Zero(t)
}
