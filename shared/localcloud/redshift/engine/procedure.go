package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// argument is one argument of a procedure. All are IN.
type argument struct {
	Name string
	Type Type
}

// procedure is what is kept of CREATE PROCEDURE.
type procedure struct {
	Arguments []argument
	Body      string
	Definer   bool // SECURITY DEFINER
}

func (p procedure) signature() string {
	types := make([]string, len(p.Arguments))
	for i, a := range p.Arguments {
		types[i] = a.Type.Name
	}
	return strings.Join(types, ", ")
}

func (s *Session) planCreateProcedure(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.planProcedure(c, false)
}

func (s *Session) planReplaceProcedure(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.planProcedure(c, true)
}

// planProcedure plans CREATE PROCEDURE name(arguments) [clauses] AS $$ body $$ [clauses].
func (s *Session) planProcedure(c *sqltext.Cursor, replace bool) (*Plan, error) {
	schema, name := c.QualifiedName()
	var p procedure
	if err := p.parseArguments(c); err != nil {
		return nil, err
	}
	language := ""
	for c.Err() == nil && !c.Done() {
		switch {
		case c.Accept("as"):
			p.Body = c.Literal()
		case c.Accept("language"):
			language = c.Name()
		case c.Accept("security"):
			p.Definer = c.AcceptOne("invoker", "definer") == "definer"
		case isWord(c, "nonatomic", "set"):
			return nil, refuse("CREATE PROCEDURE ... " + strings.ToUpper(c.Peek().Text))
		default:
			c.Fail()
		}
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	if language != "plpgsql" {
		return nil, errorf(codeUndefinedObject, "language %q does not exist", language)
	}
	if _, err := parseBody(p); err != nil {
		return nil, err
	}
	return does("CREATE PROCEDURE", func(ctx context.Context) error { return s.createProcedure(ctx, schema, name, p, replace) }), nil
}

func (p *procedure) parseArguments(c *sqltext.Cursor) error {
	c.Expect("(")
	for c.Err() == nil && !c.Peek().Is(")") {
		if isWord(c, "out", "inout") {
			return refuse(strings.ToUpper(c.Peek().Text) + " argument of a procedure")
		}
		a := argument{Name: c.Name()}
		c.Accept("in")
		t, err := parseType(c)
		if err != nil {
			return err
		}
		a.Type = t
		p.Arguments = append(p.Arguments, a)
		if !c.Accept(",") {
			break
		}
	}
	c.Expect(")")
	return c.Err()
}

const procedureNamed = `WHERE kind = 'p' AND schema = ? AND name = ? AND diststyle = ?`

func (s *Session) createProcedure(ctx context.Context, schema, name string, p procedure, replace bool) error {
	in, err := s.creatable(ctx, schema)
	if err != nil {
		return err
	}
	definition, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep procedure %s: %w", name, err)
	}
	old, exists, err := s.object(ctx, procedureNamed, in.Name, name, p.signature())
	switch {
	case err != nil:
		return err
	case exists && !replace:
		return errorf("42723", "procedure %q already exists with same argument types", name)
	case exists:
		if err := s.own(old); err != nil {
			return err
		}
		return s.exec(ctx, `UPDATE localcloud.objects SET definition = ? WHERE oid = ?`, string(definition), old.OID)
	}
	o, err := s.record(ctx, object{Kind: kindProcedure, Schema: in.Name, Name: name, Definition: string(definition)})
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE localcloud.objects SET diststyle = ? WHERE oid = ?`, p.signature(), o.OID)
}

// procedureAt finds the procedure that name(types) at the cursor means.
func (s *Session) procedureAt(ctx context.Context, c *sqltext.Cursor) (object, error) {
	schema, name := c.QualifiedName()
	var p procedure
	c.Expect("(")
	for c.Err() == nil && !c.Peek().Is(")") {
		if c.PeekAt(1).Name() && !c.PeekAt(1).Is("varying") && !c.PeekAt(1).Is("precision") && !c.PeekAt(1).Is("without") {
			c.Next() // an argument's name
		}
		t, err := parseType(c)
		if err != nil {
			return object{}, err
		}
		p.Arguments = append(p.Arguments, argument{Type: t})
		if !c.Accept(",") {
			break
		}
	}
	c.Expect(")")
	if err := c.Err(); err != nil {
		return object{}, err
	}
	for _, in := range s.inSchema(schema) {
		o, found, err := s.object(ctx, procedureNamed, in, name, p.signature())
		if err != nil || found {
			return o, err
		}
	}
	return object{}, errorf(codeUndefinedFunc, "procedure %s(%s) does not exist", name, p.signature())
}

func (s *Session) inSchema(schema string) []string {
	if schema != "" {
		return []string{schema}
	}
	return s.schemas()
}

func (s *Session) planDropProcedure(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	o, err := s.procedureAt(ctx, c)
	if err != nil {
		return nil, err
	}
	return does("DROP PROCEDURE", func(ctx context.Context) error {
		if err := s.own(o); err != nil {
			return err
		}
		return s.forget(ctx, o.OID)
	}), c.End()
}

// planCall plans CALL name(values).
func (s *Session) planCall(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	schema, name := c.QualifiedName()
	var values []string
	c.Expect("(")
	for c.Err() == nil && !c.Peek().Is(")") {
		values = append(values, c.Until(",", ")").Text())
		if !c.Accept(",") {
			break
		}
	}
	c.Expect(")")
	if err := c.End(); err != nil {
		return nil, err
	}
	for _, t := range c.Tokens {
		if t.Kind == sqltext.Param {
			return nil, refuse("a parameter in CALL")
		}
	}
	o, err := s.callable(ctx, schema, name, len(values))
	if err != nil {
		return nil, err
	}
	return does("CALL", func(ctx context.Context) error { return s.call(ctx, o, values) }), nil
}

// callable finds a procedure by its number of arguments.
func (s *Session) callable(ctx context.Context, schema, name string, n int) (object, error) {
	for _, in := range s.inSchema(schema) {
		o, found, err := s.object(ctx, `WHERE kind = 'p' AND schema = ? AND name = ?
			AND json_array_length(definition, '$.Arguments') = ?`, in, name, n)
		if err != nil {
			return o, err
		}
		if found {
			return o, s.allowRelation(ctx, o, "EXECUTE")
		}
	}
	return object{}, errorf(codeUndefinedFunc, "procedure %s with %d arguments does not exist", name, n)
}

// maxDepth bounds procedures that call each other (Redshift: 16 levels).
const maxDepth = 16

func (s *Session) call(ctx context.Context, o object, values []string) error {
	var p procedure
	if err := json.Unmarshal([]byte(o.Definition), &p); err != nil {
		return fmt.Errorf("read procedure %s: %w", o.Name, err)
	}
	block, err := parseBody(p)
	if err != nil {
		return err
	}
	vars := variables{}
	for i, a := range p.Arguments {
		value, err := s.evaluate(ctx, values[i], nil)
		if err != nil {
			return err
		}
		vars[a.Name] = &variable{value: value, t: a.Type}
	}
	s.depth++
	defer func() { s.depth-- }()
	if s.depth > maxDepth {
		return errorf("54001", "stored procedures can be nested %d levels deep", maxDepth)
	}
	if p.Definer {
		caller := s.user
		defer func() { s.user = caller }()
		if s.user, err = s.userByID(ctx, o.Owner); err != nil {
			return err
		}
	}
	return block.run(ctx, s, vars)
}

func (s *Session) userByID(ctx context.Context, id int) (User, error) {
	u := User{ID: id}
	err := s.conn.QueryRowContext(ctx, `SELECT usename, usesuper FROM localcloud.users WHERE usesysid = ?`, id).Scan(&u.Name, &u.Super)
	return u, err
}
