package layers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"pipeline/shared/command"
)

// These allow, set to allow, a deploy from a checkout that is behind its upstream, and to
// a protected stack from one with changes that are not committed.
const (
	behindVariable = "BEHIND"
	dirtyVariable  = "DIRTY"
)

// Current refuses to change an environment on AWS from a checkout that nobody else has:
// one that lacks commits of its upstream, which the deploy would take back, or for a
// protected stack one with changes that are not committed.
func (o *Orchestrator) Current(ctx context.Context, op Operation) error {
	if o.Environment.LocalCloud != nil || (op != Deploy && op != Destroy) {
		return nil
	}
	if op == Deploy && o.Environment.Protected && os.Getenv(dirtyVariable) != "allow" {
		if err := o.clean(ctx); err != nil {
			return err
		}
	}
	if os.Getenv(behindVariable) == "allow" {
		return nil
	}
	return o.upToDate(ctx, op)
}

func (o *Orchestrator) git(ctx context.Context, args ...string) (string, error) {
	return command.Output(ctx, o.Run, command.Command{Name: "git", Args: args, Dir: o.Manifest.Root})
}

// clean fails when the repository differs from what is committed: a program is built from
// files that git does not know of too.
func (o *Orchestrator) clean(ctx context.Context) error {
	changed, err := o.git(ctx, "status", "--porcelain", "--untracked-files=all", "--", ".")
	if err != nil {
		return fmt.Errorf("ask whether everything is committed: %w; to go on without, set %s=allow", err, dirtyVariable)
	}
	if changed == "" {
		return nil
	}
	files := strings.Split(changed, "\n")
	_, first, _ := strings.Cut(strings.TrimSpace(files[0]), " ") // ?? name
	more := ""
	if n := len(files) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%s%s is not committed, and stack %s is protected: commit it, or set %s=allow", strings.TrimSpace(first), more, o.Environment.Name, dirtyVariable)
}

// upToDate fails when the checkout lacks commits of its upstream. One that has none,
// such as a tag's, cannot be behind.
func (o *Orchestrator) upToDate(ctx context.Context, op Operation) error {
	upstream, err := o.git(ctx, "rev-parse", "--abbrev-ref", "@{upstream}")
	if err != nil {
		return nil
	}
	if _, err := o.git(ctx, "fetch", "--quiet"); err != nil {
		return fmt.Errorf("ask whether this checkout is behind %s: %w; to go on without, set %s=allow", upstream, err, behindVariable)
	}
	behind, err := o.git(ctx, "rev-list", "--count", "HEAD..@{upstream}")
	if err != nil {
		return fmt.Errorf("compare this checkout with %s: %w", upstream, err)
	}
	if behind != "0" {
		return fmt.Errorf("this checkout is behind %s (commits: %s), and %s would take that back: git pull first, or set %s=allow", upstream, behind, op, behindVariable)
	}
	return nil
}

// confirm asks for the environment's name before a protected one is destroyed. Where
// nobody is there to ask, CONFIRM holds it.
func (o *Orchestrator) confirm(op Operation, stdin io.Reader) error {
	if op != Destroy || !o.Environment.Protected {
		return nil
	}
	name := os.Getenv("CONFIRM")
	if name == "" {
		fmt.Fprintf(o.Talk, "%s is protected. Type its name to destroy it: ", o.Environment.Name)
		line, err := bufio.NewReader(stdin).ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		name = strings.TrimSpace(line)
	}
	if name != o.Environment.Name {
		return fmt.Errorf("stack %s is protected and was not destroyed: its name was not given (type it, or set CONFIRM=%s)", o.Environment.Name, o.Environment.Name)
	}
	return nil
}

// settled checks that a second preview of a protected stack is empty: what a deploy
// leaves to be done, the next one would do unasked.
func (r *run) settled(ctx context.Context, dir, address string, log io.Writer, layer string) error {
	_, stderr, _, err := r.pulumi.Run(ctx, dir, nil, []io.Writer{log}, []io.Writer{log}, nil,
		"preview", "--expect-no-changes", "--stack", r.stack(layer), "--client", address, "--exec-kind", "auto.local", "--color", "never")
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("deployed, but a second preview of this protected stack is not empty: %s", errorText(stderr))
	}
	return err
}

// SetSecret stores a secret setting of a layer, encrypted, in its Pulumi.<stack>.yaml.
func (o *Orchestrator) SetSecret(ctx context.Context, layer, key string, value io.Reader) error {
	l, err := o.Manifest.Layer(layer)
	if err != nil {
		return err
	}
	if o.Environment.LocalCloud != nil {
		return fmt.Errorf("stack %s needs no secret: set STACK to the stack that it is for", o.Environment.Name)
	}
	r, err := o.reading(ctx)
	if err != nil {
		return err
	}
	dir := o.Manifest.Dir(l)
	known, err := r.stacks(ctx)
	if err != nil {
		return err
	}
	if _, there := known[layer]; !there {
		if err := r.makeStack(ctx, layer, dir, io.Discard); err != nil {
			return err
		}
	}
	_, stderr, _, err := r.pulumi.Run(ctx, dir, value, nil, nil, nil, "config", "set", "--secret", "--path", "--stack", r.stack(layer), key)
	if err != nil {
		return fmt.Errorf("set %s of layer %s: %s", key, layer, errorText(stderr))
	}
	fmt.Fprintf(o.Talk, "%s of layer %s is set in %s/Pulumi.%s.yaml, encrypted\n", key, layer, l.Path, o.Environment.Name)
	return nil
}
