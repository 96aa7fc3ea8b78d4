package vtl

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// compile is a regular expression as Go has it, which is linear in time. What Java has and
// Go has not is an error, also where Go would take it for something else in this text.
func compile(pattern, text string) (*regexp.Regexp, error) {
	if err := checkJava(pattern, text); err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", pattern, err)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w (look-around, back-references and possessive quantifiers are not supported)", pattern, err)
	}
	return re, nil
}

var (
	errRepetition = errors.New("java.util.regex.PatternSyntaxException: illegal repetition")
	errClass      = errors.New("character classes inside one another are not supported")
	errEscape     = errors.New(`\v, (?m), (?U) and back-references are not supported`)
	errLineEnd    = errors.New("in a text with these line breaks ., $ and \\s are not supported: Java takes them otherwise")
	quantifier    = regexp.MustCompile(`^\{\d+(,\d*)?\}`)
	javaOnly      = regexp.MustCompile(`^(?:\\[v1-9]|\(\?[a-zA-Z-]*[mU])`)
)

// lineBreaks are Java's line terminators (java.util.regex.Pattern). Go's . takes all but the
// first, and its $ stands before none of them.
const lineBreaks = "\n\r\u0085\u2028\u2029"

// differs says whether what a pattern goes on with finds other places of the text in Java.
func differs(rest, text string, inClass bool) bool {
	switch {
	case strings.HasPrefix(rest, `\s`) || strings.HasPrefix(rest, `\S`):
		return strings.Contains(text, "\v")
	case inClass:
		return false
	case rest[0] == '.':
		return strings.ContainsAny(text, lineBreaks[1:])
	}
	return rest[0] == '$' && strings.TrimRight(text, lineBreaks) != text
}

// checkJava looks for what Go reads in another way than Java: a brace that is no
// quantifier, a bracket or && inside a character class, some escapes and flags, and what
// depends on the text.
func checkJava(pattern, text string) error {
	inClass := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case strings.HasPrefix(pattern[i:], `\Q`):
			end := strings.Index(pattern[i:], `\E`)
			if end < 0 {
				return nil
			}
			i += end + 1
		case javaOnly.MatchString(pattern[i:]) && (c == '\\' || !inClass):
			return errEscape
		case differs(pattern[i:], text, inClass):
			return errLineEnd
		case c == '\\':
			i++
			if strings.HasPrefix(pattern[i:], "p{") || strings.HasPrefix(pattern[i:], "P{") || strings.HasPrefix(pattern[i:], "x{") {
				i++
			}
		case inClass && (c == '[' || strings.HasPrefix(pattern[i:], "&&")):
			return errClass
		case c == '[':
			inClass = true
			i += len(classStart.FindString(pattern[i+1:]))
		case c == ']':
			inClass = false
		case c == '{' && !inClass && !quantifier.MatchString(pattern[i:]):
			return errRepetition
		}
	}
	return nil
}

// classStart is the beginning of a class, where "]" is a character.
var classStart = regexp.MustCompile(`^\^?\]?`)

func matches(c call) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	pattern := c.str(0)
	if !strings.HasSuffix(pattern, `\$`) {
		pattern = strings.TrimSuffix(pattern, "$") // at the end of all it says nothing more
	}
	if _, err := compile(pattern, c.text()); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(`\A(?:` + c.str(0) + `)\z`)
	if err != nil {
		return nil, err
	}
	return re.MatchString(c.text()), nil
}

// replaceRegexp replaces the first n matches, all with n < 0. In the replacement $1 is a
// group and a backslash quotes the next character.
func replaceRegexp(c call, n int) (any, error) {
	if c.args[0] == nil || c.args[1] == nil {
		return nil, errNull
	}
	re, err := compile(c.str(0), c.text())
	if err != nil {
		return nil, err
	}
	s := c.text()
	var out strings.Builder
	at := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, n) {
		out.WriteString(s[at:m[0]])
		if err := expand(&out, c.str(1), s, m); err != nil {
			return nil, err
		}
		if out.Len() > c.run.options.Memory {
			return nil, ErrLimit
		}
		at = m[1]
	}
	out.WriteString(s[at:])
	return out.String(), c.run.charge(out.Len())
}

func expand(out *strings.Builder, replacement, s string, m []int) error {
	for i := 0; i < len(replacement); i++ {
		switch replacement[i] {
		case '\\':
			if i++; i == len(replacement) {
				return errors.New("java.lang.IllegalArgumentException: character to be escaped is missing")
			}
			out.WriteByte(replacement[i])
		case '$':
			group, width, err := groupAt(replacement[i+1:], len(m)/2-1)
			if err != nil {
				return err
			}
			if m[2*group] >= 0 {
				out.WriteString(s[m[2*group]:m[2*group+1]])
			}
			i += width
		default:
			out.WriteByte(replacement[i])
		}
	}
	return nil
}

// groupAt is the group whose number stands there: as many digits as still name a group.
func groupAt(s string, groups int) (group, width int, err error) {
	if s == "" || !isDigit(s[0]) {
		return 0, 0, errors.New("java.lang.IllegalArgumentException: illegal group reference")
	}
	group, width = int(s[0]-'0'), 1
	if group > groups {
		return 0, 0, fmt.Errorf("java.lang.IndexOutOfBoundsException: no group %d", group)
	}
	for width < len(s) && isDigit(s[width]) && group*10+int(s[width]-'0') <= groups {
		group = group*10 + int(s[width]-'0')
		width++
	}
	return group, width, nil
}

// split is an array of what stands between the matches; without a limit, empty strings at
// the end are left out.
func split(c call, limit int) (any, error) {
	if c.args[0] == nil {
		return nil, errNull
	}
	re, err := compile(c.str(0), c.text())
	if err != nil {
		return nil, err
	}
	s := c.text()
	parts := []any{}
	at := 0
	for _, m := range re.FindAllStringIndex(s, -1) {
		if limit > 0 && len(parts) == limit-1 {
			break
		}
		if m[1] == 0 || m[0] == m[1] && m[0] == len(s) {
			continue // a match without width before the first or after the last character
		}
		parts = append(parts, s[at:m[0]])
		at = m[1]
	}
	if at == 0 {
		parts = parts[:0]
	}
	parts = append(parts, s[at:])
	if limit == 0 {
		for len(parts) > 1 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		if at > 0 && len(parts) == 1 && parts[0] == "" {
			parts = parts[:0]
		}
	}
	return &List{class: stringArray, items: parts}, c.run.charge(16*len(parts) + len(s))
}
