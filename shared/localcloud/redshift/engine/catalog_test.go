package engine

import "testing"

func TestACountOfAnEmptyCatalogueIsZero(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT count(*) FROM pg_policy":                  "0",
		"SELECT count(*), max(polname) FROM pg_policy p":  "0|∅",
		"SELECT count(*) FROM pg_policy GROUP BY polname": "",
		"SELECT polname FROM pg_policy":                   "",
		"SELECT k.a FROM (SELECT i.indrelid AS a, information_schema._pg_expandarray(i.indkey) AS keys FROM pg_class c JOIN pg_index i ON c.oid = i.indrelid) k WHERE k.a = (k.keys).x": "",
		"SELECT count(*) FROM (SELECT polname FROM pg_policy) p": "0",
		"SELECT n FROM (SELECT count(*) AS n FROM pg_policy) p":  "0",
	})
}

func TestAnEmptyCatalogueHasItsColumns(t *testing.T) {
	_, s := open(t)
	for _, query := range []string{"SELECT * FROM pg_policy", "SELECT p.* FROM pg_policy p", "SELECT x.* FROM (SELECT * FROM pg_policy) x"} {
		if c := columnsOf(t, s, query); len(c) != 8 || c[1].Name != "polname" {
			t.Errorf("%s has the columns %v, want pg_policy's", query, c)
		}
	}
}

// As PostgreSQL's JDBC driver finds the schema of a type.
func TestTheListOfSchemasCanBeSearchedAndCounted(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT nspname FROM pg_namespace WHERE nspname = ANY(current_schemas(true)) ORDER BY 1":                                  "pg_catalog\npublic",
		"SELECT nspname FROM pg_namespace WHERE nspname = ANY(current_schemas(false)) ORDER BY 1":                                 "public",
		"SELECT (current_schemas(true))[s.r] FROM generate_series(1, array_upper(current_schemas(true), 1)) AS s(r) ORDER BY s.r": "pg_catalog\npublic",
		"SELECT array_upper(current_schemas(false), 1)":                                                                           "1",
	})
}
