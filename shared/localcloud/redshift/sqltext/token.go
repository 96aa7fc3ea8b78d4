// Package sqltext reads SQL text as Redshift does: tokens, statements, and a cursor for
// the statements that are parsed here because DuckDB does not know them.
package sqltext

import (
	"fmt"
	"strings"
)

// Kind is what a token is.
type Kind int

// The kinds of token.
const (
	Word     Kind = iota // keyword or identifier; Text is in lower case
	Quoted               // "identifier"; Text without the quotes
	String               // 'literal' or $$literal$$; Text without the quotes
	Number               // 1, 1.5, 1e9
	Operator             // one operator or punctuation
	Param                // $1 or :name; Text without the mark
)

// Token is one lexical element; From and To are its place in the source, in bytes.
type Token struct {
	Kind     Kind
	Text     string
	From, To int
}

// Is says whether the token is this word (in lower case) or operator.
func (t Token) Is(text string) bool {
	return (t.Kind == Word || t.Kind == Operator) && t.Text == text
}

// Name says whether the token can be a name.
func (t Token) Name() bool { return t.Kind == Word || t.Kind == Quoted }

// SyntaxError is text that cannot be read, with Redshift's words for it.
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }

// Scan splits source into tokens. Comments are dropped. Identifiers are folded to lower
// case, quoted ones too unless caseSensitive (enable_case_sensitive_identifier).
func Scan(source string, caseSensitive bool) ([]Token, error) {
	s := scanner{source: source, caseSensitive: caseSensitive}
	for {
		s.skipBlank()
		if s.err != nil {
			return nil, s.err
		}
		if s.at >= len(source) {
			return s.tokens, nil
		}
		s.next()
	}
}

type scanner struct {
	source        string
	at            int
	tokens        []Token
	caseSensitive bool
	err           error
}

func (s *scanner) next() {
	c := s.source[s.at]
	switch {
	case c == '\'':
		s.escaped(s.at + 1)
	case c == '"':
		s.quotedName()
	case c == '$' && s.dollarString():
	case c == '$' && digit(s.peek(1)):
		s.run(Param, 1, digit)
	case c == ':' && letter(s.peek(1)) && !s.castBefore():
		s.run(Param, 1, wordByte)
	case digit(c) || c == '.' && digit(s.peek(1)):
		s.number()
	case (c == 'e' || c == 'E') && s.peek(1) == '\'':
		s.escaped(s.at + 2)
	case letter(c):
		s.run(Word, 0, wordByte)
	default:
		s.operator()
	}
}

func (s *scanner) peek(n int) byte {
	if s.at+n < len(s.source) {
		return s.source[s.at+n]
	}
	return 0
}

// castBefore says that the colon at hand belongs to "::", not to a parameter.
func (s *scanner) castBefore() bool { return s.at > 0 && s.source[s.at-1] == ':' }

func (s *scanner) emit(kind Kind, text string, to int) {
	if kind == Word || kind == Quoted && !s.caseSensitive {
		text = strings.ToLower(text)
	}
	s.tokens = append(s.tokens, Token{Kind: kind, Text: text, From: s.at, To: to})
	s.at = to
}

func (s *scanner) run(kind Kind, skip int, in func(byte) bool) {
	to := s.at + skip
	for to < len(s.source) && in(s.source[to]) {
		to++
	}
	s.emit(kind, s.source[s.at+skip:to], to)
}

func (s *scanner) number() {
	to := s.at
	for to < len(s.source) && (digit(s.source[to]) || s.source[to] == '.') {
		to++
	}
	if to < len(s.source) && (s.source[to] == 'e' || s.source[to] == 'E') {
		exp := to + 1
		if exp < len(s.source) && (s.source[exp] == '+' || s.source[exp] == '-') {
			exp++
		}
		if exp < len(s.source) && digit(s.source[exp]) {
			for to = exp; to < len(s.source) && digit(s.source[to]); to++ {
			}
		}
	}
	s.emit(Number, s.source[s.at:to], to)
}

