package sqltext

import (
	"fmt"
	"strconv"
	"strings"
)

// Statement is one statement of a text: its tokens without the semicolon.
type Statement struct {
	Source string // the whole text that the tokens' places refer to
	Tokens []Token
}

// Text is the statement as it was written.
func (s Statement) Text() string {
	if len(s.Tokens) == 0 {
		return ""
	}
	return s.Source[s.Tokens[0].From:s.Tokens[len(s.Tokens)-1].To]
}

// Split divides source at its semicolons and leaves empty statements out.
func Split(source string, caseSensitive bool) ([]Statement, error) {
	tokens, err := Scan(source, caseSensitive)
	if err != nil {
		return nil, err
	}
	var statements []Statement
	from := 0
	for i := 0; i <= len(tokens); i++ {
		if i < len(tokens) && !tokens[i].Is(";") {
			continue
		}
		if i > from {
			statements = append(statements, Statement{Source: source, Tokens: tokens[from:i]})
		}
		from = i + 1
	}
	return statements, nil
}

// Cursor walks a statement. The first error stays: later calls do nothing, so that a
// parser may read on and ask Err once.
type Cursor struct {
	Statement
	at  int
	err error
}

// NewCursor starts at the statement's first token.
func NewCursor(s Statement) *Cursor { return &Cursor{Statement: s} }

// Err is the first error.
func (c *Cursor) Err() error { return c.err }

// Fail records a syntax error at the token at hand.
func (c *Cursor) Fail() {
	if c.err != nil {
		return
	}
	if c.Done() {
		c.err = &SyntaxError{Message: "syntax error at end of input"}
		return
	}
	t := c.Tokens[c.at]
	c.err = &SyntaxError{Message: fmt.Sprintf("syntax error at or near %q", c.Source[t.From:t.To])}
}

// Done says that nothing is left.
func (c *Cursor) Done() bool { return c.at >= len(c.Tokens) }

// Peek is the token at hand; its Text is empty at the end.
func (c *Cursor) Peek() Token {
	if c.err != nil || c.Done() {
		return Token{Kind: Operator}
	}
	return c.Tokens[c.at]
}

// PeekAt is the token n places ahead.
func (c *Cursor) PeekAt(n int) Token {
	if c.err != nil || c.at+n >= len(c.Tokens) {
		return Token{Kind: Operator}
	}
	return c.Tokens[c.at+n]
}

// Next takes the token at hand.
func (c *Cursor) Next() Token {
	t := c.Peek()
	c.at++
	return t
}

// Accept takes the words or operators if all of them come next.
func (c *Cursor) Accept(words ...string) bool {
	if c.err != nil {
		return false
	}
	for i, w := range words {
		if c.at+i >= len(c.Tokens) || !c.Tokens[c.at+i].Is(w) {
			return false
		}
	}
	c.at += len(words)
	return true
}

// AcceptOne takes the word at hand if it is one of words, and returns it.
func (c *Cursor) AcceptOne(words ...string) string {
	for _, w := range words {
		if c.Accept(w) {
			return w
		}
	}
	return ""
}

// Expect takes the words or fails.
func (c *Cursor) Expect(words ...string) {
	for _, w := range words {
		if !c.Accept(w) {
			c.Fail()
			return
		}
	}
}

// Name takes an identifier.
func (c *Cursor) Name() string {
	if !c.Peek().Name() {
		c.Fail()
		return ""
	}
	return c.Next().Text
}

// QualifiedName takes name or schema.name; schema is empty when it is not given.
func (c *Cursor) QualifiedName() (schema, name string) {
	name = c.Name()
	if c.Accept(".") {
		schema, name = name, c.Name()
	}
	return schema, name
}

// Literal takes a string.
func (c *Cursor) Literal() string {
	if c.Peek().Kind != String || c.Done() {
		c.Fail()
		return ""
	}
	return c.Next().Text
}

// Int takes a whole number.
func (c *Cursor) Int() int {
	negative := c.Accept("-")
	n, err := strconv.Atoi(c.Peek().Text)
	if err != nil || c.Peek().Kind != Number {
		c.Fail()
		return 0
	}
	c.Next()
	if negative {
		return -n
	}
	return n
}

// Names takes "(a, b, c)".
func (c *Cursor) Names() []string {
	var names []string
	c.Expect("(")
	for {
		names = append(names, c.Name())
		if !c.Accept(",") {
			break
		}
	}
	c.Expect(")")
	return names
}

// Group takes "( ... )" with balanced parentheses and returns what is inside.
func (c *Cursor) Group() Statement {
	c.Expect("(")
	inner := c.Until(")")
	c.Expect(")")
	return inner
}

// Until takes tokens up to one of the words outside parentheses, or to the end. The
// word itself is left.
func (c *Cursor) Until(words ...string) Statement {
	from, depth := c.at, 0
	for ; c.err == nil && !c.Done(); c.at++ {
		t := c.Tokens[c.at]
		if depth == 0 && isOne(t, words) {
			break
		}
		switch {
		case t.Is("("), t.Is("["):
			depth++
		case t.Is(")"), t.Is("]"):
			depth--
		}
	}
	if c.err != nil {
		return Statement{}
	}
	return Statement{Source: c.Source, Tokens: c.Tokens[from:c.at]}
}

// Rest takes everything that is left.
func (c *Cursor) Rest() Statement { return c.Until() }

// End fails unless everything was taken.
func (c *Cursor) End() error {
	if c.err == nil && !c.Done() {
		c.Fail()
	}
	return c.err
}

func isOne(t Token, words []string) bool {
	for _, w := range words {
		if t.Is(w) {
			return true
		}
	}
	return false
}

// QuoteName writes an identifier for DuckDB.
func QuoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// QuoteEscaped writes a string literal for Redshift, to which a backslash is an escape.
func QuoteEscaped(s string) string { return QuoteLiteral(strings.ReplaceAll(s, `\`, `\\`)) }

// QuoteLiteral writes a string literal for DuckDB.
func QuoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
