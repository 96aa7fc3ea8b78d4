package engine

import (
	"slices"
	"testing"
)

func TestWhatIsRefusedIsNamedAsItIsWritten(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a int); CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'SET timezone TO utc'; END; $$ LANGUAGE plpgsql")
	wantCode(t, s, "COMMENT ON TABLE t IS 'x'", "0A000", "COMMENT ON TABLE is not served")
	wantCode(t, s, "ALTER TABLE t APPEND FROM u", "0A000", "ALTER TABLE APPEND is not served")
	wantCode(t, s, "CALL p()", "0A000", "SET in a procedure is not served")
}

func TestTheFunctionsThatAreListedAreRedshifts(t *testing.T) {
	names := FunctionNames()
	for _, duck := range []string{"count_star", "quantile_cont", "quantile_disc", "regexp_full_match"} {
		if slices.Contains(names, duck) {
			t.Errorf("%s is listed, which is DuckDB's name", duck)
		}
	}
	if !slices.Contains(names, "percentile_cont") || slices.Contains(Forms(), "COMMENT ON") {
		t.Error("PERCENTILE_CONT is not listed, or COMMENT ON is")
	}
}
