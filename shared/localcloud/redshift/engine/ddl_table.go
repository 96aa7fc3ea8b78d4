package engine

import (
	"context"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// tableDef is a CREATE TABLE.
type tableDef struct {
	schema, name string
	ifNotExists  bool
	columns      []column
	diststyle    string
}

// planCreateTable plans CREATE TABLE [IF NOT EXISTS] name (...) and CREATE TABLE ... AS.
func (s *Session) planCreateTable(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	var def tableDef
	def.ifNotExists = c.Accept("if", "not", "exists")
	def.schema, def.name = c.QualifiedName()
	if strings.HasPrefix(def.name, "#") {
		return nil, refuse("a temporary table")
	}
	var names []string
	if c.Peek().Is("(") && !isColumnList(c) {
		if err := s.parseTableBody(ctx, c, &def); err != nil {
			return nil, err
		}
	} else if c.Peek().Is("(") {
		names = c.Names()
	}
	if err := def.parseAttributes(c); err != nil {
		return nil, err
	}
	if c.Peek().Is("as") && def.ifNotExists { // not of Redshift's CREATE TABLE AS
		c.Fail()
		return nil, c.Err()
	}
	if c.Accept("as") {
		return s.planCreateTableAs(ctx, c, def, names)
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	return does("CREATE TABLE", func(ctx context.Context) error {
		_, err := s.createTable(ctx, def)
		return err
	}), nil
}

// isColumnList tells CREATE TABLE t (a, b) AS from one with types.
func isColumnList(c *sqltext.Cursor) bool {
	return c.PeekAt(2).Is(",") || c.PeekAt(2).Is(")")
}

func (s *Session) parseTableBody(ctx context.Context, c *sqltext.Cursor, def *tableDef) error {
	c.Expect("(")
	for c.Err() == nil {
		if err := s.parseTableElement(ctx, c, def); err != nil {
			return err
		}
		if !c.Accept(",") {
			break
		}
	}
	c.Expect(")")
	return c.Err()
}

// parseTableElement reads a column or a table constraint. Keys are information for the
// planner, which Redshift does not enforce either ("Table constraints").
func (s *Session) parseTableElement(ctx context.Context, c *sqltext.Cursor, def *tableDef) error {
	switch {
	case c.Accept("primary", "key"), c.Accept("unique"):
		c.Names()
		return c.Err()
	case c.Accept("foreign", "key"):
		c.Names()
		return skipReferences(c)
	case c.Accept("like"):
		return refuse("CREATE TABLE (LIKE ...)")
	case isWord(c, "constraint", "check"):
		return refuse(strings.ToUpper(c.Peek().Text) + " in CREATE TABLE")
	}
	col, err := s.parseColumn(ctx, c)
	if err != nil {
		return err
	}
	if _, twice := columnNamed(def.columns, col.Name); twice {
		return errorf(codeDuplicateColumn, "column %q specified more than once", col.Name)
	}
	def.columns = append(def.columns, col)
	return nil
}

func skipReferences(c *sqltext.Cursor) error {
	c.Expect("references")
	c.QualifiedName()
	if c.Peek().Is("(") {
		c.Names()
	}
	return c.Err()
}

func (s *Session) parseColumn(ctx context.Context, c *sqltext.Cursor) (column, error) {
	col := column{Name: c.Name()}
	if err := c.Err(); err != nil {
		return col, err
	}
	var err error
	if col.Type, err = parseType(c); err != nil {
		return col, err
	}
	for c.Err() == nil && !c.Done() && !c.Peek().Is(",") && !c.Peek().Is(")") {
		if err := s.parseColumnAttribute(ctx, c, &col); err != nil {
			return col, err
		}
	}
	return col, c.Err()
}

func (s *Session) parseColumnAttribute(ctx context.Context, c *sqltext.Cursor, col *column) (err error) {
	switch {
	case c.Accept("default"):
		err = s.parseDefault(ctx, c, col)
	case c.Accept("identity"):
		col.Identity = "always"
		col.seed, err = parseIdentity(c)
	case c.Accept("generated", "by", "default", "as", "identity"):
		col.Identity = "default"
		col.seed, err = parseIdentity(c)
	case c.Accept("encode"):
		col.encoding, err = parseEncoding(c)
	case c.Accept("distkey"):
		col.distKey = true
	case c.Accept("sortkey"):
		col.sortKey = 1
	case c.Accept("not", "null"):
		col.NotNull = true
	case c.Accept("null"), c.Accept("unique"), c.Accept("primary", "key"):
	case c.Peek().Is("references"):
		err = skipReferences(c)
	case c.Accept("collate"):
		c.AcceptOne("case_sensitive", "cs")
		if isWord(c, "case_insensitive", "ci") {
			err = refuse("COLLATE CASE_INSENSITIVE")
		}
	default:
		c.Fail()
	}
	return err
}

// columnAttributes are the words that end a default's expression.
var columnAttributes = []string{",", "identity", "generated", "encode", "distkey", "sortkey", "unique", "primary", "references", "collate", "not"}

func (s *Session) parseDefault(ctx context.Context, c *sqltext.Cursor, col *column) error {
	st := c.Until(append([]string{")"}, columnAttributes...)...)
	if len(st.Tokens) == 0 {
		c.Fail()
		return c.Err()
	}
	if err := stored(st, "DEFAULT"); err != nil {
		return err
	}
	col.Default = st.Text()
	query, _, fields, err := s.rewriteNode(ctx, "SELECT "+col.Default, *col)
	if err != nil {
		return err
	}
	if col.duck, err = s.printExpression(ctx, asNode(query.list("select_list")[0])); err != nil {
		return err
	}
	col.duck = assigned(col.Type, col.duck, fields[0])
	return nil
}

func parseIdentity(c *sqltext.Cursor) (seed int, err error) {
	c.Expect("(")
	seed = c.Int()
	c.Expect(",")
	step := c.Int()
	c.Expect(")")
	if c.Err() == nil && (step != 1 || seed != 0 && seed != 1) {
		return 0, refuse("IDENTITY with other than (0, 1) or (1, 1)")
	}
	return seed, c.Err()
}

var encodings = wordSet("raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd auto")

func parseEncoding(c *sqltext.Cursor) (string, error) {
	name := c.Name()
	if c.Err() == nil && !encodings[name] {
		return "", errorf(codeUndefinedObject, "encoding type %q does not exist", name)
	}
	return name, c.Err()
}

// parseAttributes reads BACKUP, DISTSTYLE, DISTKEY, SORTKEY and ENCODE AUTO. They place
// data on the nodes of a cluster; here they are kept for the catalogue.
func (def *tableDef) parseAttributes(c *sqltext.Cursor) error {
	for c.Err() == nil && !c.Done() && !c.Peek().Is("as") {
		switch {
		case c.Accept("backup"):
			if c.AcceptOne("yes", "no") == "" {
				c.Fail()
			}
		case c.Accept("diststyle"):
			if def.diststyle = c.AcceptOne("auto", "even", "key", "all"); def.diststyle == "" {
				c.Fail()
			}
		case c.Accept("distkey"):
			if err := def.mark(c.Names(), func(col *column, _ int) { col.distKey = true }); err != nil {
				return err
			}
		case c.Accept("encode", "auto"), c.Accept("sortkey", "auto"):
		case c.Accept("compound"), c.Accept("interleaved"):
			if !c.Peek().Is("sortkey") {
				c.Fail()
			}
		case c.Accept("sortkey"):
			if err := def.mark(c.Names(), func(col *column, i int) { col.sortKey = i + 1 }); err != nil {
				return err
			}
		default:
			c.Fail()
		}
	}
	return c.Err()
}

func (def *tableDef) mark(names []string, set func(*column, int)) error {
	for i, name := range names {
		found := false
		for j := range def.columns {
			if def.columns[j].Name == name {
				set(&def.columns[j], i)
				found = true
			}
		}
		if !found && def.columns != nil {
			return errorf(codeUndefinedColumn, "column %q named in key does not exist", name)
		}
	}
	return nil
}

// createTable makes a table and everything that is kept about it.
func (s *Session) createTable(ctx context.Context, def tableDef) (object, error) {
	schema, err := s.creatable(ctx, def.schema)
	if err != nil {
		return object{}, err
	}
	if o, exists, err := s.find(ctx, schema.Name, def.name); err != nil || exists {
		if def.ifNotExists && err == nil {
			return o, nil
		}
		return o, orDuplicate(err, def.name)
	}
	o, err := s.record(ctx, object{Kind: kindTable, Schema: schema.Name, Name: def.name})
	if err != nil {
		return o, err
	}
	for i, col := range def.columns {
		if col.Identity != "" {
			if def.columns[i].duck, err = s.newIdentity(ctx, o, col); err != nil {
				return o, err
			}
		}
	}
	if err := s.recordColumns(ctx, o.OID, def.columns); err != nil {
		return o, err
	}
	if err := s.exec(ctx, `UPDATE localcloud.objects SET diststyle = ? WHERE oid = ?`, def.style(), o.OID); err != nil {
		return o, err
	}
	return o, s.execf(ctx, "CREATE TABLE %s (%s)", o.duck(), columnsText(def.columns))
}

func orDuplicate(err error, name string) error {
	if err != nil {
		return err
	}
	return errorf(codeDuplicateTable, "Relation %q already exists", name)
}

func (def tableDef) style() string {
	if def.diststyle != "" {
		return strings.ToUpper(def.diststyle)
	}
	for _, c := range def.columns {
		if c.distKey {
			return "KEY(" + c.Name + ")"
		}
	}
	return "AUTO(ALL)"
}

// newIdentity makes the sequence of an identity column and returns its default.
func (s *Session) newIdentity(ctx context.Context, o object, c column) (string, error) {
	name := fmt.Sprintf("%s.%s", hidden, sqltext.QuoteName(fmt.Sprintf("identity_%d_%s", o.OID, c.Name)))
	err := s.execf(ctx, "CREATE SEQUENCE %s START %d MINVALUE %[2]d", name, c.seed)
	return "nextval(" + sqltext.QuoteLiteral(name) + ")", err
}

func columnsText(columns []column) string {
	var all []string
	for _, c := range columns {
		text := sqltext.QuoteName(c.Name) + " " + c.Type.duck()
		if c.duck != "" {
			text += " DEFAULT (" + c.duck + ")"
		}
		if c.NotNull {
			text += " NOT NULL"
		}
		if check := c.Type.check(c.Name); check != "" {
			text += " CHECK (" + check + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// planCreateTableAs plans CREATE TABLE name [(columns)] AS query.
func (s *Session) planCreateTableAs(ctx context.Context, c *sqltext.Cursor, def tableDef, names []string) (*Plan, error) {
	st := c.Rest()
	if n := len(st.Tokens); n > 2 && (&duckWriter{in: st.Tokens}).closing(0) == n-1 { // (SELECT ...), whole
		st.Tokens = st.Tokens[1 : len(st.Tokens)-1]
	}
	q, err := s.rewriteQuery(ctx, st)
	if err != nil {
		return nil, err
	}
	described, _, err := s.describe(ctx, q)
	if err != nil {
		return nil, err
	}
	for i, d := range described {
		col := column{Name: d.Name, Type: d.Type}
		if i < len(names) {
			col.Name = names[i]
		}
		def.columns = append(def.columns, col)
	}
	return does("SELECT", func(ctx context.Context) error {
		o, err := s.createTable(ctx, def)
		if err != nil {
			return err
		}
		text, err := insertText(o, def.columns, q)
		if err != nil {
			return err
		}
		return s.exec(ctx, text)
	}), nil
}
