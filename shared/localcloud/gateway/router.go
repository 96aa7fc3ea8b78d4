package gateway

import (
	"net/url"
	"strings"
)

// node is one segment of a stage's paths. A literal child goes before a {parameter}, and
// that before a {greedy+} one.
type node struct {
	literals  map[string]*node
	parameter *node
	greedy    *node
	name      string                   // of the parameter that this node stands for
	methods   map[string]*servedMethod // nil: no resource ends here
}

func (n *node) add(path string, methods map[string]*servedMethod) {
	for _, part := range segments(path) {
		n = n.child(part)
	}
	n.methods = methods
}

func (n *node) child(part string) *node {
	name, isParameter := strings.CutPrefix(part, "{")
	next := &n.parameter
	switch {
	case !isParameter:
		if n.literals[part] == nil {
			if n.literals == nil {
				n.literals = map[string]*node{}
			}
			n.literals[part] = &node{}
		}
		return n.literals[part]
	case strings.HasSuffix(name, "+}"):
		next = &n.greedy
	}
	if *next == nil {
		*next = &node{name: strings.TrimRight(name, "+}")}
	}
	return *next
}

func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// route finds the method for an escaped path; slashes at its end do not count. Values
// of path parameters are unescaped.
func (n *node) route(httpMethod, path string) (*servedMethod, map[string]string) {
	var values map[string]string
	found := n.find(httpMethod, segments(path), func(name, value string) {
		if values == nil {
			values = map[string]string{}
		}
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		values[name] = value
	})
	return found, values
}

func (n *node) find(httpMethod string, parts []string, set func(name, value string)) *servedMethod {
	if len(parts) == 0 {
		if m := n.methods[httpMethod]; m != nil {
			return m
		}
		return n.methods["ANY"]
	}
	if next := n.literals[parts[0]]; next != nil {
		if m := next.find(httpMethod, parts[1:], set); m != nil {
			return m
		}
	}
	if next := n.parameter; next != nil {
		if m := next.find(httpMethod, parts[1:], set); m != nil {
			set(next.name, parts[0])
			return m
		}
	}
	if next := n.greedy; next != nil {
		if m := next.find(httpMethod, nil, set); m != nil {
			set(next.name, strings.Join(parts, "/"))
			return m
		}
	}
	return nil
}
