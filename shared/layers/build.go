package layers

import (
	"context"
	"fmt"
	"path/filepath"

	"pipeline/shared/lockfile"
	"pipeline/shared/sources"
	"pipeline/shared/toolchain"
)

// localCloudPackage is the local cloud's program.
const localCloudPackage = "./shared/localcloud"

// binDir holds the built programs: one a layer, and the local cloud.
func (o *Orchestrator) binDir() string { return filepath.Join(o.Dir, "bin") }

// program is a layer's built program. go names it after the last part of the layer's
// import path.
func (o *Orchestrator) program(layer string) string {
	l, err := o.Manifest.Layer(layer)
	if err != nil {
		return ""
	}
	return filepath.Join(o.binDir(), filepath.Base(l.Path))
}

// programs is what a run has to build.
type programs struct {
	packages []string
	sources  string // fingerprint of what they are built from
	there    bool   // they are built already
}

// programs finds out what a run over the selected layers has to build: their programs,
// and the local cloud where the environment has one. What is missing to build them is
// an error now, before anything that takes minutes.
func (o *Orchestrator) programs(ctx context.Context, selected []string) (programs, error) {
	var p programs
	for _, name := range selected {
		l, err := o.Manifest.Layer(name)
		if err != nil {
			return p, err
		}
		p.packages = append(p.packages, "./"+l.Path)
	}
	needsC := o.Environment.LocalCloud != nil && o.Cloud == nil
	if needsC {
		p.packages = append(p.packages, localCloudPackage)
	}
	state, err := sources.Fingerprint(o.Manifest.Root, "go.work", "go.work.sum", "projects", "shared")
	if err != nil {
		return p, err
	}
	p.sources, p.there = state, o.fresh(p.packages, state)
	if p.there {
		return p, nil
	}
	if err := o.Tools.CheckGo(ctx); err != nil {
		return p, err
	}
	if needsC {
		return p, o.Tools.CheckC(ctx)
	}
	return p, nil
}

// build builds programs in a single run of go. broken are the layers that do not
// compile: they fail, the others go on.
func (o *Orchestrator) build(ctx context.Context, p programs) (broken map[string]error, err error) {
	if p.there {
		return nil, nil
	}
	unlock, err := lockfile.Lock(ctx, filepath.Join(o.Dir, "build.lock"), func() {
		fmt.Fprintln(o.Talk, "another run is building the programs; waiting for it")
	})
	if err != nil {
		return nil, err
	}
	defer unlock()
	if o.fresh(p.packages, p.sources) {
		return nil, nil
	}
	if o.buildPackages(ctx, p.packages...) == nil {
		return nil, o.built(p.packages, p.sources)
	}
	return o.buildOneByOne(ctx, p.packages)
}

func (o *Orchestrator) buildPackages(ctx context.Context, packages ...string) error {
	what := "the layers' programs"
	switch {
	case len(packages) == 1 && packages[0] == localCloudPackage:
		what = "the local cloud"
	case len(packages) == 1:
		what = "layer " + o.layerAt(packages[0])
	}
	return o.Tools.Build(ctx, toolchain.Build{
		What: what, Dir: o.Manifest.Root, Packages: packages, Output: o.binDir() + "/",
		LDFlags: "-s -w", // nobody debugs these copies, and linking is most of the build
	})
}

// buildOneByOne finds out which of several programs does not compile.
func (o *Orchestrator) buildOneByOne(ctx context.Context, packages []string) (map[string]error, error) {
	broken := map[string]error{}
	for _, p := range packages {
		err := o.buildPackages(ctx, p)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && p == localCloudPackage {
			return nil, err // no layer can do without it
		}
		if err != nil {
			broken[o.layerAt(p)] = err
		}
	}
	return broken, nil
}

func (o *Orchestrator) layerAt(pkg string) string {
	for _, l := range o.Manifest.Layers {
		if "./"+l.Path == pkg {
			return l.Name
		}
	}
	return ""
}
