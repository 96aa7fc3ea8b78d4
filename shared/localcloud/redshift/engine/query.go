package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// planQuery plans SELECT, WITH and VALUES.
func (s *Session) planQuery(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	q, err := s.rewriteQuery(ctx, c.Statement)
	if err != nil {
		return nil, err
	}
	return s.planRewritten(ctx, q)
}

func (s *Session) planRewritten(ctx context.Context, q rewritten) (*Plan, error) {
	columns, text, err := s.describe(ctx, q)
	if err != nil {
		return nil, q.explained(err)
	}
	params, err := s.paramTypes(ctx, text)
	if err != nil {
		return nil, err
	}
	return &Plan{Columns: columns, Params: params, Names: q.params, reads: true,
		run: func(ctx context.Context, args []any, out Output) (string, error) {
			if s.zone != time.UTC {
				out = inZone{out, columns, s.zone}
			}
			n, err := s.stream(ctx, text, args, out)
			return fmt.Sprintf("SELECT %d", n), err
		}}, nil
}

// describe finds out the columns of a query, and casts to text what has no type in
// Redshift.
func (s *Session) describe(ctx context.Context, q rewritten) ([]Column, string, error) {
	stmt, err := prepare(ctx, s.duck, q.text)
	if err != nil {
		return nil, "", err
	}
	defer stmt.Close()
	n, err := stmt.ColumnCount()
	if err != nil {
		return nil, "", err
	}
	columns := make([]Column, n)
	asText := make([]bool, n)
	for i := range columns {
		name, err := stmt.ColumnName(i)
		if err != nil {
			return nil, "", err
		}
		columns[i] = Column{Name: name}
		if columns[i].Type, asText[i], err = columnType(stmt, i); err != nil {
			return nil, "", err
		}
		switch {
		case len(q.fields) == n:
			columns[i].refine(q.fields[i], &asText[i])
		case columns[i].Type.Name == "character varying":
			asText[i] = true // it may be SUPER, which the driver would read and write anew
		}
	}
	return columns, castColumns(q.text, columns, asText), nil
}

// refine takes what rewriting knows better than DuckDB: SUPER, and the declared type of
// a plain column.
func (c *Column) refine(f field, asText *bool) {
	switch {
	case f.kind == kindSuper:
		c.Type, *asText = Type{Name: "super"}, true
	case f.typ.Name != "":
		c.Type = f.typ
	}
	c.Table = f.table
}

// duckTypes are Redshift's types for the types that DuckDB's expressions have.
var duckTypes = map[duckdb.Type]Type{
	duckdb.TYPE_BOOLEAN: {Name: "boolean"}, duckdb.TYPE_TINYINT: {Name: "smallint"}, duckdb.TYPE_SMALLINT: {Name: "smallint"},
	duckdb.TYPE_UTINYINT: {Name: "smallint"}, duckdb.TYPE_USMALLINT: {Name: "integer"}, duckdb.TYPE_INTEGER: {Name: "integer"},
	duckdb.TYPE_UINTEGER: {Name: "bigint"}, duckdb.TYPE_BIGINT: {Name: "bigint"},
	duckdb.TYPE_UBIGINT: {Name: "numeric", Precision: 38}, duckdb.TYPE_HUGEINT: {Name: "numeric", Precision: 38},
	duckdb.TYPE_FLOAT: {Name: "real"}, duckdb.TYPE_DOUBLE: {Name: "double precision"},
	duckdb.TYPE_VARCHAR: {Name: "character varying", Length: 65535}, duckdb.TYPE_DATE: {Name: "date"},
	duckdb.TYPE_TIMESTAMP: {Name: "timestamp without time zone"}, duckdb.TYPE_TIMESTAMP_TZ: {Name: "timestamp with time zone"},
	duckdb.TYPE_TIME: {Name: "time without time zone"}, duckdb.TYPE_BLOB: {Name: "binary varying", Length: 64000},
	duckdb.TYPE_SQLNULL: {Name: "character varying", Length: 65535},
}

