package redshift

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
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

// A connection may be accepted just before a pause and be noted just behind it.
func TestNobodySignsInDuringAPause(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	config, err := pgconn.ParseConfig(fmt.Sprintf("postgres://admin:%s@127.0.0.1:%d/events?sslmode=require", adminPassword, w.port))
	if err != nil {
		t.Fatalf("configure: %v", err)
	}
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		for noted := false; err == nil && !noted; runtime.Gosched() {
			_, noted = w.front.conns.Load(c.LocalAddr().String())
		}
		w.paused.Store(true)
		return c, err
	}
	_, err = pgconn.ConnectConfig(t.Context(), config)
	if e := new(pgconn.PgError); !errors.As(err, &e) || e.Code != "08001" {
		t.Errorf("in a pause one signs in with %v, want 08001", err)
	}
}

func TestAConnectionThatIsClosedTwiceLeavesTheNextOfItsAddressAlone(t *testing.T) {
	f := &front{}
	c, _ := net.Pipe()
	first, second := &clientConn{Conn: c, front: f}, &clientConn{Conn: c, front: f}
	f.conns.Store(c.RemoteAddr().String(), first)
	_ = first.Close()
	f.conns.Store(c.RemoteAddr().String(), second)
	_ = first.Close()
	if _, noted := f.conns.Load(c.RemoteAddr().String()); !noted {
		t.Error("the second close of a connection forgets the next one")
	}
}
