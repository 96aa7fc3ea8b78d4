package redshift

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

// A client that is gone leaves its statement behind, and that must not keep the process.
func TestAStatementThatRunsDoesNotHoldUpClose(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	failed := make(chan error, 1)
	go func() {
		_, err := conn.Exec(t.Context(), `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 500)
			SELECT count(*) FROM r a, r b, r c, r d WHERE (a.n * b.n + c.n * d.n) % 7 = 3`)
		failed <- err
	}()
	deadline := time.Now().Add(20 * time.Second)
	for stacks := make([]byte, 1<<20); !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("engine.(*Session).stream")); {
		if time.Now().After(deadline) {
			t.Fatal("the statement does not begin")
		}
		runtime.Gosched()
	}
	closed := make(chan error, 1)
	go func() { closed <- w.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Errorf("close: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("close waits for the statement")
	}
	if err := <-failed; err == nil {
		t.Error("the statement ended well")
	}
}
