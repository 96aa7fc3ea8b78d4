package story

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pipeline/shared/layers"
	"pipeline/shared/manifest"
)

// What breaks in the middle of a deployment, on the real engine: each layer in turn, the
// user's patience, the local cloud. The next deploy completes it each time.
func TestABrokenDeploymentIsCompletedByTheNext(t *testing.T) {
	r := newRepository(t, t.TempDir())
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	r.expect(t, "go tool mage local:up", "running")
	for _, l := range m.Layers {
		t.Run(l.Name+" fails", func(t *testing.T) { layerFails(t, r, m, l) })
	}
	t.Run("all is there in the end", func(t *testing.T) { completes(t, r) })
	t.Run("interrupts at random moments", func(t *testing.T) { interrupts(t, r) })
	t.Run("a second interrupt ends at once", func(t *testing.T) { twoInterrupts(t, r) })
	t.Run("the local cloud dies", func(t *testing.T) { cloudDies(t, r) })
	t.Run("a preview of what is deployed is empty", func(t *testing.T) { r.expect(t, "go tool mage preview:all", "nothing changed") })
	t.Run("a stack that somebody holds", func(t *testing.T) { held(t, r) })
}

// layerFails deploys with one layer broken: it fails, what depends on it is skipped, and
// the rest is deployed.
func layerFails(t *testing.T, r *repository, m *manifest.Manifest, broken manifest.Layer) {
	settings := broken.Path + "/Pulumi.local.yaml"
	before, err := os.ReadFile(r.path(settings))
	if err != nil {
		t.Fatal(err)
	}
	nonsense := "config:\n  events-" + broken.Name + ":nonsense: 1"
	after := strings.Replace(strings.Replace(string(before), "config: {}", "config:", 1), "config:", nonsense, 1)
	if err := os.WriteFile(r.path(settings), []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.WriteFile(r.path(settings), before, 0o644); err != nil {
			t.Error(err)
		}
	}()
	d := deploy(t, r)
	d.wait(t)
	report := d.report(t)
	if report.OK || d.err == nil {
		t.Errorf("the deploy is fine, want it failed:\n%s", &d.output)
	}
	skipped := downstream(m, broken.Name)
	for _, l := range report.Layers {
		switch {
		case l.Layer == broken.Name:
			if l.Result != layers.Failed || !strings.Contains(l.Error, "nonsense") {
				t.Errorf("%s is %s (%s), want it failed because of the unknown setting", l.Layer, l.Result, l.Error)
			}
		case slices.Contains(skipped, l.Layer):
			if l.Result != layers.Skipped || l.Because != broken.Name {
				t.Errorf("%s is %s because of %q, want it skipped because of %s", l.Layer, l.Result, l.Because, broken.Name)
			}
		case l.Result != layers.Deployed && l.Result != layers.Unchanged:
			t.Errorf("%s is %s (%s), want it not to mind", l.Layer, l.Result, l.Error)
		}
	}
	unlocked(t, r)
}

// downstream are the layers that depend on one, directly or not.
func downstream(m *manifest.Manifest, layer string) []string {
	down := []string{layer}
	for _, l := range m.Layers { // upstreams come first
		if slices.ContainsFunc(l.DependsOn, func(up string) bool { return slices.Contains(down, up) }) {
			down = append(down, l.Name)
		}
	}
	return down[1:]
}

// interruptions is how many deployments are interrupted; DRILLS sets another number.
const interruptions = 4

