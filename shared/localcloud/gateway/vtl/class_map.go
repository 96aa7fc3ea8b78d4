package vtl

import (
	"slices"
)

func initMaps() {
	mapClass = class{name: "java.util.LinkedHashMap", methods: methods{
		"get":           {{"O", func(c call) (any, error) { v, _ := c.mapping().get(c.args[0]); return v, nil }}},
		"getOrDefault":  {{"OO", getOrDefault}},
		"put":           {{"OO", func(c call) (any, error) { return c.run.put(c.mapping(), c.args[0], c.args[1]) }}},
		"putIfAbsent":   {{"OO", putIfAbsent}},
		"putAll":        {{"M", putAll}},
		"remove":        {{"O", func(c call) (any, error) { return c.mapping().remove(c.args[0]), nil }}, {"OO", removePair}},
		"replace":       {{"OO", mapReplace}},
		"clear":         {{"", func(c call) (any, error) { c.mapping().clear(); return void, nil }}},
		"size":          {{"", func(c call) (any, error) { return int32(c.mapping().Len()), nil }}},
		"isEmpty":       {{"", func(c call) (any, error) { return c.mapping().Len() == 0, nil }}},
		"containsKey":   {{"O", func(c call) (any, error) { _, ok := c.mapping().get(c.args[0]); return ok, nil }}},
		"containsValue": {{"O", func(c call) (any, error) { return c.run.indexOf(c.mapping().Values(), c.args[0]) >= 0, nil }}},
		"keySet":        {{"", func(c call) (any, error) { return c.view(c.mapping().keys()) }}},
		"values":        {{"", func(c call) (any, error) { return c.view(c.mapping().Values()) }}},
		"entrySet":      {{"", func(c call) (any, error) { return c.view(c.mapping().entrySet()) }}},
	}, refused: mapRefused}
	entryClass = class{name: "java.util.LinkedHashMap$Entry", methods: methods{
		"getKey":   {{"", func(c call) (any, error) { return c.on.(*mapEntry).key, nil }}},
		"getValue": {{"", func(c call) (any, error) { return c.on.(*mapEntry).value(), nil }}},
		"setValue": {{"O", func(c call) (any, error) {
			e := c.on.(*mapEntry)
			return c.run.put(e.of, e.key, c.args[0])
		}}},
	}, refused: entryRefused}
	iteratorClass = class{name: "java.util.ArrayList$Itr", methods: methods{
		"hasNext": {{"", func(c call) (any, error) { return c.on.(*listIterator).hasNext(), nil }}},
		"next":    {{"", func(c call) (any, error) { return c.on.(*listIterator).next() }}},
	}, refused: iteratorRefused}
}

func (c call) view(l *List) (any, error) { return l, c.run.charge(16 * l.Len()) }

func getOrDefault(c call) (any, error) {
	if v, ok := c.mapping().get(c.args[0]); ok {
		return v, nil
	}
	return c.args[1], nil
}

func removePair(c call) (any, error) {
	v, ok := c.mapping().get(c.args[0])
	if !ok || !c.run.equals(v, c.args[1]) {
		return false, nil
	}
	c.mapping().remove(c.args[0])
	return true, nil
}

func mapReplace(c call) (any, error) {
	if _, ok := c.mapping().get(c.args[0]); !ok {
		return nil, nil
	}
	return c.run.put(c.mapping(), c.args[0], c.args[1])
}

func putIfAbsent(c call) (any, error) {
	if v, _ := c.mapping().get(c.args[0]); v != nil {
		return v, nil
	}
	return c.run.put(c.mapping(), c.args[0], c.args[1])
}

func putAll(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	for _, e := range slices.Clone(c.args[0].(*Map).Entries()) {
		if _, err := c.run.put(c.mapping(), e.Key, e.Value); err != nil {
			return nil, err
		}
	}
	return void, nil
}
