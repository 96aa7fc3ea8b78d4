package vtl

// referenceBegins: "$name" does, and "${name"; "${" before anything else is text.
func (p *parser) referenceBegins() bool {
	look := lookahead{p: p, limit: 2}
	return look.reference()
}

func (p *parser) reference() *reference {
	p.enter()
	defer p.leave()
	r := &reference{base: p.open()}
	formal := p.skip(kCurlyOpen)
	p.take(kIdentifier, "a name")
	r.steps = p.indexes(r.steps)
	for p.dotBegins() {
		p.take(kDot, `"."`)
		if p.methodBegins() {
			r.steps = append(r.steps, p.method())
		} else {
			id := &property{base: p.open()}
			p.take(kIdentifier, "a name")
			p.close(&id.base)
			r.steps = append(r.steps, id)
		}
		r.steps = p.indexes(r.steps)
	}
	if formal {
		p.take(kCurlyClose, `"}"`)
	}
	p.close(&r.base)
	return r
}

func (p *parser) indexes(steps []step) []step {
	for p.is(kIndexOpen) {
		n := &index{base: p.open()}
		p.take(kIndexOpen, `"["`)
		p.skip(kWhitespace)
		n.argument = p.indexArgument()
		p.skip(kWhitespace)
		p.take(kIndexClose, `"]"`)
		p.close(&n.base)
		steps = append(steps, n)
	}
	return steps
}

func (p *parser) indexArgument() node {
	if !p.isOneOf(kString, kInteger, kTrue, kFalse, kIdentifier, kCurlyOpen) {
		p.unexpected("a string, an integer, true, false or a reference")
	}
	return p.operand("")
}

func (p *parser) dotBegins() bool {
	look := lookahead{p: p, limit: 2}
	return look.member()
}

func (p *parser) methodBegins() bool {
	look := lookahead{p: p, limit: 3}
	return look.method()
}

func (p *parser) method() *method {
	m := &method{base: p.open()}
	p.take(kIdentifier, "a method's name")
	p.take(kParenOpen, `"("`)
	if !p.is(kMethodClose) {
		m.arguments = p.parameters()
	}
	p.take(kMethodClose, `")"`)
	p.close(&m.base)
	return m
}

func (p *parser) parameters() []node {
	nodes := []node{p.parameter()}
	for p.skip(kComma) {
		nodes = append(nodes, p.parameter())
	}
	return nodes
}

func (p *parser) parameter() node {
	p.skip(kWhitespace)
	n := p.operand("an argument")
	p.skip(kWhitespace)
	return n
}