// interrupts interrupts a deployment from nothing again and again at random moments.
func interrupts(t *testing.T, r *repository) {
	times, seed := interruptions, uint64(time.Now().UnixNano())
	if n, err := strconv.Atoi(os.Getenv("DRILLS")); err == nil {
		times = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	r.expect(t, "go tool mage destroy:all", "destroy of local")
	const longest = 8 * time.Second
	for range times {
		d := deploy(t, r)
		delay := time.Duration(random.Int64N(int64(longest)))
		select {
		case <-d.ended:
		case <-time.After(delay):
			d.signal(t, syscall.SIGINT)
		}
		d.wait(t)
		t.Logf("after %s: %v", delay.Round(time.Millisecond), d.results())
		unlocked(t, r)
		honest(t, r, d)
	}
	completes(t, r)
}

// honest checks that what the report says was done is there.
func honest(t *testing.T, r *repository, d *deployment) {
	t.Helper()
	results := d.results()
	if d.err != nil && results != nil && !slices.ContainsFunc(d.report(t).Layers, func(l layers.LayerReport) bool {
		return l.Result == layers.Canceled || l.Result == layers.Skipped
	}) {
		t.Errorf("the deploy failed, and nothing of it was canceled or skipped:\n%s", &d.output)
	}
	status := r.expect(t, "go tool mage status", "LAYER")
	for layer, result := range results {
		want := ""
		switch result {
		case layers.Deployed, layers.Unchanged:
			want = "deployed"
		case layers.Canceled:
			want = "failed"
		case layers.Failed:
			t.Errorf("an interrupt made %s fail:\n%s", layer, &d.output)
		}
		if state := stateIn(status, layer); want != "" && state != want {
			t.Errorf("%s is reported as %s, and its state is %s, want %s", layer, result, state, want)
		}
	}
}

// stateIn is a layer's state in what status prints.
func stateIn(status, layer string) string {
	for line := range strings.Lines(status) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == layer {
			return words[1]
		}
	}
	return "not listed"
}

// twoInterrupts makes Pulumi wait for a local cloud that answers nothing: it does not
// end by itself after the first interrupt.
func twoInterrupts(t *testing.T, r *repository) {
	r.expect(t, "go tool mage destroy:all", "destroy of local")
	d := deploy(t, r)
	d.until(t, "create")
	resume := stop(t, r)
	d.signal(t, syscall.SIGINT)
	d.until(t, "interrupted: waiting")
	// Until a second counts as one of its own, and then until it is heard.
	again := time.NewTicker(1200 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(patience)
	for running := true; running; {
		select {
		case <-d.ended:
			running = false
		case <-again.C:
			d.signal(t, syscall.SIGINT)
		case <-deadline:
			t.Fatalf("a second interrupt does not end the deploy:\n%s", &d.output)
		}
	}
	resume()
	var status *exec.ExitError
	if !errors.As(d.err, &status) || status.ExitCode() != 130 {
		t.Errorf("the deploy ends with %v, want status 130:\n%s", d.err, &d.output)
	}
	for _, layer := range locked(t, r) {
		r.expect(t, "go tool mage unlock "+layer, "is unlocked")
	}
	completes(t, r)
}

// stop makes the local cloud stand still until resume.
func stop(t *testing.T, r *repository) (resume func()) {
	t.Helper()
	pid := cloudPID(t, r)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	resume = sync.OnceFunc(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	t.Cleanup(resume)
	return resume
}

// cloudPID is the local cloud's process.
func cloudPID(t *testing.T, r *repository) int {
	t.Helper()
	text, err := os.ReadFile(r.path(".local/cloud/runtime.json"))
	if err != nil {
		t.Fatal(err)
	}
	var running struct{ PID int }
	if err := json.Unmarshal(text, &running); err != nil {
		t.Fatal(err)
	}
	return running.PID
}

func cloudDies(t *testing.T, r *repository) {
	r.expect(t, "go tool mage destroy:all", "destroy of local")
	d := deploy(t, r)
	d.until(t, "warehouse | create")
	if err := syscall.Kill(cloudPID(t, r), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.wait(t)
	if want := "the local cloud has died"; d.err == nil || !strings.Contains(d.output.String(), want) {
		t.Errorf("the deploy ends with %v and does not say %q:\n%s", d.err, want, &d.output)
	}
	unlocked(t, r)
	completes(t, r)
}

// completes deploys, and again to see that nothing was left to do.
func completes(t *testing.T, r *repository) {
	t.Helper()
	r.expect(t, "go tool mage deploy:all", "deploy of local")
	r.expect(t, "go tool mage deploy:all", "nothing changed")
}
