package vtl

import "errors"

var errInfo = errors.New("$foreach.info is not supported here")

func initLoop() {
	on := func(f func(*loop) any) []signature {
		return []signature{{"", func(c call) (any, error) { return f(c.on.(*loop)), nil }}}
	}
	loopClass = class{name: "org.apache.velocity.runtime.directive.ForeachScope", methods: methods{
		"getIndex":    on(func(l *loop) any { return l.index }),
		"getCount":    on(func(l *loop) any { return l.index + 1 }),
		"hasNext":     on(func(l *loop) any { return l.hasNext }),
		"getHasNext":  on(func(l *loop) any { return l.hasNext }),
		"isFirst":     on(func(l *loop) any { return l.index < 1 }),
		"getFirst":    on(func(l *loop) any { return l.index < 1 }),
		"isLast":      on(func(l *loop) any { return !l.hasNext }),
		"getLast":     on(func(l *loop) any { return !l.hasNext }),
		"getParent":   on(func(l *loop) any { return orNull(l.parent) }),
		"getTopmost":  on(func(l *loop) any { return l.topmost() }),
		"getReplaced": on(func(l *loop) any { return l.before() }),
		"getInfo":     {{"", func(call) (any, error) { return nil, errInfo }}},
		"get":         {{"O", func(c call) (any, error) { return c.on.(*loop).find(c.args[0]), nil }}},
		"put":         {{"OO", func(c call) (any, error) { return c.run.put(&c.on.(*loop).own, c.args[0], c.args[1]) }}},
		"size":        on(func(l *loop) any { return int32(l.own.Len()) }),
		"isEmpty":     on(func(l *loop) any { return l.own.Len() == 0 }),
		"containsKey": {{"O", func(c call) (any, error) { _, ok := c.on.(*loop).own.get(c.args[0]); return ok, nil }}},
		"keySet":      on(func(l *loop) any { return l.own.keys() }),
		"values":      on(func(l *loop) any { return l.own.Values() }),
	}, refused: loopRefused}
}

// orNull keeps a nil pointer from looking like a value.
func orNull(l *loop) any {
	if l == nil {
		return nil
	}
	return l
}
