package engine

import (
	"errors"
	"testing"
)

// Drivers keep statements that they have prepared, and run them without another word.
func TestAFailedTransactionRunsNoStatementThatWasPreparedBefore(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a int)")
	prepared := map[string]*Plan{}
	for _, text := range []string{"INSERT INTO t VALUES (1)", "SELECT 1", "BEGIN", "SHOW timezone", "ROLLBACK"} {
		statements, err := s.Split(text)
		if err != nil {
			t.Fatalf("split %s: %v", text, err)
		}
		if prepared[text], err = s.Plan(t.Context(), statements[0]); err != nil {
			t.Fatalf("prepare %s: %v", text, err)
		}
	}
	must(t, s, "BEGIN")
	wantCode(t, s, "SELECT nope", "42703", "")
	for text, plan := range prepared {
		if text == "ROLLBACK" {
			continue
		}
		_, err := s.Run(t.Context(), plan, nil, Discard)
		if e := new(Error); !errors.As(err, &e) || e.Code != codeAborted {
			t.Errorf("%s in a failed transaction: %v, want %s", text, err, codeAborted)
		}
	}
	if _, err := s.Run(t.Context(), prepared["ROLLBACK"], nil, Discard); err != nil || s.State() != Idle {
		t.Errorf("ROLLBACK: %v, and the session is in state %c", err, s.State())
	}
	wantRows(t, s, map[string]string{"SELECT count(*) FROM t": "0"})
}
