package local

import (
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
	"syscall"
	"time"
)

// Runtime is what a running local cloud says of itself, in runtime.json and at its
// health address.
type Runtime struct {
	PID          int    `json:"pid"`
	Port         int    `json:"port"`
	RedshiftPort int    `json:"redshiftPort"`
	ProviderPort int    `json:"providerPort"` // where the Pulumi engine attaches
	AdminPort    int    `json:"adminPort"`    // health and drills, whatever holds the connections of Port
	Build        string `json:"build"`

	Key    string   `json:"key"`    // to its drills; in runtime.json alone
	Drills []string `json:"drills"` // that go on; at the health address alone
	Alarms []string `json:"alarms"` // that have gone off; there too
}

// URL is the address of every AWS API.
func (r Runtime) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", r.Port) }

// ErrNotRunning is a local cloud that is not running, or has died.
var ErrNotRunning = errors.New("the local cloud is not running; start it with: go tool mage local:up")

// Status returns what the running local cloud says of itself, or ErrNotRunning.
func (c Cloud) Status(ctx context.Context) (Runtime, error) {
	recorded, err := c.recorded()
	if err != nil {
		return Runtime{}, err
	}
	if recorded.PID == 0 {
		return Runtime{}, ErrNotRunning
	}
	answered, err := health(ctx, recorded.AdminPort)
	if err != nil || answered.PID != recorded.PID {
		return Runtime{}, ErrNotRunning
	}
	answered.Key = recorded.Key
	return answered, nil
}

// Awake is Status; a local cloud that holds something and does not run, because it has
// died or was stopped, is started by start with what it holds.
func (c Cloud) Awake(ctx context.Context, start func(context.Context) (Runtime, error)) (Runtime, error) {
	running, err := c.Status(ctx)
	if !errors.Is(err, ErrNotRunning) {
		return running, err
	}
	if held, _ := os.ReadDir(c.stateDir()); len(held) == 0 {
		return Runtime{}, err
	}
	return start(ctx)
}

// recorded is runtime.json; zero when there is none.
func (c Cloud) recorded() (Runtime, error) {
	var r Runtime
	data, err := os.ReadFile(c.runtimePath())
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read what the local cloud says of itself: %w", err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read %s: %w; remove it and run go tool mage local:up", c.runtimePath(), err)
	}
	return r, nil
}

// direct is not the default client: a proxy has no business between this and the local
// cloud, and no connection is to be kept.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// healthTimeout is how long a local cloud may take to answer before it counts as dead.
const healthTimeout = 3 * time.Second

// health asks the local cloud at port what it says of itself.
func health(ctx context.Context, port int) (Runtime, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	var r Runtime
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/_localcloud/health", port), nil)
	if err != nil {
		return r, err
	}
	resp, err := direct.Do(req)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return r, fmt.Errorf("port %d answers %s", port, resp.Status)
	}
	return r, json.NewDecoder(resp.Body).Decode(&r)
}

// alive says whether a process is there and is this checkout's local cloud: a number in a
// file may by now belong to another program. Where the checkout has moved since, the
// process is the one that answers as recorded.
func (c Cloud) alive(ctx context.Context, r Runtime) bool {
	if ended(r.PID) {
		return false
	}
	if strings.Contains(commandLine(r.PID), c.stateDir()) {
		return true
	}
	answered, err := health(ctx, r.AdminPort)
	return err == nil && answered.PID == r.PID
}

// ended says whether there is no such process, or nothing left of it but its status.
func ended(pid int) bool {
	return pid <= 0 || syscall.Kill(pid, 0) != nil || commandLine(pid) == ""
}

// commandLine is a process's program and arguments, empty when it cannot be told.
func commandLine(pid int) string {
	proc := filepath.Join("/proc", strconv.Itoa(pid), "cmdline")
	if text, err := os.ReadFile(proc); err == nil {
		return strings.ReplaceAll(string(text), "\x00", " ")
	}
	text, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return string(text)
}
