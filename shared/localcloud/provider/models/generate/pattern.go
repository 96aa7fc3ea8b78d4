package main

import (
	"fmt"
	"regexp"
	"strings"
)

// known are patterns with lookaround inside, rewritten by hand.
var known = map[string]string{
	`jdbc:(redshift|postgresql)://((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+(redshift(-serverless)?)\.([a-zA-Z0-9\.]+):\d{1,5}/[a-zA-Z0-9_$-]+`: // labels neither begin nor end in -
	`jdbc:(redshift|postgresql)://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(redshift(-serverless)?)\.([a-zA-Z0-9\.]+):\d{1,5}/[a-zA-Z0-9_$-]+`,
}

var ahead = regexp.MustCompile(`^\^?\(\?!((?:[^()\\]|\\.)*)\)`)

// translate writes a Java pattern in Go's words; not is what a leading (?!...) excludes.
// What means the same in Go is returned empty. Both sides match the whole value.
func translate(pattern string) (in, not string, err error) {
	in = pattern
	if m := ahead.FindStringSubmatch(in); m != nil {
		not, in = m[1], in[len(m[0]):]
		if !strings.HasSuffix(not, "$") {
			not += `[\s\S]*`
		}
	}
	if by, ok := known[in]; ok {
		in = by
	}
	if in, err = classes(in); err != nil {
		return "", "", fmt.Errorf("pattern %s: %w", pattern, err)
	}
	for _, p := range []string{in, not} {
		if _, err := regexp.Compile(p); err != nil {
			return "", "", fmt.Errorf("pattern %s: %w", pattern, err)
		}
	}
	if in == pattern {
		in = ""
	}
	return in, not, nil
}

// classes rewrites what Go reads otherwise: \uXXXX, \s (Java's has the vertical tab) and
// . (Java's excludes all line ends). It refuses classes in classes.
func classes(pattern string) (string, error) {
	var b strings.Builder
	inside := false
	for i := 0; i < len(pattern); i++ {
		rest := pattern[i:]
		switch {
		case strings.HasPrefix(rest, `\u`) && len(rest) >= 6:
			fmt.Fprintf(&b, `\x{%s}`, rest[2:6])
			i += 5
		case strings.HasPrefix(rest, `\s`):
			b.WriteString(whiteSpace(inside))
			i++
		case strings.HasPrefix(rest, `\`) && len(rest) > 1:
			b.WriteString(rest[:2])
			i++
		case inside && (rest[0] == '[' || strings.HasPrefix(rest, "&&")):
			return "", fmt.Errorf("a class in a class at %q", rest)
		case !inside && rest[0] == '.':
			b.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`)
		default:
			inside = rest[0] == '[' || inside && rest[0] != ']'
			b.WriteByte(rest[0])
		}
	}
	return b.String(), nil
}

func whiteSpace(inside bool) string {
	if inside {
		return `\t\n\x0B\f\r `
	}
	return `[\t\n\x0B\f\r ]`
}
