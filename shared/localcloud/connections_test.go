package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"pipeline/shared/localcloud/drills"
)

// withFiles launches a local cloud that may have so many open files.
func withFiles(t *testing.T, p *path, files int) *process {
	t.Helper()
	return launchAs(t, p, exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0"`, files), os.Args[0]))
}

// TestHealthAndDrillsAnswerWhileEveryConnectionIsTaken holds all connections that the
// process has files for: what would ask at the same port waits, and its own port answers.
func TestHealthAndDrillsAnswerWhileEveryConnectionIsTaken(t *testing.T) {
	const bound = 2 * maxConnections / 100 // more than the least that there are
	p := &path{options: options{State: t.TempDir(), Port: freePort(t), RedshiftPort: freePort(t)}}
	info := withFiles(t, p, ownFiles+bound).ready(t)
	for range bound {
		conn := p.openConnection(t)
		defer conn.Close()
		readAnswer(t, conn, 0)
	}
	waiting := p.openConnection(t)
	defer waiting.Close()
	_ = waiting.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := waiting.Read(make([]byte, 1)); !os.IsTimeout(err) {
		t.Fatalf("a connection beyond the bound of %d is answered (%v): the test holds too few", bound, err)
	}
	admin := fmt.Sprintf("http://127.0.0.1:%d", info.AdminPort)
	for _, path := range []string{adminPath + "health", drills.Path} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(drills.KeyHeader, info.Key)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", path, resp.Status)
		}
	}
}
