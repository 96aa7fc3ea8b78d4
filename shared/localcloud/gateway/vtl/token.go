package vtl

import "strings"

// kind is what a token is. The order matters: of two kinds that match the same text, the
// one declared first wins, as in Velocity's tokenizer.
type kind int

const (
	kEOF kind = iota
	kIndexOpen
	kIndexClose
	kListOpen
	kListClose
	kComma
	kDoubleDot
	kColon
	kMapOpen
	kMapClose
	kParenOpen
	kParenClose
	kMethodClose // the ")" that ends the arguments of a method
	kEscapedDirective
	kSet
	kDollar
	kDollarBang
	kTextblockOpen
	kFormalCommentOpen
	kCommentOpen
	kHash
	kLineComment
	kDoubleEscape
	kEscape
	kText
	kLineCommentEnd
	kFormalComment
	kComment
	kTextblock
	kCommentChar
	kTextblockChar
	kWhitespace
	kString
	kTrue
	kFalse
	kNewline
	kMinus
	kPlus
	kTimes
	kDivide
	kModulus
	kAnd
	kOr
	kLT
	kLE
	kGT
	kGE
	kEQ
	kNE
	kNot
	kAssign
	kEnd
	kIf
	kElseIf
	kElse
	kInteger
	kFloat
	kWord
	kBracketedWord
	kIdentifier
	kDot
	kCurlyOpen  // the "{" of ${formal}
	kCurlyClose // the "}" of ${formal}
	kReferenceEnd
	kDirectiveEnd
	kEmptyIndex
)

// token is a piece of the template. What the tokenizer read on the way to it without a
// token of its own (a "$" or "#" that began nothing) hangs on special.
type token struct {
	kind    kind
	image   string
	offset  int // in bytes, of the first character
	special *token
	next    *token
}

// literal is the token as it stood in the template, for printing what has no value.
func (t *token) literal() string {
	if t.kind == kComment {
		return ""
	}
	return t.specialText() + t.image
}

// specialText is what still has to be printed of the characters before the token: the "$"
// and "#" that began nothing, and the backslashes before such a "$".
func (t *token) specialText() string {
	if t.special == nil || strings.HasPrefix(t.special.image, "##") {
		return ""
	}
	s := t.special
	for s.special != nil {
		s = s.special
	}
	var out []byte
	for ; s != nil; s = s.next {
		out = appendSpecial(out, s.image)
	}
	return string(out)
}

func appendSpecial(out []byte, image string) []byte {
	for i := 0; i < len(image); i++ {
		switch image[i] {
		case '#', '$':
			out = append(out, image[i])
		case '\\':
			j := i
			for j < len(image) && image[j] == '\\' {
				j++
			}
			if j < len(image) && image[j] == '$' {
				out = append(out, image[i:j+1]...)
				i = j + 1 // Velocity passes over the character after the "$" too
			}
		}
	}
	return out
}
