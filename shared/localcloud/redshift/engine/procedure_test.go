package engine

import "testing"

func TestProceduresNestSixteenDeepEachTime(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE PROCEDURE p(n int) AS $$ BEGIN IF n > 1 THEN EXECUTE 'CALL p(' || (n - 1) || ')'; END IF; END; $$ LANGUAGE plpgsql`)
	for range 2 {
		must(t, s, "CALL p(16)")
		wantCode(t, s, "CALL p(17)", "54001", "nested 16 levels deep")
	}
}

func TestAStatementOfAProcedureThatIsNoneIsAnError(t *testing.T) {
	_, s := open(t)
	for _, expression := range []string{`"~~"(1)`, `regexp_full_match(1)`} {
		must(t, s, `CREATE OR REPLACE PROCEDURE p() AS $$ BEGIN EXECUTE 'SELECT `+expression+`'; END; $$ LANGUAGE plpgsql`)
		if _, err := run(t.Context(), s, "CALL p()"); err == nil || err.(*Error).Code == codeInternal {
			t.Errorf("SELECT %s: %v", expression, err)
		}
		if s.State() != Idle {
			t.Errorf("after SELECT %s the session is in state %c", expression, s.State())
		}
	}
}
