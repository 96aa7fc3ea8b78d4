package vtl

import (
	"fmt"
	"strings"
)

// state is what the tokenizer is in the middle of; it decides which tokens there can be.
type state int

const (
	inText          state = iota
	inReference           // after "$"
	inModifier            // after the dot of "$foo."
	inArguments           // after the "(" of "$foo.bar("
	inIndex               // after the "[" of "$foo["
	afterHash             // after "#", before it is clear what it begins
	inDirective           // inside "#if(", "#set(", ...
	inTextblock           // #[[ ... ]]#
	inFormalComment       // #** ... *#
	inComment             // #* ... *#
	inLineComment         // ## ...
	stateCount
)

type saved struct {
	state        state
	open, closed int
}

// lexer cuts a template into tokens on demand: the parser moves it between states too, so
// it must not run ahead further than the parser looks.
type lexer struct {
	src   string
	pos   int // of the next character
	begin int // of the token being read

	state        state
	stack        []saved
	open, closed int // parentheses of this state
	commenting   bool
	setting      bool // inside #set(...)

	slashes, slashesEnd int // the last run of backslashes measured, so that a long one is measured once
}

// lexError is a place where no token can begin.
type lexError struct {
	offset int
	msg    string
}

func (l *lexer) push(to state) {
	l.stack = append(l.stack, saved{l.state, l.open, l.closed})
	l.open = 0
	l.state = to
}

// pop returns to the state before; false at the bottom, which is text.
func (l *lexer) pop() bool {
	if len(l.stack) == 0 {
		l.open = 0
		l.state = inText
		return false
	}
	top := l.stack[len(l.stack)-1]
	l.stack = l.stack[:len(l.stack)-1]
	l.state, l.open, l.closed = top.state, top.open, top.closed
	return true
}

// next reads one token. Characters that turn out to begin nothing are hung on the token
// after them.
func (l *lexer) next() (*token, *lexError) {
	var special *token
	for {
		if l.pos >= len(l.src) {
			return &token{kind: kEOF, offset: len(l.src), special: special}, nil
		}
		l.begin = l.pos
		k, err := l.match()
		if err != nil {
			return nil, err
		}
		switch k {
		case kCommentChar:
		case kReferenceEnd, kDirectiveEnd:
			t := &token{kind: k, image: l.src[l.begin:l.pos], offset: l.begin}
			if special != nil {
				t.special, special.next = special, t
			}
			special = t
			l.pos--
			l.pop()
		default:
			t := &token{kind: k, image: l.src[l.begin:l.pos], offset: l.begin, special: special}
			l.act(t)
			return t, nil
		}
	}
}

// match reads up to the end of a token. A prefix such as "$" or "#" only changes the state
// and belongs to the token that follows it.
func (l *lexer) match() (kind, *lexError) {
	for {
		if l.pos >= len(l.src) {
			return 0, &lexError{l.begin, fmt.Sprintf("the template ends after %q", clip(l.src[l.begin:]))}
		}
		k, n := l.longest()
		if n == 0 {
			return 0, &lexError{l.pos, fmt.Sprintf("unexpected %q", clip(l.src[l.pos:]))}
		}
		l.pos += n
		if !l.actPrefix(k) {
			return k, nil
		}
	}
}

// clip shortens what an error quotes.
func clip(s string) string {
	if i := strings.IndexByte(s, '\n'); i > 0 {
		s = s[:i]
	}
	if len(s) > 20 {
		s = s[:20]
	}
	return s
}

// actPrefix reports whether k is only a prefix, having changed the state for it.
func (l *lexer) actPrefix(k kind) bool {
	switch k {
	case kDollar, kDollarBang:
		if !l.commenting {
			l.leave(inReference)
			l.push(inReference)
		}
	case kHash:
		if !l.commenting {
			l.leave(inReference, inModifier)
			l.push(afterHash)
		}
	case kTextblockOpen:
		l.comment(inTextblock)
	case kFormalCommentOpen:
		if !l.commenting {
			l.pos--
		}
		l.comment(inFormalComment)
	case kCommentOpen:
		l.comment(inComment)
	case kTextblockChar:
	default:
		return false
	}
	return true
}

func (l *lexer) leave(states ...state) {
	for _, s := range states {
		if l.state == s {
			l.pop()
			return
		}
	}
}

func (l *lexer) comment(to state) {
	if !l.commenting {
		l.commenting = true
		l.push(to)
	}
}

// act changes the state for a token that has been read.
func (l *lexer) act(t *token) {
	switch t.kind {
	case kIndexOpen:
		l.push(inIndex)
	case kIndexClose, kNewline, kCurlyClose, kEnd, kElse:
		l.pop()
		if t.kind == kNewline {
			l.setting = false
		}
	case kParenOpen:
		l.openParen()
	case kParenClose:
		l.closeParen()
	case kMethodClose:
		l.state = inReference
	case kSet:
		l.push(inDirective)
		l.setting = true
		l.open++
	case kLineComment:
		if !l.commenting {
			l.leave(inReference)
		}
		l.comment(inLineComment)
	case kLineCommentEnd, kFormalComment, kComment, kTextblock:
		l.commenting = false
		l.pop()
	case kString:
		if l.state == inDirective && !l.setting && l.open == 0 {
			l.pop()
		}
	case kInteger:
		l.actInteger(t)
	case kFloat:
		if l.open == 0 && !l.setting && l.state != inArguments {
			l.pop()
		}
	case kIf, kElseIf:
		l.state = inDirective
	case kDot:
		l.pos-- // the letter after the dot begins the identifier
		t.image = "."
		l.state = inModifier
	}
}

func (l *lexer) openParen() {
	l.open++
	if l.state == inModifier {
		l.state = inArguments
	}
}

// closeParen drops down to the state that has the matching parenthesis.
func (l *lexer) closeParen() {
	for l.open == 0 {
		if !l.pop() {
			return
		}
	}
	if l.open == l.closed+1 {
		l.pop()
		return
	}
	l.closed++
}

// actInteger gives back the dots of a range: "1..3" is 1, then "..".
func (l *lexer) actInteger(t *token) {
	if strings.HasSuffix(t.image, "..") {
		l.pos -= 2
		t.image = t.image[:len(t.image)-2]
	}
	if l.open == 0 && !l.setting && l.state != inArguments && l.state != inIndex {
		l.pop()
	}
}
