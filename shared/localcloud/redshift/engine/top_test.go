package engine

import "testing"

func TestTOPBesideASetOperatorIsRefused(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3)")
	for _, operator := range []string{"UNION ALL", "EXCEPT", "MINUS", "INTERSECT"} {
		wantCode(t, s, "SELECT a FROM t "+operator+" SELECT TOP 1 a FROM t", "0A000", "TOP")
		wantCode(t, s, "SELECT TOP 1 a FROM t "+operator+" SELECT a FROM t", "0A000", "TOP")
	}
	wantRows(t, s, map[string]string{
		"SELECT TOP 2 a FROM (SELECT a FROM t UNION ALL SELECT 4) q ORDER BY a DESC": "4\n3",
	})
}
