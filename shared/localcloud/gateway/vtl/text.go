package vtl

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// maxTextDepth is how deep lists and maps print inside one another.
const maxTextDepth = 200

// text is Java's toString. Null is "null".
func (r *run) text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int32, int64, float64, bool, nil:
		return scalarText(v), nil
	case *definition:
		s, ok, err := v.text(r)
		if !ok {
			s = "null"
		}
		return s, err
	}
	p := printer{r: r}
	err := p.print(v)
	return p.out.String(), err
}

// textOrNull tells null, and what prints as null, from text.
func (r *run) textOrNull(v any) (string, bool, error) {
	if v == nil {
		return "", false, nil
	}
	if d, ok := v.(*definition); ok {
		return d.text(r)
	}
	s, err := r.text(v)
	return s, true, err
}

// identity stands for the address that Java prints of what has no text of its own.
const identity = "@1"

type printer struct {
	r     *run
	out   strings.Builder
	depth int
}

func (p *printer) print(v any) error {
	if p.depth++; p.depth > maxTextDepth {
		return fmt.Errorf("%w: printing lists and maps nested more than %d deep", ErrLimit, maxTextDepth)
	}
	defer func() { p.depth-- }()
	before := p.out.Len()
	if err := p.printValue(v); err != nil {
		return err
	}
	return p.r.charge(p.out.Len() - before)
}

func (p *printer) printValue(v any) error {
	switch v := v.(type) {
	case *List:
		return p.list(v)
	case *Map:
		return p.mapping(v)
	case *loop:
		return p.mapping(&v.own)
	case *mapEntry:
		return p.entry(v, v.key, v.value())
	case *definition:
		s, err := p.r.text(v)
		p.out.WriteString(s)
		return err
	}
	p.out.WriteString(scalarText(v))
	return nil
}

// scalarText is the text of what holds no other values.
func scalarText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return doubleText(v, 64)
	case Char:
		return string(rune(v))
	case *listIterator:
		return iteratorClass.name + identity
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

func (p *printer) list(l *List) error {
	if l.Text != nil {
		p.out.WriteString(l.Text(l))
		return nil
	}
	if l.class == stringArray {
		p.out.WriteString(listClasses[stringArray].name + identity)
		return nil
	}
	p.out.WriteByte('[')
	for i := range l.Len() {
		if i > 0 {
			p.out.WriteString(", ")
		}
		if err := p.item(l, l.at(i), "(this Collection)"); err != nil {
			return err
		}
	}
	p.out.WriteByte(']')
	return nil
}

// item prints what a collection holds; the collection itself by a word.
func (p *printer) item(in, item any, self string) error {
	if item == in {
		p.out.WriteString(self)
		return nil
	}
	return p.print(item)
}

func (p *printer) mapping(m *Map) error {
	if m.Text != nil {
		p.out.WriteString(m.Text(m))
		return nil
	}
	p.out.WriteByte('{')
	for i, e := range m.Entries() {
		if i > 0 {
			p.out.WriteString(", ")
		}
		if err := p.entry(m, e.Key, e.Value); err != nil {
			return err
		}
	}
	p.out.WriteByte('}')
	return nil
}

func (p *printer) entry(in, key, v any) error {
	if err := p.item(in, key, "(this Map)"); err != nil {
		return err
	}
	p.out.WriteByte('=')
	return p.item(in, v, "(this Map)")
}

// Text is the text of a value as a template would print it, for an Object that is given
// one. Null is "null".
func Text(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	r := &run{ctx: context.Background(), options: Options{Limits: Limits{}.withDefaults()}}
	return r.text(v)
}
