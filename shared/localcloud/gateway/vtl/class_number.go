package vtl

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
)

var booleanClass, characterClass, integerClass, longClass, doubleClass, bigIntegerClass, bigDecimalClass, digitsClass class

var floatClass, shortClass, byteClass class

func init() {
	booleanClass = class{name: "java.lang.Boolean", methods: methods{
		"booleanValue": {{"", func(c call) (any, error) { return c.on, nil }}},
		"compareTo":    {{"Z", func(c call) (any, error) { return int32(order(bit(c.on), bit(c.args[0]))), nil }}, compareOnly},
		"parseBoolean": {{"S", func(c call) (any, error) { return strings.EqualFold(c.str(0), "true"), nil }}},
		"valueOf": {
			{"Z", func(c call) (any, error) { return c.args[0], nil }},
			{"S", func(c call) (any, error) { return strings.EqualFold(c.str(0), "true"), nil }},
		},
	}, refused: booleanRefused}
	characterClass = class{name: "java.lang.Character", methods: methods{
		"charValue": {{"", func(c call) (any, error) { return c.on, nil }}},
		"compareTo": {{"K", func(c call) (any, error) { return int32(c.on.(Char) - c.args[0].(Char)), nil }}, compareOnly},
	}, refused: characterRefused}
	integerClass = class{name: "java.lang.Integer", methods: numberMethods("I", "I", "parseInt", 32), refused: integerRefused}
	longClass = class{name: "java.lang.Long", methods: numberMethods("J", "L", "parseLong", 64), refused: longRefused}
	doubleClass = class{name: "java.lang.Double", methods: doubleMethods(), refused: doubleRefused}
	floatClass = class{name: "java.lang.Float", methods: valueMethods(), refused: floatRefused}
	shortClass = class{name: "java.lang.Short", methods: valueMethods(), refused: shortRefused}
	byteClass = class{name: "java.lang.Byte", methods: valueMethods(), refused: byteRefused}
	bigIntegerClass = class{name: "java.math.BigInteger", methods: valueMethods(), refused: bigIntegerRefused}
	bigDecimalClass = class{name: "java.math.BigDecimal", methods: valueMethods(), refused: bigDecimalRefused}
	digitsClass = class{name: "java.math.BigInteger", refused: maps.Clone(bigIntegerRefused)}
	for name := range valueMethods() {
		digitsClass.refused[name] = []string{""}
	}
}

func bit(v any) int64 {
	if v == true {
		return 1
	}
	return 0
}

// valueMethods are those of Number.
func valueMethods() methods {
	return methods{
		"intValue":    {{"", func(c call) (any, error) { return toInt(c.on), nil }}},
		"longValue":   {{"", func(c call) (any, error) { return toLong(c.on), nil }}},
		"doubleValue": {{"", func(c call) (any, error) { return toDouble(c.on), nil }}},
		"floatValue":  {{"", func(c call) (any, error) { return toFloat(c.on), nil }}},
		"shortValue":  {{"", func(c call) (any, error) { return Short(toInt(c.on)), nil }}},
		"byteValue":   {{"", func(c call) (any, error) { return Byte(toInt(c.on)), nil }}},
	}
}

// numberMethods are those of Integer and Long, the static ones among them: a template calls
// them on any number. Own is the parameter that the primitive type takes, strict the one
// of the class.
func numberMethods(own, strict, parse string, bits int) methods {
	m := valueMethods()
	parseString := func(c call) (any, error) { return parseSized(c, 10, bits) }
	m[parse] = []signature{{"S", parseString}, {"SI", func(c call) (any, error) { return parseSized(c, c.int(1), bits) }}}
	m["valueOf"] = []signature{
		{own, func(c call) (any, error) { return sized(toLong(c.args[0]), bits), nil }},
		{"S", parseString},
		{"SI", func(c call) (any, error) { return parseSized(c, c.int(1), bits) }},
	}
	m["compareTo"] = []signature{{strict, func(c call) (any, error) { return int32(order(toLong(c.on), toLong(c.args[0]))), nil }}, compareOnly}
	m["toString"] = []signature{
		{own, func(c call) (any, error) { return strconv.FormatInt(toLong(c.args[0]), 10), nil }},
		{own + "I", func(c call) (any, error) { return formatRadix(toLong(c.args[0]), c.int(1)), nil }},
	}
	return m
}

func formatRadix(n int64, radix int) string {
	if radix < 2 || radix > 36 {
		radix = 10
	}
	return strconv.FormatInt(n, radix)
}

func sized(n int64, bits int) any {
	if bits == 32 {
		return int32(n)
	}
	return n
}

// parseSized is Integer.parseInt and Long.parseLong.
func parseSized(c call, radix, bits int) (any, error) {
	s := c.str(0)
	n, err := strconv.ParseInt(s, max(2, min(36, radix)), bits)
	if err != nil || c.args[0] == nil || radix < 2 || radix > 36 {
		return nil, fmt.Errorf("java.lang.NumberFormatException: for input string %q", s)
	}
	return sized(n, bits), nil
}

func doubleMethods() methods {
	m := valueMethods()
	m["isNaN"] = []signature{{"", func(c call) (any, error) { return math.IsNaN(c.on.(float64)), nil }},
		{"D", func(c call) (any, error) { return math.IsNaN(toDouble(c.args[0])), nil }}}
	m["isInfinite"] = []signature{{"", func(c call) (any, error) { return math.IsInf(c.on.(float64), 0), nil }},
		{"D", func(c call) (any, error) { return math.IsInf(toDouble(c.args[0]), 0), nil }}}
	m["parseDouble"] = []signature{{"S", parseDouble}}
	m["valueOf"] = []signature{
		{"D", func(c call) (any, error) { return toDouble(c.args[0]), nil }},
		{"S", parseDouble},
	}
	m["compareTo"] = []signature{{"F", func(c call) (any, error) { return int32(compareDoubles(c.on.(float64), toDouble(c.args[0]))), nil }}, compareOnly}
	m["toString"] = []signature{{"D", func(c call) (any, error) { return doubleText(toDouble(c.args[0]), 64), nil }}}
	return m
}

// parseDouble takes what Java reads, but for hexadecimal.
func parseDouble(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	s := strings.TrimFunc(c.str(0), func(r rune) bool { return r <= ' ' })
	switch s {
	case "NaN", "+NaN", "-NaN":
		return math.NaN(), nil
	case "Infinity", "+Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	digits := strings.TrimRight(s, "dDfF")
	f, err := strconv.ParseFloat(digits, 64)
	if strings.ContainsAny(digits, "_xXpPnN") || len(s)-len(digits) > 1 || err != nil && !math.IsInf(f, 0) {
		return nil, fmt.Errorf("java.lang.NumberFormatException: for input string %q", c.str(0))
	}
	return f, nil
}