func (s *scanner) quotedName() {
	var b strings.Builder
	for i := s.at + 1; i < len(s.source); i++ {
		if s.source[i] != '"' {
			b.WriteByte(s.source[i])
			continue
		}
		if i+1 < len(s.source) && s.source[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		s.emit(Quoted, b.String(), i+1)
		return
	}
	s.fail("unterminated quoted string at or near %q", clip(s.source[s.at:]))
}

// escaped reads a string literal from behind its quote on. A backslash escapes in every
// one, with E before it or not: Redshift is PostgreSQL 8.0 here, which has no
// standard_conforming_strings ("POSIX operators": write two backslashes).
func (s *scanner) escaped(from int) {
	var b strings.Builder
	for i := from; i < len(s.source); i++ {
		switch c := s.source[i]; {
		case c == '\\' && i+1 < len(s.source):
			r, n := escape(s.source[i+1:])
			b.WriteByte(r)
			i += n
		case c == '\'' && i+1 < len(s.source) && s.source[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			s.emit(String, b.String(), i+1)
			return
		default:
			b.WriteByte(c)
		}
	}
	s.fail("unterminated quoted string at or near %q", clip(s.source[s.at:]))
}

var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f'}

// escape is the byte that what follows a backslash stands for, and how long that is: a
// letter of escapes, up to three octal digits, or any other character itself.
func escape(rest string) (b byte, n int) {
	for n < 3 && n < len(rest) && rest[n] >= '0' && rest[n] <= '7' {
		b = b<<3 | (rest[n] - '0')
		n++
	}
	if n > 0 {
		return b, n
	}
	if b, ok := escapes[rest[0]]; ok {
		return b, 1
	}
	return rest[0], 1
}

// dollarString reads $tag$ ... $tag$, and says whether there was one.
func (s *scanner) dollarString() bool {
	end := s.at + 1
	for end < len(s.source) && wordByte(s.source[end]) && s.source[end] != '$' {
		end++
	}
	if end >= len(s.source) || s.source[end] != '$' || digit(s.peek(1)) {
		return false
	}
	tag := s.source[s.at : end+1]
	body := s.source[end+1:]
	n := strings.Index(body, tag)
	if n < 0 {
		s.fail("unterminated dollar-quoted string at or near %q", clip(s.source[s.at:]))
		return true
	}
	s.emit(String, body[:n], end+1+n+len(tag))
	return true
}

// operators of several bytes, longest first.
var operators = []string{"!~~*", "!~*", "!~~", "~~*", "::", "<=", ">=", "<>", "!=", "||", "~*", "!~", "~~", ":=", "=>", "|/", "<<", ">>"}

func (s *scanner) operator() {
	for _, op := range operators {
		if strings.HasPrefix(s.source[s.at:], op) {
			s.emit(Operator, op, s.at+len(op))
			return
		}
	}
	if !strings.ContainsRune("()[],;.:+-*/%^<>=~!@#&|?{}", rune(s.source[s.at])) {
		s.fail("syntax error at or near %q", clip(s.source[s.at:]))
		return
	}
	s.emit(Operator, s.source[s.at:s.at+1], s.at+1)
}

func (s *scanner) fail(format string, args ...any) {
	s.err = &SyntaxError{Message: fmt.Sprintf(format, args...)}
	s.at = len(s.source)
}

// skipBlank skips white space, "-- ..." and nested "/* ... */".
func (s *scanner) skipBlank() {
	for s.at < len(s.source) {
		rest := s.source[s.at:]
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(rest[0])):
			s.at++
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			s.at += n
		case strings.HasPrefix(rest, "/*"):
			s.skipComment()
		default:
			return
		}
	}
}

func (s *scanner) skipComment() {
	depth := 0
	for i := s.at; i+1 < len(s.source); i++ {
		switch s.source[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				s.at = i + 1
				return
			}
		}
	}
	s.fail("unterminated /* comment at or near %q", clip(s.source[s.at:]))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80 || c == '#'
}

func wordByte(c byte) bool { return letter(c) || digit(c) || c == '$' }

func clip(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
