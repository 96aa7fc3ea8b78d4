// Package tasks is what the magefile's targets call: it reads the environment and the
// arguments, and calls the packages that do the work.
package tasks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"pipeline/shared/command"
	"pipeline/shared/layers"
)

// open is the orchestrator of this checkout and of the environment that STACK names.
func open() (*layers.Orchestrator, error) { return layers.Open(os.Stdout, os.Stderr) }

// Run is deploy, preview, destroy or drift over layers, none named meaning all.
func Run(ctx context.Context, op layers.Operation, names ...string) error {
	return layers.Main(ctx, op, layers.Named(names...))
}

// RunSome is Run over layers named in one text with commas, with those around them.
func RunSome(ctx context.Context, operation, names string) error {
	op, err := layers.ParseOperation(operation)
	if err != nil {
		return err
	}
	return layers.Main(ctx, op, func(_ context.Context, o *layers.Orchestrator) ([]string, error) {
		return o.Some(names, os.Getenv("WITH"))
	})
}

// RunChanged is Run over the layers that differ from a revision of git, and what is
// downstream of them.
func RunChanged(ctx context.Context, op layers.Operation, base string) error {
	return layers.Main(ctx, op, func(ctx context.Context, o *layers.Orchestrator) ([]string, error) {
		return o.Changed(ctx, base)
	})
}

// RunStale deploys the layers whose inputs have changed since they were deployed.
func RunStale(ctx context.Context) error {
	return layers.Main(ctx, layers.Deploy, func(ctx context.Context, o *layers.Orchestrator) ([]string, error) {
		return o.Stale(ctx)
	})
}

// Graph draws the layers, who owns them, what there is of them and what they wait for.
func Graph(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	return o.WriteGraph(ctx, os.Getenv("FORMAT"))
}

// Outputs prints what all layers export.
func Outputs(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	outputs, err := o.Outputs(ctx)
	if err != nil {
		return err
	}
	return o.WriteOutputs(outputs.Mask(showSecrets()), os.Getenv("FORMAT"))
}

// Output prints one value that a layer exports.
func Output(ctx context.Context, layer, key string) error {
	o, err := open()
	if err != nil {
		return err
	}
	outputs, err := o.Outputs(ctx, layer)
	if err != nil {
		return err
	}
	text, err := o.Value(outputs.Mask(showSecrets()), layer, key)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.Out, text)
	return err
}

func showSecrets() bool { return os.Getenv("SECRETS") != "" }

// Status prints what is deployed of each layer, and which layers are stale.
func Status(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	return o.WriteStatus(ctx)
}

// Unlock lets go of a layer's stack after a run of it has died.
func Unlock(ctx context.Context, layer string) error {
	o, err := open()
	if err != nil {
		return err
	}
	return o.Unlock(ctx, layer)
}

// SetSecret stores a secret setting of a layer; the value comes from standard input.
func SetSecret(ctx context.Context, layer, key string) error {
	o, err := open()
	if err != nil {
		return err
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, "the secret's value: ")
		secret, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return err
		}
		return o.SetSecret(ctx, layer, key, bytes.NewReader(secret))
	}
	return o.SetSecret(ctx, layer, key, os.Stdin)
}

// Render prints what a mapping template makes of an event; both are files.
func Render(ctx context.Context, template, event string) error {
	files := []string{template, event}
	for i, name := range files {
		abs, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		files[i] = abs
	}
	return goCommand(ctx, "run", "./shared/localcloud/gateway/render", files[0], files[1])
}

// goCommand runs go at the repository's root, on this terminal.
func goCommand(ctx context.Context, args ...string) error {
	o, err := open()
	if err != nil {
		return err
	}
	return runGo(ctx, o.Manifest.Root, os.Stdout, args...)
}

// runGo runs go in a folder, which it says.
func runGo(ctx context.Context, dir string, out io.Writer, args ...string) error {
	fmt.Fprintln(os.Stderr, "go", strings.Join(args, " "))
	err := command.OS{}.Run(ctx, command.Command{Name: "go", Args: args, Dir: dir, Stdout: out, Stderr: os.Stderr})
	var failed *command.Error
	if errors.As(err, &failed) {
		// What is wrong stands above.
		return fmt.Errorf("go %s failed", strings.Join(args, " "))
	}
	return err
}
