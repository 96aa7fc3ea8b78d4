package engine

import "testing"

func TestAColumnThatAViewReadsGoesOnlyByCascade(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE TABLE t (a int, b int, c int); CREATE VIEW named AS SELECT a FROM t; CREATE VIEW counted AS SELECT count(*) AS n FROM t;
		CREATE VIEW upon AS SELECT a + 1 AS more FROM named; CREATE VIEW whole AS SELECT * FROM t`)
	wantCode(t, s, "ALTER TABLE t DROP COLUMN a", "2BP01", "cannot drop table t column a because other objects depend on it")
	wantCode(t, s, "ALTER TABLE t DROP COLUMN c", "2BP01", "column c")
	must(t, s, "DROP VIEW whole; ALTER TABLE t DROP COLUMN c; SELECT a FROM named")
	must(t, s, "ALTER TABLE t DROP COLUMN a CASCADE")
	for _, view := range []string{"named", "upon"} {
		wantCode(t, s, "SELECT * FROM "+view, "42P01", view)
	}
	wantRows(t, s, map[string]string{"SELECT n FROM counted": "0"})
}

// Redshift's views follow a table that gets another name; DuckDB's name what they read.
func TestWhatAViewReadsIsNotRenamed(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t")
	wantCode(t, s, "ALTER TABLE t RENAME TO u", "0A000", "RENAME of what a view reads")
	wantCode(t, s, "ALTER TABLE t RENAME COLUMN a TO c", "0A000", "RENAME of what a view reads")
	must(t, s, "ALTER TABLE t RENAME COLUMN b TO c; SELECT a FROM v")
}

func TestASchemaThatIsDroppedTakesTheViewsThatReadIt(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE SCHEMA x; CREATE TABLE x.t (a int); CREATE VIEW x.v AS SELECT a FROM x.t; CREATE VIEW w AS SELECT a FROM x.v;
		CREATE OR REPLACE VIEW x.early AS SELECT 1 AS a; CREATE VIEW x.late AS SELECT a FROM x.t; CREATE OR REPLACE VIEW x.early AS SELECT a FROM x.late`)
	must(t, s, "DROP SCHEMA x CASCADE")
	wantCode(t, s, "SELECT * FROM w", "42P01", `relation "w" does not exist`)
	wantRows(t, s, map[string]string{"SELECT count(*) FROM pg_class WHERE relname IN ('t', 'v', 'w', 'early', 'late')": "0"})
}
