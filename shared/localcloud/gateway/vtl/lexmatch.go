package vtl

import "strings"

// candidate is a token that can begin in a state, with how much of the template it takes.
type candidate struct {
	kind  kind
	width func(l *lexer, at int) int // 0 when it does not begin here
}

// longest is the token that takes most of what follows; of two that take the same, the
// kind declared first.
func (l *lexer) longest() (kind, int) {
	best, width := kEOF, 0
	for _, c := range candidates[l.state] {
		if n := c.width(l, l.pos); n > width || n == width && n > 0 && c.kind < best {
			best, width = c.kind, n
		}
	}
	return best, width
}

var candidates = buildCandidates()

// buildCandidates says which tokens each state has.
func buildCandidates() [stateCount][]candidate {
	var table [stateCount][]candidate
	add := func(k kind, width func(*lexer, int) int, states ...state) {
		for _, s := range states {
			table[s] = append(table[s], candidate{k, width})
		}
	}
	for s := range stateCount {
		addPrefixes(add, s)
	}
	addReferences(add)
	addDirectives(add)
	addOperators(add)
	addText(add)
	return table
}

type adder func(k kind, width func(*lexer, int) int, states ...state)

func addPrefixes(add adder, s state) {
	add(kDollar, dollar, s)
	add(kDollarBang, dollarBang, s)
	add(kTextblockOpen, word("#[["), s)
	add(kFormalCommentOpen, formalCommentOpen, s)
	add(kCommentOpen, word("#*"), s)
	add(kHash, word("#"), s)
}

func addReferences(add adder) {
	add(kIndexOpen, word("["), inReference, inModifier)
	add(kIndexClose, word("]"), inIndex)
	add(kParenOpen, word("("), inDirective, inModifier)
	add(kMethodClose, word(")"), inArguments)
	add(kIdentifier, identifier, inReference, inModifier, inArguments)
	add(kDot, dot, inReference, inModifier, inArguments)
	add(kCurlyOpen, word("{"), inReference, inModifier)
	add(kCurlyClose, word("}"), inReference, inModifier)
	add(kReferenceEnd, anyChar, inReference, inModifier)
	add(kEmptyIndex, word("$[", "$![", "$\\![", "$."), inText, inReference)
	add(kTrue, word("true"), inReference, inDirective, inModifier, inArguments, inIndex)
	add(kFalse, word("false"), inReference, inDirective, inModifier, inArguments, inIndex)
	add(kString, stringLiteral, inDirective, inArguments, inIndex)
	add(kInteger, integer, afterHash, inDirective, inArguments, inIndex)
	add(kFloat, float, afterHash, inDirective, inArguments, inIndex)
	add(kWhitespace, whitespace, inDirective, inArguments, inIndex)
}

func addDirectives(add adder) {
	add(kSet, set, inText, inReference, inModifier, inArguments)
	add(kEnd, lineEnding("end", "{end}"), afterHash)
	add(kIf, word("if", "{if}"), afterHash)
	add(kElseIf, word("elseif", "{elseif}"), afterHash)
	add(kElse, lineEnding("else", "{else}"), afterHash)
	add(kDirectiveEnd, anyChar, afterHash)
	add(kWord, directiveWord, afterHash, inDirective)
	add(kBracketedWord, bracketedWord, afterHash, inDirective)
	add(kParenClose, lineEnding(")"), inDirective)
	add(kNewline, word("\r\n", "\n", "\r"), inDirective)
	add(kListOpen, word("["), inDirective, inArguments)
	add(kListClose, word("]"), inDirective, inArguments)
	add(kComma, word(","), inDirective, inArguments)
	add(kDoubleDot, word(".."), inDirective, inArguments)
	add(kColon, word(":"), inDirective, inArguments)
	add(kMapOpen, word("{"), inDirective, inArguments)
	add(kMapClose, word("}"), inDirective, inArguments)
}

func addOperators(add adder) {
	for k, words := range map[kind][]string{
		kMinus: {"-"}, kPlus: {"+"}, kTimes: {"*"}, kDivide: {"/"}, kModulus: {"%"},
		kAnd: {"&&", "and"}, kOr: {"||", "or"}, kNot: {"!", "not"},
		kLT: {"<", "lt"}, kLE: {"<=", "le"}, kGT: {">", "gt"}, kGE: {">=", "ge"},
		kEQ: {"==", "eq"}, kNE: {"!=", "ne"}, kAssign: {"="},
	} {
		add(k, word(words...), inDirective)
	}
}

