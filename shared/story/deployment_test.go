package story

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pipeline/shared/layers"
)

// deployment is a `deploy:all` that goes on, as a foreground job of a shell: what is
// typed at its terminal reaches its whole process group.
type deployment struct {
	cmd        *exec.Cmd
	reportPath string
	output     transcript
	ended      chan struct{}
	err        error // how it ended
}

func deploy(t *testing.T, r *repository) *deployment {
	t.Helper()
	d := &deployment{reportPath: filepath.Join(t.TempDir(), "report.json"), ended: make(chan struct{})}
	d.cmd = exec.Command("go", "tool", "mage", "deploy:all")
	d.cmd.Dir, d.cmd.Env = r.root, append(slices.Clone(r.env), "REPORT="+d.reportPath)
	d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(d.ended)
		d.err = d.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL)
		<-d.ended
	})
	return d
}

// patience is how long anything here may take on a slow machine.
const patience = 10 * time.Minute

func (d *deployment) wait(t *testing.T) {
	t.Helper()
	select {
	case <-d.ended:
	case <-time.After(patience):
		t.Fatalf("the deploy does not end:\n%s", &d.output)
	}
}

func (d *deployment) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(-d.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
}

// until waits until the deployment has printed a text.
func (d *deployment) until(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		grown := d.output.grows()
		if strings.Contains(d.output.String(), text) {
			return
		}
		select {
		case <-grown:
		case <-d.ended:
			t.Fatalf("the deploy ended and did not print %q:\n%s", text, &d.output)
		case <-deadline:
			t.Fatalf("the deploy does not print %q:\n%s", text, &d.output)
		}
	}
}

// results are the layers' results, nil when the deployment was over before it began.
func (d *deployment) results() map[string]layers.Result {
	report, err := layers.ReadReport(d.reportPath)
	if err != nil {
		return nil
	}
	results := map[string]layers.Result{}
	for _, l := range report.Layers {
		results[l.Layer] = l.Result
	}
	return results
}

func (d *deployment) report(t *testing.T) *layers.Report {
	t.Helper()
	report, err := layers.ReadReport(d.reportPath)
	if err != nil {
		t.Fatalf("%v:\n%s", err, &d.output)
	}
	return report
}

// locked are the layers whose stacks are held.
func locked(t *testing.T, r *repository) []string {
	t.Helper()
	var held []string
	err := filepath.WalkDir(r.path(".local/backend/.pulumi/locks"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) || (err == nil && d.IsDir()) {
			return nil
		}
		// .../locks/organization/events-iam/local/<id>.json
		project := filepath.Base(filepath.Dir(filepath.Dir(path)))
		held = append(held, strings.TrimPrefix(project, "events-"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func unlocked(t *testing.T, r *repository) {
	t.Helper()
	if held := locked(t, r); len(held) > 0 {
		t.Errorf("the stacks of %v are left locked", held)
	}
}

// held deploys a layer whose stack somebody else holds: it fails and says who, since when
// and what to do, and nobody else minds.
func held(t *testing.T, r *repository) {
	dir := r.path(".local/backend/.pulumi/locks/organization/events-auth/local")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	lock := `{"pid": 42, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-01-02T03:04:05Z"}`
	if err := os.WriteFile(filepath.Join(dir, "01234567-89ab-cdef-0123-456789abcdef.json"), []byte(lock), 0o644); err != nil {
		t.Fatal(err)
	}
	d := deploy(t, r)
	d.wait(t)
	for _, l := range d.report(t).Layers {
		switch {
		case l.Layer == "auth":
			want := "organization/events-auth/local is locked by ann@elsewhere (process 42) since 2026-01-02T03:04:05Z; wait for it, or if that run has died: go tool mage unlock auth"
			if l.Result != layers.Failed || l.Error != want {
				t.Errorf("auth is %s: %s\nwant: %s", l.Result, l.Error, want)
			}
		case l.Layer == "gateway": // it reads auth
			if l.Result != layers.Skipped {
				t.Errorf("gateway is %s, want it skipped", l.Result)
			}
		case l.Result != layers.Unchanged:
			t.Errorf("%s is %s, want it not to mind", l.Layer, l.Result)
		}
	}
	r.expect(t, "go tool mage unlock auth", "is unlocked")
	r.expect(t, "go tool mage deploy:all", "nothing changed")
}

// transcript is what a program prints while it runs.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	grew chan struct{}
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grew != nil {
		close(w.grew)
		w.grew = nil
	}
	return w.text.Write(p)
}

// grows is closed when more is printed from now on.
func (w *transcript) grows() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grew == nil {
		w.grew = make(chan struct{})
	}
	return w.grew
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
