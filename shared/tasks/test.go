package tasks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// Test vets and tests every module of the workspace. It prints what go test does, and in
// the end which tests were skipped, and why: without that nobody would know.
func Test(ctx context.Context) error {
	if err := goCommand(ctx, "vet", "work"); err != nil {
		return err
	}
	o, err := open()
	if err != nil {
		return err
	}
	results := &testResults{out: os.Stdout, said: map[testName]*bytes.Buffer{}}
	// The stories take minutes where the machine has other things to do.
	err = runGo(ctx, o.Manifest.Root, results, "test", "-json", "-timeout=30m", "work")
	for _, skipped := range results.skipped {
		fmt.Fprintln(os.Stdout, skipped)
	}
	return err
}

type testName struct{ Package, Test string }

// testEvent is a line of go test -json (go doc test2json).
type testEvent struct {
	testName
	Action string
	Output string
}

// testResults reads go test -json and writes what go test would without.
type testResults struct {
	out     io.Writer
	line    []byte // that has not ended
	said    map[testName]*bytes.Buffer
	skipped []string
}

func (r *testResults) Write(p []byte) (int, error) {
	r.line = append(r.line, p...)
	for {
		line, rest, ended := bytes.Cut(r.line, []byte("\n"))
		if !ended {
			return len(p), nil
		}
		r.line = rest
		var e testEvent
		if json.Unmarshal(line, &e) != nil {
			e = testEvent{Action: "build-output", Output: string(line) + "\n"}
		}
		if err := r.event(e); err != nil {
			return 0, err
		}
	}
}

// event keeps what a test says until it is known whether it failed.
func (r *testResults) event(e testEvent) (err error) {
	switch {
	case e.Action == "build-output", e.Action == "output" && e.Test == "":
		if e.Output != "PASS\n" {
			_, err = io.WriteString(r.out, e.Output)
		}
	case e.Action == "output":
		if r.said[e.testName] == nil {
			r.said[e.testName] = &bytes.Buffer{}
		}
		r.said[e.testName].WriteString(e.Output)
	case e.Action == "fail" && e.Test == "":
		for name := range r.said { // what did not end, a panic's say
			if name.Package == e.Package {
				err = r.tell(name)
			}
		}
	case e.Action == "fail":
		return r.tell(e.testName)
	case e.Action == "skip" && e.Test != "":
		r.skipped = append(r.skipped, fmt.Sprintf("skipped %s in %s: %s", e.Test, e.Package, reason(r.said[e.testName])))
		delete(r.said, e.testName)
	case e.Action == "pass":
		delete(r.said, e.testName)
	}
	return err
}

func (r *testResults) tell(name testName) error {
	said := r.said[name]
	delete(r.said, name)
	if said == nil {
		return nil
	}
	_, err := said.WriteTo(r.out)
	return err
}

// reason is what a test said when it was skipped, without where and the frame around it.
func reason(said *bytes.Buffer) string {
	if said == nil {
		return "it does not say why"
	}
	var why []string
	for line := range strings.Lines(said.String()) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if place, text, ok := strings.Cut(line, ": "); ok && strings.Contains(place, ".go:") {
			line = text
		}
		why = append(why, line)
	}
	return strings.Join(why, " ")
}
