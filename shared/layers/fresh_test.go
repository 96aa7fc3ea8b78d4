package layers

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/command"
)

// builds counts the runs of go build, which leave programs behind as the real one does.
func builds(w *world) *int {
	n := 0
	w.On("go build", func(_ context.Context, c command.Command) error {
		n++
		for _, p := range c.Args[slices.Index(c.Args, "-o")+2:] {
			if strings.HasPrefix(p, "./") {
				w.write(filepath.Join(".local", "bin", filepath.Base(p)), "program")
			}
		}
		return nil
	})
	return &n
}

func TestGoIsAskedOnlyWhenASourceChanged(t *testing.T) {
	w := newWorld(t)
	n := builds(w)
	w.write("projects/a/main.go", "package main")
	expect := func(want int, why string) {
		t.Helper()
		w.do(Deploy)
		if *n != want {
			t.Errorf("%s: go build ran %d times, want %d", why, *n, want)
		}
	}
	expect(1, "at first")
	expect(1, "nothing changed")
	w.write("projects/a/main_test.go", "package main")
	w.write("projects/a/Pulumi.local.yaml", "config: {}\n")
	expect(1, "a test and a setting changed")
	w.write("projects/a/main.go", "package main // longer")
	expect(2, "a source changed")
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(w.root, "projects", "a", "main.go"), later, later); err != nil {
		t.Fatal(err)
	}
	expect(3, "a source was written again")
	w.write("shared/new.go", "package shared")
	expect(4, "a source is new")
	if err := os.Remove(filepath.Join(w.root, ".local", "bin", "a")); err != nil {
		t.Fatal(err)
	}
	expect(5, "a program is gone")
	t.Setenv("CGO_LDFLAGS", "-lx")
	expect(6, "a variable of Go changed")
}

func TestAProgramThatDidNotCompileIsBuiltAgain(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy, "a") // its go build leaves no program behind
	n := builds(w)
	w.do(Deploy, "a")
	w.do(Deploy, "b")
	if *n != 2 {
		t.Errorf("go build ran %d times, want once for a and once for b", *n)
	}
}
