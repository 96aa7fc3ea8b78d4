package mapping

import (
	"errors"
	"fmt"
	"slices"

	"pipeline/shared/localcloud/gateway/vtl"
)

// maxSteps bounds the work of one path: one with several ".." can find far more than the
// payload holds.
const maxSteps = 1_000_000

var (
	// errNotFound ends what follows an element of a list; the next element is tried.
	errNotFound = errors.New("nothing there")
	// errNoList ends the path: an index was applied to what is no list.
	errNoList = errors.New("no list")
	errTooFar = fmt.Errorf("it takes more than %d steps", maxSteps)
)

// find is the value that a definite path leads to, null where it leads nowhere; of any
// other path the list of what it finds, empty where a part of it could not be applied.
func (p path) find(root any) (any, error) {
	var f finder
	err := f.evaluate(p, root)
	switch {
	case errors.Is(err, errTooFar):
		return nil, err
	case p.definite() && (err != nil || len(f.found) == 0):
		return nil, nil
	case p.definite():
		return f.found[0], nil
	}
	l := newList()
	if err == nil {
		for _, v := range f.found {
			l.Add(v)
		}
	}
	return l, nil
}

// finder collects what a path finds, in Jayway's order and with its stops.
type finder struct {
	found []any
	steps int
}

func (f *finder) evaluate(p path, v any) error {
	if f.steps++; f.steps > maxSteps {
		return errTooFar
	}
	if len(p) == 0 {
		f.found = append(f.found, v)
		return nil
	}
	switch p[0].kind {
	case members:
		return f.members(p, v)
	case elements, slice:
		return f.elements(p, v)
	case wildcard:
		return f.wildcard(p, v)
	}
	return f.scan(p[1:], v)
}

func (f *finder) members(p path, v any) error {
	m, ok := v.(*vtl.Map)
	if !ok {
		return errNotFound
	}
	names := p[0].names
	if len(names) > 1 {
		f.found = append(f.found, some(m, names))
		return nil
	}
	if inner, ok := m.Lookup(names[0]); ok {
		return f.evaluate(p[1:], inner)
	}
	if len(p) == 1 {
		return nil
	}
	return errNotFound
}

// some is the object that is left of m with those names.
func some(m *vtl.Map, names []string) *vtl.Map {
	left := vtl.NewMap()
	for _, name := range names {
		if v, ok := m.Lookup(name); ok {
			left.Put(name, v)
		}
	}
	return left
}

func (f *finder) elements(p path, v any) error {
	l, ok := v.(*vtl.List)
	switch {
	case v == nil:
		return errNotFound
	case !ok:
		return errNoList
	}
	indexes := p[0].indexes
	if p[0].kind == slice {
		indexes = p[0].between(l.Len())
	}
	for _, i := range indexes {
		if i >= l.Len() {
			return errNotFound
		}
		if err := f.evaluate(p[1:], l.Items()[i]); err != nil {
			return err
		}
	}
	return nil
}

// between are the indexes of a slice; a negative end counts from the end.
func (s segment) between(length int) []int {
	from, to := 0, length
	if s.from != nil {
		from = bound(*s.from, length)
	}
	if s.to != nil {
		to = bound(*s.to, length)
	}
	var indexes []int
	for i := from; i < to; i++ {
		indexes = append(indexes, i)
	}
	return indexes
}

func bound(i, length int) int {
	if i < 0 {
		i += length
	}
	return min(max(i, 0), length)
}

func (f *finder) wildcard(p path, v any) error {
	switch v := v.(type) {
	case *vtl.Map:
		for _, e := range v.Entries() {
			if err := f.evaluate(p[1:], e.Value); err != nil {
				return err
			}
		}
	case *vtl.List:
		for _, item := range v.Items() {
			if err := f.evaluate(p[1:], item); err != nil && !errors.Is(err, errNotFound) {
				return err
			}
		}
	}
	return nil
}

// scan applies the path to everything from v down that its first segment fits.
func (f *finder) scan(p path, v any) error {
	if f.steps++; f.steps > maxSteps {
		return errTooFar
	}
	var below []any
	switch v := v.(type) {
	case *vtl.Map:
		below = v.Values().Items()
	case *vtl.List:
		below = v.Items()
	default:
		return nil
	}
	if p[0].fits(v) {
		if err := f.scanned(p, v); err != nil {
			return err
		}
	}
	for _, item := range below {
		if err := f.scan(p, item); err != nil {
			return err
		}
	}
	return nil
}

// scanned applies the path to one place. To a list it applies what follows the segment,
// for every element whatever index the segment has: Jayway does so.
func (f *finder) scanned(p path, v any) error {
	l, ok := v.(*vtl.List)
	if !ok || len(p) == 1 {
		return f.evaluate(p, v)
	}
	for _, item := range l.Items() {
		if err := f.evaluate(p[1:], item); err != nil {
			return err
		}
	}
	return nil
}

func (s segment) fits(v any) bool {
	switch v := v.(type) {
	case *vtl.Map:
		if s.kind == members {
			return !slices.ContainsFunc(s.names, func(name string) bool { return !v.Has(name) })
		}
		return s.kind == wildcard
	case *vtl.List:
		return s.kind != members
	}
	return false
}
