package vtl

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// stringClass counts in UTF-16 units, as Java does. Its methods are those of Java 8.
var stringClass class

func init() {
	stringClass = class{name: "java.lang.String", methods: methods{
		"length":  {{"", func(c call) (any, error) { return int32(units(c.text())), nil }}},
		"isEmpty": {{"", func(c call) (any, error) { return c.text() == "", nil }}},
		"charAt":  {{"I", charAt}},
		"substring": {
			{"I", func(c call) (any, error) { return substringFrom(c.text(), c.int(0)) }},
			{"II", func(c call) (any, error) { return substring(c.text(), c.int(0), c.int(1)) }},
		},
		"subSequence":         {{"II", func(c call) (any, error) { return substring(c.text(), c.int(0), c.int(1)) }}},
		"indexOf":             indexMethods(indexFrom, 0),
		"lastIndexOf":         indexMethods(lastIndexFrom, 1<<30),
		"contains":            {{"S", notNull(func(s, t string) any { return strings.Contains(s, t) })}},
		"startsWith":          {{"S", notNull(func(s, t string) any { return strings.HasPrefix(s, t) })}, {"SI", startsWithAt}},
		"endsWith":            {{"S", notNull(func(s, t string) any { return strings.HasSuffix(s, t) })}},
		"equalsIgnoreCase":    {{"S", equalsIgnoreCase}},
		"contentEquals":       {{"S", notNull(func(s, t string) any { return s == t })}},
		"compareTo":           {{"S", notNull(func(s, t string) any { return compareStrings(s, t) })}, compareOnly},
		"compareToIgnoreCase": {{"S", notNull(func(s, t string) any { return compareStrings(strings.ToLower(s), strings.ToLower(t)) })}},
		"concat":              {{"S", concat}},
		"replace":             {{"KK", replace}, {"SS", replace}},
		"replaceAll":          {{"SS", func(c call) (any, error) { return replaceRegexp(c, -1) }}},
		"replaceFirst":        {{"SS", func(c call) (any, error) { return replaceRegexp(c, 1) }}},
		"matches":             {{"S", matches}},
		"split":               {{"S", func(c call) (any, error) { return split(c, 0) }}, {"SI", func(c call) (any, error) { return split(c, c.int(1)) }}},
		"toLowerCase":         {{"", func(c call) (any, error) { return inCase(c, strings.ToLower, cases.Lower) }}},
		"toUpperCase":         {{"", func(c call) (any, error) { return inCase(c, strings.ToUpper, cases.Upper) }}},
		"trim": {{"", func(c call) (any, error) {
			return strings.TrimFunc(c.text(), func(r rune) bool { return r <= ' ' }), nil
		}}},
		"intern":  {{"", func(c call) (any, error) { return c.text(), nil }}},
		"valueOf": {{"O", func(c call) (any, error) { return c.run.text(c.args[0]) }}},
	}, refused: stringRefused}
}

var (
	errIndex = errors.New("java.lang.StringIndexOutOfBoundsException")
	errNull  = errors.New("java.lang.NullPointerException")
)

// units is the length in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// offset is where unit n begins, or the end; false where n is beyond it, or inside a
// character.
func offset(s string, n int) (int, bool) {
	for i, r := range s {
		if n <= 0 {
			return i, n == 0
		}
		n -= max(1, utf16.RuneLen(r))
	}
	return len(s), n == 0
}

// slice is the units from..to; false where there are no such.
func slice(s string, from, to int) (string, bool) {
	if from < 0 || to < from {
		return "", false
	}
	if start, ok := offset(s, from); ok {
		if length, ok := offset(s[start:], to-from); ok {
			return s[start : start+length], true
		}
	}
	u := utf16.Encode([]rune(s))
	if to > len(u) {
		return "", false
	}
	return string(utf16.Decode(u[from:to])), true
}

