package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/blang/semver"

	"pipeline/shared/command"
)

// CheckGo says in one line what is wrong with the go command: it has to be as new as
// go.work asks for.
func (t Toolchain) CheckGo(ctx context.Context) error {
	want, err := workspaceGo(t.Root)
	if err != nil {
		return err
	}
	out, err := command.Output(ctx, t.Run, command.Command{Name: "go", Args: []string{"env", "GOVERSION"}, Dir: t.Root})
	if err != nil {
		return fmt.Errorf("no go command (%w): install Go %s or newer from https://go.dev/dl", err, want)
	}
	have, err := semver.ParseTolerant(strings.TrimPrefix(strings.Fields(out + " ?")[0], "go"))
	if err != nil {
		return nil // a development version of Go: its owner knows
	}
	if have.LT(semver.MustParse(want)) {
		return fmt.Errorf("this is Go %s and Go %s is needed: install it from https://go.dev/dl, or let go get it by itself with `go env -w GOTOOLCHAIN=auto`", have, want)
	}
	return nil
}

var goLine = regexp.MustCompile(`(?m)^go (\d+\.\d+(?:\.\d+)?)\s*$`)

// workspaceGo is the Go version that go.work asks for.
func workspaceGo(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		return "", fmt.Errorf("read the Go version of the workspace: %w", err)
	}
	match := goLine.FindStringSubmatch(string(text))
	if match == nil {
		return "", errors.New("go.work has no line like `go 1.25.11`")
	}
	if strings.Count(match[1], ".") == 1 {
		return match[1] + ".0", nil
	}
	return match[1], nil
}

// CheckC says in one line what is missing to compile C, which the local cloud's SQL
// engine needs: it looks for the compiler that go would call.
func (t Toolchain) CheckC(ctx context.Context) error {
	out, err := command.Output(ctx, t.Run, command.Command{Name: "go", Args: []string{"env", "CGO_ENABLED", "CC"}, Dir: t.Root})
	if err != nil {
		return fmt.Errorf("ask go for its C compiler: %w", err)
	}
	enabled, cc, _ := strings.Cut(out, "\n")
	if os.Getenv("CGO_ENABLED") == "0" {
		return errors.New("CGO_ENABLED is 0 and the local cloud needs C: unset it (unset CGO_ENABLED, or go env -u CGO_ENABLED)")
	}
	name := strings.Fields(cc + " cc")[0]
	if _, err := t.lookPath(name); err != nil {
		// go itself turns C off when it finds no compiler, so this comes first.
		return fmt.Errorf("no C compiler (%s is not on PATH): install one (Debian, Ubuntu: sudo apt-get install gcc libc6-dev g++; Fedora: sudo dnf install gcc gcc-c++; macOS: xcode-select --install)", name)
	}
	if strings.TrimSpace(enabled) != "1" {
		return errors.New("go has C turned off and the local cloud needs it: go env -u CGO_ENABLED")
	}
	return nil
}
