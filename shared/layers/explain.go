package layers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"pipeline/shared/command"
	"pipeline/shared/local"
)

// held finds who holds a stack's lock in the message of Pulumi's own backends.
var held = regexp.MustCompile(`created by (\S+) \(pid (\d+)\) at (\S+)`)

// explain is why a layer failed, in one line where that can be: what the engine said,
// or else what the CLI did.
func (r *run) explain(ctx context.Context, layer string, t *tally, err error) string {
	if r.died(ctx) {
		return "the local cloud has died; the next run starts it again and goes on from here (what it said last: go tool mage local:logs)"
	}
	var failed *command.Error
	if !errors.As(err, &failed) {
		return err.Error()
	}
	if strings.Contains(failed.Stderr, "currently locked by") {
		return r.explainLock(layer, failed.Stderr)
	}
	if strings.Contains(failed.Stderr, "[409] Conflict: Another update is currently in progress") {
		return fmt.Sprintf("another update of %s is going on; wait for it, or if it has died: %s", r.stack(layer), r.unlockCommand(layer))
	}
	if cause := t.failure(); cause != "" {
		return cause
	}
	if said := errorText(failed.Stderr); said != "" {
		return said
	}
	return failed.Error()
}

// died says whether the environment has a local cloud, and it no longer answers.
func (o *Orchestrator) died(ctx context.Context) bool {
	if o.Environment.LocalCloud == nil {
		return false
	}
	if o.Died != nil {
		return o.Died(ctx)
	}
	cloud, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
	if err != nil {
		return false
	}
	_, err = cloud.Status(ctx)
	return errors.Is(err, local.ErrNotRunning)
}

func (r *run) explainLock(layer, said string) string {
	who := "someone"
	if m := held.FindStringSubmatch(said); m != nil {
		who = fmt.Sprintf("%s (process %s) since %s", m[1], m[2], m[3])
	}
	return fmt.Sprintf("%s is locked by %s; wait for it, or if that run has died: %s", r.stack(layer), who, r.unlockCommand(layer))
}

func (r *run) unlockCommand(layer string) string {
	return fmt.Sprintf("%sgo tool mage unlock %s", stackVariable(r.manifest.DefaultEnvironment, r.env.Name), layer)
}

// stackVariable is what to write before a command that is meant for environment.
func stackVariable(defaultEnvironment, environment string) string {
	if environment == defaultEnvironment {
		return ""
	}
	return "STACK=" + environment + " "
}

// errorText is what follows "error:" in what Pulumi wrote, in one line.
func errorText(stderr string) string {
	_, text, found := strings.Cut(stderr, "error: ")
	if !found {
		text = stderr
	}
	return strings.Join(strings.Fields(text), " ")
}
