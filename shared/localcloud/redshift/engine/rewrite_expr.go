package engine

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// How a SUPER value takes part where a plain one is expected: Redshift types it when
// the query runs, and a value of another type is null ("Dynamic typing").
const (
	superText   = `CASE WHEN json_type($1) = 'VARCHAR' THEN $1 ->> '$' END`
	superNumber = `CASE WHEN json_type($1) IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT') THEN CAST($1 AS DOUBLE) END`
	superBool   = `CASE WHEN json_type($1) = 'BOOLEAN' THEN CAST($1 AS BOOLEAN) END`
	superAny    = `CASE WHEN json_type($1) <> 'NULL' THEN $1 ->> '$' END`
)

// superRank orders SUPER values: by type, and then by value ("Order by").
const superRank = `CASE WHEN json_type($1) <> 'NULL' THEN struct_pack(
	t := CASE json_type($1) WHEN 'BOOLEAN' THEN 1 WHEN 'VARCHAR' THEN 3 WHEN 'ARRAY' THEN 4 WHEN 'OBJECT' THEN 5 ELSE 2 END,
	n := ` + superNumber + `, v := $1 ->> '$') END`

// each rewrites a list of expressions in place.
func (r *rewriter) each(list []any, sc *scope) []kind {
	kinds := make([]kind, len(list))
	for i := range list {
		list[i], kinds[i] = r.expr(asNode(list[i]), sc)
	}
	return kinds
}

// expr rewrites an expression and says what it gives. The node may be changed in place.
func (r *rewriter) expr(n node, sc *scope) (node, kind) {
	if r.err != nil || n == nil {
		return n, kindUnknown
	}
	switch class := n.str("class"); class {
	case "COLUMN_REF":
		return r.columnRef(n, sc)
	case "CONSTANT":
		return n, constantKind(n)
	case "STAR":
		r.plainStar(n)
		return n, kindUnknown
	case "PARAMETER", "DEFAULT", "POSITIONAL_REFERENCE":
		return n, kindUnknown
	case "COMPARISON":
		return r.comparison(n, sc)
	case "CONJUNCTION":
		for i, c := range n.list("children") {
			n.list("children")[i] = r.boolean(asNode(c), sc)
		}
		return n, kindBool
	case "BETWEEN":
		return r.between(n, sc)
	case "OPERATOR":
		return r.operator(n, sc)
	case "FUNCTION":
		r.typeParameter(n, sc)
		days := r.ofDays(n, sc)
		e, k := r.function(n, sc)
		if days && e != nil {
			e = r.expand("CAST($1 AS INTEGER)", e)
		}
		return e, k
	case "WINDOW":
		return r.window(n, sc)
	case "CAST":
		return r.cast(n, sc)
	case "CASE":
		return r.caseOf(n, sc)
	case "SUBQUERY":
		return r.subquery(n, sc)
	default:
		r.refuse("an expression of class " + class)
		return n, kindUnknown
	}
}

func constantKind(n node) kind {
	switch {
	case isNumber(n):
		return kindNumber
	case isBoolean(n):
		return kindBool
	}
	if _, ok := constantText(n); ok {
		return kindText
	}
	return kindUnknown
}

// origin is the type and table of a plain column.
func (r *rewriter) origin(n node, sc *scope) (Type, string) {
	names := n.strings("column_names")
	var f field
	switch len(names) {
	case 1:
		f, _ = sc.field(names[0])
	case 2:
		if src, ok := sc.source(names[0]); ok {
			f, _ = src.field(names[1])
		}
	}
	return f.typ, f.table
}

// currentTimes are called without parentheses. DuckDB looks for a column of the name that
// the result has.
var currentTimes = map[string]string{
	"current_date": `CAST(CAST(now() AS TIMESTAMP) AS DATE)`, "current_timestamp": `now()`, "localtimestamp": `CAST(now() AS TIMESTAMP)`,
}

