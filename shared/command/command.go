// Package command runs other programs: the one place that knows how a program is
// started, interrupted and reported. Everything above it takes a Runner, so that
// tests run against a world in which a program nobody stubbed fails (commandtest).
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Command is one program to run.
type Command struct {
	Name   string   // looked up on PATH when it has no slash
	Args   []string // passed as they are: nothing is expanded
	Dir    string   // empty: the current folder
	Env    []string // the whole environment, KEY=value; nil: this process's own
	Stdin  io.Reader
	Stdout io.Writer // nil: discarded
	Stderr io.Writer // nil: discarded
}

// String is the command as one would type it, for messages.
func (c Command) String() string {
	return strings.Join(append([]string{c.Name}, c.Args...), " ")
}

// Runner runs commands. Run returns when the program has ended; a program that
// ends with a status other than 0, or not at all, is an *Error. When ctx ends, the
// program is interrupted and waited for, so that it can release what it holds.
type Runner interface {
	Run(ctx context.Context, c Command) error
}

// Error is a program that failed.
type Error struct {
	Command string // as typed
	Code    int    // exit status, -1 when it did not start or was killed
	Stderr  string // the last lines of what it wrote there
	Err     error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("running %q: %v", e.Command, e.Err)
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// OS runs programs on this machine. The zero value is ready for use.
type OS struct {
	// Kill, when closed, ends running programs at once instead of waiting for them.
	Kill <-chan struct{}
}

// Run implements Runner. The program gets a session of its own, and with it no terminal:
// an interrupt typed there reaches it only through ctx, once, and where it would ask for
// something, as git's ssh does for a passphrase, it fails. In the terminal's background
// it would be stopped instead (POSIX, "Terminal Access Control").
func (o OS) Run(ctx context.Context, c Command) error {
	cmd := exec.Command(c.Name, c.Args...)
	tail := &tailBuffer{}
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout = c.Dir, c.Env, c.Stdin, c.Stdout
	cmd.Stderr = io.Writer(tail)
	if c.Stderr != nil {
		cmd.Stderr = io.MultiWriter(c.Stderr, tail)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// A grandchild that keeps the pipes open must not keep us.
	cmd.WaitDelay = 5 * time.Second
	if err := ctx.Err(); err != nil {
		return &Error{Command: c.String(), Code: -1, Err: err}
	}
	if err := cmd.Start(); err != nil {
		return &Error{Command: c.String(), Code: -1, Err: err}
	}
	err := o.wait(ctx, cmd)
	if err == nil {
		return nil
	}
	code := -1
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	return &Error{Command: c.String(), Code: code, Stderr: tail.String(), Err: err}
}

// wait waits for a started program and passes the end of ctx, then Kill, on to it.
func (o OS) wait(ctx context.Context, cmd *exec.Cmd) error {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	interrupted := ctx.Done()
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil && err != nil {
				return errors.Join(ctx.Err(), err)
			}
			return err
		case <-interrupted:
			interrupted = nil
			_ = cmd.Process.Signal(os.Interrupt)
		case <-o.Kill:
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			return <-done
		}
	}
}

// tailBytes is how much of a program's stderr an Error keeps.
const tailBytes = 4096

// tailBuffer keeps the last bytes written to it.
type tailBuffer struct{ kept []byte }

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tailBuffer) String() string { return strings.TrimSpace(string(t.kept)) }

// Output runs a command and returns what it wrote to stdout, without the spaces
// around it.
func Output(ctx context.Context, r Runner, c Command) (string, error) {
	var out strings.Builder
	c.Stdout = &out
	err := r.Run(ctx, c)
	return strings.TrimSpace(out.String()), err
}
