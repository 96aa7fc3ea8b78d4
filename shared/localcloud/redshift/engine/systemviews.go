package engine

import "regexp"

// systemViews are the names in views.sql.
var systemViews = func() map[string]bool {
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`VIEW localcloud\.(\w+)`).FindAllStringSubmatch(viewsSQL, -1) {
		names[m[1]] = m[1] != "formatted"
	}
	return names
}()

// emptyViews are those of them that never have a row.
var emptyViews = func() map[string]bool {
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`VIEW localcloud\.(\w+) AS SELECT NULL.*WHERE false`).FindAllStringSubmatch(viewsSQL, -1) {
		names[m[1]] = true
	}
	return names
}()

// systemView maps a name to the view of views.sql that answers for it. pg_catalog comes
// first in every search path.
func systemView(schema, name string) (string, bool) {
	switch schema {
	case "information_schema":
		name = "information_schema_" + name
	case "", "pg_catalog":
	default:
		return "", false
	}
	return name, systemViews[name]
}

// catalogFunctions are the functions of pg_catalog that clients call.
var catalogFunctions = map[string]template{
	"format_type/2": {`CASE $1 WHEN 16 THEN 'boolean' WHEN 20 THEN 'bigint' WHEN 21 THEN 'smallint' WHEN 23 THEN 'integer' WHEN 25 THEN 'text'
		WHEN 26 THEN 'oid' WHEN 700 THEN 'real' WHEN 701 THEN 'double precision' WHEN 1082 THEN 'date' WHEN 1083 THEN 'time without time zone'
		WHEN 1114 THEN 'timestamp without time zone' WHEN 1184 THEN 'timestamp with time zone' WHEN 4000 THEN 'super'
		WHEN 1042 THEN 'character' || CASE WHEN $2 > 4 THEN '(' || ($2 - 4) || ')' ELSE '' END
		WHEN 1043 THEN 'character varying' || CASE WHEN $2 > 4 THEN '(' || ($2 - 4) || ')' ELSE '' END
		WHEN 6551 THEN 'binary varying' || CASE WHEN $2 > 4 THEN '(' || ($2 - 4) || ')' ELSE '' END
		WHEN 1700 THEN 'numeric' || CASE WHEN $2 > 4 THEN '(' || (($2 - 4) // 65536) || ',' || (($2 - 4) % 65536) || ')' ELSE '' END
		ELSE '???' END`, kindText},
	"pg_get_userbyid/1":                 {`(SELECT u.usename FROM localcloud.users u WHERE u.usesysid = $1)`, kindText},
	"pg_table_is_visible/1":             {`(SELECT count(*) > 0 FROM localcloud.objects o WHERE o.oid = $1 AND o.schema = 'public')`, kindBool},
	"pg_function_is_visible/1":          {`true`, kindBool},
	"pg_type_is_visible/1":              {`true`, kindBool},
	"pg_get_expr/2":                     {`$1`, kindText},
	"pg_get_expr/3":                     {`$1`, kindText},
	"pg_get_viewdef/1":                  {`(SELECT o.definition FROM localcloud.objects o WHERE o.oid = CAST($1 AS INTEGER))`, kindText},
	"pg_get_viewdef/2":                  {`(SELECT o.definition FROM localcloud.objects o WHERE o.oid = CAST($1 AS INTEGER))`, kindText},
	"obj_description/1":                 {`CAST(NULL AS VARCHAR)`, kindText},
	"obj_description/2":                 {`CAST(NULL AS VARCHAR)`, kindText},
	"col_description/2":                 {`CAST(NULL AS VARCHAR)`, kindText},
	"shobj_description/2":               {`CAST(NULL AS VARCHAR)`, kindText},
	"pg_encoding_to_char/1":             {`'UTF8'`, kindText},
	"array_to_string/2":                 {`CAST($1 AS VARCHAR)`, kindText},
	"pg_get_constraintdef/1":            {`''`, kindText},
	"pg_get_constraintdef/2":            {`''`, kindText},
	"pg_get_indexdef/1":                 {`''`, kindText},
	"pg_get_indexdef/3":                 {`''`, kindText},
	"pg_get_triggerdef/2":               {`''`, kindText},
	"pg_get_statisticsobjdef_columns/1": {`''`, kindText},
	"pg_relation_is_publishable/1":      {`false`, kindBool},
	"pg_is_other_temp_schema/1":         {`false`, kindBool},
	"current_setting/1":                 {`(SELECT s.setting FROM localcloud.pg_settings s WHERE lower(s.name) = lower($1))`, kindText},
	"current_schemas/1":                 {`CASE WHEN $1 THEN ['pg_catalog', 'public'] ELSE ['public'] END`, kindList},
	"array_upper/2":                     {`len($1)`, kindNumber},
	"pg_partition_ancestors/1":          {`NULL`, kindUnknown},
}
