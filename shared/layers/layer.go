package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"pipeline/shared/command"
)

// visit runs the operation on one layer, and says whether those that wait for it may
// go on.
func (r *run) visit(ctx context.Context, name string, g *gate) bool {
	v := &visit{run: r, gate: g, report: LayerReport{Layer: name}}
	switch {
	case !(r.ahead() && g.waits) && v.pass(ctx) != nil:
	case r.broken[name] != nil:
		v.report.Result, v.report.Error = Failed, r.broken[name].Error()
	default:
		r.operate(ctx, v)
	}
	l := v.end(ctx)
	r.record(l)
	return l.Result.good()
}

// ahead says whether Pulumi is started for a layer before its upstreams are done: the
// layer's program, which is what reads them, waits. Half of a run that changes nothing
// is the CLI starting up. On AWS a layer waits with everything, because a stack would
// be held, and an update recorded, for nothing when an upstream fails.
func (r *run) ahead() bool {
	return r.env.LocalCloud != nil && r.Parallel == 0 && (r.operation == Deploy || r.operation == Preview)
}

// visit is one layer's part of a run while it goes on.
type visit struct {
	run    *run
	gate   *gate
	report LayerReport

	mu      sync.Mutex // the layer's program passes the gate from a goroutine of its own
	began   time.Time  // when the layer's upstreams were done
	stopped string     // why it never began
}

// errStopped is a layer whose upstreams are not done and will not be.
var errStopped = errors.New("an upstream failed")

// pass waits for the layer's upstreams. From then on its time counts.
func (v *visit) pass(ctx context.Context) error {
	because := v.gate.pass()
	v.mu.Lock()
	defer v.mu.Unlock()
	if because == "" && ctx.Err() != nil {
		because = interruption
	}
	if v.stopped = because; because != "" {
		return errStopped
	}
	if v.began.IsZero() {
		v.began = v.run.Now()
		v.report.Start = v.run.since(v.run.began)
		v.run.display.begin(v.report.Layer)
	}
	return nil
}

// interruption is why a layer was skipped that an interrupt kept from beginning.
const interruption = "interrupt"

// end is what became of the layer. One that was interrupted before its program began is
// as it was.
func (v *visit) end(ctx context.Context) LayerReport {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.began.IsZero() && v.report.Result == Canceled && ctx.Err() != nil {
		v.stopped = interruption
	}
	if v.stopped != "" {
		return LayerReport{Layer: v.report.Layer, Result: Skipped, Because: v.stopped}
	}
	if !v.began.IsZero() {
		v.report.Seconds = v.run.since(v.began)
	}
	return v.report
}

// operate runs Pulumi on the layer and fills in what came of it.
func (r *run) operate(ctx context.Context, v *visit) {
	l := &v.report
	log, err := r.openLog(l)
	if err != nil {
		l.Result, l.Error = Failed, err.Error()
		return
	}
	defer log.Close()
	t := &tally{
		doing: func(text string) { r.display.doing(l.Layer, text) },
		say:   func(text string) { r.display.say(l.Layer, text) },
		drift: r.operation == Drift,
	}
	err = r.pulumiOn(ctx, v, t, log)
	l.Warnings = t.warnings
	counts, changed := t.changed()
	l.Changes = counts
	switch {
	case errors.Is(err, errNoStack):
		l.Result = Absent
	case err != nil && ctx.Err() != nil:
		l.Result, l.Error = Canceled, "interrupted; the next "+string(r.operation)+" goes on from here"
	case err != nil:
		l.Result, l.Error = Failed, r.explain(ctx, l.Layer, t, err)
	default:
		l.Result = r.result(changed)
	}
}

// result is the word for an operation that went well.
func (r *run) result(changed bool) Result {
	switch {
	case r.operation == Destroy:
		return Destroyed
	case !changed:
		return Unchanged
	case r.operation == Preview:
		return Planned
	case r.operation == Drift:
		return Drifted
	default:
		return Deployed
	}
}

