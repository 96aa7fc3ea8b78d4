package sources

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheFingerprintFollowsWhatProgramsAreBuiltFrom(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("src/a.go", "package a")
	write("src/left/b.go", "package b")
	print := func() string {
		got, err := Fingerprint(root, "src", "-src/left", "absent")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, change := range []struct {
		what    string
		do      func()
		differs bool
	}{
		{"nothing", func() {}, false},
		{"a test", func() { write("src/a_test.go", "package a") }, false},
		{"a stack's settings", func() { write("src/Pulumi.local.yaml", "config: {}") }, false},
		{"a folder that is left out", func() { write("src/left/b.go", "package b // more") }, false},
		{"a source", func() { write("src/a.go", "package a // more") }, true},
		{"a source's time", func() {
			later := time.Now().Add(time.Hour)
			if err := os.Chtimes(filepath.Join(root, "src", "a.go"), later, later); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"an embedded file", func() { write("src/pages/x.md", "# x") }, true},
		{"a file that is gone", func() {
			if err := os.Remove(filepath.Join(root, "src", "pages", "x.md")); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"a variable of Go", func() { t.Setenv("CGO_LDFLAGS", "-lx") }, true},
	} {
		before := print()
		change.do()
		if differs := print() != before; differs != change.differs {
			t.Errorf("after a change of %s the fingerprint differs: %v, want %v", change.what, differs, change.differs)
		}
	}
}
