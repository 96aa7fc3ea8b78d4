package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// planCreateSchema plans CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION user].
func (s *Session) planCreateSchema(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	missing := c.Accept("if", "not", "exists")
	name, owner := "", s.user.Name
	if !isWord(c, "authorization") {
		name = c.Name()
	}
	if c.Accept("authorization") {
		owner = c.Name()
		if name == "" {
			name = owner
		}
	}
	if isWord(c, "quota") {
		return nil, refuse("QUOTA of a schema")
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	return does("CREATE SCHEMA", func(ctx context.Context) error { return s.createSchema(ctx, name, owner, missing) }), nil
}

func (s *Session) createSchema(ctx context.Context, name, owner string, missing bool) error {
	if _, err := s.schema(ctx, name); err == nil && !missing {
		return errorf(codeDuplicateSchema, "schema %q already exists", name)
	} else if !is(err, codeUndefinedSchema) {
		return err
	}
	if strings.HasPrefix(name, "pg_") || slices.Contains([]string{hidden, "main", "information_schema", "temp", "system"}, name) {
		return errorf("42939", "unacceptable schema name %q", name)
	}
	database, _, err := s.object(ctx, `WHERE oid = ?`, databaseOID)
	if err != nil {
		return err
	}
	if err := s.allow(ctx, database, "CREATE"); err != nil {
		return err
	}
	o, err := s.record(ctx, object{Kind: kindSchema, Name: name})
	if err != nil {
		return err
	}
	if err := s.setOwner(ctx, o.OID, owner); err != nil {
		return err
	}
	return s.execf(ctx, "CREATE SCHEMA %s", sqltext.QuoteName(name))
}

func (s *Session) setOwner(ctx context.Context, oid int, owner string) error {
	user, err := s.userNamed(ctx, owner)
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE localcloud.objects SET owner = ? WHERE oid = ?`, user.ID, oid)
}

// planAlterSchema plans ALTER SCHEMA name OWNER TO user.
func (s *Session) planAlterSchema(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	name := c.Name()
	if !c.Accept("owner", "to") {
		return nil, refuse("ALTER SCHEMA other than OWNER TO")
	}
	owner := c.Name()
	if err := c.End(); err != nil {
		return nil, err
	}
	return does("ALTER SCHEMA", func(ctx context.Context) error {
		o, err := s.schema(ctx, name)
		if err == nil {
			err = s.own(o)
		}
		if err != nil {
			return err
		}
		return s.setOwner(ctx, o.OID, owner)
	}), nil
}

// planDropSchema plans DROP SCHEMA [IF EXISTS] name [CASCADE | RESTRICT].
func (s *Session) planDropSchema(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	missing := c.Accept("if", "exists")
	name := c.Name()
	cascade := c.AcceptOne("cascade", "restrict") == "cascade"
	if err := c.End(); err != nil {
		return nil, err
	}
	return does("DROP SCHEMA", func(ctx context.Context) error { return s.dropSchema(ctx, name, missing, cascade) }), nil
}

func (s *Session) dropSchema(ctx context.Context, name string, missing, cascade bool) error {
	o, err := s.schema(ctx, name)
	if missing && is(err, codeUndefinedSchema) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.own(o); err != nil {
		return err
	}
	rows, err := s.conn.QueryContext(ctx, selectObject+`WHERE kind <> 'n' AND schema = ? ORDER BY kind DESC, oid DESC`, name)
	if err != nil {
		return err
	}
	var inside []object
	for rows.Next() {
		var i object
		if err := rows.Scan(&i.OID, &i.Kind, &i.Schema, &i.Name, &i.Owner, &i.Definition); err != nil {
			return err
		}
		inside = append(inside, i)
	}
	if len(inside) > 0 && !cascade {
		return &Error{Code: codeDependent, Message: fmt.Sprintf("cannot drop schema %s because other objects depend on it", name),
			Hint: "Use DROP ... CASCADE to drop the dependent objects too."}
	}
	for _, i := range inside {
		if err := s.dropWithReaders(ctx, i); err != nil {
			return err
		}
	}
	if err := s.forget(ctx, o.OID); err != nil {
		return err
	}
	return s.execf(ctx, "DROP SCHEMA %s CASCADE", sqltext.QuoteName(name))
}

// dropWithReaders drops an object and the views that read it, unless it is gone already.
func (s *Session) dropWithReaders(ctx context.Context, o object) error {
	if _, found, err := s.object(ctx, `WHERE oid = ?`, o.OID); err != nil || !found {
		return err
	}
	if err := s.dropDependents(ctx, o, true); err != nil {
		return err
	}
	return s.dropObject(ctx, o)
}

func (s *Session) planCreateView(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.planView(ctx, c, false)
}

func (s *Session) planReplaceView(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.planView(ctx, c, true)
}

// viewDef is a CREATE VIEW.
type viewDef struct {
	schema, name string
	definition   string
	query        rewritten
	columns      []column
	reads        []string // identifiers of what it reads
}

// planView plans CREATE [OR REPLACE] VIEW name [(columns)] AS query [WITH NO SCHEMA
// BINDING]. Who may read a view need not be able to read what it reads.
func (s *Session) planView(ctx context.Context, c *sqltext.Cursor, replace bool) (*Plan, error) {
	var def viewDef
	if isWord(c, "if") {
		return nil, errorf(codeSyntax, "syntax error at or near \"if\"") // Redshift has no such form
	}
	def.schema, def.name = c.QualifiedName()
	var names []string
	if c.Peek().Is("(") {
		names = c.Names()
	}
	c.Expect("as")
	st := c.Rest()
	if n := len(st.Tokens); n > 4 && st.Tokens[n-4].Is("with") && st.Tokens[n-3].Is("no") && st.Tokens[n-2].Is("schema") && st.Tokens[n-1].Is("binding") {
		return nil, refuse("WITH NO SCHEMA BINDING")
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	if err := s.defineView(ctx, st, names, &def); err != nil {
		return nil, err
	}
	return does("CREATE VIEW", func(ctx context.Context) error { return s.createView(ctx, def, replace) }), nil
}

func (s *Session) defineView(ctx context.Context, st sqltext.Statement, names []string, def *viewDef) error {
	if err := stored(st, "view"); err != nil {
		return err
	}
	q, err := s.rewriteQuery(ctx, st)
	if err != nil {
		return err
	}
	if len(q.params) > 0 {
		return errorf(codeSyntax, "there is no parameter $1")
	}
	columns, _, err := s.describe(ctx, q)
	if err != nil {
		return err
	}
	for i, d := range columns {
		col := column{Name: d.Name, Type: d.Type}
		if i < len(names) {
			col.Name = names[i]
		}
		def.columns = append(def.columns, col)
	}
	def.definition, def.query = st.Text(), q
	def.reads, err = s.readsOf(ctx, st)
	return err
}

// readsOf lists the objects that a query names.
func (s *Session) readsOf(ctx context.Context, st sqltext.Statement) ([]string, error) {
	var ids []string
	for i, t := range st.Tokens {
		if !t.Name() || i > 0 && st.Tokens[i-1].Is(".") {
			continue
		}
		schema, name := "", t.Text
		if i+2 < len(st.Tokens) && st.Tokens[i+1].Is(".") {
			schema, name = t.Text, st.Tokens[i+2].Text
		}
		o, found, err := s.find(ctx, schema, name)
		if err != nil {
			return nil, err
		}
		if found && !slices.Contains(ids, itoa(o.OID)) {
			ids = append(ids, itoa(o.OID))
		}
	}
	return ids, nil
}

func (s *Session) createView(ctx context.Context, def viewDef, replace bool) error {
	schema, err := s.creatable(ctx, def.schema)
	if err != nil {
		return err
	}
	old, exists, err := s.find(ctx, schema.Name, def.name)
	switch {
	case err != nil:
		return err
	case exists && (!replace || old.Kind != kindView):
		return orDuplicate(nil, def.name)
	case exists:
		if err := s.own(old); err != nil {
			return err
		}
		return s.replaceView(ctx, old, def)
	}
	o, err := s.record(ctx, object{Kind: kindView, Schema: schema.Name, Name: def.name})
	if err != nil {
		return err
	}
	return s.writeView(ctx, o, def)
}

// replaceView keeps the view's identity and grants, and its columns: a view is replaced only by a
// query that makes the same ones (Redshift developer guide, CREATE VIEW, OR REPLACE).
func (s *Session) replaceView(ctx context.Context, o object, def viewDef) error {
	old, err := s.columns(ctx, o.OID)
	if err != nil {
		return err
	}
	if len(old) != len(def.columns) {
		return errorf("42P16", "cannot change number of columns in view")
	}
	for i, c := range old {
		switch n := def.columns[i]; {
		case n.Name != c.Name:
			return errorf("42P16", "cannot change name of view column %q", c.Name)
		case n.Type.Name != c.Type.Name:
			return errorf("42P16", "cannot change data type of view column %q", c.Name)
		}
	}
	if err := s.exec(ctx, `DELETE FROM localcloud.columns WHERE oid = ?`, o.OID); err != nil {
		return err
	}
	return s.writeView(ctx, o, def)
}

func (s *Session) writeView(ctx context.Context, o object, def viewDef) error {
	if err := s.recordColumns(ctx, o.OID, def.columns); err != nil {
		return err
	}
	err := s.exec(ctx, `UPDATE localcloud.objects SET definition = ?, diststyle = ? WHERE oid = ?`,
		def.definition, strings.Join(def.reads, ","), o.OID)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range def.columns {
		names = append(names, sqltext.QuoteName(c.Name))
	}
	return s.execf(ctx, "CREATE OR REPLACE VIEW %s (%s) AS %s", o.duck(), strings.Join(names, ", "), def.query.text)
}
