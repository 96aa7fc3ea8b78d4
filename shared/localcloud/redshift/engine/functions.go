package engine

import (
	"maps"
	"slices"
	"strings"
)

// sameFunctions are the functions that DuckDB has under the same name and with the same
// meaning, by what they give. A function that is in none of these tables is refused as
// one that does not exist, whatever DuckDB has.
var sameFunctions = map[kind]map[string]bool{
	kindNumber: wordSet(`abs ceil ceiling floor round mod power pow sqrt exp ln log sign sin cos tan asin acos atan atan2 cot
		degrees radians pi cbrt random count count_star sum avg stddev stddev_samp stddev_pop variance var_samp var_pop
		quantile_cont quantile_disc ascii rank dense_rank row_number ntile
		percent_rank cume_dist bit_and bit_or day month year hour minute second`),
	kindText:    wordSet(`lower upper trim ltrim rtrim left right replace repeat reverse lpad rpad chr md5 translate`),
	kindUnknown: wordSet(`min max any_value first_value last_value nth_value lag lead nullif greatest least`),
	kindBool:    wordSet(`bool_and bool_or`),
	kindTime:    wordSet(`last_day current_date`),
}

// parsed are what DuckDB's parser makes of Redshift's functions.
var parsed = map[string]string{"count_star": "count", "quantile_cont": "percentile_cont", "quantile_disc": "percentile_disc"}

// operators are DuckDB's own, which rewriting lets through.
var operators = wordSet(`+ - * / % ^ || & | # << >> ~~ !~~ ~~* !~~* @
	like_escape not_like_escape ilike_escape not_ilike_escape`)

// template is what a function becomes: an expression in DuckDB's SQL.
type template struct {
	sql  string
	kind kind
}

