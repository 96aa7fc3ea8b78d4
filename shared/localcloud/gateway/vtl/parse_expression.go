package vtl

// expression is what stands in #if(...) and on the right of #set.
func (p *parser) expression() node {
	p.enter()
	defer p.leave()
	n := &expression{base: p.open()}
	n.of = p.or()
	p.close(&n.base)
	return n
}

// operators are those of one precedence, and the node each makes.
type operators map[kind]func(pair) node

// leftToRight parses operands joined by operators of one precedence.
func (p *parser) leftToRight(operand func() node, ops operators) node {
	left := operand()
	for {
		build, ok := ops[p.peek(1).kind]
		if !ok {
			return left
		}
		p.token = p.peek(1)
		n := pair{base: p.open(), left: left} // Velocity's node begins after the operator
		n.right = operand()
		p.close(&n.base)
		left = build(n)
	}
}

var (
	orOperators       = operators{kOr: func(o pair) node { return &orNode{o} }}
	andOperators      = operators{kAnd: func(o pair) node { return &andNode{o} }}
	equalityOperators = operators{
		kEQ: func(o pair) node { return &equalNode{o, true} },
		kNE: func(o pair) node { return &equalNode{o, false} },
	}
	relations = operators{
		kLT: compare(func(c int) bool { return c < 0 }),
		kGT: compare(func(c int) bool { return c > 0 }),
		kLE: compare(func(c int) bool { return c <= 0 }),
		kGE: compare(func(c int) bool { return c >= 0 }),
	}
	sums     = operators{kPlus: calculate(add), kMinus: calculate(subtract)}
	products = operators{kTimes: calculate(multiply), kDivide: calculate(divide), kModulus: calculate(modulo)}
)

func compare(holds func(int) bool) func(pair) node {
	return func(o pair) node { return &compareNode{o, holds} }
}

func calculate(op arithmetic) func(pair) node {
	return func(o pair) node { return &mathNode{o, op} }
}

func (p *parser) or() node       { return p.leftToRight(p.and, orOperators) }
func (p *parser) and() node      { return p.leftToRight(p.equality, andOperators) }
func (p *parser) equality() node { return p.leftToRight(p.relation, equalityOperators) }
func (p *parser) relation() node { return p.leftToRight(p.sum, relations) }
func (p *parser) sum() node      { return p.leftToRight(p.product, sums) }
func (p *parser) product() node  { return p.leftToRight(p.unary, products) }

func (p *parser) unary() node {
	look := lookahead{p: p, limit: 2}
	if !look.negation() {
		return p.primary()
	}
	p.enter()
	defer p.leave()
	p.skip(kWhitespace)
	p.take(kNot, `"!"`)
	n := &notNode{base: p.open()}
	n.of = p.unary()
	p.close(&n.base)
	return n
}

func (p *parser) primary() node {
	p.skip(kWhitespace)
	var n node
	if p.skip(kParenOpen) {
		n = p.expression()
		p.take(kParenClose, `")"`)
	} else {
		n = p.operand("an expression")
	}
	p.skip(kWhitespace)
	return n
}

// operand is a literal or a reference.
func (p *parser) operand(wanted string) node {
	switch p.peek(1).kind {
	case kIdentifier, kCurlyOpen:
		return p.reference()
	case kString:
		b := p.one()
		return &stringNode{base: b, unit: p.unit}
	case kInteger:
		return p.number(ParseNumber)
	case kFloat:
		return p.number(parseFloat)
	case kTrue:
		return &constant{base: p.one(), v: true}
	case kFalse:
		return &constant{base: p.one(), v: false}
	case kListOpen:
		if look := (lookahead{p: p, limit: unlimited}); look.rangeBegins() {
			return p.rangeLiteral()
		}
		return p.list()
	case kMapOpen:
		return p.mapLiteral()
	}
	p.unexpected(wanted)
	return nil
}

func (p *parser) number(parse func(string) any) node {
	b := p.one()
	if b.first.image[0] == '#' { // the tokenizer takes #5 for a number with a hash before it
		p.fail(b.first.offset, "%q is no number", b.first.image)
	}
	return &constant{base: b, v: parse(b.first.image)}
}

// one is the span of a single token, consumed.
func (p *parser) one() base {
	b := p.open()
	p.token = p.peek(1)
	p.close(&b)
	return b
}

func (p *parser) list() node {
	p.enter()
	defer p.leave()
	n := &listNode{base: p.open()}
	p.take(kListOpen, `"["`)
	if !p.is(kListClose) {
		n.items = p.parameters()
	}
	p.take(kListClose, `"]"`)
	p.close(&n.base)
	return n
}

func (p *parser) rangeLiteral() node {
	n := &rangeNode{base: p.open()}
	p.take(kListOpen, `"["`)
	n.from = p.rangeEnd()
	p.take(kDoubleDot, `".."`)
	n.to = p.rangeEnd()
	p.take(kListClose, `"]"`)
	p.close(&n.base)
	return n
}

func (p *parser) rangeEnd() node {
	p.skip(kWhitespace)
	if !p.isOneOf(kIdentifier, kCurlyOpen, kInteger) {
		p.unexpected("an integer or a reference")
	}
	n := p.operand("")
	p.skip(kWhitespace)
	return n
}

func (p *parser) mapLiteral() node {
	p.enter()
	defer p.leave()
	n := &mapNode{base: p.open()}
	p.take(kMapOpen, `"{"`)
	look := lookahead{p: p, limit: 2}
	if look.pairs() {
		n.keys, n.values = p.pairs()
	} else {
		p.skip(kWhitespace)
	}
	if !p.skip(kMapClose) {
		p.take(kCurlyClose, `"}"`)
	}
	p.close(&n.base)
	return n
}

func (p *parser) pairs() (keys, values []node) {
	for {
		keys = append(keys, p.parameter())
		p.take(kColon, `":"`)
		values = append(values, p.parameter())
		if !p.skip(kComma) {
			return keys, values
		}
	}
}
