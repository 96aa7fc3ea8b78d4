package vtl

import (
	"context"
	"fmt"
)

// run is one execution of a template.
type run struct {
	ctx     context.Context
	options Options
	name    string
	macros  map[string]*macro
	steps   int
	memory  int
	calls   int // macros being called
	depth   int // of rendering inside rendering
	spare   []*output
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

func (r *run) giveBack(out *output) { r.spare = append(r.spare, out) }

// maxDepth bounds how deep blocks, definitions and strings render inside one another.
const maxDepth = 1000

// step counts one executed node, and looks at the context now and then.
func (r *run) step() error {
	r.steps++
	if r.steps > r.options.Steps {
		return fmt.Errorf("%w: more than %d steps", ErrLimit, r.options.Steps)
	}
	if r.steps%256 == 0 {
		return r.ctx.Err()
	}
	return nil
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

// scope is where names have values.
type scope interface {
	get(r *run, name string) (any, error)
	put(name string, v any)
	remove(name string)
}

// variables are the names of the whole template.
type variables map[string]any

func (v variables) get(_ *run, name string) (any, error) { return v[name], nil }
func (v variables) put(name string, value any)           { v[name] = value }
func (v variables) remove(name string)                   { delete(v, name) }

// nullScope hides a loop variable whose value is null, so that a variable or an argument
// of the same name does not show through.
type nullScope struct {
	scope
	name   string
	hiding bool
}

func (n *nullScope) get(r *run, name string) (any, error) {
	if n.hiding && name == n.name {
		return nil, nil
	}
	return n.scope.get(r, name)
}

func (n *nullScope) put(name string, v any) {
	if name == n.name && v == nil {
		n.hiding = true
	}
	n.scope.put(name, v)
}

func (n *nullScope) remove(name string) {
	if name == n.name {
		n.hiding = false
	}
	n.scope.remove(name)
}

// literalPrefix marks the name under which a macro's argument keeps how it was written in
// the call: that is what prints where it has no value.
const literalPrefix = ".literal."

// macroScope is the inside of a macro. Its arguments are evaluated in the caller's scope
// each time they are used; what it sets, it sets here and in the caller's scope.
type macroScope struct {
	outer scope
	local map[string]any
	args  map[string]node
}

func (m *macroScope) get(r *run, name string) (any, error) {
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
			return m.outer.get(r, ref.root)
		}
		return ref.execute(r, m.outer)
	}
	return arg.value(r, m.outer)
}

func (m *macroScope) put(name string, v any) {
	m.local[name] = v
	m.outer.put(name, v)
}

func (m *macroScope) remove(name string) {
	delete(m.local, name)
	delete(m.args, name)
	m.outer.remove(name)
}
