package engine

import (
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// function rewrites a call.
func (r *rewriter) function(n node, sc *scope) (node, kind) {
	name := n.str("function_name")
	if schema := n.str("schema"); schema != "" && schema != "pg_catalog" && schema != "main" {
		r.fail(errorf(codeUndefinedFunc, "function %s.%s does not exist", schema, name))
		return n, kindUnknown
	}
	n["schema"] = ""
	if export, _ := n["export_state"].(bool); export {
		r.refuse("EXPORT_STATE")
	}
	datePartFirst(n)
	r.typedArguments(n, sc)
	template := r.aggregateTemplate(n, sc)
	kinds := r.each(n.list("children"), sc)
	sorted := kindUnknown
	orders := nodes(n.child("order_bys").list("orders"))
	for _, order := range orders {
		order["expression"], sorted = r.expr(order.child("expression"), sc)
	}
	r.noFilter(n["filter"])
	r.sortsAlike(n, sc)
	e, k := r.call(n, kinds)
	if sorted == kindTime && n.str("function_name") == "quantile_cont" { // of dates DuckDB's is a TIMESTAMP
		return r.expand(`cast_to_type($1, min($2))`, e, orders[0].child("expression")), kindTime
	}
	return r.aggregate(e, template), k
}

// typedArguments readies columns and casts of types that DuckDB's functions take otherwise:
// LEN does not count the blanks behind a CHAR, and DATEDIFF is of times of day as well.
func (r *rewriter) typedArguments(n node, sc *scope) {
	args := n.list("children")
	for i, a := range nodes(args) {
		t, _ := r.origin(a, sc)
		switch name := n.str("function_name"); {
		case lengths[name] && (t.Name == "character" || strings.HasPrefix(castName(a), charPrefix)):
			args[i] = r.expand(`rtrim($1, ' ')`, a)
		case (name == "datediff" || name == "date_diff") && r.typeOf(a, sc) == "TIME":
			args[i] = r.expand(`DATE '1970-01-01' + $1`, a)
		}
	}
}

var lengths = wordSet("len length char_length")

// noFilter refuses the FILTER of an aggregate, which Redshift does not have.
func (r *rewriter) noFilter(filter any) {
	if filter != nil {
		r.fail(errorf(codeSyntax, "syntax error at or near \"filter\""))
	}
}

// typeOf is DuckDB's type of a constant, a plain column or a cast; empty elsewhere.
func (r *rewriter) typeOf(e node, sc *scope) string {
	switch e.str("class") {
	case "CONSTANT":
		return e.child("value").child("type").str("id")
	case "COLUMN_REF":
		t, _ := r.origin(e, sc)
		return t.duck()
	}
	return e.child("cast_type").str("id")
}

// call resolves a function whose arguments are rewritten.
func (r *rewriter) call(n node, kinds []kind) (node, kind) {
	name := n.str("function_name")
	key := name + "/" + itoa(len(kinds))
	if textual[name] && len(kinds) > 0 && kinds[0] == kindSuper {
		r.fail(noFunction(name, kinds, n))
		return n, kindUnknown
	}
	if t, ok := superTemplates[key]; ok {
		return r.expand(t.sql, r.asSuper(n, kinds)...), t.kind
	}
	if build, ok := builders[name]; ok {
		r.plainArguments(n, kinds, name)
		return build(r, n, kinds)
	}
	if value, k, ok := r.sessionFunction(name); ok && len(kinds) == 0 {
		return value, k
	}
	if t, ok := catalogFunctions[key]; ok {
		return r.expand(t.sql, nodes(n.list("children"))...), t.kind
	}
	if (name == "min" || name == "max") && slices.Equal(kinds, []kind{kindSuper}) {
		return r.expand("arg_"+name+"($1, "+superRank+")", asNode(n.list("children")[0])), kindSuper
	}
	if name == "unnest" && slices.Equal(kinds, []kind{kindList}) { // what DuckDB makes of = ANY(list)
		return n, kindText
	}
	r.plainArguments(n, kinds, name)
	if t, ok := templates[key]; ok {
		return r.expand(t.sql, nodes(n.list("children"))...), t.kind
	}
	if (name == "/" || name == "%") && len(kinds) == 2 {
		return r.divide(n), kindNumber
	}
	if escaping, ok := likes[name]; ok && len(kinds) == 2 && escapes(asNode(n.list("children")[1])) {
		return r.expand(escaping, nodes(n.list("children"))...), kindBool
	}
	if operators[name] {
		return n, operatorKind(name, kinds)
	}
	if k, ok := sameFunction(name); ok {
		if k == kindUnknown {
			k = firstKnown(kinds)
		}
		return n, k
	}
	r.fail(undefinedFunction(name))
	return n, kindUnknown
}

func undefinedFunction(name string) error {
	if unservedFunctions[name] {
		return refuse("function " + strings.ToUpper(name))
	}
	for key := range templates {
		if strings.HasPrefix(key, name+"/") {
			return refuse("function " + strings.ToUpper(name) + " with so many arguments")
		}
	}
	return errorf(codeUndefinedFunc, "function %s does not exist", name)
}

// typeNouns are how Redshift calls the types of arguments in its message.
var typeNouns = map[kind]string{kindSuper: "super", kindNumber: "integer", kindText: "character varying", kindBool: "boolean"}

// noFunction is the error of a call whose arguments have the wrong types.
func noFunction(name string, kinds []kind, n node) error {
	types := make([]string, len(kinds))
	for i, arg := range nodes(n.list("children")) {
		types[i] = typeNouns[kinds[i]]
		if _, literal := constantText(arg); literal || types[i] == "" {
			types[i] = `"unknown"`
		}
	}
	e := errorf(codeUndefinedFunc, "function %s(%s) does not exist", name, strings.Join(types, ", "))
	e.Hint = "No function matches the given name and argument types. You may need to add explicit type casts."
	return e
}

// likes are the operators of LIKE, and what escapes with a backslash as Redshift's do
// without ESCAPE; DuckDB's do not.
var likes = map[string]string{
	"~~": `like_escape($1, $2, '\')`, "!~~": `not_like_escape($1, $2, '\')`,
	"~~*": `ilike_escape($1, $2, '\')`, "!~~*": `not_ilike_escape($1, $2, '\')`,
}

// escapes says that a pattern may have a backslash in it.
func escapes(pattern node) bool {
	constant, ok := constantText(pattern)
	return !ok || strings.Contains(constant, `\`)
}

// divide fails where the divisor is zero: DuckDB would answer null or infinity.
func (r *rewriter) divide(n node) node {
	divisor := asNode(n.list("children")[1])
	if isNumber(divisor) && strings.Trim(asText(divisor), "0.") != "" {
		return n
	}
	return r.expand(`CASE WHEN $1 = 0 THEN error('Divide by zero') ELSE $2 END`, divisor, n)
}

func sameFunction(name string) (kind, bool) {
	for k, names := range sameFunctions {
		if names[name] {
			return k, true
		}
	}
	return kindUnknown, false
}

func nodes(list []any) []node {
	all := make([]node, len(list))
	for i := range list {
		all[i] = asNode(list[i])
	}
	return all
}

func operatorKind(name string, kinds []kind) kind {
	if numeric[name] && !slices.ContainsFunc(kinds, func(k kind) bool { return k != kindNumber }) {
		return kindNumber
	}
	switch name {
	case "||":
		return kindText
	case "~~", "!~~", "~~*", "!~~*", "like_escape", "not_like_escape", "ilike_escape", "not_ilike_escape":
		return kindBool
	}
	return kindUnknown
}

// numeric are the functions and operators that make a SUPER argument a number.
var numeric = wordSet("+ - * / % ^ sum avg abs round ceil ceiling floor sqrt stddev stddev_samp stddev_pop variance var_samp var_pop median")

// keepsSuper are the functions that take SUPER as it is.
var keepsSuper = wordSet("count nvl coalesce any_value first_value last_value lag lead nth_value")

// plainArguments turns SUPER arguments into what the function computes with.
func (r *rewriter) plainArguments(n node, kinds []kind, name string) {
	if keepsSuper[name] {
		return
	}
	children := n.list("children")
	for i, k := range kinds {
		switch {
		case k != kindSuper:
		case numeric[name]:
			children[i], kinds[i] = r.expand(superNumber, asNode(children[i])), kindNumber
		default:
			children[i], kinds[i] = r.expand(superAny, asNode(children[i])), kindText
		}
	}
}

func (r *rewriter) asSuper(n node, kinds []kind) []node {
	args := nodes(n.list("children"))
	for i := range args {
		if kinds[i] != kindSuper {
			args[i] = r.expand(`CAST($1 AS JSON)`, args[i])
		}
	}
	return args
}

// window rewrites a window function.
func (r *rewriter) window(n node, sc *scope) (node, kind) {
	r.noFilter(n["filter_expr"])
	template := r.aggregateTemplate(n, sc)
	kinds := r.each(n.list("children"), sc)
	r.each(n.list("partitions"), sc)
	for _, key := range []string{"orders", "arg_orders"} {
		for _, o := range n.list(key) {
			order := asNode(o)
			order["expression"], _ = r.expr(order.child("expression"), sc)
		}
	}
	for _, key := range []string{"offset_expr", "default_expr", "start_expr", "end_expr"} {
		if n[key] != nil {
			n[key], _ = r.expr(n.child(key), sc)
		}
	}
	name := n.str("function_name")
	n["schema"] = ""
	r.plainArguments(n, kinds, name)
	switch name {
	case "listagg":
		return r.listagg(n, kinds)
	case "median":
		return r.median(n, kinds)
	}
	k, ok := sameFunction(name)
	if !ok {
		r.fail(undefinedFunction(name))
	}
	if k == kindUnknown {
		k = firstKnown(kinds)
	}
	return r.aggregate(n, template), k
}

func (r *rewriter) coalesce(n node, kinds []kind) (node, kind) {
	if len(kinds) == 0 {
		r.fail(errorf(codeUndefinedFunc, "function nvl() does not exist"))
		return n, kindUnknown
	}
	children := n.list("children")
	k := r.oneKind(children, kinds)
	e := r.expand("coalesce($1, $1)", asNode(children[0]))
	if e != nil {
		e["children"] = children
	}
	return e, k
}

func otherKind(kinds []kind) kind {
	for _, k := range kinds {
		if k != kindSuper && k != kindUnknown {
			return k
		}
	}
	return kindUnknown
}

// decode is CASE with null equal to null.
func (r *rewriter) decode(n node, _ []kind) (node, kind) {
	args := nodes(n.list("children"))
	if len(args) < 3 {
		r.fail(errorf(codeUndefinedFunc, "function decode with %d arguments does not exist", len(args)))
		return n, kindUnknown
	}
	var b strings.Builder
	b.WriteString("CASE")
	i := 1
	for ; i+1 < len(args); i += 2 {
		b.WriteString(" WHEN $1 IS NOT DISTINCT FROM $" + itoa(i+1) + " THEN $" + itoa(i+2))
	}
	if i < len(args) {
		b.WriteString(" ELSE $" + itoa(i+1))
	}
	b.WriteString(" END")
	return r.expand(b.String(), args...), kindUnknown
}

func (r *rewriter) sha2(n node, _ []kind) (node, kind) {
	args := nodes(n.list("children"))
	if len(args) != 2 || args[1].child("value")["value"] == nil || asText(args[1]) != "256" {
		r.refuse("SHA2 with other than 256 bits")
		return n, kindText
	}
	return r.expand("sha256($1)", args[0]), kindText
}

func asText(n node) string {
	switch v := n.child("value")["value"].(type) {
	case string:
		return v
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

// jsonPathText is JSON_EXTRACT_PATH_TEXT(text, key, ...).
func (r *rewriter) jsonPathText(n node, _ []kind) (node, kind) {
	args := nodes(n.list("children"))
	if len(args) > 2 && isBoolean(args[len(args)-1]) { // null_if_invalid
		args[0] = r.expand("CASE WHEN json_valid($1) THEN $1 END", args[0])
		args = args[:len(args)-1]
	}
	if len(args) > 6 {
		r.fail(errorf(codeInvalidParameter, "json_extract_path_text goes at most five levels deep"))
	}
	path := "'$'"
	for i := 1; i < len(args); i++ {
		path += ` || '."' || replace($` + itoa(i+1) + `, '"', '\"') || '"'`
	}
	return r.expand("json_extract_string($1, "+path+")", args...), kindText
}

// similarTo translates the pattern of SIMILAR TO, which DuckDB takes for a regular
// expression.
func (r *rewriter) similarTo(n node, _ []kind) (node, kind) {
	args := nodes(n.list("children"))
	if len(args) != 2 {
		r.fail(errorf(codeUndefinedFunc, "function regexp_full_match with %d arguments does not exist", len(args)))
		return n, kindBool
	}
	pattern, ok := constantText(args[1])
	if !ok {
		r.refuse("SIMILAR TO with a pattern that is not a constant")
		return n, kindBool
	}
	pattern = strings.NewReplacer(`\_`, "_", `\%`, "%", ".", `\.`, "%", ".*", "_", ".").Replace(pattern)
	return r.expand("regexp_full_match($1, $2)", args[0], text(pattern)), kindBool
}

// sessionFunction is the value, as a constant, of a function that asks the session.
func (r *rewriter) sessionFunction(name string) (value node, k kind, ok bool) {
	s := r.s
	switch name {
	case "current_database":
		return text(s.db.Name), kindText, true
	case "current_user", "session_user", "user":
		return text(s.user.Name), kindText, true
	case "current_schema":
		return r.currentSchema(), kindText, true
	case "pg_backend_pid":
		return number(int(s.pid)), kindNumber, true
	case "current_user_id":
		return number(s.user.ID), kindNumber, true
	case "pg_last_copy_count":
		return number(int(s.copied)), kindNumber, true
	case "pg_last_copy_id":
		return number(int(s.copyID)), kindNumber, true
	}
	return nil, kindUnknown, false
}

// currentSchema is the first of the search path that there is, or null.
func (r *rewriter) currentSchema() node {
	for _, name := range r.s.schemas() {
		_, found, err := r.s.object(r.ctx, `WHERE kind = 'n' AND name = ?`, name)
		if err != nil {
			r.fail(err)
		}
		if found {
			return text(name)
		}
	}
	return r.expand("CAST(NULL AS VARCHAR)")
}

// ofSession are the session's functions that another session answers otherwise.
var ofSession = wordSet("current_user session_user user current_schema pg_backend_pid current_user_id pg_last_copy_count pg_last_copy_id")

// stored refuses a definition that asks the session: it would keep the answer that its
// maker got.
func stored(st sqltext.Statement, in string) error {
	for i, t := range st.Tokens {
		if t.Kind == sqltext.Word && ofSession[t.Text] && !(i > 0 && st.Tokens[i-1].Is(".")) {
			return refuse(strings.ToUpper(t.Text) + " in a " + in)
		}
	}
	return nil
}
