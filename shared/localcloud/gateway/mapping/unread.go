package mapping

import (
	"errors"
	"slices"
	"strings"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/jsonread"
)

// unread is an object of the payload that is known to be JSON and of which no entries have
// been made: a template mostly asks for a value or two of an event, and for all of it as
// JSON again.
type unread struct {
	m     vtl.Map
	text  string
	lists bool // objects in its lists stay unread too; each byte is made a value of once
	asked int  // values so far
}

// maxAsked is how many values are looked up in the text before the entries are made.
const maxAsked = 4

func newUnread(text string, lists bool) *vtl.Map {
	o := &unread{text: text, lists: lists}
	o.m.Source = o
	return &o.m
}

// Fill makes the entries.
func (o *unread) Fill(m *vtl.Map) {
	b := builder{jsonread.New(o.text), o.lists}
	_ = b.members(m) // it is known to be JSON
}

// Peek looks up a value in the text. An object or a list is made once, with all entries.
func (o *unread) Peek(m *vtl.Map, name string) (any, bool) {
	if o.asked++; o.asked <= maxAsked {
		l := lookup{Reader: jsonread.New(o.text), name: name}
		if err := l.run(); err == nil {
			return l.value, l.found
		}
	}
	m.Entries()
	return m.Lookup(name)
}

// lookup finds a member that is neither an object nor a list. Of members with one name the
// last counts.
type lookup struct {
	*jsonread.Reader
	name  string
	value any
	found bool
}

func (l *lookup) run() error {
	return l.Object(func(name string) (err error) {
		if name != l.name {
			return l.Skip()
		}
		if c := l.Next(); c == '{' || c == '[' {
			return errNoScalar
		}
		l.found = true
		l.value, err = buildScalar(l.Reader)
		return err
	})
}

var (
	errNoScalar = errors.New("an object or a list")
	errRepeated = errors.New("a name is repeated, or may be")
)

// maxNames is how many members of an object are compared with each other.
const maxNames = 32

// copy writes a value as it would be written if it had been made from its text.
// errRepeated means that it has to be made: a name comes twice, or there are too many.
func (w writer) copy(out []byte, r *jsonread.Reader) ([]byte, error) {
	switch r.Next() {
	case '{':
		return w.copyObject(out, r)
	case '[':
		return w.copyList(out, r)
	case '"':
		s, err := r.String()
		return w.string(out, s), err
	case 't', 'f', 'n':
		word, err := r.Literal()
		return append(out, word...), err
	}
	digits, err := r.Number()
	if len(digits) < 10 && digits != "-0" && !strings.ContainsAny(digits, ".eE") {
		return append(out, digits...), err
	}
	return w.value(out, vtl.ParseNumber(digits), 0), err
}

func (w writer) copyObject(out []byte, r *jsonread.Reader) ([]byte, error) {
	var known [maxNames]string
	names := known[:0]
	out = append(out, '{')
	err := r.Object(func(name string) (err error) {
		if len(names) == maxNames || slices.Contains(names, name) {
			return errRepeated
		}
		if len(names) > 0 {
			out = append(out, ',')
		}
		names = append(names, name)
		out = append(w.string(out, name), ':')
		out, err = w.copy(out, r)
		return err
	})
	return append(out, '}'), err
}

func (w writer) copyList(out []byte, r *jsonread.Reader) ([]byte, error) {
	out = append(out, '[')
	first := len(out)
	err := r.Array(func() (err error) {
		if len(out) > first {
			out = append(out, ',')
		}
		out, err = w.copy(out, r)
		return err
	})
	return append(out, ']'), err
}
