package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pipeline/shared/command"
	"pipeline/shared/command/commandtest"
)

// The test's own program is the command that is run, so nothing else is needed.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) < 2:
	case os.Args[1] == "fail":
		os.Stderr.WriteString("it broke\n")
		os.Exit(3)
	case os.Args[1] == "print":
		os.Stdout.WriteString(strings.Join(os.Args[2:], "|") + "\n")
		os.Exit(0)
	case os.Args[1] == "wait":
		// Ends by the default action of an interrupt, or never.
		os.Stdout.WriteString("waiting\n")
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	testscript.Main(m, map[string]func(){"asks": asks})
}

// asks runs a program that asks at the terminal.
func asks() {
	err := command.OS{}.Run(context.Background(), command.Command{Name: "sh", Args: []string{"-c", "read -r answer </dev/tty"}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestNobodyIsAskedAtTheTerminal(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Deadline: time.Now().Add(time.Minute)})
}

func self(args ...string) command.Command { return command.Command{Name: os.Args[0], Args: args} }

func TestArgumentsArriveAsTheyAre(t *testing.T) {
	out, err := command.Output(t.Context(), command.OS{}, self("print", "pa$$word", `{"a": "b c"}`, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `pa$$word|{"a": "b c"}|*`; out != want {
		t.Errorf("the program got %s, want %s", out, want)
	}
}

func TestAFailedProgramHasItsStatusAndItsLastWords(t *testing.T) {
	err := command.OS{}.Run(t.Context(), self("fail"))
	var failed *command.Error
	if !errors.As(err, &failed) || failed.Code != 3 || failed.Stderr != "it broke" {
		t.Errorf("the error is %#v, want status 3 and its words", err)
	}
}

// started waits for a program to print, then calls what is next.
type started struct{ next func() }

func (s started) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("waiting")) {
		s.next()
	}
	return len(p), nil
}

// waiting is a program that never ends by itself; next is called once it runs.
func waiting(t *testing.T, next func()) command.Command {
	t.Helper()
	stdin, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); held.Close() })
	c := self("wait")
	c.Stdin, c.Stdout = stdin, started{next}
	return c
}

func TestTheEndOfTheContextInterruptsTheProgram(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := command.OS{}.Run(ctx, waiting(t, cancel))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupt") {
		t.Errorf("the error is %v, want an interrupted program", err)
	}
}

func TestKillEndsAProgramAtOnce(t *testing.T) {
	kill := make(chan struct{})
	err := command.OS{Kill: kill}.Run(t.Context(), waiting(t, func() { close(kill) }))
	if err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the error is %v, want a killed program", err)
	}
}

func TestACommandThatNobodyStubbedFails(t *testing.T) {
	var world commandtest.World
	world.On("go build", commandtest.Prints(""))
	if err := world.Run(t.Context(), command.Command{Name: "/usr/bin/go", Args: []string{"build", "./x"}}); err != nil {
		t.Errorf("a stubbed command fails: %v", err)
	}
	if err := world.Run(t.Context(), command.Command{Name: "go", Args: []string{"test"}}); !errors.Is(err, commandtest.ErrNotStubbed) {
		t.Errorf("a command without a stub gives %v, want %v", err, commandtest.ErrNotStubbed)
	}
}
