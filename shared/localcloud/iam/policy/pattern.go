package policy

import "strings"

// pattern is a text with the wildcards * and ?, and policy variables. Where it is an
// ARN, a wildcard keeps to the part between colons that it stands in.
type pattern struct {
	tokens []token
	dialect
	fold func(string) string // of the values of variables; nil is none
}

// dialect is where wildcards stop.
type dialect int

const (
	plain       dialect = iota // nowhere
	resourceARN                // at a colon of the first five parts, unless * ends the part ("Resource" element)
	arnLike                    // at a colon of the first five parts (operator ArnLike)
	literal                    // * and ? are themselves
)

// token is a byte, a wildcard or a variable.
type token struct {
	kind tokenKind
	char byte
	name string // of the variable
}

type tokenKind uint8

const (
	char tokenKind = iota
	anyChars
	anyButColon
	oneChar
	oneButColon
	variable
)

// compile reads a pattern. Variables are those of policy version 2012-10-17.
func compile(s string, d dialect) (pattern, error) {
	p := pattern{dialect: d}
	colons := 0
	for i := 0; i < len(s); i++ {
		inParts := (d == resourceARN || d == arnLike) && colons < 5
		switch {
		case strings.HasPrefix(s[i:], "${"):
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return p, syntaxf("Policy variable is not closed: %s", s)
			}
			t, err := variableToken(s[i+2 : i+end])
			if err != nil {
				return p, err
			}
			p.tokens = append(p.tokens, t)
			i += end
		case d != literal && (s[i] == '*' || s[i] == '?'):
			endsPart := i+1 == len(s) || s[i+1] == ':'
			p.tokens = append(p.tokens, wildcard(s[i], inParts && (s[i] == '?' || d == arnLike || !endsPart)))
		default:
			if s[i] == ':' {
				colons++
			}
			p.tokens = append(p.tokens, token{kind: char, char: s[i]})
		}
	}
	return p, nil
}

func wildcard(c byte, stopsAtColon bool) token {
	switch {
	case c == '*' && stopsAtColon:
		return token{kind: anyButColon}
	case c == '*':
		return token{kind: anyChars}
	case stopsAtColon:
		return token{kind: oneButColon}
	}
	return token{kind: oneChar}
}

// variableToken reads what stands in ${}: an escaped character or a condition key.
func variableToken(name string) (token, error) {
	if name == "*" || name == "?" || name == "$" {
		return token{kind: char, char: name[0]}, nil
	}
	key := lower(name)
	if _, known := keys[key]; !known {
		return token{}, syntaxf("the local cloud does not evaluate policy variable ${%s}", name)
	}
	return token{kind: variable, name: key}, nil
}

// matches says whether s fits. A variable without a value fits nothing.
func (p pattern) matches(s string, vars map[string]string) bool {
	tokens, ok := p.expand(vars)
	return ok && glob(tokens, s)
}

func (p pattern) expand(vars map[string]string) ([]token, bool) {
	var out []token
	for i, t := range p.tokens {
		if t.kind != variable {
			if out != nil {
				out = append(out, t)
			}
			continue
		}
		value, known := vars[t.name]
		if !known || value == "" {
			return nil, false
		}
		if p.fold != nil {
			value = p.fold(value)
		}
		if out == nil {
			out = append(make([]token, 0, len(p.tokens)+len(value)), p.tokens[:i]...)
		}
		for j := 0; j < len(value); j++ {
			out = append(out, token{kind: char, char: value[j]})
		}
	}
	if out == nil {
		return p.tokens, true
	}
	return out, true
}

// point is where a star can take one more character: its token and how far it reaches.
type point struct{ token, text int }

// glob matches with two points to return to: the last star that stops at a colon, and
// the last that does not. Earlier ones need no second try: what follows a star that
// crosses was matched as early as it can be, and a part between colons has one end.
func glob(tokens []token, s string) bool {
	inPart, across := point{token: -1}, point{token: -1}
	t, i := 0, 0
	for i < len(s) || t < len(tokens) {
		if t < len(tokens) {
			switch k := tokens[t].kind; {
			case k == anyChars:
				across, inPart = point{t, i}, point{token: -1}
				t++
				continue
			case k == anyButColon:
				inPart = point{t, i}
				t++
				continue
			case i < len(s) && takes(tokens[t], s[i]):
				t++
				i++
				continue
			}
		}
		switch {
		case inPart.token >= 0 && inPart.text < len(s) && s[inPart.text] != ':':
			inPart.text++
			t, i = inPart.token+1, inPart.text
		case across.token >= 0 && across.text < len(s):
			across.text++
			inPart.token = -1
			t, i = across.token+1, across.text
		default:
			return false
		}
	}
	return true
}

func takes(t token, c byte) bool {
	switch t.kind {
	case oneChar:
		return true
	case oneButColon:
		return c != ':'
	}
	return t.char == c
}

func lower(s string) string { return strings.ToLower(s) }
