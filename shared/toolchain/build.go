package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pipeline/shared/command"
)

// Build is one run of `go build`.
type Build struct {
	What     string   // for the progress line: "the Pulumi CLI"
	Dir      string   // where go runs
	Packages []string // main packages
	Output   string   // a file; a folder where it ends in a slash
	LDFlags  string
	Total    bool     // count the packages first: for builds that take minutes
	Env      []string // in addition to this process's own
}

// Build builds programs, with progress while it takes long. Its error is what the
// compiler said.
func (t Toolchain) Build(ctx context.Context, b Build) error {
	p := newProgress(t.Talk, "building "+b.What)
	defer p.done()
	env := append(os.Environ(), b.Env...)
	if b.Total {
		list := command.Command{Name: "go", Args: append([]string{"list", "-mod=readonly", "-deps"}, b.Packages...), Dir: b.Dir, Env: env, Stderr: p}
		packages, err := command.Output(ctx, t.Run, list)
		if err != nil {
			return buildError(b, p, err)
		}
		p.setTotal(strings.Count(packages, "\n") + 1)
	}
	// Without the revision in it, a program stays as it is when only that changes.
	args := []string{"build", "-v", "-mod=readonly", "-buildvcs=false", "-trimpath", "-o", b.Output}
	if b.LDFlags != "" {
		args = append(args, "-ldflags", b.LDFlags)
	}
	build := command.Command{Name: "go", Args: append(args, b.Packages...), Dir: b.Dir, Env: env, Stderr: p}
	if err := t.Run.Run(ctx, build); err != nil {
		return buildError(b, p, err)
	}
	return nil
}

// buildError is what the compiler said, without the lines that were progress.
func buildError(b Build, p *progress, err error) error {
	if said := p.errors(); said != "" {
		return fmt.Errorf("build %s: %s", b.What, said)
	}
	return fmt.Errorf("build %s: %w", b.What, err)
}

// buildPulumi builds the pinned CLI into bin.
func (t Toolchain) buildPulumi(ctx context.Context, bin string) error {
	const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
	return t.Build(ctx, Build{
		What:     "the Pulumi CLI v" + Version,
		Dir:      filepath.Join(t.Root, "shared", "toolchain", "pulumi"),
		Packages: []string{"github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
		Output:   filepath.Join(bin, "pulumi"),
		LDFlags:  "-s -w -X " + versionVariable + "=v" + Version,
		Total:    true,
		Env:      alone,
	})
}

// buildLanguageHost builds the language host for Go as the file path.
func (t Toolchain) buildLanguageHost(ctx context.Context, path string) error {
	return t.Build(ctx, Build{
		What:     "Pulumi's language host for Go",
		Dir:      filepath.Join(t.Root, "shared", "toolchain", "language-go"),
		Packages: []string{"github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"},
		Output:   path,
		LDFlags:  "-s -w",
		Total:    true,
		Env:      alone,
	})
}

// alone takes a module by itself, outside the workspace, without C.
var alone = []string{"GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0"}