// columnRef resolves a dotted name: [schema.][table.]column[.attribute ...], where
// attributes navigate into a SUPER.
func (r *rewriter) columnRef(n node, sc *scope) (node, kind) {
	names := n.strings("column_names")
	if len(names) > 2 {
		if _, isSource := sc.source(names[0]); !isSource {
			if _, ok := sc.source(names[1]); ok {
				names = names[1:] // schema.table.column
			}
		}
	}
	base := 1
	f, found := sc.field(names[0])
	if !found && len(names) == 1 {
		if value, k, ok := r.sessionFunction(names[0]); ok { // CURRENT_USER and the like
			return withAlias(value, n), k
		}
		if value, ok := currentTimes[names[0]]; ok {
			return withAlias(r.expand(value), n), kindTime
		}
	}
	if src, ok := sc.source(names[0]); ok && len(names) > 1 {
		if inner, has := src.field(names[1]); has || src.fields == nil {
			f, found, base = inner, has, 2
		} else if !(found && f.kind == kindSuper) {
			r.fail(errorf(codeUndefinedColumn, "column %s.%s does not exist", names[0], names[1]))
			return n, kindUnknown
		}
	}
	if !found && len(names) == 1 && r.unknown != nil {
		r.unknown[names[0]] = sc.aliases()
	}
	if len(names) <= base {
		return withAlias(columnRef(names...), n), f.kind
	}
	if !found || f.kind != kindSuper {
		r.fail(errorf(codeUndefinedColumn, "column %s does not exist", strings.Join(names, ".")))
		return n, kindUnknown
	}
	return r.navigate(columnRef(names[:base]...), names[base:]), kindSuper
}

func withAlias(n, from node) node {
	if n == nil {
		return nil
	}
	n["alias"] = from.str("alias")
	return n
}

// navigate is value.attribute.attribute.
func (r *rewriter) navigate(value node, attributes []string) node {
	path := "$"
	for _, a := range attributes {
		path += `."` + strings.ReplaceAll(a, `"`, `\"`) + `"`
	}
	return r.expand(`json_extract($1, $2)`, value, text(path))
}

func (r *rewriter) comparison(n node, sc *scope) (node, kind) {
	left, leftKind := r.expr(n.child("left"), sc)
	right, rightKind := r.expr(n.child("right"), sc)
	switch {
	case leftKind == kindSuper && r.whole(sc, right):
		return r.exactly(left, func(value node) node { return replaced(n, "left", value) }), kindBool
	case rightKind == kindSuper && r.whole(sc, left):
		return r.exactly(right, func(value node) node { return replaced(n, "right", value) }), kindBool
	}
	sides := r.compared(sc, []node{r.meet(left, leftKind, right, rightKind), r.meet(right, rightKind, left, leftKind)}, leftKind, rightKind)
	n["left"], n["right"] = sides[0], sides[1]
	return n, kindBool
}

// whole says that values are integers, as far as that can be seen.
func (r *rewriter) whole(sc *scope, values ...node) bool {
	for _, e := range values {
		if !wholeTypes[r.typeOf(e, sc)] {
			return false
		}
	}
	return true
}

// wholeTypes are DuckDB's names of Redshift's integers.
var wholeTypes = wordSet("SMALLINT INTEGER BIGINT")

// exactly compares a SUPER with integers: as an integer where it is one, and as a double
// of 53 bits elsewhere.
func (r *rewriter) exactly(e node, compare func(value node) node) node {
	return r.expand(`CASE WHEN json_type($1) IN ('BIGINT', 'UBIGINT') THEN $2 ELSE $3 END`, e,
		compare(r.expand(`CAST($1 AS HUGEINT)`, e)), compare(r.expand(superNumber, e)))
}

// replaced is n with another value under a key.
func replaced(n node, key string, value any) node {
	n = maps.Clone(n)
	n[key] = value
	return n
}

// meet converts a SUPER to what it is compared with.
func (r *rewriter) meet(e node, k kind, _ node, with kind) node {
	if k != kindSuper || with == kindSuper || e == nil {
		return e
	}
	switch with {
	case kindNumber:
		return r.expand(superNumber, e)
	case kindBool:
		return r.expand(superBool, e)
	case kindText:
		return r.expand(superText, e)
	}
	return r.expand(superAny, e)
}

// zonedTypes are DuckDB's names of TIMESTAMPTZ.
var zonedTypes = map[string]bool{"TIMESTAMPTZ": true, "TIMESTAMP WITH TIME ZONE": true}

