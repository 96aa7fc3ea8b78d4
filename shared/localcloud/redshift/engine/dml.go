package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// planInsert plans INSERT INTO table [(columns)] query | VALUES | DEFAULT VALUES.
func (s *Session) planInsert(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	o, err := s.target(ctx, c, "INSERT")
	if err != nil {
		return nil, err
	}
	columns, err := s.columns(ctx, o.OID)
	if err != nil {
		return nil, err
	}
	into := settable(columns)
	given := c.Peek().Is("(") && !c.PeekAt(1).Is("select") && !c.PeekAt(1).Is("with") && !c.PeekAt(1).Is("(")
	if given {
		if into, err = listed(c.Names(), columns, o); err != nil {
			return nil, err
		}
	}
	if c.Accept("default", "values") {
		return s.planChange("INSERT 0", "INSERT INTO "+o.duck()+" DEFAULT VALUES", nil, nil), c.End()
	}
	st := c.Rest()
	if hasDefault(st) {
		return nil, refuse("DEFAULT in VALUES: leave the column out of the column list")
	}
	q, err := s.rewriteFor(ctx, st, into)
	if err != nil {
		return nil, err
	}
	if given && len(q.fields) < len(into) {
		return nil, errorf(codeSyntax, "INSERT has more target columns than expressions")
	}
	text, err := insertText(o, into, q)
	if err != nil {
		return nil, err
	}
	params, err := s.paramTypes(ctx, text)
	return s.planChange("INSERT 0", text, params, q.params), q.explained(err)
}

// target reads a table's name and checks the user's privilege on it.
func (s *Session) target(ctx context.Context, c *sqltext.Cursor, privilege string) (object, error) {
	schema, name := c.QualifiedName()
	if err := c.Err(); err != nil {
		return object{}, err
	}
	o, err := s.table(ctx, schema, name)
	if err != nil {
		return o, err
	}
	return o, s.allowRelation(ctx, o, privilege)
}

// settable leaves identity columns out, as INSERT without a column list does.
func settable(columns []column) []column {
	var all []column
	for _, c := range columns {
		if c.Identity != "always" {
			all = append(all, c)
		}
	}
	return all
}

func listed(names []string, columns []column, o object) ([]column, error) {
	var all []column
	for _, name := range names {
		c, ok := columnNamed(columns, name)
		switch {
		case !ok:
			return nil, errorf(codeUndefinedColumn, "column %q of relation %q does not exist", name, o.Name)
		case c.Identity == "always":
			return nil, errorf(codeInvalidParameter, "cannot set an identity column to a value")
		}
		if _, twice := columnNamed(all, name); twice {
			return nil, errorf(codeDuplicateColumn, "column %q specified more than once", name)
		}
		all = append(all, c)
	}
	return all, nil
}

func hasDefault(st sqltext.Statement) bool {
	if len(st.Tokens) == 0 || !st.Tokens[0].Is("values") {
		return false
	}
	for _, t := range st.Tokens {
		if t.Is("default") {
			return true
		}
	}
	return false
}

// insertText puts the query's columns into the table's.
func insertText(o object, into []column, q rewritten) (string, error) {
	if len(q.fields) > len(into) {
		return "", errorf(codeSyntax, "INSERT has more expressions than target columns")
	}
	into = into[:len(q.fields)]
	var names, values, inner []string
	for i, c := range into {
		name := "c" + itoa(i+1)
		inner = append(inner, name)
		names = append(names, sqltext.QuoteName(c.Name))
		values = append(values, assigned(c.Type, name, q.fields[i]))
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (%s) AS q(%s)", o.duck(), strings.Join(names, ", "),
		strings.Join(values, ", "), q.text, strings.Join(inner, ", ")), nil
}

// planChange runs a statement of DuckDB's that reports how many rows it changed.
func (s *Session) planChange(tag, text string, params []uint32, names []string) *Plan {
	return &Plan{Params: params, Names: names, run: func(ctx context.Context, args []any, _ Output) (string, error) {
		result, err := s.conn.ExecContext(ctx, text, args...)
		if err != nil {
			return "", err
		}
		n, err := result.RowsAffected()
		return fmt.Sprintf("%s %d", tag, n), err
	}}
}

