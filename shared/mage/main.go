// Command mage is mage for this repository: go tool mage starts it.
//
// Mage asks go before every run whether the targets are as they were, which costs more
// than half a second even when nothing changed. This one compares name, size and time
// of the files that the targets are built from with those that they were built from,
// and starts the program that is there. Where something changed, or mage is asked for
// anything but a target, mage itself does its work.
//
// Mage writes mage_output_file.go beside the magefile while it builds, so that two at
// the same time break each other. Here the second waits for the first.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/magefile/mage/mage"

	"pipeline/shared/lockfile"
	"pipeline/shared/sources"
)

func main() { os.Exit(run(os.Args[1:])) }

// run returns only when the targets' program did not take this process over.
func run(args []string) int {
	if !target(args) {
		return mage.Main()
	}
	program, status := build(".")
	if status != 0 {
		return status
	}
	err := syscall.Exec(program, append([]string{"mage"}, args...), os.Environ())
	fmt.Fprintln(os.Stderr, "Error: start the targets' program:", err)
	return 1
}

// target says whether the arguments are a target, with the magefile in this folder;
// flags are mage's own.
func target(args []string) bool {
	_, err := os.Stat("magefile.go")
	return err == nil && len(args) > 0 && !strings.HasPrefix(args[0], "-")
}

// folder holds the targets' program and its stamp; what is built is there too.
const folder = ".local/bin"

// build returns the targets' program, built anew where what it is built from changed.
// A status other than 0 is mage's own, which has said why.
func build(root string) (program string, status int) {
	program = filepath.Join(root, folder, "mage")
	state, err := fingerprint(root)
	if err == nil && fresh(program, state) {
		return program, 0
	}
	var unlock func()
	if err == nil {
		unlock, err = lockfile.Lock(context.Background(), filepath.Join(root, folder, ".mage.lock"), nil)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return "", 1
	}
	defer unlock()
	if fresh(program, state) { // the one that held the lock has built it
		return program, 0
	}
	return program, compile(root, program, state)
}

// fingerprint is of what the targets are built from. The layers and the local cloud are
// programs of their own, but their modules have a say in the versions of dependencies.
func fingerprint(root string) (string, error) {
	modules, err := filepath.Glob(filepath.Join(root, "projects", "*", "go.mod"))
	if err != nil {
		return "", err
	}
	names := []string{"magefile.go", "go.work", "go.work.sum", "shared", "-shared/localcloud", "shared/localcloud/go.mod"}
	for _, path := range modules {
		name, err := filepath.Rel(root, path)
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	return sources.Fingerprint(root, names...)
}

func stamp(program string) string {
	return filepath.Join(filepath.Dir(program), ".mage.sources")
}

func fresh(program, state string) bool {
	was, err := os.ReadFile(stamp(program))
	if err != nil || string(was) != state {
		return false
	}
	_, err = os.Stat(program)
	return err == nil
}

// compile lets mage build the program, which then replaces the old one in one step:
// that may be running.
func compile(root, program, state string) (status int) {
	// Mage names the program in its help after the file that it builds.
	made, err := filepath.Abs(filepath.Join(filepath.Dir(program), "new", filepath.Base(program)))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(made), 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	status = mage.Invoke(mage.Invocation{
		Dir: root, CompileOut: made, Ldflags: "-s -w", Stdout: os.Stdout, Stderr: os.Stderr, Stdin: os.Stdin,
	})
	if status != 0 {
		return status
	}
	if err := errors.Join(os.Rename(made, program), os.WriteFile(stamp(program), []byte(state), 0o644)); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	return 0
}
