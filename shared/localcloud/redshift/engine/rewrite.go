package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// kind is what rewriting needs to know of a value's type.
type kind int

const (
	kindUnknown kind = iota
	kindSuper
	kindNumber
	kindText
	kindBool
	kindTime
	kindList // of PostgreSQL's catalogue only
)

func kindOf(t Type) kind {
	switch t.Name {
	case "super":
		return kindSuper
	case "character", "character varying":
		return kindText
	case "boolean":
		return kindBool
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return kindNumber
	}
	if strings.HasPrefix(t.Name, "time") || t.Name == "date" {
		return kindTime
	}
	return kindUnknown
}

// field is a column that a query can refer to.
type field struct {
	name  string
	kind  kind
	typ   Type   // of a plain column; of no name elsewhere
	table string // of a plain column
}

// source is one element of FROM.
type source struct {
	alias  string
	fields []field
	merged []string // names that USING or NATURAL have made one with a column before
}

// scope is what names mean in one SELECT. Names that are not found are looked up in the
// SELECT around it.
type scope struct {
	outer   *scope
	sources []source
	ctes    map[string][]field
	sorted  string // how the aggregates that sort do so
}

func (sc *scope) within() *scope { return &scope{outer: sc} }

func (sc *scope) cte(name string) ([]field, bool) {
	for ; sc != nil; sc = sc.outer {
		if fields, ok := sc.ctes[name]; ok {
			return fields, true
		}
	}
	return nil, false
}

func (sc *scope) source(alias string) (source, bool) {
	for ; sc != nil; sc = sc.outer {
		for _, src := range sc.sources {
			if src.alias == alias {
				return src, true
			}
		}
	}
	return source{}, false
}

func (sc *scope) field(name string) (field, bool) {
	for ; sc != nil; sc = sc.outer {
		for _, src := range sc.sources {
			if f, ok := src.field(name); ok {
				return f, true
			}
		}
	}
	return field{}, false
}

// aliases are the tables of the innermost FROM, as Redshift lists them.
func (sc *scope) aliases() string {
	var all []string
	for _, src := range sc.sources {
		if src.alias != "" {
			all = append(all, src.alias)
		}
	}
	return strings.Join(all, ", ")
}

func (src source) field(name string) (field, bool) {
	i := slices.IndexFunc(src.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return src.fields[i], true
}

// rewriter turns a query in Redshift's dialect into one for DuckDB, and checks on the
// way that the user may read what it names and that Redshift has the functions it calls.
type rewriter struct {
	s       *Session
	ctx     context.Context
	err     error
	unknown map[string]string // columns that no table of their scope has, and those tables
}

func (r *rewriter) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *rewriter) refuse(form string) { r.fail(refuse(form)) }

// rewritten is a query for DuckDB.
type rewritten struct {
	text    string
	fields  []field
	params  []string
	unknown map[string]string
}

// explained adds to the error of a column that does not exist where it was looked for.
func (q rewritten) explained(err error) error {
	e, ok := translate(err).(*Error)
	if !ok || e.Code != codeUndefinedColumn {
		return err
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(e.Message, `column "`), `"`)
	if tables := q.unknown[name]; tables != "" && rest == " does not exist" {
		return errorf(codeUndefinedColumn, "%s in %s", e.Message, tables)
	}
	return err
}

// rewriteQuery does it all for a statement that is a query.
func (s *Session) rewriteQuery(ctx context.Context, st sqltext.Statement) (rewritten, error) {
	return s.rewriteFor(ctx, st, nil)
}

// rewriteFor is rewriteQuery of what is inserted into columns: a parameter has the type of
// its column.
func (s *Session) rewriteFor(ctx context.Context, st sqltext.Statement, into []column) (rewritten, error) {
	text, params, err := duckText(st)
	if err != nil {
		return rewritten{}, err
	}
	query, err := s.parseQuery(ctx, text)
	if err != nil {
		return rewritten{}, err
	}
	r := &rewriter{s: s, ctx: ctx, unknown: map[string]string{}}
	r.typeRows(query, into)
	fields := r.query(query, nil)
	if r.err != nil {
		return rewritten{}, r.err
	}
	text, err = s.printQuery(ctx, query)
	return rewritten{text: text, fields: fields, params: params, unknown: r.unknown}, err
}

// typeRows types what VALUES or a SELECT list writes to columns.
func (r *rewriter) typeRows(query node, into []column) {
	r.typed(query.list("select_list"), into)
	if values := query.child("from_table"); values.str("type") == "EXPRESSION_LIST" {
		for _, row := range values.list("values") {
			list, _ := row.([]any)
			r.typed(list, into)
		}
	}
}

