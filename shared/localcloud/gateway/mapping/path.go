package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// path is a compiled JSONPath.
type path []segment

// segment is one step of a path.
type segment struct {
	kind    segmentKind
	names   []string // of a member, or of several
	indexes []int
	from    *int // of a slice
	to      *int
}

type segmentKind int

const (
	members segmentKind = iota
	elements
	slice
	wildcard
	scan // "..": the next segment on everything below
)

var errUnsupported = errors.New("filters, scripts, functions and negative indexes are not supported")

// parsePath compiles a path in Jayway's notation. "$" may be left out.
func parsePath(text string) (path, error) {
	rest := strings.TrimSpace(text)
	switch {
	case rest == "":
		return nil, errors.New("the path is empty")
	case rest[0] == '$' || rest[0] == '@':
		rest = rest[1:]
	default:
		rest = "." + rest
	}
	var p path
	for rest != "" {
		var s []segment
		var err error
		if s, rest, err = parseSegment(rest); err != nil {
			return nil, err
		}
		p = append(p, s...)
	}
	return p, p.check()
}

// check refuses several names before the end, which Jayway has no answer to.
func (p path) check() error {
	for i, s := range p {
		if len(s.names) > 1 && i < len(p)-1 {
			return errors.New("several names can only stand at the end")
		}
	}
	return nil
}

func parseSegment(s string) (found []segment, rest string, err error) {
	switch {
	case strings.HasPrefix(s, ".."):
		found = []segment{{kind: scan}}
		s = s[2:]
		if s == "" || s[0] == '.' {
			return nil, "", errors.New(`the path cannot end with ".."`)
		}
	case s[0] == '.':
		s = s[1:]
	case s[0] != '[':
		return nil, "", fmt.Errorf("unexpected %q", s)
	}
	var one segment
	if strings.HasPrefix(s, "[") {
		one, rest, err = parseBrackets(s)
	} else {
		one, rest, err = parseName(s)
	}
	return append(found, one), rest, err
}

func parseName(s string) (segment, string, error) {
	end := strings.IndexAny(s, ".[")
	if end < 0 {
		end = len(s)
	}
	name := s[:end]
	switch {
	case name == "":
		return segment{}, "", errors.New("a name is missing")
	case name == "*":
		return segment{kind: wildcard}, s[end:], nil
	case strings.ContainsAny(name, "()"):
		return segment{}, "", errUnsupported
	case strings.Contains(name, " "):
		return segment{}, "", errors.New("a name with a blank needs brackets: ['the name']")
	}
	return segment{kind: members, names: []string{name}}, s[end:], nil
}

func parseBrackets(s string) (segment, string, error) {
	body := strings.TrimLeft(s[1:], " ")
	if strings.HasPrefix(body, "'") {
		return parseQuoted(body)
	}
	inside, rest, found := strings.Cut(body, "]")
	inside = strings.TrimSpace(inside)
	switch {
	case !found:
		return segment{}, "", errors.New(`"]" is missing`)
	case inside == "*":
		return segment{kind: wildcard}, rest, nil
	case strings.HasPrefix(inside, "?"), strings.HasPrefix(inside, "("):
		return segment{}, "", errUnsupported
	case strings.Contains(inside, ":"):
		one, err := parseSlice(inside)
		return one, rest, err
	}
	one, err := parseIndexes(inside)
	return one, rest, err
}

// parseQuoted reads 'name' or 'name','name' up to the bracket.
func parseQuoted(s string) (segment, string, error) {
	one := segment{kind: members}
	for {
		name, rest, found := strings.Cut(s[1:], "'")
		if !found {
			return segment{}, "", errors.New(`"'" is missing`)
		}
		one.names = append(one.names, name)
		rest = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(rest, "]") {
			return one, rest[1:], nil
		}
		s = strings.TrimLeft(strings.TrimPrefix(rest, ","), " ")
		if !strings.HasPrefix(rest, ",") || !strings.HasPrefix(s, "'") {
			return segment{}, "", errors.New(`"]" is missing after a name`)
		}
	}
}

func parseIndexes(s string) (segment, error) {
	one := segment{kind: elements}
	for field := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return one, fmt.Errorf("%q is neither an index nor a name in single quotes", s)
		}
		if n < 0 {
			return one, errUnsupported
		}
		one.indexes = append(one.indexes, n)
	}
	return one, nil
}

func parseSlice(s string) (segment, error) {
	one := segment{kind: slice}
	from, to, _ := strings.Cut(s, ":")
	for _, end := range []struct {
		text string
		n    **int
	}{{from, &one.from}, {to, &one.to}} {
		text := strings.TrimSpace(end.text)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return one, fmt.Errorf("%q is no slice", s)
		}
		*end.n = &n
	}
	switch {
	case one.from == nil && one.to == nil:
		return one, fmt.Errorf("%q is no slice", s)
	case one.from != nil && one.to != nil && (*one.from < 0 || *one.to < 0):
		return one, errUnsupported
	}
	return one, nil
}

// definite: the path can find one value only.
func (p path) definite() bool {
	for _, s := range p {
		if s.kind == wildcard || s.kind == slice || s.kind == scan || len(s.indexes) > 1 {
			return false
		}
	}
	return true
}
