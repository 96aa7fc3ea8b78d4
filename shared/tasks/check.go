package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pipeline/shared/command"
)

// Check is what a commit should pass: format, each module by itself, then test.
func Check(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	if err := formatted(ctx, o.Manifest.Root); err != nil {
		return err
	}
	modules, err := command.Output(ctx, command.OS{}, command.Command{
		Name: "go", Args: []string{"list", "-m", "-f", "{{.Dir}}"}, Dir: o.Manifest.Root, Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	for _, dir := range strings.Fields(modules) {
		if err := alone(ctx, o.Manifest.Root, dir); err != nil {
			return err
		}
	}
	return Test(ctx)
}

// formatted fails naming the files that gofmt would change.
func formatted(ctx context.Context, root string) error {
	out, err := command.Output(ctx, command.OS{}, command.Command{
		Name: "gofmt", Args: []string{"-l", "magefile.go", "projects", "shared"}, Dir: root, Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	if out != "" {
		return fmt.Errorf("not formatted (gofmt -w mends it): %s", strings.Join(strings.Fields(out), ", "))
	}
	return nil
}

// alone checks that a module is tidy and compiles outside the workspace.
func alone(ctx context.Context, root, dir string) error {
	name, err := filepath.Rel(root, dir)
	if err != nil {
		return err
	}
	for _, args := range [][]string{{"mod", "tidy", "-diff"}, {"vet", "./..."}} {
		fmt.Fprintf(os.Stderr, "GOWORK=off go %s  (%s)\n", strings.Join(args, " "), name)
		err := command.OS{}.Run(ctx, command.Command{
			Name: "go", Args: args, Dir: dir, Env: append(os.Environ(), "GOWORK=off"), Stdout: os.Stdout, Stderr: os.Stderr,
		})
		var failed *command.Error
		if errors.As(err, &failed) {
			return fmt.Errorf("module %s by itself: go %s failed", name, strings.Join(args, " "))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
