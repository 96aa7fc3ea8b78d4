package mapping

import (
	"errors"
	"slices"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/jsonread"
)

// unread is an object of the payload that is known to be JSON and of which no entries have
// been made: a template mostly asks for a value or two of an event, and for all of it as
// JSON again.
type unread struct {
	m       vtl.Map
	text    string
	places  []place // of its members
	asJSON  bool    // text is what writer{} would write
	inLists bool    // objects in its lists are left unread too
}

// place is where in an object's text the value of a member begins.
type place struct {
	name string
	at   int
}

// Fill makes the entries.
func (o *unread) Fill(m *vtl.Map) {
	b := builder{Reader: jsonread.New(o.text), lazy: o.inLists}
	_ = b.members(m) // it is known to be JSON
}

// Peek makes one value, of members with one name the last. For an object or a list it
// makes all entries, once.
func (o *unread) Peek(m *vtl.Map, name string) (any, bool) {
	for _, p := range slices.Backward(o.places) {
		if p.name != name {
			continue
		}
		r := jsonread.New(o.text[p.at:])
		if c := r.Next(); c == '{' || c == '[' {
			m.Entries()
			return m.Lookup(name)
		}
		v, _ := buildScalar(r)
		return v, true
	}
	return nil, false
}

// unread reads an object without making its entries.
func (b *builder) unread() (*vtl.Map, error) {
	o := &unread{inLists: b.Depth() == 0}
	o.m.Source = o
	b.Next()
	b.Watch()
	b.repeated = false
	from := b.At()
	var err error
	o.places, err = b.object(from)
	o.text = b.Since(from)
	o.asJSON = !b.Odd() && !b.repeated
	return &o.m, err
}

// object reads an object that begins at from.
func (b *builder) object(from int) ([]place, error) {
	first := len(b.places)
	err := b.Object(func(name string) error {
		b.places = append(b.places, place{name, b.At() - from})
		return b.skip()
	})
	places := b.places[first:len(b.places):len(b.places)]
	b.repeated = b.repeated || repeats(places)
	return places, err
}

// skip reads a value whose places are not needed.
func (b *builder) skip() error {
	switch b.Next() {
	case '{':
		kept := len(b.places)
		_, err := b.object(0)
		b.places = b.places[:kept]
		return err
	case '[':
		return b.Array(b.skip)
	}
	return b.Skip()
}

// maxNames is how many members of an object are compared with each other; more might as
// well repeat.
const maxNames = 32

func repeats(places []place) bool {
	if len(places) > maxNames {
		return true
	}
	for i, p := range places {
		for _, q := range places[:i] {
			if p.name == q.name {
				return true
			}
		}
	}
	return false
}

// lookup finds a member that is neither an object nor a list. Of members with one name the
// last counts.
type lookup struct {
	jsonread.Reader
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
		l.value, err = buildScalar(&l.Reader)
		return err
	})
}

var (
	errNoScalar = errors.New("an object or a list")
	errRepeated = errors.New("a name is repeated, or may be")
)

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
	if jsonread.IsShort(digits) {
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
