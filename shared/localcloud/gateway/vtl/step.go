package vtl

// step is .property, .method(...) or [index].
type step interface {
	node
	execute(r *run, s scope, on any) (any, error)
}

type property struct {
	base
	names accessors
}

func (p *property) init(*unit) { p.names = accessorsOf(p.first.image) }

func (p *property) execute(r *run, _ scope, on any) (any, error) {
	v, err := r.property(on, &p.names)
	if err != nil {
		return nil, p.wrap(r, err, "cannot get "+p.first.image)
	}
	return v, nil
}

type method struct {
	base
	arguments []node
}

func (m *method) init(u *unit) { initAll(u, m.arguments) }

func initAll(u *unit, nodes []node) {
	for _, n := range nodes {
		n.init(u)
	}
}

func (m *method) execute(r *run, s scope, on any) (any, error) {
	args, err := r.push(s, m.arguments)
	defer r.pop(len(args))
	if err != nil {
		return nil, err
	}
	v, _, err := r.call(on, m.first.image, args)
	if err != nil {
		return nil, m.wrap(r, err, "cannot call "+m.first.image)
	}
	return v, nil
}

// push evaluates arguments; they are to be popped after their use.
func (r *run) push(s scope, nodes []node) ([]any, error) {
	for i, n := range nodes {
		v, err := n.value(r, s)
		if err != nil {
			return r.args[len(r.args)-i:], err
		}
		r.args = append(r.args, v)
	}
	return r.args[len(r.args)-len(nodes):], nil
}

func (r *run) pop(n int) {
	keep := len(r.args) - n
	clear(r.args[keep:])
	r.args = r.args[:keep]
}

func values(r *run, s scope, nodes []node) ([]any, error) {
	out := make([]any, len(nodes))
	for i, n := range nodes {
		v, err := n.value(r, s)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

type index struct {
	base
	argument node
}

func (i *index) init(u *unit) { i.argument.init(u) }

func (i *index) execute(r *run, s scope, on any) (any, error) {
	key, err := i.key(r, s, on)
	if err != nil {
		return nil, err
	}
	v, _, err := r.call(on, "get", []any{key})
	if err != nil {
		return nil, i.wrap(r, err, "cannot index")
	}
	return v, nil
}

// key is the index; a negative one counts from the end.
func (i *index) key(r *run, s scope, on any) (any, error) {
	v, err := i.argument.value(r, s)
	if err != nil {
		return nil, err
	}
	n, ok := v.(int32)
	if !ok || n >= 0 {
		return v, nil
	}
	size, found, err := r.call(on, "size", nil)
	if err != nil {
		return nil, err
	}
	length, ok := size.(int32)
	if !found || !ok {
		return nil, i.errorf(r, "a negative index needs a size()")
	}
	return length + n, nil
}
