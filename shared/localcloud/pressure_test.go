package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// connections is how many the test opens: 10,000, or what the limit of open files lets
// this process have.
func connections(t *testing.T) int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	if most := int(files.Cur) - ownFiles - 500; most < 10_000 {
		t.Logf("the limit of %d open files leaves %d connections", files.Cur, most)
		return most
	}
	return 10_000
}

// TestTenThousandConnectionsAreServedInBoundedMemory opens them, has each answered once,
// keeps them open, and posts an event on one more.
func TestTenThousandConnectionsAreServedInBoundedMemory(t *testing.T) {
	p := &practice{path: deployPath(t, t.TempDir(), 0), t: t}
	running := launch(t, p.path)
	running.ready(t)
	p.signIn()
	before, _ := running.residentBytes(t)
	n := connections(t)
	open := make([]net.Conn, n)
	for i := range open {
		open[i] = p.openConnection(t)
		defer open[i].Close()
	}
	for i := range open {
		readAnswer(t, open[i], i)
	}
	p.answers("beside the connections", 200, "success")
	after, most := running.residentBytes(t)
	t.Logf("%d connections: %d MiB before, %d MiB with them, %d MiB at most", n, before>>20, after>>20, most>>20)
	if each := (most - before) / int64(n); each > 64<<10 {
		t.Errorf("a connection takes %d KiB, want at most 64", each>>10)
	}
}

func (p *path) openConnection(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.Port))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /_localcloud/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
	return conn
}

func readAnswer(t *testing.T, conn net.Conn, number int) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(longestWait))
	resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), nil)
	if err != nil {
		t.Fatalf("connection %d: %v", number, err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("connection %d is answered %s", number, resp.Status)
	}
}

// memoryBound is what the process may take at most under the loads of these tests, in
// bytes: generous, and a fraction of what their bodies would take if nothing bounded them.
const memoryBound = 1 << 30

// hostile are bodies of 10 MB that take more memory than they have bytes, and how many
// clients send each.
var hostile = []struct {
	what    string
	item    string
	clients int
}{
	{"objects", `{"a":1},`, 6},
	{"text", `"` + strings.Repeat("x", 1<<20) + `",`, 16},
	{"nesting", strings.Repeat("[", 1<<10), 8},
}

func hostileBody(item string) []byte {
	const head, tail = `{"game_name":"g","event_name":"e","event_data":{"a":[`, `0]}}`
	return []byte(head + strings.Repeat(item, (10<<20-len(head)-len(tail))/len(item)) + tail)
}

// TestLargeBodiesFromManyClientsTakeBoundedMemory posts the largest bodies from many
// clients at once.
func TestLargeBodiesFromManyClientsTakeBoundedMemory(t *testing.T) {
	p := &practice{path: deployPath(t, t.TempDir(), 0), t: t}
	running := launch(t, p.path)
	running.ready(t)
	p.signIn()
	var answers sync.Map // status to *atomic.Int64
	for _, h := range hostile {
		text := hostileBody(h.item)
		var clients sync.WaitGroup
		for range h.clients {
			clients.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				status, _, _ := post(t.Context(), client, p.events, p.token, text)
				count, _ := answers.LoadOrStore(status, &atomic.Int64{})
				count.(*atomic.Int64).Add(1)
			})
		}
		clients.Wait()
		_, most := running.residentBytes(t)
		t.Logf("%d clients with 10 MB of %s: %d MiB at most", h.clients, h.what, most>>20)
		if most > memoryBound {
			t.Errorf("%d clients with 10 MB of %s take %d MiB, want at most %d", h.clients, h.what, most>>20, memoryBound>>20)
		}
	}
	answers.Range(func(status, n any) bool {
		t.Logf("%d times %d", n.(*atomic.Int64).Load(), status)
		if status == http.StatusOK {
			t.Error("a body that Firehose does not take was acknowledged")
		}
		return true
	})
	p.answers("after the large bodies", 200, "success")
}
