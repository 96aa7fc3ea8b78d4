package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pipeline/shared/command"
	"pipeline/shared/local"
	"pipeline/shared/manifest"
	"pipeline/shared/toolchain"
)

// Orchestrator runs Pulumi over the layers of one environment.
type Orchestrator struct {
	Manifest    *manifest.Manifest
	Environment manifest.Environment
	Dir         string // everything local: programs, logs, the local cloud's state
	Tools       toolchain.Toolchain
	Run         command.Runner
	Out         io.Writer // data: the table, outputs
	Talk        io.Writer // what happens, in words
	Now         func() time.Time
	Parallel    int // layers at the same time; 0: as many as can

	// Cloud starts the local cloud and returns the environment in which Pulumi talks to
	// it; nil: package local.
	Cloud func(ctx context.Context) ([]string, error)
	// Died says whether the local cloud no longer answers; nil: package local.
	Died func(ctx context.Context) bool
	// Caller asks AWS who is calling; nil: STS with the user's credentials.
	Caller func(ctx context.Context) (Caller, error)
	// Salt is the encryptionsalt of the local stacks; nil: package local.
	Salt func() (string, error)

	shown atomic.Pointer[display] // of the run that is going on
}

// notice says something of the run as a whole, without tearing what is on the screen.
func (o *Orchestrator) notice(text string) {
	if d := o.shown.Load(); d != nil {
		d.notice(text)
		return
	}
	fmt.Fprintln(o.Talk, text)
}

// Open is the orchestrator for the manifest above the current folder and for the
// environment that STACK names, or the manifest's default one.
func Open(out, talk io.Writer) (*Orchestrator, error) {
	m, err := manifest.Find(".")
	if err != nil {
		return nil, err
	}
	env, err := m.Environment(os.Getenv("STACK"))
	if err != nil {
		return nil, err
	}
	return New(m, env, out, talk), nil
}

// New is an orchestrator on this machine.
func New(m *manifest.Manifest, env manifest.Environment, out, talk io.Writer) *Orchestrator {
	run := command.OS{Kill: killed}
	return &Orchestrator{
		Manifest: m, Environment: env, Dir: filepath.Join(m.Root, local.Folder),
		Tools: toolchain.Toolchain{Root: m.Root, Talk: talk, Run: run},
		Run:   run, Out: out, Talk: talk, Now: time.Now,
	}
}

// Select checks names of layers against the manifest and puts them in its order. No
// name means all layers.
func (o *Orchestrator) Select(names ...string) ([]string, error) {
	if len(names) == 0 {
		return o.Manifest.LayerNames(), nil
	}
	for _, name := range names {
		if _, err := o.Manifest.Layer(name); err != nil {
			return nil, exit{err, exitBadRequest}
		}
	}
	return slices.DeleteFunc(o.Manifest.LayerNames(), func(name string) bool { return !slices.Contains(names, name) }), nil
}

// run is one run over some layers.
type run struct {
	*Orchestrator
	operation Operation
	pulumi    cli
	dir       string
	manifest  *manifest.Manifest
	env       manifest.Environment
	broken    map[string]error // layers whose programs do not compile
	began     time.Time

	display *display

	mu     sync.Mutex // of report and inited
	report *Report
	inited []inited // stacks that a preview made and takes away again
}

// Do runs an operation over layers, none named meaning all, and reports. The error is
// of the run itself; what became of the layers is in the report, whose Err says it in
// one line.
func (o *Orchestrator) Do(ctx context.Context, op Operation, names ...string) (*Report, error) {
	selected, err := o.Select(names...)
	if err != nil {
		return nil, err
	}
	began := o.Now()
	if err := o.rightPlace(ctx, selected); err != nil {
		return nil, err
	}
	r, err := o.prepare(ctx, op, selected)
	if err != nil {
		return nil, err
	}
	switch op {
	case Deploy:
		err = r.grounded(ctx, selected)
	case Destroy:
		err = errors.Join(r.needed(ctx, selected), r.held(ctx, selected))
	}
	if err != nil {
		return nil, err
	}
	r.began = began
	r.report = &Report{
		Version: reportVersion, Operation: op, Environment: o.Environment.Name, Started: began.UTC(),
		Versions: map[string]string{"pulumi": r.pulumi.version.String(), "go": strings.TrimPrefix(runtime.Version(), "go")},
	}
	nodes := graph(o.Manifest, selected)
	if op == Destroy {
		nodes = reversed(nodes)
	}
	r.display = newDisplay(o.Talk, o.Now, nodeNames(nodes))
	o.shown.Store(r.display)
	walk(nodes, o.Parallel, func(name string, g *gate) bool { return r.visit(ctx, name, g) })
	o.shown.Store(nil)
	r.display.close()
	r.finish(nodes)
	return r.report, nil
}

// finish completes the report when all layers are done.
func (r *run) finish(nodes []node) {
	r.forget()
	seconds := map[string]float64{}
	for _, l := range r.report.Layers {
		seconds[l.Layer] = l.Seconds
	}
	r.report.sortLike(nodeNames(nodes))
	r.report.CriticalPath, r.report.CriticalSeconds = criticalPath(nodes, seconds)
	r.report.Seconds = r.since(r.began)
	r.report.OK = r.report.Err() == nil
}

// since is the seconds since then, to the millisecond.
func (r *run) since(then time.Time) float64 {
	return r.Now().Sub(then).Round(time.Millisecond).Seconds()
}

func nodeNames(nodes []node) []string {
	var names []string
	for _, n := range nodes {
		names = append(names, n.name)
	}
	return names
}

// record adds a layer to the report and says what became of it.
func (r *run) record(l LayerReport) {
	if layer, err := r.manifest.Layer(l.Layer); err == nil {
		l.Owner = layer.Owner
	}
	text := string(l.Result)
	if c := changes(l); c != "" {
		text += " " + c
	}
	if l.Result != Skipped {
		text += fmt.Sprintf(" in %.1f s", l.Seconds)
	}
	r.display.done(l.Layer, l.Result, text)
	r.remember(l)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Layers = append(r.report.Layers, l)
}
