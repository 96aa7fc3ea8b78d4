package vtl

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

type listNode struct {
	base
	items []node
}

func (n *listNode) init(u *unit) { initAll(u, n.items) }

func (n *listNode) value(r *run, s scope) (any, error) {
	if err := r.charge(24 + 16*len(n.items)); err != nil {
		return nil, err
	}
	items, err := values(r, s, n.items)
	if err != nil {
		return nil, err
	}
	return &List{items: items}, nil
}

type mapNode struct {
	base
	keys, values []node
}

func (n *mapNode) init(u *unit) {
	for i := range n.keys {
		n.keys[i].init(u)
		n.values[i].init(u)
	}
}

func (n *mapNode) value(r *run, s scope) (any, error) {
	if err := r.charge(48 * (1 + len(n.keys))); err != nil {
		return nil, err
	}
	m := NewMap()
	for i := range n.keys {
		k, err := n.keys[i].value(r, s)
		if err != nil {
			return nil, err
		}
		v, err := n.values[i].value(r, s)
		if err != nil {
			return nil, err
		}
		if err := checkKey(k); err != nil {
			return nil, n.wrap(r, err, "cannot make the map")
		}
		m.set(k, v)
	}
	return m, nil
}

// rangeNode is [from..to], down as well as up; null unless both ends are numbers.
type rangeNode struct {
	base
	from, to node
}

func (n *rangeNode) init(u *unit) {
	n.from.init(u)
	n.to.init(u)
}

func (n *rangeNode) value(r *run, s scope) (any, error) {
	ends, err := values(r, s, []node{n.from, n.to})
	if err != nil {
		return nil, err
	}
	if ok, err := areNumbers(ends[0], ends[1]); !ok || err != nil {
		return nil, err
	}
	from, to := toInt(ends[0]), toInt(ends[1])
	step := int64(1)
	if from >= to {
		step = -1
	}
	size := (int64(to)-int64(from))*step + 1
	if err := r.charge(int(16 * size)); err != nil {
		return nil, err
	}
	items := make([]any, size)
	for i := range items {
		items[i] = int32(int64(from) + int64(i)*step)
	}
	return &List{items: items}, nil
}

// stringNode is a string literal. In double quotes it is a template of its own, parsed
// with a blank after it so that a reference at its end has an end.
type stringNode struct {
	base
	unit      *unit
	text      string
	constant  any    // the text, where there is no body
	body      *block // nil where there is nothing to interpolate
	keepsLast bool   // no blank was added
}

func (n *stringNode) init(u *unit) {
	image := n.first.image
	quote, text := image[0], image[1:len(image)-1]
	if quote == '"' {
		text = n.unescape(text)
	}
	n.text = undouble(text, quote)
	n.constant = n.text
	if quote != '"' || !strings.ContainsAny(image, "$#") {
		return
	}
	text = n.text
	n.keepsLast = strings.Contains(text, "##")
	if !n.keepsLast {
		text += " "
	}
	n.body = newParser(u, &source{text, n.source, n.first.offset + 1}).template()
	n.body.init(u)
}

// unescape replaces \uXXXX, the one escape that Velocity knows in a string.
func (n *stringNode) unescape(s string) string {
	var units []uint16
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, `\u`)
		if before != "" || !found {
			out.WriteString(string(utf16.Decode(units)))
			out.WriteString(before)
			units = units[:0]
		}
		if !found {
			return out.String()
		}
		c, err := strconv.ParseUint(rest[:min(4, len(rest))], 16, 16)
		if err != nil || len(rest) < 4 {
			panic(n.error(n.unit.name, `\u wants four hexadecimal digits after it`, nil))
		}
		units = append(units, uint16(c))
		s = rest[4:]
	}
}

// undouble makes one quote of two.
func undouble(s string, quote byte) string {
	q := string(quote)
	return strings.ReplaceAll(s, q+q, q)
}

func (n *stringNode) value(r *run, s scope) (any, error) {
	if n.body == nil {
		return n.constant, nil
	}
	out := r.borrow()
	defer r.giveBack(out)
	if err := r.enter(); err != nil {
		return nil, err
	}
	err := n.body.render(r, s, out)
	r.leave()
	if err != nil {
		return nil, err
	}
	if !n.keepsLast && len(out.text) > 0 {
		out.text = out.text[:len(out.text)-1]
	}
	return r.kept(out.text)
}

// inside renders one level deeper.
func (r *run) inside(render func() error) error {
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	return render()
}
