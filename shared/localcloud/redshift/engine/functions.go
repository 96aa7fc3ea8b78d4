package engine

import (
	"maps"
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// sameFunctions are the functions that DuckDB has under the same name and with the same
// meaning, by what they give. A function that is in none of these tables is refused as
// one that does not exist, whatever DuckDB has.
var sameFunctions = map[kind]map[string]bool{
	kindNumber: wordSet(`abs ceil ceiling floor round mod power pow sqrt exp ln log sign sin cos tan asin acos atan atan2 cot
		degrees radians pi cbrt random count count_star sum avg stddev stddev_samp stddev_pop variance var_samp var_pop
		median quantile_cont quantile_disc length char_length strpos position ascii rank dense_rank row_number ntile
		percent_rank cume_dist bit_and bit_or day month year hour minute second`),
	kindText: wordSet(`lower upper trim ltrim rtrim substring substr left right replace repeat reverse lpad rpad split_part chr
		md5 translate`),
	kindUnknown: wordSet(`min max any_value first_value last_value nth_value lag lead nullif greatest least`),
	kindBool:    wordSet(`bool_and bool_or`),
	kindTime:    wordSet(`timezone last_day current_date`),
}

// operators are DuckDB's own, which rewriting lets through.
var operators = wordSet(`+ - * / % ^ || & | # << >> ~~ !~~ ~~* !~~* @`)

// template is what a function becomes: an expression in DuckDB's SQL.
type template struct {
	sql  string
	kind kind
}

// templates are Redshift's functions that DuckDB does not have, by name/arguments.
var templates = map[string]template{
	"getdate/0":          {`date_trunc('second', timezone('UTC', now()))`, kindTime},
	"sysdate/0":          {`timezone('UTC', now())`, kindTime},
	"nvl2/3":             {`CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END`, kindUnknown},
	"len/1":              {`length($1)`, kindNumber},
	"octet_length/1":     {`strlen($1)`, kindNumber},
	"bpcharcmp/2":        {`CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 ELSE 0 END`, kindNumber},
	"charindex/2":        {`strpos($2, $1)`, kindNumber},
	"btrim/1":            {`trim($1)`, kindText},
	"btrim/2":            {`trim($1, $2)`, kindText},
	"concat/2":           {`$1 || $2`, kindText},
	"initcap/1":          {`list_aggregate(list_transform(string_split(lower($1), ' '), lambda w: upper(left(w, 1)) || substr(w, 2)), 'string_agg', ' ')`, kindText},
	"quote_ident/1":      {`CASE WHEN regexp_full_match($1, '[a-z_][a-z0-9_]*') THEN $1 ELSE '"' || replace($1, '"', '""') || '"' END`, kindText},
	"quote_literal/1":    {`'''' || replace($1, '''', '''''') || ''''`, kindText},
	"sha1/1":             {`sha1($1)`, kindText},
	"sha/1":              {`sha1($1)`, kindText},
	"func_sha1/1":        {`sha1($1)`, kindText},
	"to_hex/1":           {`lower(hex($1))`, kindText},
	"regexp_substr/2":    {`regexp_extract($1, $2)`, kindText},
	"regexp_replace/2":   {`regexp_replace($1, $2, '', 'g')`, kindText},
	"regexp_replace/3":   {`regexp_replace($1, $2, $3, 'g')`, kindText},
	"regexp_count/2":     {`length(regexp_extract_all($1, $2))`, kindNumber},
	"dlog10/1":           {`log10($1)`, kindNumber},
	"dexp/1":             {`exp($1)`, kindNumber},
	"add_months/2":       {`CAST($1 AS TIMESTAMP) + to_months(CAST($2 AS INTEGER))`, kindTime},
	"months_between/2":   {`date_diff('month', CAST($2 AS TIMESTAMP), CAST($1 AS TIMESTAMP))`, kindNumber},
	"convert_timezone/2": {`timezone($1, timezone('UTC', CAST($2 AS TIMESTAMP)))`, kindTime},
	"convert_timezone/3": {`timezone($2, timezone($1, CAST($3 AS TIMESTAMP)))`, kindTime},

	"json_parse/1":                      {`json(CAST($1 AS VARCHAR))`, kindSuper},
	"can_json_parse/1":                  {`json_valid($1)`, kindBool},
	"is_valid_json/1":                   {`coalesce(json_valid($1) AND json_type(CASE WHEN json_valid($1) THEN $1 END) = 'OBJECT', false)`, kindBool},
	"is_valid_json_array/1":             {`coalesce(json_valid($1) AND json_type(CASE WHEN json_valid($1) THEN $1 END) = 'ARRAY', false)`, kindBool},
	"json_array_length/1":               {`CAST(json_array_length($1) AS INTEGER)`, kindNumber},
	"json_extract_array_element_text/2": {`json_extract_string($1, '$[' || $2 || ']')`, kindText},

	"version/0":     {`'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0 local cloud'`, kindText},
	"regexp_full/2": {`regexp_full_match($1, $2)`, kindBool},
	"<~>/2":         {`regexp_matches($1, $2)`, kindBool},
	"<~*>/2":        {`regexp_matches($1, $2, 'i')`, kindBool},
	"<!~>/2":        {`NOT regexp_matches($1, $2)`, kindBool},
	"<!~*>/2":       {`NOT regexp_matches($1, $2, 'i')`, kindBool},
}

// superTemplates are the functions of SUPER values.
var superTemplates = map[string]template{
	"json_serialize/1":   {`CAST($1 AS VARCHAR)`, kindText},
	"json_size/1":        {`strlen(CAST($1 AS VARCHAR))`, kindNumber},
	"get_array_length/1": {`CASE WHEN json_type($1) = 'ARRAY' THEN CAST(json_array_length($1) AS INTEGER) END`, kindNumber},
	"json_typeof/1": {`CASE json_type($1) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string'
		WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' WHEN NULL THEN NULL ELSE 'number' END`, kindText},
	"is_array/1":   {`json_type($1) = 'ARRAY'`, kindBool},
	"is_object/1":  {`json_type($1) = 'OBJECT'`, kindBool},
	"is_varchar/1": {`json_type($1) = 'VARCHAR'`, kindBool},
	"is_boolean/1": {`json_type($1) = 'BOOLEAN'`, kindBool},
	"is_scalar/1":  {`json_type($1) NOT IN ('OBJECT', 'ARRAY')`, kindBool},
	"is_integer/1": {`json_type($1) IN ('BIGINT', 'UBIGINT')`, kindBool},
	"is_float/1":   {`json_type($1) = 'DOUBLE'`, kindBool},
}

// builders are the functions that need more than a template.
var builders map[string]func(r *rewriter, n node, kinds []kind) (node, kind)

func init() {
	builders = map[string]func(*rewriter, node, []kind) (node, kind){
		"nvl": (*rewriter).coalesce, "coalesce": (*rewriter).coalesce,
		"decode": (*rewriter).decode, "listagg": (*rewriter).listagg,
		"dateadd": (*rewriter).dateAdd, "date_add": (*rewriter).dateAdd,
		"datediff": (*rewriter).dateDiff, "date_diff": (*rewriter).dateDiff,
		"date_part": (*rewriter).datePart, "datepart": (*rewriter).datePart, "pgdate_part": (*rewriter).datePart,
		"date_trunc": (*rewriter).dateTrunc, "trunc": (*rewriter).trunc,
		"to_char": (*rewriter).toChar, "to_date": (*rewriter).toDate, "to_timestamp": (*rewriter).toTimestamp,
		"sha2": (*rewriter).sha2, "json_extract_path_text": (*rewriter).jsonPathText,
		"regexp_full_match": (*rewriter).similarTo,
	}
}

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
	integer := r.ofInteger(n, sc)
	kinds := r.each(n.list("children"), sc)
	for _, o := range n.child("order_bys").list("orders") {
		order := asNode(o)
		order["expression"], _ = r.expr(order.child("expression"), sc)
	}
	if n["filter"] != nil {
		r.fail(errorf(codeSyntax, "syntax error at or near \"filter\""))
	}
	e, k := r.call(n, kinds)
	return r.asInteger(e, integer), k
}