func (r *rewriter) between(n node, sc *scope) (node, kind) {
	input, inputKind := r.expr(n.child("input"), sc)
	lower, lowerKind := r.expr(n.child("lower"), sc)
	upper, upperKind := r.expr(n.child("upper"), sc)
	n["lower"], n["upper"] = lower, upper
	if inputKind == kindSuper && r.whole(sc, lower, upper) {
		return r.exactly(input, func(value node) node { return replaced(n, "input", value) }), kindBool
	}
	values := r.compared(sc, []node{r.meet(input, inputKind, lower, lowerKind), r.meet(lower, lowerKind, input, inputKind),
		r.meet(upper, upperKind, input, inputKind)}, inputKind, lowerKind, upperKind)
	n["input"], n["lower"], n["upper"] = values[0], values[1], values[2]
	return n, kindBool
}

func (r *rewriter) operator(n node, sc *scope) (node, kind) {
	children := n.list("children")
	switch op := n.str("type"); op {
	case "OPERATOR_NOT":
		children[0] = r.boolean(asNode(children[0]), sc)
		return n, kindBool
	case "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL":
		kinds := r.each(children, sc)
		if kinds[0] == kindSuper { // JSON null is null as well
			children[0] = r.expand(superAny, asNode(children[0]))
		}
		return n, kindBool
	case "COMPARE_IN", "COMPARE_NOT_IN":
		kinds := r.each(children, sc)
		if list := nodes(children); kinds[0] == kindSuper && r.whole(sc, list[1:]...) {
			return r.exactly(list[0], func(value node) node {
				return replaced(n, "children", append([]any{value}, children[1:]...))
			}), kindBool
		}
		if len(kinds) > 1 {
			children[0] = r.meet(asNode(children[0]), kinds[0], nil, kinds[1])
		}
		for i, e := range r.compared(sc, nodes(children), kinds...) {
			children[i] = e
		}
		return n, kindBool
	case "ARRAY_EXTRACT", "STRUCT_EXTRACT":
		return r.step(n, sc)
	case "OPERATOR_COALESCE":
		return r.coalesce(n, r.each(children, sc))
	case "OPERATOR_NULLIF":
		return n, firstKnown(r.each(children, sc))
	default:
		r.refuse("operator " + op)
		return n, kindUnknown
	}
}

func firstKnown(kinds []kind) kind {
	for _, k := range kinds {
		if k != kindUnknown {
			return k
		}
	}
	return kindUnknown
}

// step is value[index] or (value).attribute on a SUPER.
func (r *rewriter) step(n node, sc *scope) (node, kind) {
	children := n.list("children")
	value, k := r.expr(asNode(children[0]), sc)
	if k == kindList {
		children[0] = value
		return n, kindText
	}
	if k != kindSuper {
		r.fail(errorf(codeDatatype, "cannot navigate into a value that is not SUPER"))
		return n, kindUnknown
	}
	key := asNode(children[1])
	if name, ok := constantText(key); ok {
		return r.navigate(value, []string{name}), kindSuper
	}
	index, _ := r.expr(key, sc)
	return r.expand(`json_extract($1, '$[' || CAST($2 AS VARCHAR) || ']')`, value, index), kindSuper
}

func (r *rewriter) caseOf(n node, sc *scope) (node, kind) {
	checks := nodes(n.list("case_checks"))
	results := make([]any, len(checks), len(checks)+1)
	for i, check := range checks {
		check["when_expr"] = r.boolean(check.child("when_expr"), sc)
		results[i] = check["then_expr"]
	}
	results = append(results, n["else_expr"])
	k := r.oneKind(results, r.each(results, sc))
	for i, check := range checks {
		check["then_expr"] = results[i]
	}
	n["else_expr"] = results[len(checks)]
	return n, k
}

// oneKind makes what an expression may give one kind: a SUPER among plain values is one
// of them.
func (r *rewriter) oneKind(values []any, kinds []kind) kind {
	plain := otherKind(kinds)
	if plain == kindUnknown {
		return firstKnown(kinds)
	}
	for i := range values {
		values[i] = r.meet(asNode(values[i]), kinds[i], nil, plain)
	}
	return plain
}

func (r *rewriter) subquery(n node, sc *scope) (node, kind) {
	fields := r.query(n.child("subquery").child("node"), sc)
	if n["child"] != nil {
		child, k := r.expr(n.child("child"), sc)
		with := kindUnknown
		if len(fields) > 0 {
			with = fields[0].kind
		}
		n["child"] = r.meet(child, k, nil, with)
		r.unpaddedIn(n, k, with)
	}
	if n.str("subquery_type") == "SCALAR" && len(fields) == 1 {
		return n, fields[0].kind
	}
	return n, kindBool
}

