package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// repository is a folder with a magefile that imports a package of the module shared.
func repository(t *testing.T) string {
	t.Helper()
	t.Setenv("GOWORK", "")
	root := t.TempDir()
	put(t, root, "go.work", "go 1.25.11\n\nuse ./shared\n")
	put(t, root, "shared/go.mod", "module pipeline/shared\n\ngo 1.25.11\n")
	put(t, root, "shared/said/said.go", "package said\n\nconst Text = \"before\"\n")
	put(t, root, "shared/localcloud/big.go", "package big\n")
	put(t, root, "magefile.go", `//go:build mage

package main

import (
	"fmt"

	"pipeline/shared/said"
)

func Say() { fmt.Println(said.Text) }
`)
	return root
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// says builds the targets where needed and returns what the target prints.
func says(t *testing.T, root string) string {
	t.Helper()
	program, status := build(root)
	if status != 0 {
		t.Fatalf("mage ends with status %d", status)
	}
	out, err := exec.Command(program, "say").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// built is when the targets' program was built.
func built(t *testing.T, root string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(root, folder, "mage"))
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime().UnixNano()
}

func TestTheTargetsAreBuiltAgainWhenWhatTheyAreBuiltFromChanged(t *testing.T) {
	root := repository(t)
	if got := says(t, root); got != "before" {
		t.Fatalf("the target says %q", got)
	}
	first := built(t, root)
	put(t, root, "shared/localcloud/big.go", "package big // changed")
	put(t, root, "shared/said/said_test.go", "package said")
	if says(t, root); built(t, root) != first {
		t.Error("built again, though nothing changed that the targets are built from")
	}
	put(t, root, "shared/said/said.go", "package said\n\nconst Text = \"behind\"\n") // as long as before
	if got := says(t, root); got != "behind" {
		t.Errorf("after a change the target says %q", got)
	}
	text, err := os.ReadFile(filepath.Join(root, "magefile.go"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, root, "magefile.go", strings.Replace(string(text), "said.Text)", `"I say " + said.Text)`, 1))
	if got := says(t, root); got != "I say behind" {
		t.Errorf("after a change of the magefile the target says %q", got)
	}
}

func TestTargetsThatDoNotCompileAreNotRun(t *testing.T) {
	root := repository(t)
	says(t, root)
	put(t, root, "shared/said/said.go", "package said\n\nconst Text = 1 + \"x\"\n")
	for range 2 {
		if _, status := build(root); status == 0 {
			t.Fatal("what does not compile is built, or the program from before is run")
		}
	}
}

func TestTwoAtTheSameTimeBuildOnce(t *testing.T) {
	root := repository(t)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, status := build(root); status != 0 {
				t.Errorf("mage ends with status %d", status)
			}
		})
	}
	both.Wait()
	if got := says(t, root); got != "before" {
		t.Errorf("the target says %q", got)
	}
}

func TestMageItselfAnswersWhatIsNoTarget(t *testing.T) {
	root := repository(t)
	t.Chdir(root)
	for _, ask := range []struct {
		args []string
		want bool
	}{
		{[]string{"say"}, true}, {[]string{"deploy:all"}, true}, {nil, false}, {[]string{"-l"}, false}, {[]string{"-h", "say"}, false},
	} {
		if got := target(ask.args); got != ask.want {
			t.Errorf("%v is a target: %v, want %v", ask.args, got, ask.want)
		}
	}
	t.Chdir(t.TempDir())
	if target([]string{"say"}) {
		t.Error("a folder without a magefile has a target")
	}
}