// query rewrites a query node in place and returns its columns.
func (r *rewriter) query(n node, outer *scope) []field {
	if r.err != nil || n == nil {
		return nil
	}
	sc := outer.within()
	r.withClause(n, sc)
	var fields []field
	switch n.str("type") {
	case "SELECT_NODE":
		fields = r.selectNode(n, sc)
	case "SET_OPERATION_NODE":
		if strings.HasSuffix(n.str("setop_type"), "BY_NAME") {
			r.fail(errorf(codeSyntax, "syntax error at or near \"by\""))
		}
		fields = r.setOperands(n, sc)
	case "RECURSIVE_CTE_NODE":
		fields = r.recursive(n, sc)
	default:
		r.refuse(n.str("type"))
	}
	sc.sources = append(sc.sources, source{fields: fields})
	r.modifiers(n, sc)
	return fields
}

// setOperands are "left" and "right", or the list that newer trees have.
func (r *rewriter) setOperands(n node, sc *scope) []field {
	children := nodes(n.list("children"))
	if len(children) == 0 {
		children = []node{n.child("left"), n.child("right")}
	}
	fields := r.query(children[0], sc)
	for _, c := range children[1:] {
		other := r.query(c, sc)
		r.matched(fields, other)
		fields = united(fields, other)
	}
	return fields
}

// united is what a set operator gives: where the declared types differ, what DuckDB says.
func united(left, right []field) []field {
	left = slices.Clone(left)
	for i := range min(len(left), len(right)) {
		l, other := &left[i].typ, right[i].typ
		switch {
		case l.Name == "character varying" && other.Name == l.Name:
			l.Length = max(l.Length, other.Length)
		case *l != other:
			*l = Type{}
		}
	}
	return left
}

// matched refuses to unite columns of types that Redshift does not convert; DuckDB makes
// text of them. Expressions are not looked at.
func (r *rewriter) matched(left, right []field) {
	for i := range min(len(left), len(right)) {
		l, other := left[i], right[i]
		if l.typ.Name == "" || other.typ.Name == "" || kindOf(l.typ) == kindOf(other.typ) || l.kind == kindSuper || other.kind == kindSuper {
			continue
		}
		r.fail(errorf(codeDatatype, "UNION types %s and %s cannot be matched", l.typ.Name, other.typ.Name))
	}
}

func (r *rewriter) recursive(n node, sc *scope) []field {
	fields := renamed(r.query(n.child("left"), sc), n.strings("aliases"))
	sc.ctes = map[string][]field{n.str("cte_name"): fields}
	r.query(n.child("right"), sc)
	return fields
}

func (r *rewriter) withClause(n node, sc *scope) {
	for _, entry := range n.child("cte_map").list("map") {
		e := asNode(entry)
		value := e.child("value")
		query := value.child("query").child("node")
		fields := renamed(r.query(query, sc), value.strings("aliases"))
		if sc.ctes == nil {
			sc.ctes = map[string][]field{}
		}
		sc.ctes[e.str("key")] = fields
	}
}

func renamed(fields []field, names []string) []field {
	fields = slices.Clone(fields)
	for i := range min(len(fields), len(names)) {
		fields[i].name = names[i]
	}
	return fields
}

func (r *rewriter) selectNode(n node, sc *scope) []field {
	if handling := n.str("aggregate_handling"); handling != "STANDARD_HANDLING" {
		r.fail(errorf(codeSyntax, "syntax error at or near \"all\""))
	}
	if n["sample"] != nil {
		r.refuse("TABLESAMPLE")
	}
	if r.givesNone(n) {
		return r.emptySelect(n)
	}
	r.from(n.child("from_table"), sc)
	fields := r.selectList(n, sc)
	for _, key := range []string{"where_clause", "having", "qualify"} {
		if n[key] != nil {
			n[key] = r.boolean(n.child(key), sc)
		}
	}
	r.each(n.list("group_expressions"), sc)
	return fields
}

// aggregates says that a list has an aggregate, which without GROUP BY gives a row of no
// rows.
func aggregates(list []any) bool {
	return slices.ContainsFunc(nodes(list), func(e node) bool { return aggregateNames[e.str("function_name")] })
}

var aggregateNames = wordSet("count count_star sum avg min max listagg bool_and bool_or")

