package engine

import (
	"cmp"
	"context"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// alteration is one ALTER TABLE on a table's columns.
type alteration func(columns []column) ([]column, map[string]string, error)

// planAlterTable plans the changes of a table that migrations make: ADD and DROP COLUMN,
// RENAME, OWNER TO and ALTER COLUMN ... TYPE VARCHAR(n).
func (s *Session) planAlterTable(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	schema, name := c.QualifiedName()
	if err := c.Err(); err != nil {
		return nil, err
	}
	o, err := s.table(ctx, schema, name)
	if err != nil {
		return nil, err
	}
	if err := s.own(o); err != nil {
		if s.allowRelation(ctx, o, "ALTER") != nil {
			return nil, err
		}
	}
	run, err := s.parseAlter(ctx, c, o)
	if err != nil {
		return nil, err
	}
	return does("ALTER TABLE", run), c.End()
}

func (s *Session) parseAlter(ctx context.Context, c *sqltext.Cursor, o object) (func(context.Context) error, error) {
	switch {
	case c.Accept("owner", "to"):
		owner := c.Name()
		return func(ctx context.Context) error { return s.setOwner(ctx, o.OID, owner) }, nil
	case c.Accept("rename", "to"):
		name := c.Name()
		return func(ctx context.Context) error { return s.renameTable(ctx, o, name) }, nil
	case c.Accept("drop"):
		c.Accept("column")
		name, cascade := c.Name(), c.AcceptOne("cascade", "restrict") == "cascade"
		return func(ctx context.Context) error { return s.dropColumn(ctx, o, name, cascade) }, c.Err()
	case c.Accept("rename"):
		c.Accept("column")
		from := c.Name()
		c.Expect("to")
		to := c.Name()
		return func(ctx context.Context) error { return s.renameColumn(ctx, o, from, to) }, c.Err()
	case isWord(c, "append", "set", "partition", "location", "attach", "row"):
		return nil, refuse("ALTER TABLE " + strings.ToUpper(c.Peek().Text))
	case isWord(c, "alter") && isKey(c):
		return nil, refuse("ALTER TABLE ALTER " + strings.ToUpper(c.PeekAt(1).Text))
	}
	change, err := s.parseAlteration(ctx, c)
	return func(ctx context.Context) error { return s.rebuild(ctx, o, change) }, err
}

func isKey(c *sqltext.Cursor) bool {
	next := c.PeekAt(1).Text
	return next == "distkey" || next == "diststyle" || next == "sortkey" || next == "compound" || next == "encode"
}

func (s *Session) parseAlteration(ctx context.Context, c *sqltext.Cursor) (alteration, error) {
	switch {
	case c.Accept("add"):
		if isWord(c, "constraint", "primary", "unique", "foreign") {
			return nil, refuse("ALTER TABLE ADD " + strings.ToUpper(c.Peek().Text))
		}
		c.Accept("column")
		col, err := s.parseColumn(ctx, c)
		return addColumn(col), err
	case c.Accept("alter"):
		c.Accept("column")
		name := c.Name()
		c.Expect("type")
		t, err := parseType(c)
		return retypeColumn(name, t), err
	}
	c.Fail()
	return nil, c.Err()
}

func addColumn(col column) alteration {
	return func(columns []column) ([]column, map[string]string, error) {
		if _, exists := columnNamed(columns, col.Name); exists {
			return nil, nil, errorf(codeDuplicateColumn, "column %q of relation already exists", col.Name)
		}
		if col.NotNull && col.duck == "" {
			return nil, nil, errorf(codeNotSupported, "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression")
		}
		if col.Identity != "" {
			return nil, nil, errorf(codeNotSupported, "ALTER TABLE ADD COLUMN is not supported for an identity column")
		}
		value := "NULL"
		if col.duck != "" {
			value = col.duck
		}
		return append(columns, col), map[string]string{col.Name: value}, nil
	}
}

func (s *Session) dropColumn(ctx context.Context, o object, name string, cascade bool) error {
	views, err := s.readersOf(ctx, o, name)
	if err != nil {
		return err
	}
	if err := s.dropViews(ctx, views, cascade, "table "+o.Name+" column "+name); err != nil {
		return err
	}
	return s.rebuild(ctx, o, withoutColumn(name))
}

// renameColumn gives a column another name. Redshift's views would follow; DuckDB's name
// what they read.
func (s *Session) renameColumn(ctx context.Context, o object, from, to string) error {
	views, err := s.readersOf(ctx, o, from)
	if err != nil {
		return err
	}
	if len(views) > 0 {
		return readByView
	}
	return s.rebuild(ctx, o, renamedColumn(from, to))
}

var readByView = refuse("RENAME of what a view reads: drop the view and make it again behind it")

func withoutColumn(name string) alteration {
	return func(columns []column) ([]column, map[string]string, error) {
		c, ok := columnNamed(columns, name)
		if !ok {
			return nil, nil, errorf(codeUndefinedColumn, "column %q does not exist", name)
		}
		i := c.Num - 1
		return append(columns[:i:i], columns[i+1:]...), nil, nil
	}
}

func renamedColumn(from, to string) alteration {
	return func(columns []column) ([]column, map[string]string, error) {
		c, ok := columnNamed(columns, from)
		if !ok {
			return nil, nil, errorf(codeUndefinedColumn, "column %q does not exist", from)
		}
		columns[c.Num-1].Name = to
		return columns, map[string]string{to: sqltext.QuoteName(from)}, nil
	}
}

// retypeColumn changes the length of a VARCHAR, which is all that Redshift allows.
func retypeColumn(name string, t Type) alteration {
	return func(columns []column) ([]column, map[string]string, error) {
		c, ok := columnNamed(columns, name)
		switch {
		case !ok:
			return nil, nil, errorf(codeUndefinedColumn, "column %q does not exist", name)
		case c.Type.Name != "character varying" || t.Name != c.Type.Name:
			return nil, nil, errorf(codeNotSupported, "target data type %q is not supported by ALTER COLUMN TYPE", t.Name)
		}
		columns[c.Num-1].Type = t
		return columns, nil, nil
	}
}

func (s *Session) renameTable(ctx context.Context, o object, name string) error {
	if _, exists, err := s.find(ctx, o.Schema, name); err != nil || exists {
		return orDuplicate(err, name)
	}
	if views, err := s.viewsOf(ctx, o); err != nil || len(views) > 0 {
		return cmp.Or(err, readByView)
	}
	if err := s.execf(ctx, "ALTER TABLE %s RENAME TO %s", o.duck(), sqltext.QuoteName(name)); err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE localcloud.objects SET name = ? WHERE oid = ?`, name, o.OID)
}

// rebuild writes the table anew with other columns: DuckDB cannot alter a column that a
// CHECK is on, and every VARCHAR has one. Values says where a column's values come from
// if not from the column of its name.
func (s *Session) rebuild(ctx context.Context, o object, change alteration) error {
	if err := s.rewrites(ctx); err != nil {
		return err
	}
	columns, err := s.columns(ctx, o.OID)
	if err != nil {
		return err
	}
	columns, values, err := change(columns)
	if err != nil {
		return err
	}
	next := object{Schema: o.Schema, Name: o.Name + "__rebuilt"}
	var names, from []string
	for _, c := range columns {
		name := sqltext.QuoteName(c.Name)
		names = append(names, name)
		if value, ok := values[c.Name]; ok {
			name = value
		}
		from = append(from, name)
	}
	steps := []string{
		"CREATE TABLE " + next.duck() + " (" + columnsText(columns) + ")",
		"INSERT INTO " + next.duck() + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(from, ", ") + " FROM " + o.duck(),
		"DROP TABLE " + o.duck(),
		"ALTER TABLE " + next.duck() + " RENAME TO " + sqltext.QuoteName(o.Name),
		"DELETE FROM localcloud.columns WHERE oid = " + itoa(o.OID),
	}
	for _, step := range steps {
		if err := s.exec(ctx, step); err != nil {
			return err
		}
	}
	return s.recordColumns(ctx, o.OID, columns)
}
