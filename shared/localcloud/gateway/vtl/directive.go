package vtl

import (
	"errors"
	"fmt"
	"strings"
)

// directive is "#name" with its arguments and body as it was parsed; resolve finds out
// what it is.
type directive struct {
	base
	name      string
	called    bool // with parentheses
	arguments []node
	body      *block
}

// bareWord is an argument without quotes or "$".
type bareWord struct{ base }

func (d *directive) resolve(p *parser) node {
	switch d.name {
	case "foreach":
		return d.foreach(p)
	case "macro":
		return &macroNode{base: d.base, arguments: d.arguments, body: d.body}
	case "define":
		return d.define(p)
	case "literal":
		if !d.called || len(d.arguments) > 0 || len(d.body.nodes) == 0 {
			p.fail(d.first.offset, "#literal wants a body and no arguments: #literal() ... #end")
		}
		return &literalNode{base: d.base, body: d.body}
	case "stop", "break":
		if len(d.arguments) > 1 {
			p.fail(d.first.offset, "#%s takes one argument at most", d.name)
		}
		return &stopNode{base: d.base, name: d.name, arguments: d.arguments}
	case "include", "parse", "evaluate":
		p.fail(d.first.offset, "#%s is not supported: a mapping template has nothing to include", d.name)
	}
	if strings.HasPrefix(d.name, "@") && !d.called {
		return &fixed{base: d.base, text: "#" + d.name}
	}
	return &macroCall{base: d.base, name: strings.TrimPrefix(d.name, "@"), arguments: d.arguments, body: d.body}
}

func (d *directive) foreach(p *parser) node {
	if len(d.arguments) < 2 {
		p.fail(d.first.offset, "#foreach wants #foreach($name in list)")
	}
	return &foreachNode{base: d.base, parts: append(d.arguments, d.body)}
}

func (d *directive) define(p *parser) node {
	if !d.called || len(d.arguments) != 1 {
		p.fail(d.first.offset, "#define wants the name of a reference: #define($name)")
	}
	return &defineNode{base: d.base, argument: d.arguments[0], body: d.body}
}

// literalNode prints its body as it stands.
type literalNode struct {
	base
	body *block
}

func (n *literalNode) init(u *unit) { n.body.init(u) }

func (n *literalNode) render(_ *run, _ scope, w *output) error { return w.write(n.body.literal()) }

// stopNode is #stop, which ends the template, and #break, which leaves what is nearest of
// loop, macro and block, or the scope it is given.
type stopNode struct {
	base
	name      string
	arguments []node
}

func (n *stopNode) init(u *unit) { initAll(u, n.arguments) }

func (n *stopNode) render(r *run, s scope, _ *output) error {
	args, err := values(r, s, n.arguments)
	if err != nil {
		return err
	}
	if n.name == "stop" {
		return &stop{}
	}
	if len(args) == 0 {
		return &stop{nearest: true}
	}
	loop, ok := args[0].(*loop)
	if !ok {
		return n.errorf(r, "%s is not the scope of a loop", n.arguments[0].span().literal())
	}
	return &stop{target: loop.owner}
}

// macro is a definition: its body with the names of its arguments.
type macro struct {
	name   string
	params []*symbol
	body   *block
}

// maxCalls is how deep macros may call one another: velocimacro.max.depth.
const maxCalls = 20

// macroNode defines a macro. A second definition of a name is ignored.
type macroNode struct {
	base
	arguments []node
	body      *block
}

func (n *macroNode) init(u *unit) {
	initAll(u, n.arguments)
	n.body.init(u)
	m := &macro{name: n.arguments[0].span().first.image, body: n.body}
	for _, a := range n.arguments[1:] {
		m.params = append(m.params, u.symbol(strings.TrimPrefix(a.span().first.image, "$")))
	}
	if u.macros[m.name] == nil {
		u.macros[m.name] = m
	}
}

// macroCall is #name(arguments), or #@name(arguments) body #end, whose body the macro
// renders as $bodyContent. The call of what is no macro is text.
type macroCall struct {
	base
	name      string
	arguments []node
	body      *block
	content   *symbol
}

func (n *macroCall) init(u *unit) {
	n.content = u.symbol("bodyContent")
	initAll(u, n.arguments)
	if n.body != nil {
		n.body.init(u)
	}
}

func (n *macroCall) render(r *run, s scope, w *output) error {
	m := r.macros[n.name]
	if m == nil {
		return w.write(n.image())
	}
	for _, a := range n.arguments {
		if word, ok := a.(*bareWord); ok {
			return n.errorf(r, "argument %q of #%s is a bare word", word.first.image, n.name)
		}
	}
	inner, err := n.scope(r, s, m)
	if err != nil {
		return err
	}
	if r.calls == maxCalls {
		return n.wrap(r, ErrLimit, fmt.Sprintf("#%s: macros call one another more than %d deep", n.name, maxCalls))
	}
	r.calls++
	err = r.inside(func() error { return m.body.render(r, inner, w) })
	var left *stop
	if errors.As(err, &left) {
		// Velocity does not count the call down here: twenty #break out of macros are the
		// end of what a template can call.
		if left.isFor(n) {
			return nil
		}
		return err
	}
	r.calls--
	return err
}

// scope holds the arguments of the call: a number, true or false as its value, anything
// else as what is to be evaluated when it is used.
func (n *macroCall) scope(r *run, outer scope, m *macro) (*macroScope, error) {
	inner := &macroScope{outer: outer, local: map[*symbol]any{}, args: map[*symbol]node{}, literals: map[string]node{}}
	for i, name := range m.params {
		if i >= len(n.arguments) {
			break
		}
		switch a := n.arguments[i].(type) {
		case *constant:
			inner.local[name] = a.v
		default:
			inner.args[name] = a
			inner.literals["$"+name.name] = a
		}
	}
	if n.body != nil {
		inner.local[n.content] = &definition{scope: outer, body: n.body, owner: n, maxDepth: maxCalls}
	}
	return inner, r.charge(256)
}

// defineNode gives a block a name: $name then renders it.
type defineNode struct {
	base
	argument node
	body     *block
	name     *symbol
}

// maxDefinitionDepth is how deep a definition renders in itself: directive.define.maxdepth.
const maxDefinitionDepth = 2

func (n *defineNode) init(u *unit) {
	n.argument.init(u)
	n.body.init(u)
	n.name = u.symbol(n.argument.span().first.image[1:])
}

func (n *defineNode) render(_ *run, s scope, _ *output) error {
	s.put(n.name, &definition{scope: s, body: n.body, owner: n, maxDepth: maxDefinitionDepth})
	return nil
}

// definition is the value of a defined block, and of a macro's $bodyContent.
type definition struct {
	scope    scope // where it was made, for its text
	body     *block
	owner    node
	depth    int
	maxDepth int
}

// render is false, having written nothing, where the definition is too deep in itself.
func (d *definition) render(r *run, s scope, w *output) (bool, error) {
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > d.maxDepth {
		return false, nil
	}
	err := r.inside(func() error { return d.body.render(r, s, w) })
	var left *stop
	if errors.As(err, &left) && left.isFor(d.owner) {
		err = nil
	}
	return true, err
}

func (d *definition) text(r *run) (string, bool, error) {
	out := r.borrow()
	defer r.giveBack(out)
	ok, err := d.render(r, d.scope, out)
	if err != nil || !ok {
		return "", false, err
	}
	text, err := r.kept(out.text)
	return text, true, err
}
