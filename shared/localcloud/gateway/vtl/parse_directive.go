package vtl

import "strings"

// blockDirectives have a body up to #end; lineDirectives have none.
var (
	blockDirectives = map[string]bool{"foreach": true, "macro": true, "define": true, "literal": true}
	lineDirectives  = map[string]bool{"break": true, "stop": true, "include": true, "parse": true, "evaluate": true}
)

func isDirective(name string) bool { return blockDirectives[name] || lineDirectives[name] }

// knows reports whether an escape before the name hides a directive or a macro.
func (u *unit) knows(name string) bool {
	return isDirective(name) || u.named[name] || u.macros[name] != nil
}

// directive is #name(arguments): one of Velocity's own, or the call of a macro, which may
// be defined later, or text that only looks like one.
func (p *parser) directive() node {
	d := &directive{base: p.open()}
	t := p.peek(1)
	p.token = t
	d.name = t.image[1:]
	if t.kind == kBracketedWord {
		d.name = t.image[2 : len(t.image)-1]
	}
	p.lex.state = inDirective
	if !p.parenthesisFollows() {
		return p.bareDirective(d)
	}
	p.skip(kWhitespace)
	p.take(kParenOpen, `"("`)
	d.called = true
	p.arguments(d)
	p.take(kParenClose, `")"`)
	if blockDirectives[d.name] || strings.HasPrefix(d.name, "@") && !isDirective(d.name) {
		p.body(d)
	}
	p.close(&d.base)
	return d.resolve(p)
}

// bareDirective has no parentheses: #stop, #break, or a word with a hash before it.
func (p *parser) bareDirective(d *directive) node {
	if d.name == "macro" {
		p.fail(d.first.offset, "a macro needs a name: #macro(name $argument ...)")
	}
	p.lex.pop()
	p.close(&d.base)
	return d.resolve(p)
}

// parenthesisFollows looks at the characters, since the tokenizer cannot know what a
// parenthesis after blanks and newlines means.
func (p *parser) parenthesisFollows() bool {
	rest := p.lex.src[p.lex.pos:]
	return strings.HasPrefix(rest[span(rest, isSpace):], "(")
}

func (p *parser) arguments(d *directive) {
	for {
		look := lookahead{p: p, limit: 2}
		if !look.argument() {
			break
		}
		p.skip(kWhitespace)
		if p.skip(kComma) {
			p.skip(kWhitespace)
		}
		p.argument(d)
	}
	p.skip(kWhitespace)
}

// argument of a directive may be a bare word where a name is meant: the name of a macro
// and the "in" of #foreach.
func (p *parser) argument(d *directive) {
	n := len(d.arguments)
	if !p.is(kWord) {
		if d.name == "macro" && n == 0 {
			p.fail(p.peek(1).offset, "the first argument of #macro is its name, without quotes or $")
		}
		d.arguments = append(d.arguments, p.operand("an argument"))
		return
	}
	known := isDirective(d.name) || p.unit.macros[d.name] != nil
	named := d.name == "macro" && n == 0 || d.name == "foreach" && n == 1
	if known && !named {
		p.fail(p.peek(1).offset, "argument %d of #%s is a bare word", n+1, d.name)
	}
	d.arguments = append(d.arguments, &bareWord{base: p.one()})
}

func (p *parser) body(d *directive) {
	d.body = p.block()
	p.take(kEnd, "#end")
	if d.name == "macro" {
		if len(d.arguments) == 0 {
			p.fail(d.first.offset, "a macro needs a name: #macro(name $argument ...)")
		}
		p.unit.named[d.arguments[0].span().first.image] = true
	}
}
