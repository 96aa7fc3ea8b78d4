package main

import (
	"fmt"
	"net"
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

// silent checks that nobody takes what a connection beyond the bound says.
func silent(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := conn.Read(make([]byte, 1)); !os.IsTimeout(err) {
		t.Fatalf("a connection beyond the bound is answered: %v", err)
	}
}

func dial(t *testing.T, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestAHandfulOfConnectionsIsTakenHoweverFewFilesThereAre(t *testing.T) {
	for _, c := range []struct {
		most  int
		files uint64
		want  int
	}{{maxConnections, 1 << 20, maxConnections}, {maxConnections, 3024, 1000}, {maxConnections, 256, 120}, {maxAdmins, 1024, fewest}, {maxAdmins, 2124, maxAdmins}} {
		if got := admitted(c.most, c.files); got != c.want {
			t.Errorf("of %d connections a process with %d files takes %d, want %d", c.most, c.files, got, c.want)
		}
	}
}

func TestTheWarehousesConnectionsAreBounded(t *testing.T) {
	const bound = 2 * maxSignIns / 100
	p := &path{options: options{State: t.TempDir(), Port: freePort(t), RedshiftPort: freePort(t)}}
	withFiles(t, p, ownFiles+bound).ready(t)
	wantsTLS := []byte{0, 0, 0, 8, 4, 210, 22, 47} // SSLRequest
	for range bound {
		conn := dial(t, p.RedshiftPort)
		_, _ = conn.Write(wantsTLS)
		_ = conn.SetReadDeadline(time.Now().Add(longestWait))
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	waiting := dial(t, p.RedshiftPort)
	_, _ = waiting.Write(wantsTLS)
	silent(t, waiting)
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
	silent(t, waiting)
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