// openLog starts the layer's log file of this run.
func (r *run) openLog(l *LayerReport) (*os.File, error) {
	dir := filepath.Join(r.dir, "logs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, r.env.Name+"-"+l.Layer+".log")
	l.Log = path
	if short, err := filepath.Rel(r.manifest.Root, path); err == nil && !strings.HasPrefix(short, "..") {
		l.Log = filepath.ToSlash(short)
	}
	return os.Create(path)
}

// errNoStack is an operation on a stack that does not exist.
var errNoStack = errors.New("there is no such stack")

// pulumiOn runs the operation's Pulumi command, and makes the stack first where the
// operation needs one and there is none.
func (r *run) pulumiOn(ctx context.Context, v *visit, t *tally, log io.Writer) error {
	layer := v.report.Layer
	dir, err := r.workspace(layer)
	if err != nil {
		return err
	}
	h := &host{
		program: r.program(layer), dir: dir, env: r.pulumi.env, run: r.Run,
		output: log, event: t.take, before: v.pass,
	}
	if l, err := r.manifest.Layer(layer); err == nil {
		h.dir = r.manifest.Dir(l)
	}
	address, stop, err := h.serve()
	if err != nil {
		return err
	}
	defer stop()
	args := append(r.args(), "--stack", r.stack(layer), "--client", address, "--event-log", "tcp://"+address,
		"--exec-kind", "auto.local", "--color", "never")
	err = r.call(ctx, dir, log, args...)
	if noStack(err) {
		if r.operation == Destroy || r.operation == Drift {
			return errNoStack
		}
		if err := v.pass(ctx); err != nil {
			return err
		}
		if err := r.makeStack(ctx, layer, dir, log); err != nil {
			return err
		}
		err = r.call(ctx, dir, log, args...)
	}
	switch {
	case err == nil && r.operation == Destroy:
		return r.removeStack(ctx, layer, dir, log)
	case err == nil && r.operation == Deploy && r.env.Protected:
		return r.settled(ctx, dir, address, log, layer)
	}
	return err
}

// args is the operation as Pulumi's command.
func (r *run) args() []string {
	switch r.operation {
	case Preview:
		return []string{"preview"}
	case Drift:
		return []string{"refresh", "--preview-only"}
	case Destroy:
		return []string{"destroy", "--yes", "--skip-preview"}
	default:
		return []string{"up", "--yes", "--skip-preview"}
	}
}

// stack is the full name of a layer's stack.
func (r *run) stack(layer string) string {
	return r.manifest.StackName(r.env.Organization, layer, r.env.Name)
}

// call runs Pulumi with everything that it says in the layer's log.
func (r *run) call(ctx context.Context, dir string, log io.Writer, args ...string) error {
	_, _, _, err := r.pulumi.Run(ctx, dir, nil, []io.Writer{log}, []io.Writer{log}, nil, args...)
	return err
}

func noStack(err error) bool {
	var failed *command.Error
	return errors.As(err, &failed) && strings.Contains(failed.Stderr, "no stack named")
}

func (r *run) makeStack(ctx context.Context, layer, dir string, log io.Writer) error {
	args := []string{"stack", "init", r.stack(layer), "--no-select"}
	if r.env.SecretsProvider != "" {
		args = append(args, "--secrets-provider", r.env.SecretsProvider)
	}
	settings, err := os.ReadFile(r.settingsPath(dir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := r.call(ctx, dir, log, args...); err != nil {
		return err
	}
	if r.operation == Preview {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.inited = append(r.inited, inited{layer, dir, settings})
	}
	return nil
}

// settingsPath is the file of a stack's settings, in the folder that Pulumi runs in.
func (r *run) settingsPath(dir string) string {
	return filepath.Join(dir, "Pulumi."+r.env.Name+".yaml")
}

// removeStack removes a stack without resources. The layer's settings of it stay.
func (r *run) removeStack(ctx context.Context, layer, dir string, log io.Writer) error {
	return r.call(ctx, dir, log, "stack", "rm", r.stack(layer), "--yes", "--preserve-config")
}

// inited is a stack that a preview had to make: Pulumi previews nothing without one.
type inited struct {
	layer, dir string
	settings   []byte // the settings file as it was; nil: there was none
}

// forget takes away the stacks that a preview made, and with them the key of their secrets
// that Pulumi wrote into the settings files: a preview leaves nothing behind.
func (r *run) forget() {
	for _, made := range r.inited {
		// Also after an interrupt, which ended the run's own context.
		if err := r.removeStack(context.Background(), made.layer, made.dir, io.Discard); err != nil {
			r.notice(fmt.Sprintf("the empty stack %s, made for the preview, stays: %v", r.stack(made.layer), err))
		}
		if err := r.restore(made); err != nil {
			r.notice(fmt.Sprintf("the key of the stack %s, made for the preview, stays: %v", r.stack(made.layer), err))
		}
	}
}

// restore makes a stack's settings file what it was before the stack was made.
func (r *run) restore(made inited) error {
	path := r.settingsPath(made.dir)
	if made.settings != nil {
		return write(path, made.settings)
	}
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil // Pulumi wrote none
}
