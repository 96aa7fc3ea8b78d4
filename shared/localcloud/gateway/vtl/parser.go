package vtl

import (
	"fmt"
	"strings"
)

// maxNesting bounds how deep blocks, brackets and arguments stand in one another.
const maxNesting = 500

// parser is Velocity's: one token of lookahead, and more where lookahead.go says so. It
// leaves by panicking with an *Error, which Parse recovers.
type parser struct {
	lex    *lexer
	token  *token // the last one consumed
	unit   *unit
	source *source
	depth  int
}

// unit is what the parts of one template share while it is compiled: string literals are
// templates of their own, parsed after the template that holds them.
type unit struct {
	name   string
	macros map[string]*macro // by name; the first definition counts
	named  map[string]bool   // macros met so far, for what an escape may hide

	symbols map[string]*symbol
	calls   []literalCall
}

// symbol is the one of a name.
func (u *unit) symbol(name string) *symbol {
	s := u.symbols[name]
	if s == nil {
		s = &symbol{name: name, slot: len(u.symbols)}
		u.symbols[name] = s
	}
	return s
}

// mention is the symbol of a name that a reference reads.
func (u *unit) mention(name string) *symbol {
	s := u.symbol(name)
	s.read = true
	return s
}

func newParser(u *unit, src *source) *parser {
	return &parser{lex: &lexer{src: src.text}, token: &token{}, unit: u, source: src}
}

// peek is the token n after the last one consumed.
func (p *parser) peek(n int) *token {
	t := p.token
	for range n {
		if t.next == nil {
			t.next = p.read()
		}
		t = t.next
	}
	return t
}

func (p *parser) read() *token {
	t, err := p.lex.next()
	if err != nil {
		p.fail(err.offset, "%s", err.msg)
	}
	return t
}

func (p *parser) is(k kind) bool { return p.peek(1).kind == k }

func (p *parser) isOneOf(kinds ...kind) bool {
	next := p.peek(1).kind
	for _, k := range kinds {
		if next == k {
			return true
		}
	}
	return false
}

// take consumes a token of that kind, or fails.
func (p *parser) take(k kind, wanted string) *token {
	t := p.peek(1)
	if t.kind != k {
		p.unexpected(wanted)
	}
	p.token = t
	return t
}

func (p *parser) skip(k kind) bool {
	if !p.is(k) {
		return false
	}
	p.token = p.peek(1)
	return true
}

func (p *parser) unexpected(wanted string) {
	t := p.peek(1)
	found := fmt.Sprintf("%q", clip(t.image))
	if t.kind == kEOF {
		found = "the end of the template"
	}
	p.fail(t.offset, "found %s, want %s", found, wanted)
}

func (p *parser) fail(offset int, format string, args ...any) {
	line, column := p.source.place(offset)
	panic(&Error{Template: p.unit.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.fail(p.token.offset, "nested more than %d deep", maxNesting)
	}
}

func (p *parser) leave() { p.depth-- }

// open begins a node at the next token; its close ends it at the last one consumed.
func (p *parser) open() base {
	return base{first: p.peek(1), source: p.source}
}

func (p *parser) close(b *base) { b.last = p.token }

// template parses all there is.
func (p *parser) template() *block {
	b := p.block()
	p.take(kEOF, "text, a reference or a directive")
	return b
}

// block parses statements up to a token that cannot begin one.
func (p *parser) block() *block {
	p.enter()
	defer p.leave()
	b := &block{base: p.open()}
	for {
		n := p.statement()
		if n == nil {
			p.close(&b.base)
			return b
		}
		b.nodes = append(b.nodes, n)
	}
}

// statement is nil where none begins.
func (p *parser) statement() node {
	switch p.peek(1).kind {
	case kIf:
		return p.ifStatement()
	case kIdentifier, kCurlyOpen:
		if p.referenceBegins() {
			return p.reference()
		}
		return p.textNode()
	case kLineComment, kFormalComment, kComment:
		return p.comment()
	case kTextblock:
		return p.textblock()
	case kSet:
		return p.set()
	case kEscapedDirective:
		return p.escapedDirective()
	case kDoubleEscape:
		return p.escapes()
	case kWord, kBracketedWord:
		return p.directive()
	case kParenOpen, kParenClose, kEscape, kText, kString, kInteger, kFloat, kDot, kCurlyClose, kEmptyIndex:
		return p.textNode()
	}
	return nil
}

func (p *parser) textNode() node {
	b := p.open()
	p.token = p.peek(1)
	p.close(&b)
	return &plainText{base: b}
}

func (p *parser) textblock() node {
	b := p.open()
	p.token = p.peek(1)
	p.close(&b)
	image := p.token.image
	return &fixed{base: b, text: image[len("#[[") : len(image)-len("]]#")]}
}

func (p *parser) comment() node {
	b := p.open()
	p.token = p.peek(1)
	if p.token.kind == kLineComment {
		p.skip(kLineCommentEnd)
	}
	p.close(&b)
	return &fixed{base: b, text: beforeComment(b.first.image)}
}

// escapedDirective drops a backslash before the name of a directive or macro; before any
// other word the backslashes are text.
func (p *parser) escapedDirective() node {
	b := p.open()
	t := p.take(kEscapedDirective, "an escaped directive")
	p.close(&b)
	slashes := 0
	for t.image[slashes] == '\\' {
		slashes++
	}
	directive := t.image[slashes:]
	name := directive[1:]
	if name[0] == '{' {
		name = name[1 : len(name)-1]
	}
	if p.unit.knows(name) || isControl(name) {
		t.image = t.image[:(slashes-1)/2] + directive
	}
	return &fixed{base: b, text: t.image}
}

func isControl(name string) bool {
	switch name {
	case "if", "end", "set", "else", "elseif":
		return true
	}
	return false
}

// escapes halves the double backslashes before a directive.
func (p *parser) escapes() node {
	b := p.open()
	n := 0
	for p.skip(kDoubleEscape) {
		n++
	}
	p.close(&b)
	next := p.peek(1)
	control := next.kind == kIf || next.kind == kElse || next.kind == kElseIf || next.kind == kEnd
	if next.kind != kEOF && p.unit.knows(next.image[1:]) {
		control = true
	}
	slash := `\\`
	if control {
		slash = `\`
	}
	return &fixed{base: b, text: strings.Repeat(slash, n)}
}

func (p *parser) set() node {
	n := &setNode{base: p.open()}
	p.take(kSet, "#set(")
	p.skip(kWhitespace)
	n.left = p.reference()
	p.skip(kWhitespace)
	p.take(kAssign, `"="`)
	n.right = p.expression()
	p.take(kParenClose, `")"`)
	p.lex.setting = false
	p.skip(kNewline)
	p.close(&n.base)
	return n
}

func (p *parser) ifStatement() node {
	n := &ifNode{base: p.open()}
	p.take(kIf, "#if")
	n.branches = append(n.branches, p.branch())
	for p.skip(kElseIf) {
		n.branches = append(n.branches, p.branch())
	}
	if p.skip(kElse) {
		n.otherwise = p.block()
	}
	p.take(kEnd, "#end")
	p.close(&n.base)
	return n
}

func (p *parser) branch() branch {
	p.skip(kWhitespace)
	p.take(kParenOpen, `"("`)
	condition := p.expression()
	p.take(kParenClose, `")"`)
	return branch{condition, p.block()}
}