// ofInteger is what SUM and AVG become when they are of integers, as far as that can be
// seen: Redshift's AVG of integers is a BIGINT, cut, and its SUM of small ones a BIGINT.
func (r *rewriter) ofInteger(n node, sc *scope) (template string) {
	name, args := n.str("function_name"), n.list("children")
	if name != "sum" && name != "avg" || len(args) != 1 {
		return ""
	}
	arg := asNode(args[0])
	kind := arg.child("cast_type").str("id")
	switch arg.str("class") {
	case "CONSTANT":
		kind = arg.child("value").child("type").str("id")
	case "COLUMN_REF":
		t, _ := r.origin(arg, sc)
		kind = t.duck()
	}
	switch {
	case name == "avg" && (kind == "SMALLINT" || kind == "INTEGER" || kind == "BIGINT"):
		return "CAST(trunc($1) AS BIGINT)"
	case name == "sum" && (kind == "SMALLINT" || kind == "INTEGER"):
		return "CAST($1 AS BIGINT)"
	}
	return ""
}

func (r *rewriter) asInteger(e node, template string) node {
	if template == "" || e == nil {
		return e
	}
	return r.expand(template, e)
}

// call resolves a function whose arguments are rewritten.
func (r *rewriter) call(n node, kinds []kind) (node, kind) {
	name := n.str("function_name")
	key := name + "/" + itoa(len(kinds))
	if t, ok := superTemplates[key]; ok {
		return r.expand(t.sql, r.asSuper(n, kinds)...), t.kind
	}
	if build, ok := builders[name]; ok {
		r.plainArguments(n, kinds, name)
		return build(r, n, kinds)
	}
	if value, ok := r.s.sessionFunction(name, n.list("children")); ok {
		return r.expand(value.sql, nodes(n.list("children"))...), value.kind
	}
	if t, ok := catalogFunctions[key]; ok {
		return r.expand(t.sql, nodes(n.list("children"))...), t.kind
	}
	r.plainArguments(n, kinds, name)
	if t, ok := templates[key]; ok {
		return r.expand(t.sql, nodes(n.list("children"))...), t.kind
	}
	if (name == "/" || name == "%") && len(kinds) == 2 {
		return r.divide(n), kindNumber
	}
	if operators[name] {
		return n, operatorKind(name)
	}
	if k, ok := sameFunction(name); ok {
		if k == kindUnknown {
			k = firstKnown(kinds)
		}
		return n, k
	}
	r.fail(errorf(codeUndefinedFunc, "function %s does not exist", name))
	return n, kindUnknown
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

func operatorKind(name string) kind {
	switch name {
	case "||":
		return kindText
	case "~~", "!~~", "~~*", "!~~*":
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
	integer := r.ofInteger(n, sc)
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
	if name == "listagg" {
		return r.listagg(n, kinds)
	}
	k, ok := sameFunction(name)
	if !ok {
		r.fail(errorf(codeUndefinedFunc, "window function %s does not exist", name))
	}
	if k == kindUnknown {
		k = firstKnown(kinds)
	}
	return r.asInteger(n, integer), k
}

func (r *rewriter) coalesce(n node, kinds []kind) (node, kind) {
	if len(kinds) == 0 {
		r.fail(errorf(codeUndefinedFunc, "function nvl() does not exist"))
		return n, kindUnknown
	}
	k := firstKnown(kinds)
	children := n.list("children")
	for i := range children { // a SUPER among plain values is one of them
		if slices.ContainsFunc(kinds, func(k kind) bool { return k != kindSuper && k != kindUnknown }) {
			children[i] = r.meet(asNode(children[i]), kinds[i], nil, otherKind(kinds))
			k = otherKind(kinds)
		}
	}
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

// listagg is string_agg, without a separator unless one is given.
func (r *rewriter) listagg(n node, kinds []kind) (node, kind) {
	n["function_name"] = "string_agg"
	if len(kinds) == 1 {
		n["children"] = append(n.list("children"), text(""))
	}
	return n, kindText
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
	pattern, ok := constantText(args[1])
	if !ok {
		r.refuse("SIMILAR TO with a pattern that is not a constant")
		return n, kindBool
	}
	pattern = strings.NewReplacer(".", `\.`, "%", ".*", "_", ".").Replace(pattern)
	return r.expand("regexp_full_match($1, $2)", args[0], text(pattern)), kindBool
}

// sessionFunction is a function whose value the session knows.
func (s *Session) sessionFunction(name string, args []any) (template, bool) {
	quoted := map[string]string{
		"current_database": s.db.Name, "current_schema": s.schemas()[len(s.schemas())-1],
		"current_user": s.user.Name, "session_user": s.user.Name, "user": s.user.Name,
	}
	numbers := map[string]int{"pg_backend_pid": int(s.pid), "current_user_id": s.user.ID, "pg_last_copy_count": int(s.copied)}
	if value, ok := quoted[name]; ok && len(args) == 0 {
		return template{sqltext.QuoteLiteral(value), kindText}, true
	}
	if value, ok := numbers[name]; ok && len(args) == 0 {
		return template{itoa(value), kindNumber}, true
	}
	return template{}, false
}

// Forms lists every form of statement that is honoured, for the documentation.
func Forms() []string {
	var forms []string
	for words := range statements {
		if words != "(" {
			forms = append(forms, strings.ToUpper(words))
		}
	}
	slices.Sort(forms)
	return forms
}

// CopyOptions lists every option of COPY that is honoured, for the documentation.
func CopyOptions() []string {
	var options []string
	for word := range copyOptions {
		options = append(options, strings.ToUpper(word))
	}
	slices.Sort(options)
	return options
}

// FunctionNames lists every function that is honoured, for the documentation.
func FunctionNames() []string {
	names := map[string]bool{}
	for _, set := range sameFunctions {
		maps.Copy(names, set)
	}
	for _, table := range []map[string]template{templates, superTemplates} {
		for key := range table {
			name, _, _ := strings.Cut(key, "/")
			names[name] = !strings.HasPrefix(name, "<") && name != "regexp_full"
		}
	}
	for name := range builders {
		names[name] = name != "regexp_full_match"
	}
	maps.DeleteFunc(names, func(_ string, public bool) bool { return !public })
	return slices.Sorted(maps.Keys(names))
}
