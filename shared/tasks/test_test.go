package tasks

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What go test -json says of tests that pass, fail, panic and are skipped.
func TestTheResultsOfTestsTellWhatFailedAndWhatWasSkipped(t *testing.T) {
	for name, c := range map[string]struct {
		source    string
		said, not []string
		skipped   string
	}{
		"passing": {`func TestGood(t *testing.T) { t.Log("nothing to see") }`, []string{"ok  \tone\t"}, []string{"nothing to see", "PASS"}, ""},
		"failing": {`func TestBad(t *testing.T) { t.Run("inner", func(t *testing.T) { t.Error("it is broken") }) }`,
			[]string{"--- FAIL: TestBad/inner", "one_test.go:5: it is broken", "FAIL\tone\t"}, []string{"=== RUN   TestGood"}, ""},
		"panicking": {`func TestBad(t *testing.T) { panic("out of order") }`, []string{"panic: out of order", "FAIL\tone\t"}, nil, ""},
		"skipped": {`func TestAbsent(t *testing.T) { t.Skip("psql is not installed") }`, []string{"ok  \tone\t"}, []string{"psql"},
			"skipped TestAbsent in one: psql is not installed"},
		"not compiling": {`func TestBad(t *testing.T) { nonsense() }`, []string{"undefined: nonsense", "FAIL\tone [build failed]"}, nil, ""},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"go.mod": "module one\ngo 1.25\n", "one_test.go": "package one\n\nimport \"testing\"\n\n" + c.source + "\n"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		results := &testResults{out: &out, said: map[testName]*bytes.Buffer{}}
		run := exec.CommandContext(t.Context(), "go", "test", "-json", "./...")
		run.Dir, run.Env, run.Stdout, run.Stderr = dir, append(os.Environ(), "GOWORK=off"), results, os.Stderr
		err := run.Run()
		if failed := name == "failing" || name == "panicking" || name == "not compiling"; (err != nil) != failed {
			t.Errorf("%s: go test: %v %s", name, err, out.String())
		}
		for _, text := range c.said {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%s: %q is not in what is said:\n%s", name, text, out.String())
			}
		}
		for _, text := range c.not {
			if strings.Contains(out.String(), text) {
				t.Errorf("%s: %q is in what is said:\n%s", name, text, out.String())
			}
		}
		if got := strings.Join(results.skipped, "\n"); got != c.skipped {
			t.Errorf("%s: %q is told as skipped, want %q", name, got, c.skipped)
		}
	}
}
