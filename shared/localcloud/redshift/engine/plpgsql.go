package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// The part of PL/pgSQL that a procedure may use here: DECLARE, assignment, IF, SELECT
// INTO, EXECUTE, CALL, RAISE, RETURN and NULL. It is what an idempotent "create the user,
// or set his password" takes. Loops, cursors, exceptions and plain statements are refused.

// variable is a procedure's argument or a declared name. Value is text; nil is null.
type variable struct {
	value *string
	t     Type
}

type variables map[string]*variable

// step is one statement of a body.
type step interface {
	run(ctx context.Context, s *Session, vars variables) error
}

type block []step

var errReturn = errors.New("return")

func (b block) run(ctx context.Context, s *Session, vars variables) error {
	err := b.steps(ctx, s, vars)
	if errors.Is(err, errReturn) {
		return nil
	}
	return err
}

func (b block) steps(ctx context.Context, s *Session, vars variables) error {
	for _, st := range b {
		if err := st.run(ctx, s, vars); err != nil {
			return err
		}
	}
	return nil
}

// parseBody reads [DECLARE ...] BEGIN ... END.
func parseBody(p procedure) (block, error) {
	tokens, err := sqltext.Scan(p.Body, false)
	if err != nil {
		return nil, err
	}
	c := sqltext.NewCursor(sqltext.Statement{Source: p.Body, Tokens: tokens})
	var all block
	if c.Accept("declare") {
		for c.Err() == nil && !isWord(c, "begin") {
			d, err := parseDeclaration(c)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
	}
	c.Expect("begin")
	body, err := parseSteps(c, "end")
	if err != nil {
		return nil, err
	}
	c.Expect("end")
	c.Accept(";")
	return append(all, body...), c.End()
}

type declaration struct {
	name  string
	t     Type
	value string
}

func parseDeclaration(c *sqltext.Cursor) (declaration, error) {
	d := declaration{name: c.Name()}
	c.Accept("constant")
	t, err := parseType(c)
	if err != nil {
		return d, err
	}
	d.t = t
	if c.Accept(":=") || c.Accept("default") || c.Accept("=") {
		d.value = c.Until(";").Text()
	}
	c.Expect(";")
	return d, c.Err()
}

func (d declaration) run(ctx context.Context, s *Session, vars variables) error {
	v := &variable{t: d.t}
	vars[d.name] = v
	if d.value == "" {
		return nil
	}
	value, err := s.evaluate(ctx, d.value, vars)
	v.value = value
	return err
}

func parseSteps(c *sqltext.Cursor, ends ...string) (block, error) {
	var all block
	for c.Err() == nil && !c.Done() && !isWord(c, ends...) {
		st, err := parseStep(c)
		if err != nil {
			return nil, err
		}
		all = append(all, st)
	}
	return all, c.Err()
}

func parseStep(c *sqltext.Cursor) (step, error) {
	switch {
	case c.Accept("if"):
		return parseIf(c)
	case c.Accept("execute"):
		return execute{semicolon(c)}, c.Err()
	case c.Accept("raise"):
		return parseRaise(c)
	case c.Accept("null", ";"):
		return block(nil), nil
	case c.Accept("return", ";"):
		return returns{}, nil
	case c.Peek().Is("select"):
		return parseSelectInto(c)
	case c.Peek().Is("call"):
		return callStep{semicolon(c)}, c.Err()
	case c.Peek().Name() && c.PeekAt(1).Is(":="):
		name := c.Name()
		c.Next()
		return assignment{name, semicolon(c)}, c.Err()
	}
	if c.Done() {
		c.Fail()
		return nil, c.Err()
	}
	return nil, refuse("PL/pgSQL " + strings.ToUpper(c.Peek().Text))
}

func semicolon(c *sqltext.Cursor) string {
	text := c.Until(";").Text()
	c.Expect(";")
	return text
}

type condition struct {
	when string
	then block
}

type ifStep struct {
	conditions []condition
	otherwise  block
}

func parseIf(c *sqltext.Cursor) (step, error) {
	var st ifStep
	for {
		cond := condition{when: c.Until("then").Text()}
		c.Expect("then")
		then, err := parseSteps(c, "elsif", "elseif", "else", "end")
		if err != nil {
			return nil, err
		}
		cond.then = then
		st.conditions = append(st.conditions, cond)
		if c.AcceptOne("elsif", "elseif") == "" {
			break
		}
	}
	if c.Accept("else") {
		otherwise, err := parseSteps(c, "end")
		if err != nil {
			return nil, err
		}
		st.otherwise = otherwise
	}
	c.Expect("end", "if", ";")
	return st, c.Err()
}

func (st ifStep) run(ctx context.Context, s *Session, vars variables) error {
	for _, cond := range st.conditions {
		value, err := s.evaluate(ctx, cond.when, vars)
		if err != nil {
			return err
		}
		if value != nil && *value == "true" {
			return cond.then.steps(ctx, s, vars)
		}
	}
	return st.otherwise.steps(ctx, s, vars)
}

// execute is EXECUTE expression: the value is run as a statement.
type execute struct{ text string }

func (st execute) run(ctx context.Context, s *Session, vars variables) error {
	value, err := s.evaluate(ctx, st.text, vars)
	if err != nil {
		return err
	}
	if value == nil {
		return errorf("22004", "cannot EXECUTE a null querystring")
	}
	return s.runInside(ctx, *value)
}

type callStep struct{ text string }

func (st callStep) run(ctx context.Context, s *Session, vars variables) error {
	text, err := bindVariables(st.text, vars)
	if err != nil {
		return err
	}
	return s.runInside(ctx, text)
}

// runInside runs a statement in the transaction that the procedure runs in.
func (s *Session) runInside(ctx context.Context, text string) error {
	statements, err := sqltext.Split(text, s.caseSensitive)
	if err != nil {
		return err
	}
	for _, st := range statements {
		plan, err := s.plan(ctx, st)
		if err != nil {
			return err
		}
		if plan.control || plan.alone {
			return refuse(strings.ToUpper(st.Tokens[0].Text) + " in a procedure")
		}
		if _, err := plan.run(ctx, nil, Discard); err != nil {
			return err
		}
	}
	return nil
}

type returns struct{}

func (returns) run(context.Context, *Session, variables) error { return errReturn }

type assignment struct{ name, value string }

func (st assignment) run(ctx context.Context, s *Session, vars variables) error {
	v, ok := vars[st.name]
	if !ok {
		return errorf(codeSyntax, "%q is not a known variable", st.name)
	}
	value, err := s.evaluate(ctx, st.value, vars)
	v.value = value
	return err
}

// selectInto is SELECT INTO variable value ..., and SELECT value INTO variable ....
type selectInto struct{ name, query string }

func parseSelectInto(c *sqltext.Cursor) (step, error) {
	c.Expect("select")
	before := c.Until("into", ";").Text()
	if !c.Accept("into") {
		return nil, refuse("PL/pgSQL SELECT without INTO")
	}
	name := c.Name()
	if c.Peek().Is(",") {
		return nil, refuse("PL/pgSQL SELECT INTO several variables")
	}
	after := semicolon(c)
	return selectInto{name, "SELECT " + before + " " + after}, c.Err()
}

func (st selectInto) run(ctx context.Context, s *Session, vars variables) error {
	v, ok := vars[st.name]
	if !ok {
		return errorf(codeSyntax, "%q is not a known variable", st.name)
	}
	value, err := s.single(ctx, st.query, vars)
	v.value = value
	return err
}

// raise is RAISE level 'format' [, values].
type raise struct {
	level  string
	format string
	values []string
}

func parseRaise(c *sqltext.Cursor) (step, error) {
	r := raise{level: c.AcceptOne("debug", "log", "info", "notice", "warning", "exception")}
	r.format = c.Literal()
	for c.Accept(",") {
		r.values = append(r.values, c.Until(",", ";").Text())
	}
	c.Expect(";")
	return r, c.Err()
}

func (r raise) run(ctx context.Context, s *Session, vars variables) error {
	message := r.format
	for _, v := range r.values {
		value, err := s.evaluate(ctx, v, vars)
		if err != nil {
			return err
		}
		shown := "<NULL>"
		if value != nil {
			shown = *value
		}
		message = strings.Replace(message, "%", shown, 1)
	}
	if r.level == "exception" || r.level == "" {
		return errorf("P0001", "%s", message)
	}
	return nil // the protocol's notices are not sent
}

// evaluate computes an expression with the variables in it.
func (s *Session) evaluate(ctx context.Context, expression string, vars variables) (*string, error) {
	return s.single(ctx, "SELECT ("+expression+")", vars)
}

// single runs a query and returns the first value of its first row.
func (s *Session) single(ctx context.Context, query string, vars variables) (*string, error) {
	text, err := bindVariables(query, vars)
	if err != nil {
		return nil, err
	}
	statements, err := sqltext.Split(text, s.caseSensitive)
	if err != nil {
		return nil, err
	}
	if len(statements) != 1 {
		return nil, errorf(codeSyntax, "syntax error at end of input")
	}
	plan, err := s.plan(ctx, statements[0])
	if err != nil {
		return nil, err
	}
	var first firstRow
	if _, err := plan.run(ctx, nil, &first); err != nil {
		return nil, err
	}
	if len(first.values) == 0 || first.values[0] == nil {
		return nil, nil
	}
	value := Text(first.values[0], plan.Columns[0].Type)
	return &value, nil
}

type firstRow struct{ values []any }

func (f *firstRow) Row(values []any) error {
	if f.values == nil {
		f.values = values
	}
	return nil
}

// bindVariables puts the variables' values in the place of their names, as PL/pgSQL
// does with its parameters.
func bindVariables(text string, vars variables) (string, error) {
	tokens, err := sqltext.Scan(text, false)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	last := 0
	for i, t := range tokens {
		v, ok := vars[t.Text]
		if !ok || !t.Name() || i > 0 && tokens[i-1].Is(".") || i+1 < len(tokens) && (tokens[i+1].Is("(") || tokens[i+1].Is(".")) {
			continue
		}
		b.WriteString(text[last:t.From])
		b.WriteString(v.literal())
		last = t.To
	}
	b.WriteString(text[last:])
	return b.String(), nil
}

func (v *variable) literal() string {
	if v.value == nil {
		return "NULL"
	}
	if kindOf(v.t) == kindText {
		return sqltext.QuoteEscaped(*v.value)
	}
	return fmt.Sprintf("CAST(%s AS %s)", sqltext.QuoteEscaped(*v.value), v.t)
}
