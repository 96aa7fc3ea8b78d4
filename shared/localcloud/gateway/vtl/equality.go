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

// equals is Java's: lists and maps by what they hold, and 1 is not 1L. It is false where
// the run has ended.
func (r *run) equals(a, b any) bool { return r.equalsTo(a, b, 0) }

func (r *run) equalsTo(a, b any, depth int) bool {
	if r.step() != nil || depth > maxTextDepth {
		return false
	}
	switch a := a.(type) {
	case *List:
		b, ok := b.(*List)
		return ok && r.equalLists(a, b, depth+1)
	case *Map:
		b, ok := b.(*Map)
		return ok && r.equalMaps(a, b, depth+1)
	case *mapEntry:
		b, ok := b.(*mapEntry)
		return ok && r.equalsTo(a.key, b.key, depth+1) && r.equalsTo(a.value(), b.value(), depth+1)
	}
	return hashable(a) == hashable(b)
}

func (r *run) equalLists(l, o *List, depth int) bool {
	if l == o || l.class == valuesView && o.class == valuesView && l.of == o.of {
		return true
	}
	if l.class != o.class || l.class == stringArray || l.class == valuesView || l.Len() != o.Len() {
		return false
	}
	if l.class == keysView {
		return !slices.ContainsFunc(l.Items(), func(v any) bool { return r.find(o, v, depth) < 0 })
	}
	for i := range l.items {
		if !r.equalsTo(l.items[i], o.items[i], depth) {
			return false
		}
	}
	return true
}

func (r *run) equalMaps(m, o *Map, depth int) bool {
	if m.Len() != o.Len() {
		return false
	}
	for _, e := range m.Entries() {
		if v, ok := o.get(e.Key); !ok || !r.equalsTo(e.Value, v, depth) {
			return false
		}
	}
	return true
}

func (r *run) indexOf(l *List, v any) int { return r.find(l, v, 0) }

func (r *run) find(l *List, v any, depth int) int {
	for i := range l.Len() {
		if r.equalsTo(v, l.at(i), depth) {
			return i
		}
	}
	return -1
}

// hash is hashCode where it follows from the value.
func (r *run) hash(v any, depth int) (int32, error) {
	if err := r.step(); err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case *List:
		return r.hashList(v, depth+1)
	case *Map:
		return r.hashMap(v, depth+1)
	case nil:
		return 0, nil
	case string:
		return stringHash(v), nil
	case Char:
		return int32(v), nil
	case int32:
		return v, nil
	case Short, Byte:
		return toInt(v), nil
	case Float:
		if v != v {
			return 0x7fc00000, nil
		}
		return int32(math.Float32bits(float32(v))), nil
	case int64:
		return int32(v ^ int64(uint64(v)>>32)), nil
	case float64:
		bits := doubleBits(v)
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

func (r *run) hashList(l *List, depth int) (int32, error) {
	if l.class == stringArray || l.class == valuesView || depth > maxTextDepth {
		return 0, fmt.Errorf("%s.hashCode is not supported here", listClasses[l.class].name)
	}
	var sum int32
	if l.class == arrayList {
		sum = 1
	}
	for i := range l.Len() {
		h, err := r.hash(l.at(i), depth)
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

func (r *run) hashMap(m *Map, depth int) (int32, error) {
	if depth > maxTextDepth {
		return 0, fmt.Errorf("%w: maps nested more than %d deep", ErrLimit, maxTextDepth)
	}
	var sum int32
	for _, e := range m.Entries() {
		k, err := r.hash(e.Key, depth)
		if err != nil {
			return 0, err
		}
		v, err := r.hash(e.Value, depth)
		if err != nil {
			return 0, err
		}
		sum += k ^ v
	}
	return sum, nil
}
