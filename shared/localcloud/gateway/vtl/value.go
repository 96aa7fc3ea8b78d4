package vtl

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
)

// The values of a template and the classes of Java that they stand for:
//
//	nil       null
//	string    String
//	bool      Boolean
//	int32     Integer, the class of an integer in a template
//	int64     Long
//	*big.Int  BigInteger
//	float64   Double
//	Float, Short, Byte  what floatValue, shortValue and byteValue return
//	Decimal   BigDecimal
//	Char      Character, what charAt returns
//	*List     ArrayList, an array, or the set or collection that a map gives out
//	*Map      LinkedHashMap
//	Object    what the host lets a template see of its own

// Char is a Character.
type Char rune

// Float, Short and Byte are those of Java.
type (
	Float float32
	Short int16
	Byte  int8
)

func (f Float) String() string { return doubleText(float64(f), 32) }
func (n Short) String() string { return strconv.Itoa(int(n)) }
func (n Byte) String() string  { return strconv.Itoa(int(n)) }

// Object is a value that the host implements.
type Object interface {
	// Property is the value of $object.name; not found means unresolved.
	Property(name string) (v any, found bool)
	// Call is the value of $object.name(args); not found means that there is no such
	// method for these arguments. An error ends the template.
	Call(name string, args []any) (v any, found bool, err error)
}

// Deferred is a string that an Object's Call returns without having put it together: it
// appends the string to out. Where the string is only printed it is written at its place.
type Deferred func(out []byte) []byte

// made is the string of a Deferred, and any other value itself.
func (r *run) made(v any) (any, error) {
	d, ok := v.(Deferred)
	if !ok {
		return v, nil
	}
	out := r.borrow()
	defer r.giveBack(out)
	out.text = d(out.text)
	return r.kept(out.text)
}

// Value makes a template's value of a Go value: it takes every type of the list above, any
// other number as the class that holds it, slices as lists and maps with string keys as
// maps ordered by key. Anything else is its fmt.Sprint.
func Value(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int32, int64, float64, Float, Short, Byte, *big.Int, Decimal, digits, Char, *List, *Map, Object:
		return v
	case int:
		return fitInt(int64(v))
	case []any:
		return NewList(v...)
	}
	return reflected(reflect.ValueOf(v))
}

func reflected(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fitInt(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return parseInteger(fmt.Sprint(v.Uint()))
	case reflect.Float32, reflect.Float64:
		return v.Float()
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Slice:
		l := &List{}
		for i := range v.Len() {
			l.items = append(l.items, Value(v.Index(i).Interface()))
		}
		return l
	case reflect.Map:
		return mapOf(v)
	}
	return fmt.Sprint(v.Interface())
}

func mapOf(v reflect.Value) *Map {
	byName := map[string]any{}
	for k, item := range v.Seq2() {
		byName[fmt.Sprint(k.Interface())] = Value(item.Interface())
	}
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	m := NewMap()
	for _, name := range names {
		m.set(name, byName[name])
	}
	return m
}

// fitInt is an Integer where it fits, else a Long.
func fitInt(n int64) any {
	if n == int64(int32(n)) {
		return int32(n)
	}
	return n
}

// fit is the class of so many bits where it holds n, else the next that does.
func fit(n int64, bits int) any {
	switch {
	case bits == 8 && n == int64(int8(n)):
		return Byte(n)
	case bits <= 16 && n == int64(int16(n)):
		return Short(n)
	case bits <= 32:
		return fitInt(n)
	}
	return n
}

// bitsOf is the size of the class of a whole number that is not a BigInteger.
func bitsOf(v any) int {
	switch v.(type) {
	case Byte:
		return 8
	case Short:
		return 16
	case int64:
		return 64
	}
	return 32
}
