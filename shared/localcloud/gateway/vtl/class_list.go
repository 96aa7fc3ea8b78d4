package vtl

import (
	"fmt"
	"slices"
)

// listClasses are by the class of a List.
var listClasses [4]*class

var mapClass, entryClass, loopClass, iteratorClass class

func init() {
	initLists()
	initMaps()
	initLoop()
}

func initLists() {
	reading := methods{
		"size":        {{"", func(c call) (any, error) { return int32(c.list().Len()), nil }}},
		"isEmpty":     {{"", func(c call) (any, error) { return c.list().Len() == 0, nil }}},
		"contains":    {{"O", func(c call) (any, error) { return c.run.indexOf(c.list(), c.args[0]) >= 0, nil }}},
		"containsAll": {{"C", containsAll}},
		"iterator":    {{"", func(c call) (any, error) { return newIterator(c.list()), nil }}},
	}
	indexed := merge(reading, methods{
		"get":         {{"I", listGet}},
		"set":         {{"IO", listSet}},
		"indexOf":     {{"O", func(c call) (any, error) { return int32(c.run.indexOf(c.list(), c.args[0])), nil }}},
		"lastIndexOf": {{"O", lastIndexOf}},
		"subList":     {{"II", subList}},
	})
	growing := merge(indexed, methods{
		"add":       {{"O", listAdd}, {"IO", listInsert}},
		"addAll":    {{"C", listAddAll}, {"IC", listInsertAll}},
		"remove":    {{"I", removeAt}, {"O", removeItem}},
		"removeAll": {{"C", func(c call) (any, error) { return keep(c, false) }}},
		"retainAll": {{"C", func(c call) (any, error) { return keep(c, true) }}},
		"clear":     {{"", listClear}},
		// JSONArray, which API Gateway's lists are, prints itself so.
		"toJSONString": {{"", jsonString}},
	})
	listClasses = [4]*class{
		arrayList:   {name: "java.util.ArrayList", methods: growing, refused: listRefused},
		stringArray: {name: "[Ljava.lang.String;", methods: indexed, refused: arrayRefused},
		valuesView:  {name: "java.util.LinkedHashMap$LinkedValues", methods: reading, refused: viewRefused},
		keysView:    {name: "java.util.LinkedHashMap$LinkedKeySet", methods: reading, refused: viewRefused},
	}
}

func merge(sets ...methods) methods {
	all := methods{}
	for _, set := range sets {
		for name, signatures := range set {
			all[name] = signatures
		}
	}
	return all
}

func outOfBounds(i, length int) error {
	return fmt.Errorf("java.lang.IndexOutOfBoundsException: index %d, size %d", i, length)
}

func (c call) inBounds(i, length int) error {
	if i < 0 || i >= length {
		return outOfBounds(i, length)
	}
	return nil
}

func listGet(c call) (any, error) {
	items, i := c.list().items, c.int(0)
	if err := c.inBounds(i, len(items)); err != nil {
		return nil, err
	}
	return items[i], nil
}

func listSet(c call) (any, error) {
	items, i := c.list().items, c.int(0)
	if err := c.inBounds(i, len(items)); err != nil {
		return nil, err
	}
	if _, ok := c.args[1].(string); c.list().class == stringArray && !ok && c.args[1] != nil {
		return nil, fmt.Errorf("java.lang.IllegalArgumentException: array element type mismatch")
	}
	old := items[i]
	items[i] = c.args[1]
	return old, nil
}

// insert puts values at i, which may be the end.
func (c call) insert(i int, values ...any) error {
	l := c.list()
	if i < 0 || i > len(l.items) {
		return outOfBounds(i, len(l.items))
	}
	if err := c.run.charge(16 * len(values)); err != nil {
		return err
	}
	l.items = slices.Insert(l.items, i, values...)
	l.changes++
	return nil
}

func listAdd(c call) (any, error) { return true, c.insert(len(c.list().items), c.args[0]) }

func listInsert(c call) (any, error) { return void, c.insert(c.int(0), c.args[1]) }

func listAddAll(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	added := slices.Clone(c.arg(0).Items())
	return len(added) > 0, c.insert(len(c.list().items), added...)
}

func listInsertAll(c call) (any, error) {
	if c.args[1] == nil {
		return nil, errNull
	}
	added := slices.Clone(c.arg(1).Items())
	return len(added) > 0, c.insert(c.int(0), added...)
}

func removeAt(c call) (any, error) {
	l, i := c.list(), c.int(0)
	if err := c.inBounds(i, len(l.items)); err != nil {
		return nil, err
	}
	old := l.items[i]
	l.items = slices.Delete(l.items, i, i+1)
	l.changes++
	return old, nil
}

func removeItem(c call) (any, error) {
	l := c.list()
	i := c.run.indexOf(l, c.args[0])
	if i < 0 {
		return false, nil
	}
	l.items = slices.Delete(l.items, i, i+1)
	l.changes++
	return true, nil
}

// keep is retainAll, or removeAll where in is false.
func keep(c call, in bool) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	l, others := c.list(), &List{items: slices.Clone(c.arg(0).Items())}
	before := len(l.items)
	l.items = slices.DeleteFunc(l.items, func(v any) bool { return (c.run.indexOf(others, v) >= 0) != in })
	if len(l.items) != before {
		l.changes++
	}
	return len(l.items) != before, nil
}

func listClear(c call) (any, error) {
	c.list().items = nil
	c.list().changes++
	return void, nil
}

func containsAll(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	l := c.list()
	return !slices.ContainsFunc(c.arg(0).Items(), func(v any) bool { return c.run.indexOf(l, v) < 0 }), nil
}

func lastIndexOf(c call) (any, error) {
	items := c.list().items
	for i := len(items) - 1; i >= 0; i-- {
		if c.run.equals(c.args[0], items[i]) {
			return int32(i), nil
		}
	}
	return int32(-1), nil
}

// subList is a copy, where Java's is a window.
func subList(c call) (any, error) {
	items, from, to := c.list().items, c.int(0), c.int(1)
	if from < 0 || to > len(items) || from > to {
		return nil, fmt.Errorf("java.lang.IndexOutOfBoundsException: from %d to %d, size %d", from, to, len(items))
	}
	return &List{Text: c.list().Text, items: slices.Clone(items[from:to])}, c.run.charge(16 * (to - from))
}

func jsonString(c call) (any, error) {
	if c.list().Text == nil {
		return nil, nil
	}
	s := c.list().Text(c.list())
	return s, c.run.charge(len(s))
}
