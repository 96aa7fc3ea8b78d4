package vtl

import (
	"fmt"
	"strings"
)

// node is a piece of a template. What it renders, what it is worth as a value, and whether
// it holds as a condition are three different questions in Velocity: a string literal, for
// one, has a value and never holds.
type node interface {
	span() base
	init(u *unit)
	render(r *run, s scope, w *output) error
	value(r *run, s scope) (any, error)
	holds(r *run, s scope) (bool, error)
}

// base is the span of a node, and the answers of a node that has none of its own.
type base struct {
	first, last *token
	source      *source
}

func (b base) span() base { return b }

func (b base) init(*unit) {}

func (b base) render(*run, scope, *output) error { return nil }

func (b base) value(*run, scope) (any, error) { return nil, nil }

func (b base) holds(*run, scope) (bool, error) { return false, nil }

// literal is the node as it stands in the template.
func (b base) literal() string {
	var out strings.Builder
	for t := b.first; t != nil; t = t.next {
		out.WriteString(t.literal())
		if t == b.last {
			break
		}
	}
	return out.String()
}

// image is like literal, without the characters that belong to no token.
func (b base) image() string {
	var out strings.Builder
	for t := b.first; t != nil; t = t.next {
		out.WriteString(t.image)
		if t == b.last {
			break
		}
	}
	return out.String()
}

func (b base) errorf(r *run, format string, args ...any) error {
	return b.error(r.name, fmt.Sprintf(format, args...), nil)
}

func (b base) wrap(r *run, err error, what string) error {
	return b.error(r.name, what, err)
}

// error is an Error at the node.
func (b base) error(template, message string, err error) *Error {
	line, column := b.source.place(b.first.offset)
	return &Error{Template: template, Line: line, Column: column, Message: message, Err: err}
}

type block struct {
	base
	nodes []node
}

func (b *block) init(u *unit) {
	for _, n := range b.nodes {
		n.init(u)
	}
}

func (b *block) render(r *run, s scope, w *output) error {
	for _, n := range b.nodes {
		if err := r.step(); err != nil {
			return err
		}
		if err := n.render(r, s, w); err != nil {
			return err
		}
	}
	return nil
}

// plainText prints its token, and what stood before it without beginning anything.
type plainText struct {
	base
	text string
}

func (t *plainText) init(*unit) { t.text = t.first.literal() }

func (t *plainText) render(_ *run, _ scope, w *output) error { return w.write(t.text) }

// fixed prints a text made when it was parsed.
type fixed struct {
	base
	text string
}

func (f *fixed) render(_ *run, _ scope, w *output) error { return w.write(f.text) }

// beforeComment is what stands before the comment sign in its own token.
func beforeComment(image string) string {
	for _, sign := range []string{"##", "#*"} {
		if i := strings.Index(image, sign); i >= 0 {
			return image[:i]
		}
	}
	return ""
}

type branch struct {
	condition node
	body      *block
}

type ifNode struct {
	base
	branches  []branch
	otherwise *block
}

func (n *ifNode) init(u *unit) {
	for _, b := range n.branches {
		b.condition.init(u)
		b.body.init(u)
	}
	if n.otherwise != nil {
		n.otherwise.init(u)
	}
}

func (n *ifNode) render(r *run, s scope, w *output) error {
	for _, b := range n.branches {
		holds, err := b.condition.holds(r, s)
		if err != nil {
			return err
		}
		if holds {
			return b.body.render(r, s, w)
		}
	}
	if n.otherwise == nil {
		return nil
	}
	return n.otherwise.render(r, s, w)
}

// setNode assigns, unless the value is null: then the variable keeps what it had.
type setNode struct {
	base
	left  *reference
	right node
	name  *symbol
}

func (n *setNode) init(u *unit) {
	n.left.init(u)
	n.right.init(u)
	n.name = u.symbol(n.left.first.image[1:])
}

func (n *setNode) render(r *run, s scope, _ *output) error {
	v, err := n.right.value(r, s)
	if err != nil || v == nil {
		return err
	}
	if len(n.left.steps) == 0 {
		s.put(n.name, v)
		return nil
	}
	return n.left.assign(r, s, v)
}