func columnType(stmt *duckdb.Stmt, i int) (t Type, asText bool, err error) {
	duck, err := stmt.ColumnType(i)
	if err != nil {
		return t, false, err
	}
	if duck == duckdb.TYPE_DECIMAL {
		info, err := stmt.ColumnTypeInfo(i)
		if err != nil {
			return t, false, err
		}
		decimal, ok := info.Details().(*duckdb.DecimalDetails)
		if !ok {
			return t, false, fmt.Errorf("column %d: a decimal without width", i)
		}
		return Type{Name: "numeric", Precision: int(decimal.Width), Scale: int(decimal.Scale)}, false, nil
	}
	t, known := duckTypes[duck]
	if !known {
		return duckTypes[duckdb.TYPE_VARCHAR], true, nil
	}
	return t, duck == duckdb.TYPE_SQLNULL, nil
}

// castColumns wraps a query so that the columns marked come as text.
func castColumns(text string, columns []Column, asText []bool) string {
	var outer, names []string
	wrap := false
	for i, c := range columns {
		name := "c" + itoa(i+1)
		names = append(names, name)
		if asText[i] {
			wrap = true
			name = "CAST(" + name + " AS VARCHAR)"
		}
		outer = append(outer, name+" AS "+sqltext.QuoteName(c.Name))
	}
	if !wrap {
		return text
	}
	return "SELECT " + strings.Join(outer, ", ") + " FROM (" + text + ") AS q(" + strings.Join(names, ", ") + ")"
}

// paramTypes asks DuckDB what the parameters of a statement are.
func (s *Session) paramTypes(ctx context.Context, text string) ([]uint32, error) {
	stmt, err := prepare(ctx, s.duck, text)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	oids := make([]uint32, stmt.NumInput())
	for i := range oids {
		t, err := stmt.ParamType(i + 1)
		if err != nil {
			return nil, err
		}
		oids[i] = 1043
		if known, ok := duckTypes[t]; ok {
			oids[i] = known.OID()
		}
		if t == duckdb.TYPE_DECIMAL {
			oids[i] = 1700
		}
	}
	return oids, nil
}

// stream runs a query and hands its rows to out.
func (s *Session) stream(ctx context.Context, text string, args []any, out Output) (n int, err error) {
	stmt, err := prepare(ctx, s.duck, text)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	rows, err := stmt.QueryContext(ctx, named(args))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	raw := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(raw); {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
		values := make([]any, len(raw))
		for i := range raw {
			values[i] = plainValue(raw[i])
		}
		if err := out.Row(values); err != nil {
			return n, err
		}
		n++
	}
}

func named(args []any) []driver.NamedValue {
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return values
}

// planExplain shows DuckDB's plan in Redshift's column.
func (s *Session) planExplain(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	if isWord(c, "analyze", "verbose") {
		return nil, refuse("EXPLAIN " + strings.ToUpper(c.Peek().Text))
	}
	st := c.Rest()
	if len(st.Tokens) == 0 || !reads(st.Tokens[0].Text) {
		return nil, refuse("EXPLAIN of other than a query")
	}
	q, err := s.rewriteQuery(ctx, st)
	if err != nil {
		return nil, err
	}
	return &Plan{Columns: []Column{{Name: "QUERY PLAN", Type: duckTypes[duckdb.TYPE_VARCHAR]}}, reads: true,
		run: func(ctx context.Context, _ []any, out Output) (string, error) {
			return "EXPLAIN", s.explain(ctx, q.text, out)
		}}, nil
}

func (s *Session) explain(ctx context.Context, text string, out Output) error {
	var kind, plan string
	if err := s.conn.QueryRowContext(ctx, "EXPLAIN "+text).Scan(&kind, &plan); err != nil {
		return err
	}
	for line := range strings.SplitSeq(strings.TrimSpace(plan), "\n") {
		if err := out.Row([]any{line}); err != nil {
			return err
		}
	}
	return nil
}
