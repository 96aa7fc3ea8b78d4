package engine

import (
	"errors"
	"strings"
	"testing"
)

// FuzzPlan gives the dialect texts that nobody thought of: whatever they are, the answer
// is a plan or an SQLSTATE, never a panic.
func FuzzPlan(f *testing.F) {
	for _, sql := range []string{
		"SELECT e.d.a[0].b::varchar(3), count(*) FROM events e, e.d.items i WHERE d.x IN ('a', 1) GROUP BY 1 ORDER BY 2 LIMIT 3",
		"INSERT INTO events (d) SELECT json_parse('{}')", "UPDATE events SET d = d.a WHERE d.b = 1", "DELETE FROM events USING (SELECT 1) x",
		"CREATE TABLE t (a int DEFAULT getdate() NOT NULL ENCODE raw) DISTKEY (a)", "GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC",
		"WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM a WHERE n < 3) SELECT listagg(n, ',') WITHIN GROUP (ORDER BY n) FROM a",
		"CREATE PROCEDURE p(a int) AS $$ BEGIN IF a = 1 THEN EXECUTE 'x'; ELSE NULL; END IF; END; $$ LANGUAGE plpgsql", "SELECT TOP 1 dateadd(day, 1, x) FROM (VALUES (1)) v(x)",
		"COPY events FROM 's3://b/k' IAM_ROLE default JSON 'auto'", "ALTER TABLE events ADD COLUMN x varchar(3)", "SET search_path TO a, b", "SELECT CASE WHEN d.a THEN 1 END, (SELECT 1), EXISTS (SELECT 2) FROM events",
		"SELECT $65536 + :a, count(*) FILTER (WHERE true) OVER ()",
	} {
		f.Add(sql)
	}
	d, err := Open(f.TempDir()+"/dev.duckdb", Options{Name: "dev"})
	if err != nil {
		f.Fatal(err)
	}
	defer d.Close()
	s, err := d.NewSession(f.Context(), User{ID: adminID, Name: "admin", Super: true})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := s.Exec(f.Context(), "CREATE TABLE events (id int, name varchar(10), d super)", Discard); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, err := s.Split(text)
		for _, st := range statements {
			if _, err = s.Plan(t.Context(), st); err != nil {
				break
			}
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Code == "" || strings.HasPrefix(e.Message, "internal error")) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