// castNames are the types that a cast may name, as DuckDB's parser calls them.
var castNames = []string{
	"BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP",
	"TIMESTAMP WITH TIME ZONE", "TIME", "INTERVAL", "BLOB",
}

// cast rewrites a cast. VARCHAR(n), which DuckDB takes for VARCHAR, comes as a type
// varchar_n from duckText and cuts the value to n bytes, as an explicit cast does.
func (r *rewriter) cast(n node, sc *scope) (node, kind) {
	e, k := r.expr(n.child("child"), sc)
	n["child"] = e
	if try, _ := n["try_cast"].(bool); try {
		r.fail(errorf(codeSyntax, "syntax error at or near \"try_cast\""))
	}
	id := n.child("cast_type").str("id")
	name := castName(n)
	if zonedTypes[id] || name == "timestamptz" {
		e = r.zoned(e)
		n["child"] = e
	}
	switch {
	case id == "UNBOUND":
		return r.castNamed(n, e, k, name)
	case !slices.Contains(castNames, id):
		r.fail(unknownType(strings.ToLower(id)))
	case k == kindSuper && id == "VARCHAR":
		return r.expand(`$1 ->> '$'`, e), kindText
	case k == kindSuper:
		r.castLax(n, e)
	case castKind(id) == kindTime:
		n["child"] = r.timeLiteral(e, id)
	}
	return n, castKind(id)
}

// castName is the name of a cast's type that DuckDB does not have.
func castName(n node) string {
	return strings.ToLower(n.child("cast_type").child("type_info").str("name"))
}

// castLax makes a cast of a SUPER null where it fails, which is Redshift's default
// (cast_super_null_on_error).
func (r *rewriter) castLax(n, e node) {
	n["child"] = r.expand(superAny, e)
	n["try_cast"] = true
}

func castKind(id string) kind {
	switch id {
	case "VARCHAR":
		return kindText
	case "BOOLEAN":
		return kindBool
	case "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME":
		return kindTime
	case "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE":
		return kindNumber
	}
	return kindUnknown
}

func (r *rewriter) castNamed(n, e node, k kind, name string) (node, kind) {
	length, isChar := strings.CutPrefix(strings.TrimPrefix(name, "var"), charPrefix)
	switch {
	case name == "super" && k == kindSuper:
		return e, kindSuper
	case name == "super":
		return r.expand(`to_json($1)`, e), kindSuper
	case isChar:
		size, _ := strconv.Atoi(length)
		value := `CAST($1 AS VARCHAR)`
		if k == kindSuper {
			value = `($1 ->> '$')`
		}
		return r.expand(cutBytes(value), e, number(size)), kindText
	case slices.Contains(castNames, strings.ToUpper(name)), name == "timestamptz":
		if k == kindSuper {
			r.castLax(n, e)
		}
		k := castKind(strings.ToUpper(name))
		if name == "timestamptz" {
			k = kindTime
		}
		if k == kindTime {
			n["child"] = r.timeLiteral(n.child("child"), strings.ToUpper(name))
		}
		return n, k
	}
	if template, ok := catalogCasts[name]; ok {
		return r.expand(template, e), kindUnknown
	}
	r.fail(unknownType(name))
	return n, kindUnknown
}

// cutBytes shortens a value to $2 bytes without cutting a character in two.
func cutBytes(value string) string {
	return `CASE WHEN strlen(` + value + `) > $2 THEN
		coalesce(list_aggregate(list_transform(range(1, least(length(` + value + `), $2) + 1),
		lambda i: CASE WHEN strlen(left(` + value + `, i)) <= $2 THEN left(` + value + `, i) END), 'max'), '')
		ELSE ` + value + ` END`
}

// catalogCasts are the types of PostgreSQL's catalogue, which clients cast to.
var catalogCasts = map[string]string{
	"regclass": `$1`, "regtype": `$1`, "regproc": `$1`, "oid": `CAST($1 AS BIGINT)`, "name": `CAST($1 AS VARCHAR)`,
	"char": `CAST($1 AS VARCHAR)`, "bpchar": `CAST($1 AS VARCHAR)`, "text": `CAST($1 AS VARCHAR)`,
}
