package story

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/manifest"
)

// repository is a clean copy of this repository, with ports of its own, so that a
// story runs beside a local cloud that is up.
type repository struct {
	root    string
	env     []string
	prelude []string // what to run in the shell before each command
	layers  int      // how many there are
	port    int      // of its local cloud
	health  string   // URL of its local cloud's health page
}

// newRepository copies what git knows of to root, with the working tree's content,
// commits it and gives it free ports. The local cloud is stopped when the test ends.
func newRepository(t *testing.T, root string) *repository {
	t.Helper()
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	r := &repository{root: root, layers: len(m.Layers)}
	list, err := exec.Command("git", "-C", m.Root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("list the repository's files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		copyFile(t, filepath.Join(m.Root, name), r.path(name))
	}
	r.env = cleanEnvironment(t)
	var redshiftPort int
	r.port, redshiftPort = freePorts(t)
	local := m.Environments["local"].LocalCloud
	r.edit(t, manifest.FileName, fmt.Sprintf("port: %d", local.Port), fmt.Sprintf("port: %d", r.port))
	r.edit(t, manifest.FileName, fmt.Sprintf("redshiftPort: %d", local.RedshiftPort), fmt.Sprintf("redshiftPort: %d", redshiftPort))
	r.health = fmt.Sprintf("http://127.0.0.1:%d/_localcloud/health", r.port)
	r.expect(t, "git init -q && git add -A && git -c user.name=story -c user.email=story@localhost commit -qm copy && git tag copy", "")
	t.Cleanup(r.stop)
	return r
}

// stop ends the local cloud, by force where mage cannot.
func (r *repository) stop() {
	if _, err := r.run(context.Background(), "go tool mage local:down"); err == nil {
		return
	}
	if process, err := r.process(); err == nil {
		_ = process.Kill() // it has ended meanwhile
	}
}

// reset makes the copy as it was when it was made, but for the programs that were built.
func (r *repository) reset() error {
	if out, err := r.run(context.Background(), "git reset -q --hard copy && git clean -fdq"); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	kept, err := filepath.Glob(r.path(".local/*"))
	if err != nil {
		return err
	}
	for _, path := range kept {
		if filepath.Base(path) == "bin" {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// cleanEnvironment is a newcomer's: a home folder with nothing in it, no AWS, no
// Pulumi. Go's caches stay, and so does the user's cache folder with the pinned CLI.
func cleanEnvironment(t *testing.T) []string {
	t.Helper()
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "PULUMI_") || name == "STACK" || name == "GOFLAGS" {
			continue
		}
		env = append(env, kv)
	}
	if runtime.GOOS != "linux" { // elsewhere the cache folder is found through HOME
		return env
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	caches, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE", "GOFLAGS").Output()
	if err != nil {
		t.Fatal(err)
	}
	go3 := strings.Split(string(caches), "\n")
	env = slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "HOME=") })
	return append(env, "HOME="+t.TempDir(), "XDG_CACHE_HOME="+cache, "GOMODCACHE="+go3[0], "GOCACHE="+go3[1], "GOFLAGS="+go3[2])
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if os.IsNotExist(err) {
		return // deleted in the working tree
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, info.Mode()); err != nil {
		t.Fatal(err)
	}
}

func freePorts(t *testing.T) (int, int) {
	t.Helper()
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports[0], ports[1]
}

func (r *repository) path(name string) string { return filepath.Join(r.root, filepath.FromSlash(name)) }

// edit is replace for a test, which fails with it.
func (r *repository) edit(t *testing.T, name, old, new string) {
	t.Helper()
	if err := r.replace(name, old, new); err != nil {
		t.Fatal(err)
	}
}

// replace replaces text that is in a file of the copy exactly once.
func (r *repository) replace(name, old, new string) error {
	data, err := os.ReadFile(r.path(name))
	if err != nil {
		return err
	}
	if n := strings.Count(string(data), old); n != 1 {
		return fmt.Errorf("%s has %q %d times, want once", name, old, n)
	}
	return os.WriteFile(r.path(name), []byte(strings.Replace(string(data), old, new, 1)), 0o644)
}

// run runs a command line in the copy and returns what it printed on both streams.
func (r *repository) run(ctx context.Context, command string) (string, error) {
	script := strings.Join(append(r.prelude, command), "\n")
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = r.root
	cmd.Env = r.env
	cmd.WaitDelay = 10 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	return output.String(), err
}

// expect runs a command that must succeed and print text.
func (r *repository) expect(t *testing.T, command, text string) string {
	t.Helper()
	output, err := r.run(t.Context(), command)
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	if !strings.Contains(output, text) {
		t.Fatalf("%s does not print %q:\n%s", command, text, output)
	}
	return output
}

// fails runs a command that must fail with one line that holds text.
func (r *repository) fails(t *testing.T, command, text string) {
	t.Helper()
	output, err := r.run(t.Context(), command)
	if err == nil {
		t.Fatalf("%s succeeds, want an error with %q:\n%s", command, text, output)
	}
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "Error: ") && strings.Contains(line, text) {
			return
		}
	}
	t.Errorf("%s has no line \"Error: ...\" with %q:\n%s", command, text, output)
}

// until runs a command again until it prints all of texts. Only what has to arrive is
// asked twice: a command that fails, fails the test.
func (r *repository) until(t *testing.T, command string, texts []string) string {
	t.Helper()
	deadline := time.Now().Add(arrives)
	for {
		output := r.expect(t, command, "")
		absent := ""
		for _, text := range texts {
			if !strings.Contains(output, text) {
				absent = text
			}
		}
		if absent == "" {
			return output
		}
		if !strings.Contains(command, "events:query") || time.Now().After(deadline) {
			t.Fatalf("%s does not print %q:\n%s", command, absent, output)
		}
	}
}

// untouched fails the test when a tracked file changed, beyond what the story edited,
// or when something was put into the home folder.
func (r *repository) untouched(t *testing.T) {
	t.Helper()
	changed := r.expect(t, "git status --porcelain", "")
	for line := range strings.Lines(changed) {
		if !strings.HasSuffix(strings.TrimSpace(line), "projects/stream/Pulumi.local.yaml") {
			t.Errorf("git sees a change: %s", line)
		}
	}
	for _, kv := range r.env {
		home, ok := strings.CutPrefix(kv, "HOME=")
		if !ok || runtime.GOOS != "linux" {
			continue
		}
		for _, name := range []string{".pulumi", ".aws"} {
			if _, err := os.Stat(filepath.Join(home, name)); err == nil {
				t.Errorf("the home folder has a new %s", name)
			}
		}
	}
}