func addText(add adder) {
	add(kEscapedDirective, escapedDirective, inText)
	add(kDoubleEscape, word(`\\`), inText)
	add(kEscape, word(`\`), inText)
	add(kText, text, inText)
	add(kLineComment, word("##"), inText, afterHash, inDirective, inReference)
	add(kLineCommentEnd, word("\r\n", "\n", "\r"), inLineComment)
	add(kFormalComment, word("*#"), inFormalComment)
	add(kComment, word("*#"), inComment)
	add(kTextblock, word("]]#"), inTextblock)
	add(kCommentChar, anyChar, inLineComment, inFormalComment, inComment)
	add(kTextblockChar, anyChar, inTextblock)
}

// word matches one of the spellings; the longer of two that share a beginning comes first.
func word(spellings ...string) func(*lexer, int) int {
	return func(l *lexer, at int) int {
		for _, s := range spellings {
			if strings.HasPrefix(l.src[at:], s) {
				return len(s)
			}
		}
		return 0
	}
}

// lineEnding matches a spelling and, where nothing but blanks stands between, the end of
// its line: so directives leave no empty lines behind.
func lineEnding(spellings ...string) func(*lexer, int) int {
	match := word(spellings...)
	return func(l *lexer, at int) int {
		n := match(l, at)
		if n == 0 {
			return 0
		}
		return n + restOfLine(l.src[at+n:])
	}
}

func restOfLine(s string) int {
	n := blanks(s)
	switch {
	case strings.HasPrefix(s[n:], "\r\n"):
		return n + 2
	case strings.HasPrefix(s[n:], "\n"), strings.HasPrefix(s[n:], "\r"):
		return n + 1
	}
	return 0
}

func blanks(s string) int { return span(s, func(c byte) bool { return c == ' ' || c == '\t' }) }

// span is how many of the first bytes of s are in the class.
func span(s string, class func(byte) bool) int {
	n := 0
	for n < len(s) && class(s[n]) {
		n++
	}
	return n
}

func anyChar(*lexer, int) int { return 1 }

// backslashes is how many backslashes stand at this place.
func (l *lexer) backslashes(at int) int {
	if at < l.slashes || at >= l.slashesEnd {
		l.slashes = at
		l.slashesEnd = at + span(l.src[at:], func(c byte) bool { return c == '\\' })
	}
	return l.slashesEnd - at
}

func dollar(l *lexer, at int) int {
	n := l.backslashes(at)
	if !strings.HasPrefix(l.src[at+n:], "$") {
		return 0
	}
	return n + 1
}

func dollarBang(l *lexer, at int) int {
	n := dollar(l, at)
	if n == 0 {
		return 0
	}
	n += l.backslashes(at + n)
	if !strings.HasPrefix(l.src[at+n:], "!") {
		return 0
	}
	return n + 1
}

func formalCommentOpen(l *lexer, at int) int {
	s := l.src[at:]
	if strings.HasPrefix(s, "#**") && len(s) > 3 && s[3] != '#' {
		return 4
	}
	return 0
}

// set takes the blanks before #set too: an assignment leaves no trace on its line.
func set(l *lexer, at int) int {
	s := l.src[at:]
	n := blanks(s)
	switch {
	case strings.HasPrefix(s[n:], "#set"):
		n += len("#set")
	case strings.HasPrefix(s[n:], "#{set}"):
		n += len("#{set}")
	default:
		return 0
	}
	n += blanks(s[n:])
	if !strings.HasPrefix(s[n:], "(") {
		return 0
	}
	return n + 1
}

// escapedDirective is an odd number of backslashes and a directive's name.
func escapedDirective(l *lexer, at int) int {
	n := l.backslashes(at)
	if n%2 == 0 || !strings.HasPrefix(l.src[at+n:], "#") {
		return 0
	}
	n++
	w := max(directiveWord(l, at+n), bracketedWord(l, at+n))
	if w == 0 {
		return 0
	}
	return n + w
}

func text(l *lexer, at int) int {
	return span(l.src[at:], func(c byte) bool { return c != '$' && c != '#' && c != '\\' })
}

func whitespace(l *lexer, at int) int { return span(l.src[at:], isSpace) }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func identifier(l *lexer, at int) int {
	s := l.src[at:]
	if s == "" || !isLetter(s[0]) && s[0] != '_' {
		return 0
	}
	return span(s, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' })
}

func dot(l *lexer, at int) int {
	s := l.src[at:]
	if len(s) > 1 && s[0] == '.' && isLetter(s[1]) {
		return 2
	}
	return 0
}

func isWordChar(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '@' }

func directiveWord(l *lexer, at int) int {
	s := l.src[at:]
	if s == "" || !isWordChar(s[0]) || isDigit(s[0]) {
		return 0
	}
	return span(s, isWordChar)
}

func bracketedWord(l *lexer, at int) int {
	s := l.src[at:]
	if len(s) < 3 || s[0] != '{' || !isLetter(s[1]) && s[1] != '_' {
		return 0
	}
	n := 1 + span(s[1:], isWordChar)
	if !strings.HasPrefix(s[n:], "}") {
		return 0
	}
	return n + 1
}

func integer(l *lexer, at int) int {
	s := l.src[at:]
	n := digitsFrom(s, sign(s))
	if n == 0 {
		return 0
	}
	if strings.HasPrefix(s[n:], "..") {
		n += 2
	}
	return n
}

func sign(s string) int {
	if strings.HasPrefix(s, "-") {
		return 1
	}
	return 0
}

// digitsFrom is where the digits that begin at n end; 0 when there are none.
func digitsFrom(s string, n int) int {
	d := span(s[n:], isDigit)
	if d == 0 {
		return 0
	}
	return n + d
}

// float is 1. or 1.5 or .5 or 1e3, with a sign and an exponent.
func float(l *lexer, at int) int {
	s := l.src[at:]
	whole := digitsFrom(s, sign(s))
	n := whole
	if n == 0 {
		n = sign(s)
	}
	if !strings.HasPrefix(s[n:], ".") {
		if whole == 0 {
			return 0
		}
		return exponent(s, n)
	}
	fraction := digitsFrom(s, n+1)
	switch {
	case fraction > 0:
		n = fraction
	case whole > 0:
		n++
	default:
		return 0
	}
	return max(n, exponent(s, n))
}

// exponent is where the exponent at n ends; 0 when there is none.
func exponent(s string, n int) int {
	if n >= len(s) || s[n] != 'e' && s[n] != 'E' {
		return 0
	}
	n++
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	return digitsFrom(s, n)
}

// stringLiteral ends at the first quote that is not doubled; a doubled one stands for
// itself. Where no single quote follows, the last place that could have ended it counts.
func stringLiteral(l *lexer, at int) int {
	s := l.src[at:]
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return 0
	}
	end := 0
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		end = i + 1
		if i+1 >= len(s) || s[i+1] != s[0] {
			return end
		}
		i++
	}
	return end
}
