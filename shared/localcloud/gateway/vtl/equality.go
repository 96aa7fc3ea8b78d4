package vtl

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// sameClass: a value of one class could be assigned to a variable of the other's.
func sameClass(a, b any) bool {
	if _, ok := a.(Object); ok {
		return a == b
	}
	return classOf(a) == classOf(b)
}

// equals is Java's: lists and maps by what they hold, and 1 is not 1L.
func equals(a, b any) bool { return equalsTo(a, b, 0) }

func equalsTo(a, b any, depth int) bool {
	if depth > maxTextDepth {
		return false
	}
	switch a := a.(type) {
	case *List:
		b, ok := b.(*List)
		return ok && a.equals(b, depth+1)
	case *Map:
		b, ok := b.(*Map)
		return ok && a.equals(b, depth+1)
	case *mapEntry:
		b, ok := b.(*mapEntry)
		return ok && equalsTo(a.key, b.key, depth+1) && equalsTo(a.value(), b.value(), depth+1)
	}
	return hashable(a) == hashable(b)
}

func (l *List) equals(o *List, depth int) bool {
	if l == o {
		return true
	}
	if l.class != o.class || l.class == stringArray || l.class == valuesView || len(l.items) != len(o.items) {
		return false
	}
	if l.class == keysView {
		return !slices.ContainsFunc(l.items, func(v any) bool { return o.indexOf(v) < 0 })
	}
	for i := range l.items {
		if !equalsTo(l.items[i], o.items[i], depth) {
			return false
		}
	}
	return true
}

func (m *Map) equals(o *Map, depth int) bool {
	if m.Len() != o.Len() {
		return false
	}
	for _, e := range m.Entries() {
		if v, ok := o.get(e.Key); !ok || !equalsTo(e.Value, v, depth) {
			return false
		}
	}
	return true
}

func (l *List) indexOf(v any) int {
	return slices.IndexFunc(l.items, func(item any) bool { return equals(v, item) })
}

// hash is hashCode where it follows from the value.
func hash(v any, depth int) (int32, error) {
	switch v := v.(type) {
	case *List:
		return v.hash(depth + 1)
	case *Map:
		return v.hash(depth + 1)
	case nil:
		return 0, nil
	case string:
		return stringHash(v), nil
	case Char:
		return int32(v), nil
	case int32:
		return v, nil
	case int64:
		return int32(v ^ int64(uint64(v)>>32)), nil
	case float64:
		bits := math.Float64bits(v)
		return int32(bits ^ bits>>32), nil
	case bool:
		if v {
			return 1231, nil
		}
		return 1237, nil
	}
	if c := classOf(v); c != nil {
		return 0, fmt.Errorf("%s.hashCode is not supported here", c.name)
	}
	return 0, errors.New("hashCode is not supported here") // of an Object
}

func (l *List) hash(depth int) (int32, error) {
	if l.class == stringArray || l.class == valuesView || depth > maxTextDepth {
		return 0, fmt.Errorf("%s.hashCode is not supported here", listClasses[l.class].name)
	}
	var sum int32
	if l.class == arrayList {
		sum = 1
	}
	for _, item := range l.items {
		h, err := hash(item, depth)
		if err != nil {
			return 0, err
		}
		if l.class == arrayList {
			sum *= 31
		}
		sum += h
	}
	return sum, nil
}

func (m *Map) hash(depth int) (int32, error) {
	if depth > maxTextDepth {
		return 0, fmt.Errorf("%w: maps nested more than %d deep", ErrLimit, maxTextDepth)
	}
	var sum int32
	for _, e := range m.Entries() {
		k, err := hash(e.Key, depth)
		if err != nil {
			return 0, err
		}
		v, err := hash(e.Value, depth)
		if err != nil {
			return 0, err
		}
		sum += k ^ v
	}
	return sum, nil
}
