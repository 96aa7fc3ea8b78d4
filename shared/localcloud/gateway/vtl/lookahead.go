package vtl

import "math"

// unlimited is the lookahead that a range takes: as far as its two dots.
const unlimited = math.MaxInt

// lookahead tries a production on the tokens ahead without consuming them, as far as
// limit tokens: what matches that far counts as matching. Alternatives inside are tried in
// order, and one that matched is not taken back. Where a template is wrong, this is what
// decides between an error and text.
type lookahead struct {
	p        *parser
	limit    int
	pos      int // tokens matched
	farthest int
	hit      bool // the limit was reached by a match
}

func (l *lookahead) token(k kind) bool {
	if l.hit {
		return true
	}
	at := l.pos + 1
	l.farthest = max(l.farthest, at)
	if l.p.peek(at).kind != k {
		return false
	}
	l.pos = at
	l.hit = at == l.limit && at == l.farthest
	return true
}

// try undoes what a production that did not match has consumed.
func (l *lookahead) try(production func() bool) bool {
	at := l.pos
	if production() {
		return true
	}
	l.pos = at
	return false
}

func (l *lookahead) optional(k kind) { l.try(func() bool { return l.token(k) }) }

func (l *lookahead) repeat(production func() bool) {
	for !l.hit && l.try(production) {
	}
}

func (l *lookahead) oneOf(productions ...func() bool) bool {
	for _, production := range productions {
		if l.try(production) {
			return true
		}
	}
	return false
}

func (l *lookahead) is(kinds ...kind) func() bool {
	return func() bool {
		for _, k := range kinds {
			if !l.token(k) {
				return false
			}
		}
		return true
	}
}

func (l *lookahead) reference() bool {
	return l.oneOf(
		func() bool { return l.token(kIdentifier) && l.path() },
		func() bool { return l.token(kCurlyOpen) && l.token(kIdentifier) && l.path() && l.token(kCurlyClose) },
	)
}

func (l *lookahead) path() bool {
	l.repeat(l.index)
	l.repeat(l.member)
	return true
}

func (l *lookahead) member() bool {
	if !l.token(kDot) || !l.oneOf(l.method, l.is(kIdentifier)) {
		return false
	}
	l.repeat(l.index)
	return true
}

func (l *lookahead) index() bool {
	if !l.token(kIndexOpen) {
		return false
	}
	l.optional(kWhitespace)
	if !l.oneOf(l.is(kString), l.is(kInteger), l.is(kTrue), l.is(kFalse), l.reference) {
		return false
	}
	l.optional(kWhitespace)
	return l.token(kIndexClose)
}

func (l *lookahead) method() bool {
	if !l.token(kIdentifier) || !l.token(kParenOpen) {
		return false
	}
	l.try(l.parameters)
	return l.token(kMethodClose)
}

func (l *lookahead) parameters() bool {
	if !l.parameter() {
		return false
	}
	l.repeat(func() bool { return l.token(kComma) && l.parameter() })
	return true
}

func (l *lookahead) parameter() bool {
	l.optional(kWhitespace)
	if !l.oneOf(l.is(kString), l.is(kInteger), l.integerRange, l.mapLiteral, l.list,
		l.is(kTrue), l.is(kFalse), l.reference, l.is(kFloat)) {
		return false
	}
	l.optional(kWhitespace)
	return true
}

// rangeBegins is "[" and one end of a range and the two dots.
func (l *lookahead) rangeBegins() bool { return l.token(kListOpen) && l.end() && l.token(kDoubleDot) }

func (l *lookahead) integerRange() bool {
	return l.rangeBegins() && l.end() && l.token(kListClose)
}

func (l *lookahead) end() bool {
	l.optional(kWhitespace)
	if !l.oneOf(l.reference, l.is(kInteger)) {
		return false
	}
	l.optional(kWhitespace)
	return true
}

func (l *lookahead) list() bool {
	if !l.token(kListOpen) {
		return false
	}
	l.try(l.parameters)
	return l.token(kListClose)
}

func (l *lookahead) mapLiteral() bool {
	if !l.token(kMapOpen) {
		return false
	}
	if !l.try(l.pairs) {
		l.optional(kWhitespace)
	}
	return l.oneOf(l.is(kMapClose), l.is(kCurlyClose))
}

func (l *lookahead) pairs() bool {
	if !l.pair() {
		return false
	}
	l.repeat(func() bool { return l.token(kComma) && l.pair() })
	return true
}

func (l *lookahead) pair() bool { return l.parameter() && l.token(kColon) && l.parameter() }

// argument is one of a directive's, with the blanks and the comma before it.
func (l *lookahead) argument() bool {
	l.optional(kWhitespace)
	l.try(func() bool {
		if !l.token(kComma) {
			return false
		}
		l.optional(kWhitespace)
		return true
	})
	return l.oneOf(l.reference, l.is(kWord), l.is(kString), l.is(kInteger), l.integerRange,
		l.is(kFloat), l.mapLiteral, l.list, l.is(kTrue), l.is(kFalse))
}

// negation is "!" or "not", and what it negates as far as the limit lets one see.
func (l *lookahead) negation() bool {
	l.optional(kWhitespace)
	if !l.token(kNot) {
		return false
	}
	return l.hit || l.oneOf(l.negation, l.primary)
}

// primary is tried for its first token only: the limit ends there.
func (l *lookahead) primary() bool {
	l.optional(kWhitespace)
	return l.oneOf(l.is(kString), l.reference, l.is(kInteger), l.integerRange, l.is(kFloat),
		l.mapLiteral, l.list, l.is(kTrue), l.is(kFalse), l.is(kParenOpen))
}
