package vtl

import (
	"errors"
)

// foreachNode is #foreach($element in list) body #end.
type foreachNode struct {
	base
	// parts are the element, "in", the list and the body. Velocity does not look at the
	// second, and takes the fourth for the body whatever it is.
	parts []node

	name, counter, hasNext, foreach *symbol
}

func (n *foreachNode) init(u *unit) {
	initAll(u, n.parts)
	n.counter, n.hasNext, n.foreach = u.symbol("velocityCount"), u.symbol("velocityHasNext"), u.symbol("foreach")
	if ref, ok := n.parts[0].(*reference); ok {
		n.name = ref.symbol
		return
	}
	n.name = u.symbol(n.parts[0].span().first.image[1:])
}

func (n *foreachNode) render(r *run, s scope, w *output) error {
	v, err := n.parts[2].value(r, s)
	if err != nil || v == nil {
		return err
	}
	items, ok := iterate(v)
	if !ok {
		return nil
	}
	saved, err := n.save(r, s)
	if err != nil {
		return err
	}
	l := newLoop(n, saved.loop)
	s.put(n.foreach, l)
	err = n.loop(r, s, w, items, l)
	var left *stop
	if err != nil && !errors.As(err, &left) {
		return err
	}
	n.restore(r, s, saved)
	if left != nil && !left.isFor(n) {
		return left
	}
	return nil
}

func (n *foreachNode) loop(r *run, s scope, w *output, items iterator, l *loop) error {
	var hidden *nullScope // made for the first null, and kept
	for items.hasNext() {
		if err := r.step(); err != nil {
			return err
		}
		v, err := items.next()
		if err != nil {
			return n.wrap(r, err, "cannot go on with #foreach")
		}
		l.index++
		l.hasNext = items.hasNext()
		if n.counter.read {
			s.put(n.counter, l.index+1)
		}
		s.put(n.hasNext, l.hasNext)
		s.put(n.name, v)
		around := s
		if v == nil {
			if hidden == nil {
				hidden = &nullScope{scope: s, name: n.name, hiding: true}
			}
			around = hidden
		}
		if err := n.parts[3].render(r, around, w); err != nil {
			return err
		}
		if most := r.options.Iterations; most > 0 && int(l.index)+1 >= most {
			return nil
		}
	}
	return nil
}

// outerValues are what the names of a loop meant before it.
type outerValues struct{ element, counter, hasNext, loop any }

func (n *foreachNode) save(r *run, s scope) (v outerValues, err error) {
	for _, one := range []struct {
		name *symbol
		to   *any
	}{{n.name, &v.element}, {n.counter, &v.counter}, {n.hasNext, &v.hasNext}, {n.foreach, &v.loop}} {
		if *one.to, err = s.get(r, one.name); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (n *foreachNode) restore(r *run, s scope, v outerValues) {
	putBack(s, n.name, v.element)
	putBack(s, n.counter, v.counter)
	putBack(s, n.hasNext, v.hasNext)
	if l, err := s.get(r, n.foreach); err == nil {
		if current, ok := l.(*loop); ok {
			putBack(s, n.foreach, current.outer())
		}
	}
}

func putBack(s scope, name *symbol, v any) {
	if v == nil {
		s.remove(name)
		return
	}
	s.put(name, v)
}

// loop is the value of $foreach. A template can keep values of its own in it.
type loop struct {
	owner    node
	parent   *loop
	replaced any // what $foreach was before, where that was no loop
	index    int32
	hasNext  bool
	own      Map
}

func newLoop(owner node, previous any) *loop {
	l := &loop{owner: owner, index: -1}
	if outer, ok := previous.(*loop); ok {
		l.parent = outer
	} else {
		l.replaced = previous
	}
	return l
}

// outer is what $foreach means again after the loop.
func (l *loop) outer() any {
	if l.parent != nil {
		return l.parent
	}
	return l.replaced
}

func (l *loop) topmost() *loop {
	for l.parent != nil {
		l = l.parent
	}
	return l
}

func (l *loop) before() any {
	if l.replaced == nil && l.parent != nil {
		return l.parent.before()
	}
	return l.replaced
}

// find is a value that the template keeps in this loop or in one around it.
func (l *loop) find(key any) any {
	v, ok := l.own.get(key)
	if v == nil && !ok && l.parent != nil {
		return l.parent.find(key)
	}
	return v
}

// iterator walks what #foreach can walk.
type iterator interface {
	hasNext() bool
	next() (any, error)
}

// iterate is false for what cannot be walked; #foreach then does nothing.
func iterate(v any) (iterator, bool) {
	switch v := v.(type) {
	case *List:
		return newIterator(v), true
	case *Map:
		return newIterator(v.Values()), true
	case *loop:
		return iterate(&v.own)
	case iterator:
		return v, true
	}
	return nil, false
}

// listIterator refuses to go on over a list or map that was changed meanwhile, as Java's.
type listIterator struct {
	list    *List
	entries []any // of a view, as they were
	at      int
	changes int
}

func newIterator(l *List) *listIterator {
	i := &listIterator{list: l}
	if l.of != nil {
		i.entries = l.Items()
	}
	i.changes = i.changed()
	return i
}

func (i *listIterator) changed() int {
	if i.list.of != nil {
		return i.list.of.changes
	}
	return i.list.changes
}

func (i *listIterator) items() []any {
	if i.list.of != nil {
		return i.entries
	}
	return i.list.items
}

func (i *listIterator) hasNext() bool { return i.at != len(i.items()) }

var (
	errChanged   = errors.New("java.util.ConcurrentModificationException: the list was changed while it was read")
	errNoElement = errors.New("java.util.NoSuchElementException")
)

func (i *listIterator) next() (any, error) {
	if i.changed() != i.changes {
		return nil, errChanged
	}
	if i.at >= len(i.items()) {
		return nil, errNoElement
	}
	i.at++
	return i.items()[i.at-1], nil
}
