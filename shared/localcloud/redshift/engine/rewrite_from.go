package engine

import (
	"context"
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// from rewrites an element of FROM in place and adds what it names to the scope.
func (r *rewriter) from(n node, sc *scope) {
	if n == nil || r.err != nil {
		return
	}
	if n["sample"] != nil {
		r.refuse("TABLESAMPLE")
	}
	switch n.str("type") {
	case "EMPTY":
	case "BASE_TABLE":
		r.baseTable(n, sc)
	case "SUBQUERY":
		fields := r.query(n.child("subquery").child("node"), sc)
		sc.sources = append(sc.sources, source{alias: n.str("alias"), fields: renamed(fields, n.strings("column_name_alias"))})
	case "JOIN":
		r.join(n, sc)
	case "EXPRESSION_LIST":
		r.valuesList(n, sc)
	case "TABLE_FUNCTION":
		r.tableFunction(n, sc)
	default:
		r.refuse(n.str("type") + " in FROM")
	}
}

// givesNone says that a SELECT has no rows, for it reads such a catalogue.
func (r *rewriter) givesNone(n node) bool {
	list := n.list("select_list")
	if slices.ContainsFunc(nodes(list), func(e node) bool { return e.str("class") == "STAR" }) {
		return false // its columns are not known yet
	}
	return r.neverAny(n.child("from_table")) && (len(n.list("group_expressions")) > 0 || !aggregates(list))
}

// neverAny says that an element of FROM is, or is joined with, a catalogue that is
// always empty.
func (r *rewriter) neverAny(n node) bool {
	switch n.str("type") {
	case "BASE_TABLE":
		view, ok := systemView(n.str("schema_name"), n.str("table_name"))
		return ok && emptyViews[view]
	case "SUBQUERY":
		inner := n.child("subquery").child("node")
		return inner.str("type") == "SELECT_NODE" && r.givesNone(inner)
	case "JOIN":
		left, right := r.neverAny(n.child("left")), r.neverAny(n.child("right"))
		return left || right && n.str("join_type") == "INNER"
	}
	return false
}

func (r *rewriter) join(n node, sc *scope) {
	switch ref := n.str("ref_type"); ref {
	case "REGULAR", "CROSS", "NATURAL":
	default:
		r.refuse(ref + " JOIN")
	}
	first := len(sc.sources)
	r.from(n.child("left"), sc)
	second := len(sc.sources)
	r.from(n.child("right"), sc)
	merge(n, sc.sources[first:second], sc.sources[second:])
	if n["condition"] != nil {
		n["condition"] = r.boolean(n.child("condition"), sc)
	}
}

// merge notes the columns of the right side that USING or NATURAL makes one with the left
// side's: * has them once.
func merge(n node, left, right []source) {
	natural := n.str("ref_type") == "NATURAL"
	for i := range right {
		merged := n.strings("using_columns")
		for _, f := range right[i].fields {
			if natural && slices.ContainsFunc(left, func(s source) bool { _, ok := s.field(f.name); return ok }) {
				merged = append(merged, f.name)
			}
		}
		right[i].merged = append(right[i].merged, merged...)
	}
}

func (r *rewriter) valuesList(n node, sc *scope) {
	var fields []field
	for i, row := range n.list("values") {
		values, _ := row.([]any)
		for j := range values {
			e, k := r.expr(asNode(values[j]), sc)
			values[j] = e
			if i == 0 {
				fields = append(fields, field{name: "column" + string(rune('1'+j)), kind: k})
			}
		}
	}
	sc.sources = append(sc.sources, source{alias: n.str("alias"), fields: renamed(fields, n.strings("expected_names"))})
}

// baseTable resolves a table's name as Redshift does and checks SELECT on it.
func (r *rewriter) baseTable(n node, sc *scope) {
	schema, name := n.str("schema_name"), n.str("table_name")
	if catalog := n.str("catalog_name"); catalog != "" {
		if _, outer := sc.outer.source(catalog); outer {
			r.refuse("the unnesting of a SUPER of the query around")
			return
		}
		if catalog != r.s.db.Name {
			r.refuse("a query across databases")
			return
		}
		n["catalog_name"] = ""
	}
	if n["at_clause"] != nil {
		r.fail(errorf(codeSyntax, "syntax error at or near \"at\""))
		return
	}
	if n.str("alias") == "" {
		n["alias"] = name
	}
	if fields, ok := sc.cte(name); ok && schema == "" {
		sc.sources = append(sc.sources, source{alias: n.str("alias"), fields: renamed(fields, n.strings("column_name_alias"))})
		return
	}
	if view, ok := systemView(schema, name); ok {
		r.systemTable(n, sc, view)
		return
	}
	o, err := r.s.relation(r.ctx, schema, name)
	if err == nil {
		err = r.s.allowRelation(r.ctx, o, "SELECT")
	}
	if err != nil {
		r.fail(err)
		return
	}
	n["schema_name"] = o.Schema
	sc.sources = append(sc.sources, source{alias: n.str("alias"), fields: renamed(r.s.fields(r.ctx, o, r.fail), n.strings("column_name_alias"))})
}

// fields are the columns of a relation for a scope.
func (s *Session) fields(ctx context.Context, o object, fail func(error)) []field {
	columns, err := s.columns(ctx, o.OID)
	if err != nil {
		fail(err)
		return nil
	}
	fields := make([]field, len(columns))
	for i, c := range columns {
		fields[i] = field{name: c.Name, kind: kindOf(c.Type), typ: c.Type, table: o.Name}
	}
	return fields
}

// systemTable reads one of the views of views.sql. Of the logs a user sees what is his
// own, and a superuser all (Redshift, "Visibility of data in system tables and views").
func (r *rewriter) systemTable(n node, sc *scope, view string) {
	alias := n.str("alias")
	sc.sources = append(sc.sources, source{alias: alias})
	n["schema_name"], n["table_name"] = hidden, view
	if r.s.user.Super || !(strings.HasPrefix(view, "stl_") || strings.HasPrefix(view, "sys_")) {
		return
	}
	column := "userid"
	if strings.HasPrefix(view, "sys_") {
		column = "user_id"
	}
	query, err := r.s.parseQuery(r.ctx, "SELECT * FROM (SELECT * FROM localcloud."+sqltext.QuoteName(view)+
		" WHERE "+column+" = "+itoa(r.s.user.ID)+") AS "+sqltext.QuoteName(alias))
	if err != nil {
		r.fail(err)
		return
	}
	clear(n)
	for key, value := range query.child("from_table") {
		n[key] = value
	}
}

// tableFunction lets through what duckText made of an unnesting, and generate_series.
func (r *rewriter) tableFunction(n node, sc *scope) {
	f := n.child("function")
	args := f.list("children")
	alias := n.str("alias")
	switch name := f.str("function_name"); {
	case name == "unnest" && len(args) == 1 && asNode(args[0]).str("function_name") == superElements:
		inner := asNode(args[0]).list("children")
		value, _ := r.expr(asNode(inner[0]), sc)
		args[0] = r.expand(`json_extract($1, '$[*]')`, value)
		sc.sources = append(sc.sources, source{alias: alias, fields: []field{{name: alias, kind: kindSuper}}})
	case name == "generate_series":
		r.each(args, sc)
		if alias == "" {
			alias = name
		}
		sc.sources = append(sc.sources, source{alias: alias, fields: renamed([]field{{name: alias, kind: kindNumber}}, n.strings("column_name_alias"))})
	default:
		r.fail(errorf(codeUndefinedFunc, "function %s does not exist", name))
	}
}
