package vtl

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// signature is one signature of a method that Java's class has.
type signature struct {
	// params has a letter for each argument: I int, J long, D double, Z boolean, L Long,
	// F Double, S a string, K a char, C a collection, M a map, O anything; a trailing * for
	// any number more.
	params string
	call   func(c call) (any, error)
}

// call is what a method works on.
type call struct {
	run  *run
	on   any
	args []any
}

func (c call) str(i int) string {
	if ch, ok := c.args[i].(Char); ok {
		return string(rune(ch))
	}
	s, _ := c.args[i].(string)
	return s
}

func (c call) int(i int) int   { return int(toInt(c.args[i])) }
func (c call) list() *List     { return c.on.(*List) }
func (c call) mapping() *Map   { return c.on.(*Map) }
func (c call) text() string    { return c.on.(string) }
func (c call) arg(i int) *List { return c.args[i].(*List) }

// methods are a class's, by name. Of the signatures that take the arguments the first is
// called, so the narrower stands first.
type methods map[string][]signature

// class is what a template sees of a Java class.
type class struct {
	name    string
	methods methods
	refused refused
}

// void is what a method without a result gives.
const void = ""

// classOf is nil for an Object and for null.
func classOf(v any) *class {
	switch v := v.(type) {
	case string:
		return &stringClass
	case bool:
		return &booleanClass
	case Char:
		return &characterClass
	case int32:
		return &integerClass
	case int64:
		return &longClass
	case float64:
		return &doubleClass
	case Float:
		return &floatClass
	case Short:
		return &shortClass
	case Byte:
		return &byteClass
	case *big.Int:
		return &bigIntegerClass
	case Decimal:
		return &bigDecimalClass
	case digits:
		return &digitsClass
	case *List:
		return listClasses[v.class]
	case *Map:
		return &mapClass
	case *mapEntry:
		return &entryClass
	case *loop:
		return &loopClass
	case *listIterator:
		return &iteratorClass
	case *class:
		return &classClass
	case *definition:
		return &definitionClass
	}
	return nil
}

// call calls a method; not found means that no signature takes the arguments.
func (r *run) call(on any, name string, args []any) (v any, found bool, err error) {
	if err := r.stepOn(on); err != nil {
		return nil, false, err
	}
	if o, ok := on.(Object); ok {
		return o.Call(name, args)
	}
	c := classOf(on)
	if c == nil {
		return nil, false, nil
	}
	noArguments := false
	for _, signatures := range [...][]signature{c.methods[name], objectMethods[name]} {
		for i := range signatures {
			if signatures[i].takes(args) {
				v, err := signatures[i].call(call{r, on, args})
				return v, true, err
			}
			noArguments = noArguments || signatures[i].params == ""
		}
	}
	if c.refused.takes(name, args) || objectRefused.takes(name, args) {
		return nil, false, fmt.Errorf("%s.%s is not supported here", c.name, name)
	}
	if noArguments {
		// Velocity calls a method that takes no arguments with any, and Java then throws.
		return nil, false, fmt.Errorf("java.lang.IllegalArgumentException: %s takes no arguments", name)
	}
	if described, ok := on.(*class); ok {
		return nil, false, described.onClass(name, args)
	}
	return nil, false, nil
}

// onClass refuses a method that is called on the class itself: Java has the static ones
// there, and throws for the others.
func (c *class) onClass(name string, args []any) error {
	takes := func(s signature) bool { return s.takes(args) }
	if c.refused.takes(name, args) || slices.ContainsFunc(c.methods[name], takes) {
		return fmt.Errorf("%s.%s is not supported here where it is called on the class", c.name, name)
	}
	return nil
}

func (s signature) takes(args []any) bool {
	params, more := strings.CutSuffix(s.params, "*")
	if len(args) < len(params) || len(args) > len(params) && !more {
		return false
	}
	for i := range params {
		if !accepts(params[i], args[i]) {
			return false
		}
	}
	return true
}

