package layers

import (
	"context"
	"fmt"
	"os"

	"github.com/blang/semver"

	"pipeline/shared/local"
	"pipeline/shared/toolchain"
)

// prepare gets everything that the layers need: CLI, programs, local cloud.
func (o *Orchestrator) prepare(ctx context.Context, op Operation, selected []string) (*run, error) {
	if op == Destroy || op == Drift {
		selected = nil // the state says what there is to destroy or to compare
	}
	needed, err := o.programs(ctx, selected)
	if err != nil {
		return nil, err
	}
	pulumi, err := o.Tools.Pulumi(ctx)
	if err != nil {
		return nil, err
	}
	broken, err := o.build(ctx, needed)
	if err != nil {
		return nil, err
	}
	cloud := o.Cloud
	if cloud == nil {
		cloud = o.startCloud
	}
	r, err := o.with(ctx, pulumi, cloud)
	if err != nil {
		return nil, err
	}
	r.operation, r.broken = op, broken
	return r, nil
}

// reading is prepare for what only reads the stacks: that needs neither programs nor a
// local cloud that runs.
func (o *Orchestrator) reading(ctx context.Context) (*run, error) {
	pulumi, err := o.Tools.Pulumi(ctx)
	if err != nil {
		return nil, err
	}
	cloud := o.Cloud
	if cloud == nil {
		cloud = o.absentCloud
	}
	return o.with(ctx, pulumi, cloud)
}

// with is a run with this CLI, and for an environment with a local cloud with the
// environment that cloud returns.
func (o *Orchestrator) with(ctx context.Context, pulumi toolchain.Pulumi, cloud func(context.Context) ([]string, error)) (*run, error) {
	environ, err := o.environ(ctx, cloud)
	if err != nil {
		return nil, err
	}
	version, err := semver.ParseTolerant(pulumi.Version)
	if err != nil {
		return nil, fmt.Errorf("the version of %s: %w", pulumi.Path, err)
	}
	return &run{
		Orchestrator: o, dir: o.Dir, manifest: o.Manifest, env: o.Environment,
		pulumi: cli{path: pulumi.Path, version: version, env: environ, run: o.Run},
	}, nil
}

// environ is the environment for Pulumi and the layers' programs.
func (o *Orchestrator) environ(ctx context.Context, cloud func(context.Context) ([]string, error)) ([]string, error) {
	common := []string{
		"PULUMI_DEBUG_COMMANDS=true", // without it the CLI does not know --event-log
		"PULUMI_SKIP_UPDATE_CHECK=true",
		// A checkout without what the stack's first deploy wrote into its settings file,
		// such as the next of CI, finds in the state how secrets are encrypted.
		"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true",
	}
	if o.Environment.LocalCloud != nil {
		env, err := cloud(ctx)
		return append(append(env, common...), hurry()...), err
	}
	env := append(append(os.Environ(), common...),
		"AWS_REGION="+o.Environment.Region, "AWS_DEFAULT_REGION="+o.Environment.Region)
	if o.Environment.Backend != "" {
		env = append(env, "PULUMI_BACKEND_URL="+o.Environment.Backend)
	}
	return env, nil
}

// hurry lets the CLI and a layer's program collect no garbage before there is much of
// it: they live for a second, and would spend a fifth of it on that. On AWS they live
// longer, and the provider's plugin, which is large, has their environment.
func hurry() []string {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	return []string{"GOGC=off", "GOMEMLIMIT=512MiB"}
}

func (o *Orchestrator) startCloud(ctx context.Context) ([]string, error) {
	cloud, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
	if err != nil {
		return nil, err
	}
	running, err := cloud.Up(ctx)
	if err != nil {
		return nil, err
	}
	return cloud.Environ(running)
}

// absentCloud is the environment with a local cloud that nothing talks to.
func (o *Orchestrator) absentCloud(context.Context) ([]string, error) {
	cloud, err := local.New(o.Manifest, o.Environment, o.Dir, o.Talk)
	if err != nil {
		return nil, err
	}
	return cloud.Environ(local.Runtime{})
}
