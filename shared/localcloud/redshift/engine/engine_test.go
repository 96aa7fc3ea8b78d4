package engine

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// open opens a new database with admin "admin" and a session for him.
func open(t *testing.T) (*Database, *Session) {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "dev.duckdb"), Options{Name: "dev"})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.SetAdmin(t.Context(), "admin", "Admin1234"); err != nil {
		t.Fatalf("set admin: %v", err)
	}
	return d, session(t, d, "admin")
}

func session(t *testing.T, d *Database, name string) *Session {
	t.Helper()
	user, err := d.Impersonate(t.Context(), name)
	if err != nil {
		t.Fatalf("impersonate %s: %v", name, err)
	}
	s, err := d.NewSession(t.Context(), user)
	if err != nil {
		t.Fatalf("session: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// table collects rows as text: columns with |, rows with newline.
type table struct {
	columns []Column
	lines   []string
}

func (r *table) Row(values []any) error {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = "∅"
		if v != nil {
			parts[i] = Text(v, r.columns[i].Type)
		}
	}
	r.lines = append(r.lines, strings.Join(parts, "|"))
	return nil
}

// run runs every statement of text and returns the rows of the last.
func run(ctx context.Context, s *Session, text string, args ...any) (string, error) {
	statements, err := s.Split(text)
	if err != nil {
		return "", err
	}
	last := ""
	for _, st := range statements {
		plan, err := s.Plan(ctx, st)
		if err != nil {
			return "", err
		}
		out := table{columns: plan.Columns}
		if _, err := s.Run(ctx, plan, args, &out); err != nil {
			return "", err
		}
		last = strings.Join(out.lines, "\n")
	}
	return last, nil
}

func must(t *testing.T, s *Session, text string) string {
	t.Helper()
	got, err := run(t.Context(), s, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got
}

// wantCode runs text and expects it to fail with an SQLSTATE and words.
func wantCode(t *testing.T, s *Session, text, code, words string) {
	t.Helper()
	got, err := run(t.Context(), s, text)
	var e *Error
	switch {
	case err == nil:
		t.Errorf("%s: gave %q, want error %s", text, got, code)
	case !errors.As(err, &e):
		t.Errorf("%s: %v is not an *Error", text, err)
	case e.Code != code || !strings.Contains(e.Message, words):
		t.Errorf("%s: got %s %q, want %s with %q", text, e.Code, e.Message, code, words)
	}
}

func TestAPanicInAStatementEndsItsTransactionAsAnErrorDoes(t *testing.T) {
	_, s := open(t)
	broken := &Plan{run: func(context.Context, []any, Output) (string, error) { panic("a bug") }}
	for begin, want := range map[string]byte{"SELECT 1": Idle, "BEGIN": Failed} {
		must(t, s, begin)
		if _, err := s.Run(t.Context(), broken, nil, Discard); err == nil || !strings.Contains(err.Error(), "a bug") {
			t.Errorf("the panic became %v", err)
		}
		if s.State() != want {
			t.Errorf("after %s and a panic the session is in state %c, want %c", begin, s.State(), want)
		}
		must(t, s, "ROLLBACK; CREATE TABLE t (a int); DROP TABLE t")
	}
}