// accepts follows Java's conversions: a wider number takes a narrower one, an object type
// takes null.
func accepts(param byte, v any) bool {
	switch param {
	case 'I', 'J', 'D':
		return widens(v, param)
	case 'Z':
		_, ok := v.(bool)
		return ok
	case 'L':
		_, ok := v.(int64)
		return ok
	case 'F':
		_, ok := v.(float64)
		return ok
	case 'K':
		_, ok := v.(Char)
		return ok
	}
	if v == nil {
		return true
	}
	ok := true
	switch param {
	case 'S':
		_, ok = v.(string)
	case 'C':
		l, isList := v.(*List)
		ok = isList && l.class != stringArray
	case 'M':
		_, ok = v.(*Map)
	}
	return ok
}

func widens(v any, to byte) bool {
	switch v.(type) {
	case int32, Short, Byte:
		return true
	case int64:
		return to != 'I'
	case float64, Float:
		return to == 'D'
	}
	return false
}

// accessors are the methods that make a property.
type accessors struct {
	name         string
	getters, ask [2]string
	ofMaps       bool // a map has one of the getters
}

func accessorsOf(name string) accessors {
	other := swapFirst(name)
	a := accessors{name: name, getters: [2]string{"get" + name, "get" + other}, ask: [2]string{"is" + name, "is" + other}}
	for _, getter := range a.getters {
		a.ofMaps = a.ofMaps || mapClass.methods[getter] != nil || objectMethods[getter] != nil
	}
	return a
}

// property is the value of $on.name: what getName() or, for a map, get("name") or
// isName() gives.
func (r *run) property(on any, names *accessors) (any, error) {
	if o, ok := on.(Object); ok {
		v, _ := o.Property(names.name)
		return v, nil
	}
	if m, ok := on.(*Map); ok && !names.ofMaps {
		return m.Get(names.name), r.step()
	}
	for _, getter := range names.getters {
		if v, found, err := r.call(on, getter, nil); found || err != nil {
			return v, err
		}
	}
	switch on := on.(type) {
	case *Map:
		return on.Get(names.name), nil
	case *loop:
		return on.find(names.name), nil
	}
	for _, getter := range names.ask {
		if v, found, err := r.call(on, getter, nil); found || err != nil {
			return v, err
		}
	}
	return nil, nil
}

func swapFirst(name string) string {
	c, n := utf8.DecodeRuneInString(name)
	if unicode.IsLower(c) {
		return string(unicode.ToUpper(c)) + name[n:]
	}
	return string(unicode.ToLower(c)) + name[n:]
}

// setProperty is #set($on.name = v). Where there is nothing to set, nothing is set.
func (r *run) setProperty(on any, name string, v any) error {
	switch on := on.(type) {
	case *Map:
		_, err := r.put(on, name, v)
		return err
	case *loop:
		_, err := r.put(&on.own, name, v)
		return err
	case Object:
		_, _, err := on.Call("put", []any{name, v})
		return err
	}
	return nil
}

// objectMethods are those of every class.
var objectMethods = methods{
	"equals": {{"O", func(c call) (any, error) { return c.run.equals(c.on, c.args[0]), nil }}},
	"toString": {{"", func(c call) (any, error) {
		s, ok, err := c.run.textOrNull(c.on)
		if !ok {
			return nil, err
		}
		return s, err
	}}},
	"getClass": {{"", func(c call) (any, error) { return classOf(c.on), nil }}},
	"hashCode": {{"", func(c call) (any, error) { return c.run.hash(c.on, 0) }}},
}

// compareOnly is compareTo for what cannot be compared: Java casts, and throws.
var compareOnly = signature{"O", func(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	return nil, fmt.Errorf("java.lang.ClassCastException: cannot compare with %s", classOf(c.on).name)
}}

// String is Class.toString.
func (c *class) String() string { return "class " + c.name }

var classClass = class{name: "java.lang.Class", methods: methods{
	"getName":       {{"", func(c call) (any, error) { return c.on.(*class).name, nil }}},
	"getSimpleName": {{"", func(c call) (any, error) { return simpleName(c.on.(*class).name), nil }}},
}, refused: classRefused}

func simpleName(name string) string {
	if i := strings.LastIndexAny(name, ".$"); i >= 0 {
		name = name[i+1:]
	}
	if strings.HasSuffix(name, ";") {
		return strings.TrimSuffix(name, ";") + "[]"
	}
	return name
}

var definitionClass = class{name: "org.apache.velocity.runtime.directive.Block$Reference"}
