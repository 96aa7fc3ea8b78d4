package vtl

import "strings"

// reference is $name, ${name}, $!name or $!{name} with the steps that follow.
type reference struct {
	base
	steps []step

	root       string // the name
	symbol     *symbol
	quiet      bool
	runt       bool // only looks like a reference
	escaped    bool // an odd number of backslashes before it
	computable bool
	before     string // half the backslashes
	dollars    string // further "$" and "#" before it
	null       string // what to print without a value
}

func (f *reference) init(u *unit) {
	for _, n := range f.steps {
		n.init(u)
	}
	f.computable = true
	t := f.first
	defer func() { f.symbol = u.mention(f.root); u.note(f) }()
	if i := strings.Index(t.image, `\!`); i >= 0 {
		f.initSlashBang(t.image)
		return
	}
	n := len(t.image) - len(strings.TrimLeft(t.image, `\`))
	f.escaped = n%2 != 0
	f.before = t.image[:n/2]
	t.image = t.image[n:]
	if i := strings.LastIndexByte(t.image, '$'); i > 0 {
		f.dollars = t.image[:i]
		t.image = t.image[i:]
	}
	f.null = f.literal()
	f.initRoot(t)
}

// initSlashBang is "$\!name": an escaped quiet sign, which makes the whole thing text.
func (f *reference) initSlashBang(image string) {
	f.computable = false
	start := strings.IndexByte(image, '$')
	if start < 0 {
		f.null, f.root = image, image
		return
	}
	start += strings.IndexByte(image[start:], '\\')
	f.null = image[:start] + image[start+1:]
	f.root = f.null
}

func (f *reference) initRoot(t *token) {
	switch {
	case strings.HasPrefix(t.image, "$!"):
		f.quiet = true
		if !f.escaped {
			f.null = ""
		}
		f.root = t.image[2:]
		if strings.HasPrefix(t.image, "$!{") {
			f.root = t.next.image
		}
	case t.image == "${":
		f.root = t.next.image
	case strings.HasPrefix(t.image, "$"):
		f.root = t.image[1:]
	default:
		f.runt = true
		f.root = t.image
	}
}

// follow is the value of the reference, or a Deferred.
func (f *reference) follow(r *run, s scope) (any, error) {
	if f.runt {
		return nil, nil
	}
	v, err := s.get(r, f.symbol)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return r.unresolved(), nil
	}
	for _, n := range f.steps {
		if v, err = r.made(v); err != nil {
			return nil, err
		}
		if v, err = n.execute(r, s, v); err != nil {
			return nil, err
		}
		if v == nil {
			return r.unresolved(), nil
		}
	}
	return v, nil
}

// execute is the value of the reference.
func (f *reference) execute(r *run, s scope) (any, error) {
	v, err := f.follow(r, s)
	if err != nil {
		return nil, err
	}
	return r.made(v)
}

func (f *reference) value(r *run, s scope) (any, error) {
	if !f.computable {
		return nil, nil
	}
	return f.execute(r, s)
}

// holds for every value but null and false.
func (f *reference) holds(r *run, s scope) (bool, error) {
	v, err := f.execute(r, s)
	if err != nil || v == nil {
		return false, err
	}
	if b, ok := v.(bool); ok {
		return b, nil
	}
	if d, ok := v.(*definition); ok {
		_, ok, err := d.text(r)
		return ok, err
	}
	return true, nil
}

func (f *reference) render(r *run, s scope, w *output) error {
	if f.runt {
		return w.write(f.root)
	}
	v, err := f.follow(r, s)
	if err != nil {
		return err
	}
	if f.escaped {
		return f.renderEscaped(s, w, v)
	}
	if d, ok := v.(*definition); ok {
		return f.renderDefinition(r, s, w, d)
	}
	if v == nil {
		return f.renderNull(s, w)
	}
	if d, ok := v.(Deferred); ok {
		return f.printDeferred(w, d)
	}
	text, err := r.text(v)
	if err != nil {
		return f.wrap(r, err, "cannot print "+f.literal())
	}
	return f.print(w, text)
}

func (f *reference) print(w *output, text string) error {
	if f.before != "" || f.dollars != "" {
		text = f.before + f.dollars + text
	}
	return w.write(text)
}

func (f *reference) printDeferred(w *output, d Deferred) error {
	if err := f.print(w, ""); err != nil {
		return err
	}
	w.text = d(w.text)
	return w.write("") // for its limit
}

// renderDefinition renders a block; one that is too deep in itself prints as without value.
func (f *reference) renderDefinition(r *run, s scope, w *output, d *definition) error {
	ok, err := d.render(r, s, w)
	if ok || err != nil {
		return err
	}
	text, ok, err := d.text(r)
	if err != nil {
		return err
	}
	if !ok {
		return f.renderNull(s, w)
	}
	return f.print(w, text)
}

// renderEscaped keeps the backslash only where the reference has no value: \$foo is about
// a reference, \$5 is not.
func (f *reference) renderEscaped(s scope, w *output, v any) error {
	null := f.nullText(s)
	if v == nil {
		null = `\` + null
	}
	return w.write(f.before + null)
}

// renderNull prints the backslashes twice: Velocity takes them as text again.
func (f *reference) renderNull(s scope, w *output) error {
	return w.write(f.before + f.before + f.dollars + f.nullText(s))
}

// nullText is the reference as written, or as the caller of the macro wrote it.
func (f *reference) nullText(s scope) string {
	if n := s.written(f.null); n != nil {
		return n.span().literal()
	}
	return f.null
}

// assign puts a value where the reference points. What points nowhere is left alone.
func (f *reference) assign(r *run, s scope, v any) error {
	on, err := s.get(r, f.symbol)
	if err != nil || on == nil {
		return err
	}
	last := len(f.steps) - 1
	for _, n := range f.steps[:last] {
		if on, err = n.execute(r, s, on); err != nil || on == nil {
			return err
		}
		if on, err = r.made(on); err != nil {
			return err
		}
	}
	if err := f.assignStep(r, s, f.steps[last], on, v); err != nil {
		return f.wrap(r, err, "cannot set "+f.literal())
	}
	return nil
}

func (f *reference) assignStep(r *run, s scope, last step, on, v any) error {
	i, ok := last.(*index)
	if !ok {
		return r.setProperty(on, last.span().first.image, v)
	}
	key, err := i.key(r, s, on)
	if err != nil {
		return err
	}
	for _, name := range []string{"set", "put"} {
		if _, found, err := r.call(on, name, []any{key, v}); found || err != nil {
			return err
		}
	}
	return nil
}
