// Package jsonread reads JSON in one pass: it checks, and hands out objects in their
// order, numbers with their digits and strings without copying them, so that a body of
// hundreds of events is looked at once.
//
// Own code, because what is at hand looks twice or more at every byte: encoding/json
// finds the end of a value before it decodes it, and keeps neither order nor digits;
// gjson checks in a pass of its own, looks at nested values again on each level and
// follows any depth.
package jsonread

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

var (
	// ErrInvalid means that the text is not JSON.
	ErrInvalid = errors.New("not valid JSON")
	// ErrTooDeep means that the text nests deeper than MaxDepth.
	ErrTooDeep = fmt.Errorf("the JSON nests more than %d deep", MaxDepth)
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 1000

// Reader reads one JSON value. What a method was called for and is not there is
// ErrInvalid.
type Reader struct {
	text  string
	at    int
	depth int
	odd   bool
}

// New reads text.
func New(text string) *Reader { return &Reader{text: text} }

// Next is what the next value begins with: one of { [ " t f n - 0 to 9, or something
// that no value begins with; 0 at the end.
func (r *Reader) Next() byte {
	if r.at < len(r.text) && r.text[r.at] > ' ' {
		return r.text[r.at]
	}
	return r.afterSpace()
}

func (r *Reader) afterSpace() byte {
	r.odd = true
	for r.at < len(r.text) {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// End says whether nothing is left.
func (r *Reader) End() error {
	if r.Next() != 0 || r.at < len(r.text) {
		return ErrInvalid
	}
	return nil
}

// At is how many bytes are read.
func (r *Reader) At() int { return r.at }

// Since is what is read from an offset on.
func (r *Reader) Since(from int) string { return r.text[from:r.at] }

// Depth is how many arrays and objects the reader is in.
func (r *Reader) Depth() int { return r.depth }

// Watch forgets what Odd knows.
func (r *Reader) Watch() { r.odd = false }

// Odd says whether anything read since Watch could be written otherwise: there was white
// space, an escape, a character that is no printable ASCII, or a number that is not short.
func (r *Reader) Odd() bool { return r.odd }

// take reads c, which is not 0, if it is there.
func (r *Reader) take(c byte) bool {
	if r.Next() != c {
		return false
	}
	r.at++
	return true
}

// Object calls member for each member, which has to read its value.
func (r *Reader) Object(member func(name string) error) error {
	return r.nested('{', '}', func() error {
		name, err := r.String()
		if err != nil {
			return err
		}
		if !r.take(':') {
			return ErrInvalid
		}
		return member(name)
	})
}

// Array calls item for each item, which has to read it.
func (r *Reader) Array(item func() error) error { return r.nested('[', ']', item) }

func (r *Reader) nested(open, end byte, each func() error) error {
	if r.depth++; r.depth > MaxDepth {
		return ErrTooDeep
	}
	if !r.take(open) {
		return ErrInvalid
	}
	for more := !r.take(end); more; {
		if err := each(); err != nil {
			return err
		}
		switch r.Next() {
		case ',':
		case end:
			more = false
		default:
			return ErrInvalid
		}
		r.at++
	}
	r.depth--
	return nil
}

// String reads a string. As encoding/json does, it takes half of a surrogate pair for
// U+FFFD.
func (r *Reader) String() (string, error) {
	if !r.take('"') {
		return "", ErrInvalid
	}
	text, from := r.text, r.at
	i, seen := from, byte(0)
	for i+8 <= len(text) && allPrintable(text[i:i+8]) {
		i += 8
	}
	for i < len(text) && kinds[text[i]] != 0 {
		seen |= kinds[text[i]]
		i++
	}
	r.odd = r.odd || seen&other != 0
	if i < len(text) && text[i] == '"' {
		r.at = i + 1
		return text[from:i], nil
	}
	return r.escaped(from, i)
}

// The kinds of bytes that stand for themselves in a string.
const (
	printable = 1 << iota
	other
)

var kinds = func() (of [256]byte) {
	for c := range of {
		switch {
		case c < ' ', c == '"', c == '\\':
		case c < 0x7f:
			of[c] = printable
		default:
			of[c] = other
		}
	}
	return of
}()

// allPrintable says that eight bytes are printable, all at once: most strings are long and
// are read more than once on their way. It may deny it of those that are.
func allPrintable(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	_ = s[7]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, backslash := x^'"'*ones, x^'\\'*ones
	// A byte has its high bit set in one of these if it is a control character, a quote, a
	// backslash, or 0x7f and above.
	return ((x-' '*ones)|(quote-ones)|(backslash-ones)|(x+ones)|x)&highs == 0
}

// escaped reads a string that stands for itself up to i.
func (r *Reader) escaped(from, i int) (string, error) {
	r.odd = true
	for ; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.at = i + 1
			return gjson.Parse(r.text[from-1 : r.at]).Str, nil
		case c == '\\':
			n := escapeLength(r.text[i:])
			if n == 0 {
				return "", ErrInvalid
			}
			i += n - 1
		case c < ' ':
			return "", ErrInvalid
		}
	}
	return "", ErrInvalid
}

// escapeLength is the length of the escape that s begins with, 0 where it is none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	if strings.IndexByte(`"\/bfnrt`, s[1]) >= 0 {
		return 2
	}
	if s[1] != 'u' || len(s) < 6 {
		return 0
	}
	for _, c := range []byte(s[2:6]) {
		if !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return 0
		}
	}
	return 6
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// Number reads a number as it is written.
func (r *Reader) Number() (string, error) {
	r.Next()
	from := r.at
	r.skip('-')
	switch whole := r.digits(); {
	case whole == 0, whole > 1 && r.text[r.at-whole] == '0':
		return "", ErrInvalid
	}
	if r.skip('.') && r.digits() == 0 {
		return "", ErrInvalid
	}
	if r.skip('e') || r.skip('E') {
		_ = r.skip('+') || r.skip('-')
		if r.digits() == 0 {
			return "", ErrInvalid
		}
	}
	digits := r.text[from:r.at]
	r.odd = r.odd || !IsShort(digits)
	return digits, nil
}

// IsShort says whether a number is an integer of a few digits, which all write alike.
func IsShort(digits string) bool {
	return len(digits) < 10 && digits != "-0" && !strings.ContainsAny(digits, ".eE")
}

func (r *Reader) skip(c byte) bool {
	if r.at == len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

func (r *Reader) digits() int {
	from := r.at
	for r.at < len(r.text) && isDigit(r.text[r.at]) {
		r.at++
	}
	return r.at - from
}

// Literal reads true, false or null, and returns which.
func (r *Reader) Literal() (string, error) {
	r.Next()
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(r.text[r.at:], word) {
			r.at += len(word)
			return word, nil
		}
	}
	return "", ErrInvalid
}

// Raw reads any value and returns it as it is written.
func (r *Reader) Raw() (string, error) {
	first := r.Next()
	from := r.at
	var err error
	switch first {
	case '{':
		err = r.Object(func(string) error { return r.Skip() })
	case '[':
		err = r.Array(r.Skip)
	case '"':
		_, err = r.String()
	case 't', 'f', 'n':
		_, err = r.Literal()
	default:
		_, err = r.Number()
	}
	return r.text[from:r.at], err
}

// Skip reads any value.
func (r *Reader) Skip() error {
	_, err := r.Raw()
	return err
}