// templates are Redshift's functions that DuckDB does not have, by name/arguments.
var templates = map[string]template{
	"getdate/0":      {`date_trunc('second', CAST(now() AS TIMESTAMP))`, kindTime},
	"sysdate/0":      {`CAST(now() AS TIMESTAMP)`, kindTime},
	"nvl2/3":         {`CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END`, kindUnknown},
	"len/1":          {characters, kindNumber},
	"length/1":       {characters, kindNumber},
	"char_length/1":  {characters, kindNumber},
	"octet_length/1": {`CAST(strlen($1) AS INTEGER)`, kindNumber},
	"strpos/2":       {`CAST(strpos($1, $2) AS INTEGER)`, kindNumber},
	"position/2":     {`CAST(strpos($1, $2) AS INTEGER)`, kindNumber},
	"bpcharcmp/2":    {`CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 ELSE 0 END`, kindNumber},
	"charindex/2":    {`CAST(strpos($2, $1) AS INTEGER)`, kindNumber},
	"btrim/1":        {`trim($1)`, kindText},
	"btrim/2":        {`trim($1, $2)`, kindText},
	"concat/2":       {`$1 || $2`, kindText},
	"substring/2":    {fromStart, kindText},
	"substr/2":       {fromStart, kindText},
	"substring/3":    {within, kindText},
	"substr/3":       {within, kindText},
	"split_part/3":   {`CASE WHEN $3 < 1 THEN error('field position must be greater than zero') ELSE split_part($1, $2, $3) END`, kindText},
	"initcap/1": {`coalesce(list_aggregate(list_transform(regexp_extract_all(lower($1), '[\pL\pN]+|[^\pL\pN]+'),
		lambda w: upper(left(w, 1)) || substr(w, 2)), 'string_agg', ''), $1)`, kindText},
	"quote_ident/1":    {`CASE WHEN regexp_full_match($1, '[a-z_][a-z0-9_]*') THEN $1 ELSE '"' || replace($1, '"', '""') || '"' END`, kindText},
	"quote_literal/1":  {`'''' || replace(replace($1, '''', ''''''), '\', '\\') || ''''`, kindText},
	"sha1/1":           {`sha1($1)`, kindText},
	"sha/1":            {`sha1($1)`, kindText},
	"func_sha1/1":      {`sha1($1)`, kindText},
	"to_hex/1":         {`lower(hex($1))`, kindText},
	"regexp_substr/2":  {`regexp_extract($1, $2)`, kindText},
	"regexp_replace/2": {`regexp_replace($1, $2, '', 'g')`, kindText},
	"regexp_replace/3": {`regexp_replace($1, $2, $3, 'g')`, kindText},
	"regexp_count/2":   {`CAST(length(regexp_extract_all($1, $2)) AS INTEGER)`, kindNumber},
	"dlog10/1":         {`log10($1)`, kindNumber},
	"dexp/1":           {`exp($1)`, kindNumber},
	"add_months/2": {`CASE WHEN CAST($1 AS DATE) = last_day(CAST($1 AS DATE))
		THEN last_day(CAST($1 AS DATE) + to_months(CAST($2 AS INTEGER))) + CAST(CAST($1 AS TIMESTAMP) AS TIME)
		ELSE CAST($1 AS TIMESTAMP) + to_months(CAST($2 AS INTEGER)) END`, kindTime},
	"months_between/2": {`CAST(12 * (year(CAST($1 AS TIMESTAMP)) - year(CAST($2 AS TIMESTAMP))) + month(CAST($1 AS TIMESTAMP)) - month(CAST($2 AS TIMESTAMP))
		+ CASE WHEN CAST($1 AS DATE) = last_day(CAST($1 AS DATE)) AND CAST($2 AS DATE) = last_day(CAST($2 AS DATE)) THEN 0
		ELSE (day(CAST($1 AS TIMESTAMP)) - day(CAST($2 AS TIMESTAMP))) / 31.0 END AS DOUBLE)`, kindNumber},

	"json_parse/1":                      {`json(CAST($1 AS VARCHAR))`, kindSuper},
	"can_json_parse/1":                  {`json_valid($1)`, kindBool},
	"is_valid_json/1":                   {`coalesce(json_valid($1) AND json_type(CASE WHEN json_valid($1) THEN $1 END) = 'OBJECT', false)`, kindBool},
	"is_valid_json_array/1":             {`coalesce(json_valid($1) AND json_type(CASE WHEN json_valid($1) THEN $1 END) = 'ARRAY', false)`, kindBool},
	"json_array_length/2":               {`CASE WHEN NOT $2 OR json_valid($1) THEN CAST(json_array_length($1) AS INTEGER) END`, kindNumber},
	"json_extract_array_element_text/3": {`CASE WHEN $2 >= 0 AND (NOT $3 OR json_valid($1)) THEN json_extract_string($1, '$[' || $2 || ']') END`, kindText},
	"json_array_length/1":               {`CAST(json_array_length($1) AS INTEGER)`, kindNumber},
	"json_extract_array_element_text/2": {`CASE WHEN $2 >= 0 THEN json_extract_string($1, '$[' || $2 || ']') END`, kindText},

	"version/0":     {`'PostgreSQL ` + Version + ` on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0 local cloud'`, kindText},
	"regexp_full/2": {`regexp_full_match($1, $2)`, kindBool},
	"<~>/2":         {`regexp_matches($1, $2)`, kindBool},
	"<~*>/2":        {`regexp_matches($1, $2, 'i')`, kindBool},
	"<!~>/2":        {`NOT regexp_matches($1, $2)`, kindBool},
	"<!~*>/2":       {`NOT regexp_matches($1, $2, 'i')`, kindBool},
}

// A length is an INTEGER; DuckDB's is a BIGINT.
const characters = `CAST(length($1) AS INTEGER)`

// SUBSTRING counts from 1, and what is asked for before that is not there; DuckDB would
// count from the end.
const (
	fromStart = `substring($1, greatest($2, 1))`
	within    = `CASE WHEN $2 < 1 THEN left($1, greatest($2 + $3 - 1, 0)) ELSE substring($1, $2, $3) END`
)

