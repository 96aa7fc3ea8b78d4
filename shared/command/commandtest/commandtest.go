// Package commandtest is a world of programs for tests: each is a Go function, and
// a program that nobody stubbed fails instead of reporting success with no output.
package commandtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"pipeline/shared/command"
)

// ErrNotStubbed is why a command of the world failed that no stub answers.
var ErrNotStubbed = errors.New("no stub for this command")

// Stub is a program of the world.
type Stub func(ctx context.Context, c command.Command) error

// World is a command.Runner made of stubs. The zero value has none.
type World struct {
	mu    sync.Mutex
	stubs []entry
	ran   []string
}

type entry struct {
	prefix string
	stub   Stub
}

// On makes stub answer the commands whose text (base name and arguments) begins
// with prefix. The stub made last wins.
func (w *World) On(prefix string, stub Stub) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stubs = append(w.stubs, entry{prefix, stub})
}

// Prints is a program that writes text to stdout and succeeds.
func Prints(text string) Stub {
	return func(_ context.Context, c command.Command) error {
		if c.Stdout != nil {
			fmt.Fprint(c.Stdout, text)
		}
		return nil
	}
}

// Fails is a program that writes text to stderr and ends with status code.
func Fails(code int, text string) Stub {
	return func(_ context.Context, c command.Command) error {
		if c.Stderr != nil {
			fmt.Fprint(c.Stderr, text)
		}
		return &command.Error{Command: c.String(), Code: code, Stderr: text, Err: fmt.Errorf("exit status %d", code)}
	}
}

// Run implements command.Runner.
func (w *World) Run(ctx context.Context, c command.Command) error {
	line := Line(c)
	w.mu.Lock()
	w.ran = append(w.ran, line)
	var found Stub
	for _, e := range w.stubs {
		if strings.HasPrefix(line, e.prefix) {
			found = e.stub
		}
	}
	w.mu.Unlock()
	if found == nil {
		return &command.Error{Command: line, Code: -1, Err: ErrNotStubbed}
	}
	return found(ctx, c)
}

// Ran lists the commands that were run, in the order in which they started.
func (w *World) Ran() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.ran...)
}

// Line is a command's text with the program's folder left out.
func Line(c command.Command) string {
	name := c.Name[strings.LastIndexByte(c.Name, '/')+1:]
	return strings.Join(append([]string{name}, c.Args...), " ")
}
