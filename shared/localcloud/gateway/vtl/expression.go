package vtl

// expression is what stands between the parentheses of #if or to the right of "=".
type expression struct {
	base
	of node
}

func (e *expression) init(u *unit) { e.of.init(u) }

func (e *expression) value(r *run, s scope) (any, error) { return e.of.value(r, s) }

func (e *expression) holds(r *run, s scope) (bool, error) { return e.of.holds(r, s) }

// constant is a number, true or false. Only true holds.
type constant struct {
	base
	v any
}

func (c *constant) value(*run, scope) (any, error) { return c.v, nil }

func (c *constant) holds(*run, scope) (bool, error) { return c.v == true, nil }

// pair is the two sides of an operator.
type pair struct {
	base
	left, right node
}

func (p pair) init(u *unit) {
	p.left.init(u)
	p.right.init(u)
}

func (p pair) values(r *run, s scope) (left, right any, err error) {
	if err := r.step(); err != nil {
		return nil, nil, err
	}
	if left, err = p.left.value(r, s); err != nil {
		return nil, nil, err
	}
	right, err = p.right.value(r, s)
	return left, right, err
}

type orNode struct{ pair }

func (n *orNode) value(r *run, s scope) (any, error) { return n.holds(r, s) }

func (n *orNode) holds(r *run, s scope) (bool, error) {
	if holds, err := n.left.holds(r, s); holds || err != nil {
		return holds, err
	}
	return n.right.holds(r, s)
}

type andNode struct{ pair }

func (n *andNode) value(r *run, s scope) (any, error) { return n.holds(r, s) }

func (n *andNode) holds(r *run, s scope) (bool, error) {
	if holds, err := n.left.holds(r, s); !holds || err != nil {
		return false, err
	}
	return n.right.holds(r, s)
}

type notNode struct {
	base
	of node
}

func (n *notNode) init(u *unit) { n.of.init(u) }

func (n *notNode) value(r *run, s scope) (any, error) { return n.holds(r, s) }

func (n *notNode) holds(r *run, s scope) (bool, error) {
	holds, err := n.of.holds(r, s)
	return !holds && err == nil, err
}

// equalNode is == where equal, != where not.
type equalNode struct {
	pair
	equal bool
}

func (n *equalNode) value(r *run, s scope) (any, error) { return n.holds(r, s) }

func (n *equalNode) holds(r *run, s scope) (bool, error) {
	left, right, err := n.values(r, s)
	if err != nil {
		return false, err
	}
	same, err := r.sameValue(left, right)
	return same == n.equal && err == nil, err
}

// sameValue is Velocity's ==: numbers by value, things of one class by equals, and all
// else by its text.
func (r *run) sameValue(left, right any) (bool, error) {
	if isNumber(left) && isNumber(right) {
		return compareNumbers(left, right) == 0, nil
	}
	if left != nil && right != nil && sameClass(left, right) {
		return r.equals(left, right), r.ended
	}
	l, hasLeft, err := r.textOrNull(left)
	if err != nil {
		return false, err
	}
	t, hasRight, err := r.textOrNull(right)
	return hasLeft == hasRight && l == t, err
}

// compareNode is one of < > <= >=: false unless both sides are numbers.
type compareNode struct {
	pair
	satisfied func(order int) bool
}

func (n *compareNode) value(r *run, s scope) (any, error) { return n.holds(r, s) }

func (n *compareNode) holds(r *run, s scope) (bool, error) {
	left, right, err := n.values(r, s)
	if err != nil {
		return false, err
	}
	if ok, err := areNumbers(left, right); !ok || err != nil {
		return false, err
	}
	return n.satisfied(compareNumbers(left, right)), nil
}

// mathNode is arithmetic: null unless both sides are numbers. A sum with a string in it is
// the strings joined.
type mathNode struct {
	pair
	op arithmetic
}

func (n *mathNode) value(r *run, s scope) (any, error) {
	left, right, err := n.values(r, s)
	if err != nil {
		return nil, err
	}
	if joined, ok, err := n.join(r, left, right); ok || err != nil {
		return joined, err
	}
	if ok, err := areNumbers(left, right); !ok || err != nil {
		return nil, err
	}
	v, err := n.op.apply(left, right)
	if err != nil {
		return nil, n.wrap(r, err, "cannot calculate")
	}
	return v, nil
}

func (n *mathNode) join(r *run, left, right any) (string, bool, error) {
	_, leftString := left.(string)
	_, rightString := right.(string)
	if n.op != add || !leftString && !rightString {
		return "", false, nil
	}
	l, err := r.textOr(left, n.left)
	if err != nil {
		return "", false, err
	}
	t, err := r.textOr(right, n.right)
	if err != nil {
		return "", false, err
	}
	return l + t, true, r.charge(len(l) + len(t))
}

// textOr is the text of v; without a value, of the node as it was written.
func (r *run) textOr(v any, n node) (string, error) {
	if v == nil {
		return n.span().literal(), nil
	}
	return r.text(v)
}