// emptySelect keeps the names of a query that has no rows, and none of its expressions:
// psql asks for policies and publications with PostgreSQL's functions of arrays.
func (r *rewriter) emptySelect(n node) []field {
	var fields []field
	list := n.list("select_list")
	for i := range list {
		name := labelOf(asNode(list[i]))
		list[i] = r.expand("CAST(NULL AS VARCHAR)")
		asNode(list[i])["alias"] = name
		fields = append(fields, field{name: name, kind: kindText})
	}
	for _, key := range []string{"having", "qualify"} {
		n[key] = nil
	}
	n["group_expressions"], n["group_sets"], n["modifiers"] = []any{}, []any{}, []any{}
	n["from_table"] = node{"type": "EMPTY", "alias": "", "sample": nil, "query_location": json.Number(nowhere)}
	n["where_clause"] = r.expand("false")
	return fields
}

// boolean rewrites a condition; a SUPER there counts when it is true.
func (r *rewriter) boolean(n node, sc *scope) node {
	e, k := r.expr(n, sc)
	if k == kindSuper {
		return r.expand(superBool, e)
	}
	return e
}

func (r *rewriter) selectList(n node, sc *scope) []field {
	list := n.list("select_list")
	var fields []field
	for i := range list {
		item := asNode(list[i])
		if item.str("type") == "STAR" {
			fields = append(fields, r.star(item, sc)...)
			continue
		}
		name := item.str("alias")
		if name == "" {
			name = outputName(item)
		}
		f := field{name: name}
		if item.str("class") == "COLUMN_REF" {
			f.typ, f.table = r.origin(item, sc)
		}
		e, k := r.expr(item, sc)
		f.kind = k
		if e != nil && !(e.str("class") == "COLUMN_REF" && outputName(e) == name) {
			e["alias"] = name // an alias that is the column's own name would hide it
		}
		list[i] = e
		fields = append(fields, f)
	}
	return fields
}

// plainStar refuses the stars that only DuckDB has, and with them the expressions in them.
func (r *rewriter) plainStar(n node) {
	if columns, _ := n["columns"].(bool); columns || n["expr"] != nil {
		r.refuse("COLUMNS(...)")
	}
	if len(n.list("replace_list")) > 0 || len(n.list("rename_list")) > 0 {
		r.refuse("SELECT * REPLACE")
	}
}

func (r *rewriter) star(n node, sc *scope) []field {
	r.plainStar(n)
	var fields []field
	for _, src := range sc.sources {
		switch n.str("relation_name") {
		case "":
			fields = append(fields, slices.DeleteFunc(slices.Clone(src.fields), func(f field) bool { return slices.Contains(src.merged, f.name) })...)
		case src.alias:
			fields = append(fields, src.fields...)
		}
	}
	excluded := n.strings("exclude_list")
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return slices.Contains(excluded, f.name) })
}

func (r *rewriter) modifiers(n node, sc *scope) {
	for _, m := range n.list("modifiers") {
		modifier := asNode(m)
		if len(modifier.list("distinct_on_targets")) > 0 {
			r.refuse("SELECT DISTINCT ON")
		}
		for _, o := range modifier.list("orders") {
			order := asNode(o)
			order["expression"] = r.ranked(n, order.child("expression"), sc)
		}
		for _, key := range []string{"limit", "offset"} {
			if modifier[key] != nil {
				modifier[key], _ = r.expr(modifier.child(key), sc)
			}
		}
		if strings.HasPrefix(modifier.str("type"), "LIMIT_PERCENT") {
			r.fail(errorf(codeSyntax, "syntax error at or near \"%%\""))
		}
	}
}

// ranked rewrites an expression of n's ORDER BY. Of a set operation DuckDB orders only by
// columns.
func (r *rewriter) ranked(n, e node, sc *scope) node {
	list := nodes(n.list("select_list"))
	fields := sc.sources[len(sc.sources)-1].fields
	if i, err := strconv.Atoi(asText(e)); err == nil && i > 0 && i <= len(list) && len(list) == len(fields) &&
		fields[i-1].kind == kindSuper && list[i-1].str("class") != "STAR" {
		return r.expand(superRank, replaced(list[i-1], "alias", ""))
	}
	e, k := r.expr(e, sc)
	if k != kindSuper || len(list) == 0 {
		return e
	}
	return r.expand(superRank, e)
}

// expand is Session.expand that keeps the error, and reads the literals that the template
// casts to times.
func (r *rewriter) expand(template string, args ...node) node {
	if r.err != nil {
		return nil
	}
	args = slices.Clone(args)
	for i, e := range args {
		for _, id := range []string{"TIMESTAMP", "DATE"} {
			if strings.Contains(template, "CAST($"+itoa(i+1)+" AS "+id+")") {
				args[i] = r.timeLiteral(e, id)
				break
			}
		}
	}
	e, err := r.s.expand(r.ctx, template, args...)
	if err != nil {
		r.fail(err)
	}
	return e
}