func charAt(c call) (any, error) {
	i := c.int(0)
	s, ok := slice(c.text(), i, i+1)
	if !ok {
		return nil, fmt.Errorf("%w: index %d, length %d", errIndex, i, units(c.text()))
	}
	r, _ := utf8.DecodeRuneInString(s)
	return Char(r), nil
}

func substring(s string, from, to int) (any, error) {
	part, ok := slice(s, from, to)
	if !ok {
		return nil, fmt.Errorf("%w: begin %d, end %d, length %d", errIndex, from, to, units(s))
	}
	return part, nil
}

func substringFrom(s string, from int) (any, error) {
	if start, ok := offset(s, from); ok {
		return s[start:], nil
	}
	return substring(s, from, units(s))
}

// notNull calls f with the string and its argument, and fails as Java does where that is
// null.
func notNull(f func(s, t string) any) func(call) (any, error) {
	return func(c call) (any, error) {
		if c.args[0] == nil {
			return nil, errNull
		}
		return f(c.text(), c.str(0)), nil
	}
}

func equalsIgnoreCase(c call) (any, error) {
	return c.args[0] != nil && strings.EqualFold(c.text(), c.str(0)), nil
}

// inCase is a string in another case. Beyond ASCII one character may become several, and a
// sigma has another form at the end of a word.
func inCase(c call, ascii func(string) string, all func(language.Tag, ...cases.Option) cases.Caser) (any, error) {
	s := c.text()
	if strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return ascii(s), c.run.charge(len(s))
	}
	s = all(language.Und).String(s)
	return s, c.run.charge(len(s))
}

func startsWithAt(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	rest, ok := slice(c.text(), c.int(1), units(c.text()))
	return ok && strings.HasPrefix(rest, c.str(0)), nil
}

func concat(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	s := c.text() + c.str(0)
	return s, c.run.charge(len(s))
}

// indexMethods are indexOf or lastIndexOf: a string, or a character by its code, from an
// index or from the natural one.
func indexMethods(find func(s, part string, from int) int, natural int) []signature {
	search := func(c call, from int) (any, error) {
		if c.args[0] == nil {
			return nil, errNull
		}
		part, ok := c.args[0].(string)
		if accepts('I', c.args[0]) {
			part = string(rune(c.int(0)))
		} else if !ok {
			part = c.str(0)
		}
		return int32(find(c.text(), part, from)), nil
	}
	one := func(c call) (any, error) { return search(c, natural) }
	two := func(c call) (any, error) { return search(c, c.int(1)) }
	return []signature{{"I", one}, {"S", one}, {"II", two}, {"SI", two}}
}

func indexFrom(s, part string, from int) int {
	from = max(from, 0)
	rest := ""
	if start, ok := offset(s, from); ok {
		rest = s[start:]
	} else {
		from = min(from, units(s))
		rest, _ = slice(s, from, units(s))
	}
	i := strings.Index(rest, part)
	if i < 0 {
		return -1
	}
	return from + units(rest[:i])
}

func lastIndexFrom(s, part string, from int) int {
	if from < 0 {
		return -1
	}
	end := min(units(s), from+units(part))
	head, _ := slice(s, 0, end)
	i := strings.LastIndex(head, part)
	if i < 0 {
		return -1
	}
	return units(head[:i])
}

// compareStrings is the difference of the first units that differ, else of the lengths.
func compareStrings(s, t string) int32 {
	a, b := utf16.Encode([]rune(s)), utf16.Encode([]rune(t))
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int32(a[i]) - int32(b[i])
		}
	}
	return int32(len(a) - len(b))
}

func stringHash(s string) int32 {
	var h int32
	for _, u := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(u)
	}
	return h
}

func replace(c call) (any, error) {
	if c.args[0] == nil || c.args[1] == nil {
		return nil, errNull
	}
	s, from, to := c.text(), c.str(0), c.str(1)
	if err := c.run.charge(len(s) + strings.Count(s, from)*len(to)); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s, from, to), nil
}
