package vtl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxSource is the size of a template, in bytes, that Parse takes.
const maxSource = 1 << 20

// Template is a parsed template. Any number of goroutines may execute it at the same time.
type Template struct {
	name   string
	body   *block
	macros map[string]*macro
	names  []string // by slot
	calls  []literalCall
}

// Error says where in a template something is wrong. Lines and columns count from one; a
// column is a character.
type Error struct {
	Template     string
	Line, Column int
	Message      string
	Err          error // what was wrong with a value, or nil
}

func (e *Error) Error() string {
	at := fmt.Sprintf("%s:%d:%d: %s", e.Template, e.Line, e.Column, e.Message)
	if e.Err == nil {
		return at
	}
	return at + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// ErrLimit is in the chain of every error that means a template went beyond its Limits.
var ErrLimit = errors.New("the template goes beyond its limits")

// Limits bound one execution. A zero takes the default.
type Limits struct {
	Iterations int // of one #foreach, which then ends without an error; default: no limit
	Output     int // bytes of output; default 32 MiB
	Memory     int // bytes of all strings, lists and maps made on the way; default 256 MiB
	Steps      int // nodes of the template executed; default 10 million
}

// Options are how to execute a template.
type Options struct {
	Limits
	// EmptyUnresolved makes a reference without a value the empty string, in expressions
	// and assignments as well as in output, as API Gateway does. Velocity itself has null.
	EmptyUnresolved bool
}

func (l Limits) withDefaults() Limits {
	if l.Output == 0 {
		l.Output = 32 << 20
	}
	if l.Memory == 0 {
		l.Memory = 256 << 20
	}
	if l.Steps == 0 {
		l.Steps = 10_000_000
	}
	return l
}

// Parse compiles a template; name is what its errors call it. The error is an *Error.
func Parse(name, src string) (t *Template, err error) {
	if len(src) > maxSource {
		return nil, &Error{Template: name, Line: 1, Column: 1, Message: fmt.Sprintf("longer than %d bytes", maxSource)}
	}
	defer func() {
		if failure := recover(); failure != nil {
			located, ok := failure.(*Error)
			if !ok {
				panic(failure)
			}
			err = located
		}
	}()
	u := &unit{name: name, macros: map[string]*macro{}, named: map[string]bool{}, symbols: map[string]*symbol{}}
	body := newParser(u, &source{text: src}).template()
	body.init(u)
	t = &Template{name: name, body: body, macros: u.macros, names: make([]string, len(u.symbols)), calls: u.calls}
	for name, s := range u.symbols {
		t.names[s.slot] = name
	}
	return t, nil
}

// Scope is the value that a name has when a template begins (see Value for what it can
// be), or nil. It is asked once for each name that the template mentions.
type Scope func(name string) any

// Execute runs the template and returns its output. The template's assignments stay in this
// execution, but what it does to a List or Map of the scope is done to that List or Map.
// Errors are *Error, with ErrLimit or the context's error inside where it was stopped.
func (t *Template) Execute(ctx context.Context, scope Scope, o Options) ([]byte, error) {
	o.Limits = o.Limits.withDefaults()
	vars := make(variables, len(t.names))
	for slot, name := range t.names {
		vars[slot] = Value(scope(name))
	}
	r := runs.Get().(*run)
	defer r.end()
	r.ctx, r.options, r.name, r.macros, r.out.limit = ctx, o, t.name, t.macros, o.Output
	if err := t.body.render(r, vars, &r.out); err != nil && !ends(err, t) {
		return nil, located(err, t.body.base, t.name)
	}
	if r.ended != nil {
		return nil, located(r.ended, t.body.base, t.name)
	}
	return bytes.Clone(r.out.text), nil
}

// ends says whether err is what leaves t by #stop or #break.
func ends(err error, t *Template) bool {
	var s *stop
	return errors.As(err, &s) && s.isFor(t)
}

// located gives an error that has no place in the template yet the place of b.
func located(err error, b base, template string) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return b.error(template, "cannot execute", err)
}

// source is the text of a template; or of a string literal, which begins in another text.
type source struct {
	text   string
	in     *source
	offset int
}

// place is the line and column offset bytes into the text, counted from one.
func (s *source) place(offset int) (line, column int) {
	line, column = 1, 1
	if s.in != nil {
		line, column = s.in.place(s.offset)
	}
	before := s.text[:min(offset, len(s.text))]
	newline := strings.LastIndexByte(before, '\n')
	if newline < 0 {
		return line, column + utf8.RuneCountInString(before)
	}
	return line + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[newline+1:])
}

// output collects what is written, up to a limit.
type output struct {
	text  []byte
	limit int
}

func (o *output) write(s string) error {
	if len(o.text)+len(s) > o.limit {
		return fmt.Errorf("%w: more than %d bytes of output", ErrLimit, o.limit)
	}
	o.text = append(o.text, s...)
	return nil
}
