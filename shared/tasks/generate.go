package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"pipeline/shared/command"
	"pipeline/shared/github"
	"pipeline/shared/layers"
	"pipeline/shared/manifest"
	"pipeline/shared/scaffold"
)

// Generate writes what is made from other files, where it is old: what GitHub reads,
// from the manifest; the layers' pages, from their outputs and settings; the local
// cloud's page, from what it honours.
func Generate(ctx context.Context) error {
	m, err := manifest.Find(".")
	if err != nil {
		return err
	}
	written, err := github.Write(m)
	if err != nil {
		return err
	}
	for _, name := range written {
		fmt.Println(name)
	}
	if err := pages(ctx, m, m.LayerNames()); err != nil {
		return err
	}
	return writing(ctx, m.Root, "test", "-run", "^TestTheCoveragePage", "./shared/localcloud")
}

// NewLayer makes a layer. OWNER names who answers for it, and DEPENDS_ON, with commas
// between them, the layers that it will read.
func NewLayer(ctx context.Context, name string) error {
	m, err := manifest.Find(".")
	if err != nil {
		return err
	}
	l := scaffold.Layer{Name: name, Owner: os.Getenv("OWNER"), DependsOn: scaffold.Split(os.Getenv("DEPENDS_ON"))}
	written, err := scaffold.New(m, l)
	if err != nil {
		return err
	}
	for _, name := range written {
		fmt.Println(name)
	}
	// Its goldens, and the pages that name it as a reader.
	if err := writing(ctx, m.Root, "test", "./projects/"+name); err != nil {
		return fmt.Errorf("layer %s is there, and its tests fail: %w", name, err)
	}
	if len(l.DependsOn) > 0 {
		if err := pages(ctx, m, l.DependsOn); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "layer %s is there; deploy it with: go tool mage deploy:%s\n", name, name)
	return nil
}

// pages writes the pages of some layers.
func pages(ctx context.Context, m *manifest.Manifest, names []string) error {
	args := []string{"test", "-run", "^TestThePage"}
	for _, name := range names {
		l, err := m.Layer(name)
		if err != nil {
			return err
		}
		args = append(args, "./"+l.Path)
	}
	return writing(ctx, m.Root, args...)
}

// writing runs tests that write what they otherwise compare.
func writing(ctx context.Context, root string, args ...string) error {
	fmt.Fprintln(os.Stderr, "UPDATE=1 go", strings.Join(args, " "))
	err := command.OS{}.Run(ctx, command.Command{
		Name: "go", Args: args, Dir: root, Env: append(os.Environ(), "UPDATE=1"), Stdout: os.Stderr, Stderr: os.Stderr,
	})
	var failed *command.Error
	if errors.As(err, &failed) {
		// What is wrong stands above.
		return fmt.Errorf("go %s failed", strings.Join(args, " "))
	}
	return err
}

// Markdown prints the report in a file as a comment of a pull request.
func Markdown(file string) error {
	report, err := layers.ReadReport(file)
	if err != nil {
		return err
	}
	return report.WriteMarkdown(os.Stdout)
}
