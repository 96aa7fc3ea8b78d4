package layers

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"pipeline/shared/events"
	"pipeline/shared/local"
	"pipeline/shared/toolchain"
)

// CloudUp builds the local cloud where that is needed and starts it.
func (o *Orchestrator) CloudUp(ctx context.Context) (local.Runtime, error) {
	cloud, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
	if err != nil {
		return local.Runtime{}, err
	}
	needed, err := o.programs(ctx, nil)
	if err != nil {
		return local.Runtime{}, err
	}
	if _, err := o.build(ctx, needed); err != nil {
		return local.Runtime{}, err
	}
	return cloud.Up(ctx)
}

// Shell starts the local cloud and returns shell commands after which a bare `pulumi`
// in a layer's folder works against it. Layers without a stack get one.
func (o *Orchestrator) Shell(ctx context.Context) (string, error) {
	r, err := o.prepare(ctx, Destroy, nil)
	if err != nil {
		return "", err
	}
	pulumi, err := o.Tools.WithLanguageHost(ctx)
	if err != nil {
		return "", err
	}
	if err := r.makeStacks(ctx); err != nil {
		return "", err
	}
	if err := o.writeShim(pulumi.Path); err != nil {
		return "", err
	}
	cloud, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
	if err != nil {
		return "", err
	}
	running, err := cloud.Up(ctx)
	if err != nil {
		return "", err
	}
	return cloud.Shell(running, o.shimDir(), filepath.Dir(pulumi.Path))
}

// makeStacks makes the stacks that do not exist yet.
func (r *run) makeStacks(ctx context.Context) error {
	known, err := r.stacks(ctx)
	if err != nil {
		return err
	}
	for _, layer := range r.manifest.LayerNames() {
		dir, err := r.workspace(layer)
		if err != nil {
			return err
		}
		if _, there := known[layer]; there {
			continue
		}
		if err := r.makeStack(ctx, layer, dir, r.Talk); err != nil {
			return fmt.Errorf("make the stack of layer %s: %w", layer, err)
		}
	}
	return nil
}

func (o *Orchestrator) shimDir() string { return filepath.Join(o.Dir, "shell") }

// shim is a `pulumi` that works in a layer's workspace when it is called in the layer's
// folder: Pulumi would else write its salt into a file that git tracks. The workspace has
// the layer's settings as they are then, so nothing is set in it: that would be gone with the
// next run.
const shim = `#!/bin/sh
# ` + toolchain.Shim + `: Pulumi on the local cloud, in a layer's workspace.
pulumi='%[1]s'
root='%[2]s'
settings='Pulumi.%[3]s.yaml'
here=$(pwd -P)
case "$here" in
"$root"/*) ;;
*) exec "$pulumi" "$@" ;;
esac
rest=${here#"$root"/}
for pair in %[4]s; do
	layer=${pair%%%%=*}
	workspace=${pair#*=}
	case "$rest/" in
	"$layer"/*)
		case " $* " in
		*" config set "* | *" config set-all "* | *" config rm "*)
			echo "pulumi: on the local cloud settings are those of $root/$layer/$settings: edit that file" >&2
			exit 2
			;;
		esac
		if [ "$root/$layer/$settings" -nt "$workspace/$settings" ]; then
			{
				awk '!/^encryptionsalt:/' "$root/$layer/$settings"
				grep '^encryptionsalt:' "$workspace/$settings"
			} >"$workspace/$settings.new" && mv "$workspace/$settings.new" "$workspace/$settings" || exit
		fi
		exec "$pulumi" --cwd "$workspace" "$@"
		;;
	esac
done
exec "$pulumi" "$@"
`

func (o *Orchestrator) writeShim(pulumi string) error {
	workspaces := ""
	for _, l := range o.Manifest.Layers {
		workspaces += fmt.Sprintf(" '%s=%s'", l.Path, filepath.Join(o.Dir, "stacks", o.Environment.Name, l.Name))
	}
	if err := os.MkdirAll(o.shimDir(), 0o755); err != nil {
		return err
	}
	text := fmt.Sprintf(shim, pulumi, o.Manifest.Root, o.Environment.Name, workspaces)
	return os.WriteFile(filepath.Join(o.shimDir(), "pulumi"), []byte(text), 0o755)
}

// Events is the client of the deployed path.
func (o *Orchestrator) Events(ctx context.Context) (events.Path, error) {
	p := events.Path{HTTP: http.DefaultClient, Out: o.Out, Talk: o.Talk}
	if o.Environment.LocalCloud != nil {
		cloud, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
		if err != nil {
			return p, err
		}
		running, err := cloud.Awake(ctx, o.CloudUp)
		if err != nil {
			return p, err
		}
		p.AWS = events.Local(running.URL(), o.Environment.Region)
	} else {
		cfg, err := events.OnAWS(ctx, o.Environment.Region)
		if err != nil {
			return p, err
		}
		p.AWS = cfg
	}
	outputs := Outputs{}
	p.Output = func(layer, key string) (string, error) {
		if _, read := outputs[layer]; !read {
			got, err := o.Outputs(ctx, layer)
			if err != nil {
				return "", err
			}
			outputs[layer] = got[layer]
		}
		return o.Value(outputs, layer, key)
	}
	return p, nil
}
