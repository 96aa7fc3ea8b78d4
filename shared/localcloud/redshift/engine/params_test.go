package engine

import (
	"fmt"
	"testing"
)

// PostgreSQL takes an unknown parameter of an operator for the type of the other side.
func TestAParameterBesideANumberIsANumber(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (i integer, b bigint, f float); INSERT INTO t VALUES (1, 2, 0.5)")
	for query, want := range map[string]struct {
		arg any
		got string
		oid uint32
	}{
		"SELECT i + $1 FROM t":                    {"4", "5", 23},
		"SELECT $1 + i FROM t":                    {int64(4), "5", 23},
		"SELECT b * $1 FROM t":                    {"4", "8", 20},
		"SELECT f - $1 FROM t":                    {"0.25", "0.25", 701},
		"SELECT b - $1 FROM t":                    {int32(4), "-2", 20},
		"SELECT (SELECT i - $1) FROM t":           {int32(4), "-3", 23},
		"SELECT 10 / $1":                          {"4", "2", 23},
		"SELECT i::bigint % $1 FROM t":            {"4", "1", 20},
		"UPDATE t SET i = i + $1":                 {"0", "", 23},
		"SELECT count(*) FROM t WHERE i + $1 > 3": {"3", "1", 23},
	} {
		statements, err := s.Split(query)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Plan(t.Context(), statements[0])
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		got, err := run(t.Context(), s, query, want.arg)
		if err != nil || got != want.got || fmt.Sprint(plan.Params) != fmt.Sprint([]uint32{want.oid}) {
			t.Errorf("%s with %v gives %q of parameters %v (%v), want %q of %d", query, want.arg, got, plan.Params, err, want.got, want.oid)
		}
	}
}
