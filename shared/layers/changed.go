package layers

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"pipeline/shared/command"
	"pipeline/shared/manifest"
)

// Changed are the layers that differ from a revision of git, with those downstream of
// them. A layer differs when a file in its folder or in a package that its program is
// built from differs, or a file that all layers are built from. What is not committed
// counts too; tests and Markdown do not.
func (o *Orchestrator) Changed(ctx context.Context, base string) ([]string, error) {
	files, err := o.changedFiles(ctx, base)
	if err != nil {
		return nil, err
	}
	sources, err := o.sources(ctx)
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, l := range o.Manifest.Layers {
		if slices.ContainsFunc(files, func(file string) bool { return affects(file, l, sources[l.Name]) }) {
			changed = append(changed, l.Name)
		}
	}
	return o.around(changed, false, true), nil
}

// everyones are the files that all layers are built from.
var everyones = []string{manifest.FileName, "go.work", "go.work.sum", "shared/go.mod", "shared/go.sum"}

// affects says whether a file is part of what a layer deploys; folders are those of the
// packages that its program is built from.
func affects(file string, l manifest.Layer, folders []string) bool {
	if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".md") || strings.Contains(file, "/testdata/") {
		return false
	}
	return slices.Contains(everyones, file) || strings.HasPrefix(file, l.Path+"/") || slices.Contains(folders, path.Dir(file))
}

// changedFiles are the files that differ between the work tree and the point where it
// left base, from the repository's root.
func (o *Orchestrator) changedFiles(ctx context.Context, base string) ([]string, error) {
	left, err := o.git(ctx, "merge-base", base, "HEAD")
	if err != nil {
		return nil, fmt.Errorf("find where this branch left %s: %w", base, err)
	}
	tracked, err := o.git(ctx, "diff", "--name-only", "--relative", left)
	if err != nil {
		return nil, fmt.Errorf("compare with %s: %w", base, err)
	}
	untracked, err := o.git(ctx, "ls-files", "--others", "--exclude-standard")
	if err != nil {
		return nil, fmt.Errorf("compare with %s: %w", base, err)
	}
	return strings.Fields(tracked + "\n" + untracked), nil
}

// modules is what the import paths of this repository's packages begin with; the rest
// of such a path is the package's folder.
const modules = "pipeline/"

// sources are, for every layer, the folders of this repository's packages that its
// program is built from.
func (o *Orchestrator) sources(ctx context.Context) (map[string][]string, error) {
	args := []string{"list", "-f", `{{.ImportPath}} {{join .Deps " "}}`}
	for _, l := range o.Manifest.Layers {
		args = append(args, "./"+l.Path)
	}
	out, err := command.Output(ctx, o.Run, command.Command{Name: "go", Args: args, Dir: o.Manifest.Root})
	if err != nil {
		return nil, fmt.Errorf("find what the layers are built from: %w", err)
	}
	sources := map[string][]string{}
	for line := range strings.Lines(out) {
		packages := strings.Fields(line)
		layer := o.layerAt("./" + strings.TrimPrefix(packages[0], modules))
		for _, p := range packages[1:] {
			if folder, ours := strings.CutPrefix(p, modules); ours {
				sources[layer] = append(sources[layer], folder)
			}
		}
	}
	return sources, nil
}
