package engine

import "cmp"

// aggregateTemplate is what SUM and AVG become: AVG of integers is a BIGINT, cut, and SUM
// of small ones a BIGINT. $1 is the call, $2 and $3 are the sum and the count of the same.
func (r *rewriter) aggregateTemplate(n node, sc *scope) string {
	name, args := n.str("function_name"), n.list("children")
	if name != "sum" && name != "avg" || len(args) != 1 {
		return ""
	}
	switch kind := r.typeOf(asNode(args[0]), sc); {
	case name == "sum" && (kind == "SMALLINT" || kind == "INTEGER"):
		return `CAST($1 AS BIGINT)`
	case name == "avg" && wholeTypes[kind]:
		return `CAST($2 / $3 AS BIGINT)`
	case name == "avg" && kind == "":
		return averageTemplate
	}
	return ""
}

// averageTemplate leaves it to DuckDB to see what AVG is of. The type of its second argument
// is BIGINT for integers and DOUBLE for others; none of that argument runs.
const averageTemplate = `cast_to_type(CASE WHEN $1 IS NOT NULL THEN $2 / $3 END, list_aggregate([$4 / CAST(1 AS BIGINT)], 'approx_quantile', 0.5))`

// aggregate puts a call into its template.
func (r *rewriter) aggregate(n node, template string) node {
	if template == "" || n == nil {
		return n
	}
	n["alias"] = ""
	return r.expand(template, n, replaced(n, "function_name", "sum"), replaced(n, "function_name", "count"), r.sample(n))
}

// sample is a value of the type that an aggregate is of.
func (r *rewriter) sample(n node) node {
	value := asNode(n.list("children")[0])
	if n.str("class") == "WINDOW" {
		return value
	}
	return r.expand("min($1)", value)
}

// median is quantile_cont, which gives DOUBLE of integers and TIMESTAMP of dates where
// Redshift gives NUMERIC and DATE.
func (r *rewriter) median(n node, kinds []kind) (node, kind) {
	if len(kinds) != 1 || kinds[0] == kindText || kinds[0] == kindBool {
		r.fail(noFunction("median", kinds, n))
		return n, kindUnknown
	}
	sample := r.sample(n)
	n["function_name"], n["children"] = "quantile_cont", append(n.list("children"), r.expand("0.5"))
	switch kinds[0] {
	case kindNumber:
		return r.expand(`cast_to_type($1, $2 + 0.0)`, n, sample), kindNumber
	case kindTime:
		return r.expand(`cast_to_type($1, $2)`, n, sample), kindTime
	}
	return n, kinds[0]
}

// sortsAlike refuses aggregates of one SELECT that sort in different orders, as Redshift does.
func (r *rewriter) sortsAlike(n node, sc *scope) {
	orders := nodes(n.child("order_bys").list("orders"))
	switch n.str("function_name") {
	case "listagg", "quantile_cont":
	case "median":
		orders = []node{{"expression": n.list("children")[0]}}
	default:
		return
	}
	sorted := ""
	for _, o := range orders {
		key, err := r.s.printExpression(r.ctx, o.child("expression"))
		r.fail(err)
		sorted += key + ","
		if o.str("type") == "DESCENDING" {
			sorted += "desc"
		}
	}
	if sc.sorted != "" && sorted != "" && sorted != sc.sorted {
		r.fail(errorf(codeNotSupported, "within group ORDER BY clauses for aggregate functions must be the same"))
	}
	sc.sorted = cmp.Or(sorted, sc.sorted)
}

// listagg is string_agg, which has no limit and takes empty strings.
func (r *rewriter) listagg(n node, kinds []kind) (node, kind) {
	args := n.list("children")
	n["function_name"] = "string_agg"
	if len(kinds) == 1 {
		n["children"] = append(args, text(""))
	}
	filter := "filter"
	if n.str("class") == "WINDOW" {
		filter = "filter_expr"
	}
	n[filter] = r.expand(`CAST($1 AS VARCHAR) <> ''`, asNode(args[0]))
	n["alias"] = ""
	return r.expand(`CASE WHEN strlen($1) > 65535 THEN error('Result size exceeds LISTAGG limit') ELSE $1 END`, n), kindText
}
