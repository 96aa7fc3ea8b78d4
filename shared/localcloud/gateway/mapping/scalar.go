package mapping

import (
	"errors"

	"pipeline/shared/localcloud/jsonread"
)

// scalar is what a path of names leads to in a body of JSON, where that is neither an
// object nor an array; found is false where it cannot tell. It makes no value of all the
// rest: of the answer to a batch a template mostly asks for one number.
func scalar(body, text string) (v any, found bool) {
	p, err := paths.get(text, parsePath)
	if err != nil || len(p) == 0 || !p.named() {
		return nil, false
	}
	l := lookup{Reader: jsonread.New(body)}
	if err := l.follow(p); err != nil || l.End() != nil {
		return nil, false
	}
	return l.value, true
}

// named says whether every segment is one name.
func (p path) named() bool {
	for _, s := range p {
		if s.kind != members || len(s.names) != 1 {
			return false
		}
	}
	return true
}

type lookup struct {
	*jsonread.Reader
	value any
}

var errNoScalar = errors.New("an object or an array")

// follow reads a value and keeps what p leads to in it. Of members with one name the last
// counts.
func (l *lookup) follow(p path) (err error) {
	l.value = nil
	switch c := l.Next(); {
	case len(p) > 0 && c == '{':
		return l.Object(func(name string) error {
			if name == p[0].names[0] {
				return l.follow(p[1:])
			}
			return l.Skip()
		})
	case len(p) > 0:
		return l.Skip()
	case c == '{' || c == '[':
		return errNoScalar
	}
	l.value, err = buildScalar(l.Reader)
	return err
}