// unservedFunctions are functions that Redshift has and this warehouse refuses by name.
var unservedFunctions = wordSet(`ratio_to_report percentile_cont percentile_disc next_day hll hll_cardinality hll_create_sketch
	strtol to_number to_varbyte from_hex from_varbyte fnv_hash checksum crc32 regexp_instr collate soundex
	array array_concat array_flatten subarray split_to_array object object_transform json_serialize_to_varbyte
	is_bigint is_char is_decimal is_smallint lower_attribute_names upper_attribute_names
	timeofday now interval_cmp date_cmp timestamp_cmp date_cmp_timestamp date_part_year date_cmp_timestamptz timestamp_cmp_date
	dlog1 replicate pg_terminate_backend pg_cancel_backend pg_get_session_roles pg_last_query_id
	has_table_privilege has_schema_privilege has_database_privilege`)

// textual are the functions of JSON that is text. A SUPER is none, and not converted
// ("Text-based JSON functions").
var textual = wordSet(`json_parse can_json_parse is_valid_json is_valid_json_array json_array_length
	json_extract_array_element_text json_extract_path_text`)

// superTemplates are the functions of SUPER values. Those that ask for its type answer
// false for null ("Types of introspection").
var superTemplates = map[string]template{
	"json_serialize/1":   {`CAST($1 AS VARCHAR)`, kindText},
	"json_size/1":        {`strlen(CAST($1 AS VARCHAR))`, kindNumber},
	"get_array_length/1": {`CASE WHEN json_type($1) = 'ARRAY' THEN CAST(json_array_length($1) AS INTEGER) END`, kindNumber},
	"json_typeof/1": {`CASE WHEN json_type($1) IN ('OBJECT', 'ARRAY', 'BOOLEAN', 'NULL') THEN lower(json_type($1))
		WHEN json_type($1) = 'VARCHAR' THEN 'string' WHEN json_type($1) IS NOT NULL THEN 'number' END`, kindText},
	"is_array/1":   {`coalesce(json_type($1) = 'ARRAY', false)`, kindBool},
	"is_object/1":  {`coalesce(json_type($1) = 'OBJECT', false)`, kindBool},
	"is_varchar/1": {`coalesce(json_type($1) = 'VARCHAR', false)`, kindBool},
	"is_boolean/1": {`coalesce(json_type($1) = 'BOOLEAN', false)`, kindBool},
	"is_scalar/1":  {`coalesce(json_type($1) NOT IN ('OBJECT', 'ARRAY', 'NULL'), false)`, kindBool},
	"is_integer/1": {`coalesce(json_type($1) IN ('BIGINT', 'UBIGINT'), false)`, kindBool},
	"is_float/1":   {`coalesce(json_type($1) = 'DOUBLE', false)`, kindBool},
}

// builders are the functions that need more than a template.
var builders map[string]func(r *rewriter, n node, kinds []kind) (node, kind)

func init() {
	builders = map[string]func(*rewriter, node, []kind) (node, kind){
		"nvl": (*rewriter).coalesce, "coalesce": (*rewriter).coalesce,
		"decode": (*rewriter).decode, "listagg": (*rewriter).listagg, "median": (*rewriter).median,
		"dateadd": (*rewriter).dateAdd, "date_add": (*rewriter).dateAdd,
		"datediff": (*rewriter).dateDiff, "date_diff": (*rewriter).dateDiff,
		"date_part": (*rewriter).datePart, "datepart": (*rewriter).datePart, "pgdate_part": (*rewriter).datePart,
		"date_trunc": (*rewriter).dateTrunc, "trunc": (*rewriter).trunc,
		"convert_timezone": (*rewriter).convertTimezone, "timezone": (*rewriter).timezone,
		"to_char": (*rewriter).toChar, "to_date": (*rewriter).toDate, "to_timestamp": (*rewriter).toTimestamp,
		"sha2": (*rewriter).sha2, "json_extract_path_text": (*rewriter).jsonPathText,
		"regexp_full_match": (*rewriter).similarTo,
	}
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
	for duck, own := range parsed {
		names[duck], names[own] = false, true
	}
	maps.DeleteFunc(names, func(_ string, public bool) bool { return !public })
	return slices.Sorted(maps.Keys(names))
}
