package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// serveVariable holds the command line of the local cloud that the test's own program is
// to be instead.
const serveVariable = "LOCALCLOUD_TEST_SERVE"

func init() {
	if line := os.Getenv(serveVariable); line != "" {
		os.Exit(run(context.Background(), strings.Fields(line), os.Stderr))
	}
}

// process is a local cloud in a process of its own.
type process struct {
	cmd   *exec.Cmd
	said  bytes.Buffer
	ended chan error
	state string
}

// launch starts the local cloud of a path; ready waits until it answers.
func launch(t *testing.T, p *path, env ...string) *process {
	t.Helper()
	return launchAs(t, p, exec.Command(os.Args[0]), env...)
}

// launchAs starts it with a command that becomes the test's own program.
func launchAs(t *testing.T, p *path, cmd *exec.Cmd, env ...string) *process {
	t.Helper()
	out := &process{cmd: cmd, ended: make(chan error, 1), state: p.State}
	line := fmt.Sprintf("serve --state %s --port %d --redshift-port %d", p.State, p.Port, p.RedshiftPort)
	out.cmd.Env = append(append(os.Environ(), serveVariable+"="+line), env...)
	out.cmd.Stderr = &out.said
	if err := out.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { out.ended <- out.cmd.Wait() }()
	t.Cleanup(func() {
		out.kill()
		if text := out.said.String(); t.Failed() && text != "" {
			t.Logf("the local cloud said:\n%s", text[max(0, len(text)-4000):])
		}
	})
	return out
}

// kill is kill -9; it returns when the process is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	p.ended <- <-p.ended // for whoever asks next
}

// longestWait bounds every wait of these tests: a machine that is busy is no failure.
const longestWait = 90 * time.Second

// eventually asks until there is no error, or fails with the last one.
func eventually(t *testing.T, what string, ask func() error) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := ask()
		if err == nil {
			return
		}
		if time.Since(began) > longestWait {
			t.Fatalf("after %s it is still not so that %s: %v", longestWait, what, err)
		}
	}
}

// ready waits until the process has announced itself, which it does when it answers.
func (p *process) ready(t *testing.T) announcement {
	t.Helper()
	var info announcement
	eventually(t, "the local cloud answers", func() error {
		select {
		case err := <-p.ended:
			p.ended <- err
			t.Fatalf("the local cloud ended: %v\n%s", err, p.said.String())
		default:
		}
		text, err := os.ReadFile(filepath.Join(p.state, "runtime.json"))
		if err == nil {
			err = json.Unmarshal(text, &info)
		}
		if err == nil && info.PID != p.cmd.Process.Pid {
			err = errors.New("runtime.json is of an earlier process")
		}
		return err
	})
	return info
}

// residentBytes is the process's memory, and the most that it had.
func (p *process) residentBytes(t *testing.T) (now, most int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Skipf("this machine does not tell a process's memory: %v", err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 3 && (fields[0] == "VmRSS:" || fields[0] == "VmHWM:") {
			kib, _ := strconv.ParseInt(fields[1], 10, 64)
			if fields[0] == "VmRSS:" {
				now = kib << 10
			} else {
				most = kib << 10
			}
		}
	}
	return now, most
}

// drill begins a drill and fails the test where the local cloud refuses.
func (p *path) drill(t *testing.T, key, name, arguments string) {
	t.Helper()
	status, answer := p.askDrill(t, http.MethodPost, "/"+name, key, arguments)
	if status != http.StatusOK {
		t.Fatalf("drill %s %s: %d %s", name, arguments, status, answer)
	}
}

func (p *path) askDrill(t *testing.T, method, name, key, arguments string, headers ...string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url()+"/_localcloud/drills"+name, strings.NewReader(arguments))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Localcloud-Key", key)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) (status int, answer string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text.String()
}

// connect signs in to the warehouse as its admin.
func (p *path) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("postgres://awsadmin:%s@127.0.0.1:%d/events?sslmode=require", adminPassword, p.RedshiftPort))
}

// count runs a query that has one number.
func (p *path) count(ctx context.Context, sql string) (n int, err error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, sql).Scan(&n)
	return n, err
}

// arrived are how often each event_id is in a table or view.
func (p *path) arrived(ctx context.Context, table string) (map[string]int, error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT event_id FROM "+table)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	times := map[string]int{}
	for _, id := range ids {
		times[id]++
	}
	return times, err
}
