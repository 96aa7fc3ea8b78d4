package vtl

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// run is one execution of a template.
type run struct {
	ctx     context.Context
	options Options
	name    string
	macros  map[string]*macro
	steps   int
	ended   error // by step, from then on
	memory  int
	calls   int // macros being called
	depth   int // of rendering inside rendering

	// What follows is memory that one run takes over from another.
	out   output
	spare []*output
	args  []any // of the methods being called

	strings strings.Builder // those that runs make, one after another
}

var runs = sync.Pool{New: func() any { return &run{} }}

// maxKept is how much memory, in bytes, an output keeps for the next run.
const maxKept = 1 << 20

// end leaves the run's memory to another.
func (r *run) end() {
	if cap(r.out.text) > maxKept {
		r.out.text = nil
	}
	*r = run{out: output{text: r.out.text[:0]}, spare: r.spare, args: r.args, strings: r.strings}
	runs.Put(r)
}

// borrow is an output for a string on the way, to be given back.
func (r *run) borrow() *output {
	if n := len(r.spare); n > 0 {
		out := r.spare[n-1]
		r.spare = r.spare[:n-1]
		out.text, out.limit = out.text[:0], r.options.Memory-r.memory
		return out
	}
	return &output{text: make([]byte, 0, 256), limit: r.options.Memory - r.memory}
}

// kept is text as a string. Many share one piece of memory, which is never written again.
func (r *run) kept(text []byte) (string, error) {
	if r.strings.Cap()-r.strings.Len() < len(text) {
		size := max(512, min(2*r.strings.Cap(), maxPiece), len(text))
		r.strings = strings.Builder{}
		r.strings.Grow(size)
	}
	from := r.strings.Len()
	r.strings.Write(text)
	return r.strings.String()[from:], r.charge(len(text))
}

// maxPiece is how much memory, in bytes, small strings share.
const maxPiece = 16 << 10

func (r *run) giveBack(out *output) {
	if cap(out.text) <= maxKept {
		r.spare = append(r.spare, out)
	}
}

// maxDepth bounds how deep blocks, definitions and strings render inside one another.
const maxDepth = 1000

// step counts one executed node, or two values that are compared, and looks at the context
// now and then.
func (r *run) step() error {
	r.steps++
	switch {
	case r.ended != nil:
	case r.steps > r.options.Steps:
		r.ended = fmt.Errorf("%w: more than %d steps", ErrLimit, r.options.Steps)
	case r.steps%256 == 0:
		r.ended = r.ctx.Err()
	}
	return r.ended
}

// longText is the length of a string, in bytes, of which a method may take long.
const longText = 64 << 10

// stepOn is step before a method of a value is called.
func (r *run) stepOn(v any) error {
	if s, ok := v.(string); ok && len(s) > longText && r.ended == nil {
		r.ended = r.ctx.Err()
	}
	return r.step()
}

// charge counts bytes that a value will take, before they are taken.
func (r *run) charge(n int) error {
	if n < 0 || r.memory+n > r.options.Memory {
		return fmt.Errorf("%w: more than %d bytes in strings, lists and maps", ErrLimit, r.options.Memory)
	}
	r.memory += n
	return nil
}

func (r *run) enter() error {
	if r.depth++; r.depth > maxDepth {
		return fmt.Errorf("%w: rendering nested more than %d deep", ErrLimit, maxDepth)
	}
	return nil
}

func (r *run) leave() { r.depth-- }

// unresolved is the value of what has none.
func (r *run) unresolved() any {
	if r.options.EmptyUnresolved {
		return ""
	}
	return nil
}

// stop is the error by which #stop and #break leave what is being rendered.
type stop struct {
	nearest bool // the first that can be left
	target  any  // or this one; neither: the template
}

func (s *stop) Error() string { return "#break of a scope that is not being rendered" }

func (s *stop) isFor(what any) bool {
	if s.nearest {
		return true
	}
	if s.target != nil {
		return s.target == what
	}
	_, template := what.(*Template)
	return template
}

// symbol is a name that a template mentions. A template has one for all its mentions.
type symbol struct {
	name string
	slot int  // of its value in variables
	read bool // by a reference
}

// scope is where names have values.
type scope interface {
	get(r *run, name *symbol) (any, error)
	put(name *symbol, v any)
	remove(name *symbol)
	// written is the argument of the innermost macro that calls it by this reference.
	written(reference string) node
}

// variables are the values of the names of the whole template, by slot.
type variables []any

func (v variables) get(_ *run, name *symbol) (any, error) { return v[name.slot], nil }
func (v variables) put(name *symbol, value any)           { v[name.slot] = value }
func (v variables) remove(name *symbol)                   { v[name.slot] = nil }
func (v variables) written(string) node                   { return nil }

// nullScope hides a loop variable whose value is null, so that a variable or an argument
// of the same name does not show through.
type nullScope struct {
	scope
	name   *symbol
	hiding bool
}

func (n *nullScope) get(r *run, name *symbol) (any, error) {
	if n.hiding && name == n.name {
		return nil, nil
	}
	return n.scope.get(r, name)
}

func (n *nullScope) put(name *symbol, v any) {
	if name == n.name && v == nil {
		n.hiding = true
	}
	n.scope.put(name, v)
}

func (n *nullScope) remove(name *symbol) {
	if name == n.name {
		n.hiding = false
	}
	n.scope.remove(name)
}

// macroScope is the inside of a macro. Its arguments are evaluated in the caller's scope
// each time they are used; what it sets, it sets here and in the caller's scope.
type macroScope struct {
	outer    scope
	local    map[*symbol]any
	args     map[*symbol]node
	literals map[string]node // by the reference that stands for them in the macro
}

func (m *macroScope) written(reference string) node {
	if n, ok := m.literals[reference]; ok {
		return n
	}
	return m.outer.written(reference)
}

func (m *macroScope) get(r *run, name *symbol) (any, error) {
	if v := m.local[name]; v != nil {
		return v, nil
	}
	arg, ok := m.args[name]
	if !ok {
		return m.outer.get(r, name)
	}
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	if ref, ok := arg.(*reference); ok {
		if len(ref.steps) == 0 {
			return m.outer.get(r, ref.symbol)
		}
		return ref.execute(r, m.outer)
	}
	return arg.value(r, m.outer)
}

func (m *macroScope) put(name *symbol, v any) {
	m.local[name] = v
	m.outer.put(name, v)
}

func (m *macroScope) remove(name *symbol) {
	delete(m.local, name)
	delete(m.args, name)
	m.outer.remove(name)
}