// planDelete plans DELETE [FROM] table [USING tables] [WHERE condition].
func (s *Session) planDelete(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	o, err := s.target(ctx, c, "DELETE")
	if err != nil {
		return nil, err
	}
	alias := targetAlias(c, o, "using", "where")
	from := ""
	if c.Accept("using") {
		from = c.Until("where").Text()
	}
	where := ""
	if c.Accept("where") {
		where = c.Rest().Text()
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	parts, err := s.rewriteParts(ctx, o, alias, []string{"1"}, nil, from, where)
	if err != nil {
		return nil, err
	}
	text := "DELETE FROM " + o.duck() + " AS " + sqltext.QuoteName(alias) + prefixed(" USING ", parts.from) + prefixed(" WHERE ", parts.where)
	params, err := s.paramTypes(ctx, text)
	return s.planChange("DELETE", text, params, parts.params), err
}

// planUpdate plans UPDATE table SET column = value, ... [FROM tables] [WHERE condition].
func (s *Session) planUpdate(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	o, err := s.target(ctx, c, "UPDATE")
	if err != nil {
		return nil, err
	}
	alias := targetAlias(c, o, "set")
	names, values := parseSet(c)
	from, where := "", ""
	if c.Accept("from") {
		from = c.Until("where").Text()
	}
	if c.Accept("where") {
		where = c.Rest().Text()
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	columns, err := s.columns(ctx, o.OID)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, errorf(codeSyntax, "multiple assignments to same column %q", name)
		}
	}
	into, err := listed(names, columns, o)
	if err != nil {
		return nil, err
	}
	parts, err := s.rewriteParts(ctx, o, alias, values, into, from, where)
	if err != nil {
		return nil, err
	}
	text := "UPDATE " + o.duck() + " AS " + sqltext.QuoteName(alias) + " SET " + setText(into, parts) +
		prefixed(" FROM ", parts.from) + prefixed(" WHERE ", parts.where)
	params, err := s.paramTypes(ctx, text)
	return s.planChange("UPDATE", text, params, parts.params), err
}

func targetAlias(c *sqltext.Cursor, o object, keywords ...string) string {
	c.Accept("as")
	if c.Peek().Name() && !isWord(c, keywords...) {
		return c.Name()
	}
	return o.Name
}

func parseSet(c *sqltext.Cursor) (names, values []string) {
	c.Expect("set")
	for {
		names = append(names, c.Name())
		c.Expect("=")
		values = append(values, c.Until(",", "from", "where").Text())
		if !c.Accept(",") {
			return names, values
		}
	}
}

func setText(into []column, p parts) string {
	var sets []string
	for i, c := range into {
		sets = append(sets, sqltext.QuoteName(c.Name)+" = "+assigned(c.Type, p.values[i], p.fields[i]))
	}
	return strings.Join(sets, ", ")
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// parts are the pieces of an UPDATE or DELETE for DuckDB.
type parts struct {
	values []string
	fields []field
	from   string
	where  string
	params []string
}

// rewriteParts rewrites the pieces as the query SELECT values FROM table, from WHERE
// where, which has the same names in scope and needs the same privilege to read. The values
// are for the columns into.
func (s *Session) rewriteParts(ctx context.Context, o object, alias string, values []string, into []column, from, where string) (parts, error) {
	text := "SELECT (" + strings.Join(values, "), (") + ") FROM " + o.duck() + " AS " + sqltext.QuoteName(alias) +
		prefixed(", ", from) + prefixed(" WHERE ", where)
	query, params, fields, err := s.rewriteNode(ctx, text, into...)
	if err != nil {
		return parts{}, err
	}
	p := parts{params: params, fields: fields}
	for _, item := range query.list("select_list") {
		value, err := s.printExpression(ctx, asNode(item))
		if err != nil {
			return parts{}, err
		}
		p.values = append(p.values, value)
	}
	if where != "" {
		if p.where, err = s.printExpression(ctx, query.child("where_clause")); err != nil {
			return parts{}, err
		}
	}
	if from != "" {
		other, inFrom, _, err := s.rewriteNode(ctx, "SELECT 1 FROM "+from)
		if err == nil && len(inFrom) > 0 {
			err = refuse("a parameter in FROM or USING")
		}
		if err != nil {
			return parts{}, err
		}
		printed, err := s.printQuery(ctx, other)
		if err != nil {
			return parts{}, err
		}
		_, p.from, _ = strings.Cut(printed, " FROM ")
	}
	return p, nil
}

// rewriteNode rewrites the text of a query, whose values are for the columns into, to a node;
// params are the names of its parameters.
func (s *Session) rewriteNode(ctx context.Context, source string, into ...column) (query node, params []string, fields []field, err error) {
	statements, err := sqltext.Split(source, s.caseSensitive)
	if err != nil {
		return nil, nil, nil, err
	}
	text, params, err := duckText(statements[0])
	if err != nil {
		return nil, nil, nil, err
	}
	if query, err = s.parseQuery(ctx, text); err != nil {
		return nil, nil, nil, err
	}
	r := &rewriter{s: s, ctx: ctx}
	r.typeRows(query, into)
	fields = r.query(query, nil)
	return query, params, fields, r.err
}

// planTruncate plans TRUNCATE [TABLE] table, which commits the transaction that it is in
// (Redshift, "TRUNCATE": "you can't roll back a TRUNCATE operation").
func (s *Session) planTruncate(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	c.Accept("table")
	o, err := s.target(ctx, c, "TRUNCATE")
	if err != nil {
		return nil, err
	}
	if s.depth > 0 {
		return nil, refuse("TRUNCATE in a procedure")
	}
	return &Plan{control: true, run: func(ctx context.Context, _ []any, _ Output) (string, error) {
		err := s.enter(ctx, beside)
		if err == nil {
			err = s.execf(ctx, "DELETE FROM %s", o.duck())
		}
		switch {
		case s.state == Idle:
			s.leave()
		case err == nil:
			_, err = s.end(ctx, "COMMIT")
		}
		return "TRUNCATE TABLE", err
	}}, c.End()
}
