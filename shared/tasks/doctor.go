package tasks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"pipeline/shared/command"
	"pipeline/shared/layers"
	"pipeline/shared/local"
	"pipeline/shared/toolchain"
)

// examination is one thing that a deploy needs: what was found, or an error that says
// how to mend it.
type examination struct {
	what string
	look func(ctx context.Context, o *layers.Orchestrator) (string, error)
}

// Doctor checks everything that a deploy to the environment needs.
func Doctor(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	all := []examination{
		{"manifest", manifestIsThere},
		{"Go and C", compilers},
		{"git", git},
		{"Pulumi CLI", pulumiCLI},
	}
	if o.Environment.LocalCloud != nil {
		all = append(all, examination{"local cloud", localCloud})
	} else {
		all = append(all, examination{"AWS account", account}, examination{"checkout", checkout}, examination{"state", state})
	}
	return examine(ctx, o, all, os.Stdout)
}

// examine prints one line an examination and fails when one did.
func examine(ctx context.Context, o *layers.Orchestrator, all []examination, w io.Writer) error {
	failed := 0
	for _, e := range all {
		found, err := e.look(ctx, o)
		if err != nil {
			failed++
			fmt.Fprintf(w, "MEND  %-12s %v\n", e.what, err)
			continue
		}
		fmt.Fprintf(w, "ok    %-12s %s\n", e.what, found)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(all))
	}
	return nil
}

func manifestIsThere(_ context.Context, o *layers.Orchestrator) (string, error) {
	return fmt.Sprintf("%d layers, stack %s in %s", len(o.Manifest.Layers), o.Environment.Name, o.Environment.Region), nil
}

func compilers(ctx context.Context, o *layers.Orchestrator) (string, error) {
	if err := o.Tools.CheckGo(ctx); err != nil {
		return "", err
	}
	if o.Environment.LocalCloud != nil {
		if err := o.Tools.CheckC(ctx); err != nil {
			return "", err
		}
	}
	return command.Output(ctx, o.Run, command.Command{Name: "go", Args: []string{"version"}})
}

// git tells which layers a change affects, and whether a checkout is behind.
func git(ctx context.Context, o *layers.Orchestrator) (string, error) {
	version, err := command.Output(ctx, o.Run, command.Command{Name: "git", Args: []string{"version"}})
	if err != nil {
		return "", fmt.Errorf("no git: install it (Debian, Ubuntu: sudo apt-get install git; Fedora: sudo dnf install git; macOS: xcode-select --install)")
	}
	return version, nil
}

func pulumiCLI(ctx context.Context, o *layers.Orchestrator) (string, error) {
	found, there, err := o.Tools.Find(ctx)
	if err != nil {
		return "", err
	}
	if !there {
		return fmt.Sprintf("none from v%s on PATH: the first deploy gets v%s, once on this machine", toolchain.Oldest, toolchain.Version), nil
	}
	return fmt.Sprintf("v%s at %s", found.Version, found.Path), nil
}

// localCloud is fine when it runs, and when it does not but its ports are free.
func localCloud(ctx context.Context, o *layers.Orchestrator) (string, error) {
	c, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
	if err != nil {
		return "", err
	}
	running, err := c.Status(ctx)
	if err == nil {
		return fmt.Sprintf("answers at %s, process %d", running.URL(), running.PID), nil
	}
	if !errors.Is(err, local.ErrNotRunning) {
		return "", err
	}
	for _, port := range []int{c.Port, c.RedshiftPort} {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return "", fmt.Errorf("port %d is taken: stop the program that has it (lsof -i :%d), or set another port at localCloud in Pulumi.org.yaml", port, port)
		}
		listener.Close()
	}
	return "not running; the next deploy starts it", nil
}

// account compares who the credentials are for with the manifest.
func account(ctx context.Context, o *layers.Orchestrator) (string, error) {
	who, err := o.Identify(ctx)
	return who.ARN, err
}

// checkout is whether a deploy from here would take something back.
func checkout(ctx context.Context, o *layers.Orchestrator) (string, error) {
	return "nothing that a deploy would take back", o.Current(ctx, layers.Deploy)
}

// state is whether Pulumi reaches its backend. It is not asked before there is a CLI.
func state(ctx context.Context, o *layers.Orchestrator) (string, error) {
	if _, there, err := o.Tools.Find(ctx); err != nil || !there {
		return "not asked, without a Pulumi CLI", err
	}
	found, err := o.Found(ctx)
	if err != nil {
		return "", fmt.Errorf("%w; mend backend in Pulumi.org.yaml, or sign in where it is", err)
	}
	return fmt.Sprintf("%d of %d stacks in %s", found, len(o.Manifest.Layers), o.Environment.Backend), nil
}
