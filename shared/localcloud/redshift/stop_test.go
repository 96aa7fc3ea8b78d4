package redshift

import (
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
		_, err := conn.Exec(t.Context(), slowQuery)
		failed <- err
	}()
	waitForStatement(t)
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
