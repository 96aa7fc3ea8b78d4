package vtl

// literalCall is $name.method('text'): what it asks for is known before it is made.
type literalCall struct {
	base
	name, method, text string
}

// note keeps a reference that begins with such a call.
func (u *unit) note(f *reference) {
	if len(f.steps) == 0 || f.escaped {
		return
	}
	m, ok := f.steps[0].(*method)
	if !ok || len(m.arguments) != 1 {
		return
	}
	if s, ok := m.arguments[0].(*stringNode); ok && s.body == nil {
		u.calls = append(u.calls, literalCall{f.base, f.root, m.first.image, s.text})
	}
}

// CheckCalls asks check about every $name.method('text') of the template, in their order.
// The error is an *Error at the first that check finds wrong.
func (t *Template) CheckCalls(check func(name, method, text string) error) error {
	for _, c := range t.calls {
		if err := check(c.name, c.method, c.text); err != nil {
			return c.error(t.name, "cannot call "+c.method, err)
		}
	}
	return nil
}
