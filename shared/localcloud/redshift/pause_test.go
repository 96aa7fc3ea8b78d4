package redshift

import (
	"bytes"
	"encoding/json"
	"runtime"
	"testing"
	"time"
)

// slowQuery runs until it is ended.
const slowQuery = `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 500)
	SELECT count(*) FROM r a, r b, r c, r d WHERE (a.n * b.n + c.n * d.n) % 7 = 3`

// waitForStatement returns when a statement runs.
func waitForStatement(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for stacks := make([]byte, 1<<20); !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("engine.(*Session).stream")); {
		if time.Now().After(deadline) {
			t.Fatal("the statement does not begin")
		}
		runtime.Gosched()
	}
}

func managedPassword(t *testing.T, w *world, secret string) string {
	t.Helper()
	var value struct{ Password string }
	if err := json.Unmarshal([]byte(w.secrets[secret]), &value); err != nil {
		t.Fatalf("read secret %s: %v", secret, err)
	}
	return value.Password
}

func TestAPauseEndsTheStatementsThatRun(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	id := d.execute(slowQuery)
	waitForStatement(t)
	w.Pause()
	if out := d.wait(id); out.Status != "FAILED" {
		t.Errorf("the statement of the Data API is %s, want FAILED", out.Status)
	}
	w.Resume()
	failed := make(chan error, 1)
	go func() {
		failed <- w.Exec(t.Context(), "", "events", "admin", managedPassword(t, w, d.secret), slowQuery)
	}()
	waitForStatement(t)
	w.Pause()
	if err := <-failed; err == nil {
		t.Error("what Firehose runs ended well in a pause")
	}
	w.Resume()
	if out := d.wait(d.execute("SELECT 1")); out.Status != "FINISHED" {
		t.Errorf("behind the pause a statement is %s", out.Status)
	}
}
