package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"pipeline/shared/batch"
	"pipeline/shared/lockfile"
)

const (
	startTimeout = time.Minute      // a large warehouse may have to recover first
	stopTimeout  = 30 * time.Second // what it acknowledged is on disk already
	lookEvery    = 20 * time.Millisecond
)

// Up returns the running local cloud. It starts one where none runs, where the one
// that ran has died, and where its program or ports have changed since.
func (c Cloud) Up(ctx context.Context) (Runtime, error) {
	unlock, err := lockfile.Lock(ctx, filepath.Join(c.Dir, "cloud.lock"), func() {
		fmt.Fprintln(c.Talk, "another run is starting or stopping the local cloud; waiting for it")
	})
	if err != nil {
		return Runtime{}, err
	}
	defer unlock()
	build, err := c.build(ctx)
	if err != nil {
		return Runtime{}, err
	}
	running, err := c.Status(ctx)
	switch {
	case err == nil && running.Build == build && c.samePorts(running):
		return running, nil
	case err == nil:
		fmt.Fprintln(c.Talk, "restarting the local cloud: its program or ports have changed")
	case !errors.Is(err, ErrNotRunning):
		return Runtime{}, err
	}
	if err := c.stop(ctx); err != nil {
		return Runtime{}, err
	}
	return c.start(ctx, build)
}

// samePorts says whether the local cloud listens where the manifest says. Port 0 is
// any free one.
func (c Cloud) samePorts(r Runtime) bool {
	return (c.Port == 0 || c.Port == r.Port) && (c.RedshiftPort == 0 || c.RedshiftPort == r.RedshiftPort)
}

// Down stops the local cloud and returns when it has ended; what it holds stays. It
// says whether one ran.
func (c Cloud) Down(ctx context.Context) (ran bool, err error) {
	unlock, err := lockfile.Lock(ctx, filepath.Join(c.Dir, "cloud.lock"), nil)
	if err != nil {
		return false, err
	}
	defer unlock()
	recorded, err := c.recorded()
	if err != nil {
		return false, err
	}
	ran = c.alive(ctx, recorded)
	return ran, c.stop(ctx)
}

// stop ends the recorded process, if it is still the local cloud.
func (c Cloud) stop(ctx context.Context) error {
	recorded, err := c.recorded()
	if err != nil || recorded.PID == 0 {
		return err
	}
	if c.alive(ctx, recorded) {
		if err := syscall.Kill(recorded.PID, syscall.SIGTERM); err != nil {
			return fmt.Errorf("stop the local cloud (process %d): %w", recorded.PID, err)
		}
		gone := func() (bool, error) { return ended(recorded.PID), nil }
		if err := c.wait(ctx, stopTimeout, gone); err != nil {
			return fmt.Errorf("the local cloud (process %d) does not stop: %w; end it with: kill -9 %d", recorded.PID, err, recorded.PID)
		}
	}
	if err := os.Remove(c.runtimePath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// start starts the program in the background and returns when it answers. When it
// ends instead, the error is what it said.
func (c Cloud) start(ctx context.Context, build string) (Runtime, error) {
	if err := c.explainTakenPort(ctx); err != nil {
		return Runtime{}, err
	}
	if err := os.MkdirAll(c.stateDir(), 0o755); err != nil {
		return Runtime{}, err
	}
	log, err := c.openLog()
	if err != nil {
		return Runtime{}, err
	}
	defer log.Close()
	began, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return Runtime{}, err
	}
	cmd := exec.Command(c.Binary, "serve", "--state", c.stateDir(),
		"--port", strconv.Itoa(c.Port), "--redshift-port", strconv.Itoa(c.RedshiftPort),
		"--region", c.Region, "--account", c.AccountID, "--build", build)
	// One arena: glibc gives each thread one of its own, and in Go DuckDB runs on any of them.
	cmd.Env = append(withoutAWS(os.Environ()), "MALLOC_ARENA_MAX=1")
	cmd.Stdout, cmd.Stderr = log, log
	// A session of its own: it outlives this process and the terminal.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := batch.Start(cmd); err != nil {
		return Runtime{}, fmt.Errorf("start the local cloud: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	var answered Runtime
	ready := func() (bool, error) {
		select {
		case <-ended:
			return false, fmt.Errorf("the local cloud did not start: %s", c.said(began))
		default:
		}
		r, err := c.Status(ctx)
		answered = r
		return err == nil && r.PID == cmd.Process.Pid, nil
	}
	if err := c.wait(ctx, startTimeout, ready); err != nil {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		return Runtime{}, err
	}
	fmt.Fprintf(c.Talk, "the local cloud answers at %s, its warehouse on port %d\n", answered.URL(), answered.RedshiftPort)
	return answered, nil
}

// explainTakenPort recognises the one program that is likely to have the port: the
// local cloud of another checkout. Anything else the local cloud explains itself.
func (c Cloud) explainTakenPort(ctx context.Context) error {
	if c.Port == 0 {
		return nil
	}
	other, err := health(ctx, c.Port)
	if err != nil || other.PID == 0 {
		return nil
	}
	return fmt.Errorf("port %d is taken by the local cloud of another checkout (process %d): stop it there with go tool mage local:down, or set other ports at localCloud in Pulumi.org.yaml", c.Port, other.PID)
}

// wait looks until done says so, or until ctx or the time is over.
func (c Cloud) wait(ctx context.Context, limit time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer in %s (log: %s)", limit, c.LogPath())
		case <-tick.C:
		}
	}
}

// logLimit is the size from which a log is put aside at the next start, in bytes.
const logLimit = 10 << 20

func (c Cloud) openLog() (*os.File, error) {
	path := c.LogPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// faults are how what Go's runtime says begins, of a program that it ends.
var faults = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*$`)

// said is what the local cloud wrote to its log from an offset on of why it ended: the
// fault that Go's runtime tells before the stacks, or the last line.
func (c Cloud) said(from int64) string {
	text, err := os.ReadFile(c.LogPath())
	if err != nil || int64(len(text)) < from {
		return "no log at " + c.LogPath()
	}
	if fault := faults.Find(text[from:]); fault != nil {
		return string(fault) + " (log: " + c.LogPath() + ")"
	}
	lines := strings.Split(string(bytes.TrimSpace(text[from:])), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if last == "" {
		return "it said nothing (log: " + c.LogPath() + ")"
	}
	return last
}

// Logs writes the last lines of the local cloud's log.
func (c Cloud) Logs(w io.Writer, lines int) error {
	text, err := os.ReadFile(c.LogPath())
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no log yet: %w", ErrNotRunning)
	}
	if err != nil {
		return err
	}
	all := strings.SplitAfter(string(text), "\n")
	_, err = io.WriteString(w, strings.Join(all[max(0, len(all)-1-lines):], ""))
	return err
}
