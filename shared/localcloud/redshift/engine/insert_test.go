package engine

import "testing"

// "The values must align with the column list"; without one the first columns are meant.
func TestAnINSERTHasAValueForEveryColumnThatItLists(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1)")
	wantCode(t, s, "INSERT INTO t (a, b) VALUES (2)", "42601", "INSERT has more target columns than expressions")
	wantCode(t, s, "INSERT INTO t (a, b) SELECT 2", "42601", "INSERT has more target columns than expressions")
	wantCode(t, s, "INSERT INTO t (b, b) VALUES (2, 3)", "42701", `column "b" specified more than once`)
	wantCode(t, s, "COPY t (a, b, a) FROM 's3://b/k' IAM_ROLE default JSON 'auto'", "42701", `column "a" specified more than once`)
	wantCode(t, s, "UPDATE t SET b = 1, b = 2", "42601", `multiple assignments to same column "b"`)
	must(t, s, "INSERT INTO t (b) VALUES (3)")
	wantRows(t, s, map[string]string{"SELECT a, b FROM t ORDER BY a": "1|∅\n∅|3"})
}

func TestATableIsMadeOfAnyQuery(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE united AS (SELECT 1 AS a) UNION (SELECT 2); CREATE TABLE topmost AS (SELECT TOP 1 a FROM united ORDER BY a DESC)")
	wantRows(t, s, map[string]string{"SELECT a FROM united ORDER BY a": "1\n2", "SELECT a FROM topmost": "2"})
}
