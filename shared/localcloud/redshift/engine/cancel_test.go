package engine

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

func TestACancelledQueryEndsWithRedshiftsWords(t *testing.T) {
	_, s := open(t)
	for name, stop := range map[string]func(context.CancelFunc){
		"session": func(context.CancelFunc) { s.Cancel() },
		"context": func(cancel context.CancelFunc) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { stop(cancel) })
		_, err := run(ctx, s, "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b")
		cancel()
		if e, ok := err.(*Error); !ok || e.Code != codeCancelled {
			t.Errorf("%s: got %v, want %s", name, err, codeCancelled)
		}
	}
	if got := must(t, s, "SELECT 1"); got != "1" {
		t.Errorf("after a cancel SELECT 1 gives %q", got)
	}
}

func TestADatabaseThatDuckDBGaveUpSaysSo(t *testing.T) {
	d, s := open(t)
	d.noteFatal(errorf(codeInternal, "an ordinary error"))
	if d.Broken() {
		t.Error("an ordinary error breaks the database")
	}
	words := strings.Join([]string{"database has been invalidated", "because of a previous fatal error"}, " ")
	s.db.noteFatal(errorf(codeInternal, "Failed: %s", words))
	if !d.Broken() {
		t.Error("a fatal error does not break the database")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatalf("find the test's program: %v", err)
	}
	program, err := os.ReadFile(self) // DuckDB is in it
	if err != nil || !bytes.Contains(program, []byte(words)) {
		t.Errorf("DuckDB has not the words %q (%v)", words, err)
	}
}
