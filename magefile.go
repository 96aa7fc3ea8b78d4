//go:build mage

// The targets of this repository; `go tool mage -l` lists them. Each is a sentence and a
// call: what they do is in shared/tasks and the packages that it names.
//
// STACK names the environment of Pulumi.org.yaml (local where it is not set), PARALLEL
// how many layers run at the same time, REPORT a file for the JSON report.
package main

import (
	"context"

	"github.com/magefile/mage/mg"

	"pipeline/shared/layers"
	"pipeline/shared/tasks"
)

type (
	Deploy  mg.Namespace
	Preview mg.Namespace
	Destroy mg.Namespace
	Drift   mg.Namespace
	Local   mg.Namespace
	Events  mg.Namespace
	Secrets mg.Namespace
)

// All deploys every layer, upstream first. A second run changes nothing and says so.
func (Deploy) All(ctx context.Context, json *bool) error { return tasks.Run(ctx, layers.Deploy, json) }

// Stale deploys the layers whose inputs have changed since they were deployed.
func (Deploy) Stale(ctx context.Context, json *bool) error { return tasks.RunStale(ctx, json) }

// Changed deploys the layers that differ from a revision of git, and what is downstream.
func (Deploy) Changed(ctx context.Context, base string, json *bool) error {
	return tasks.RunChanged(ctx, layers.Deploy, base, json)
}

// Iam deploys the roles and policies.
func (Deploy) Iam(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Deploy, json, "iam")
}

// Storage deploys the staging bucket.
func (Deploy) Storage(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Deploy, json, "storage")
}

// Auth deploys the user pool, its users and clients.
func (Deploy) Auth(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Deploy, json, "auth")
}

// Warehouse deploys the Redshift cluster and the events table.
func (Deploy) Warehouse(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Deploy, json, "warehouse")
}

// Stream deploys the Firehose delivery stream.
func (Deploy) Stream(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Deploy, json, "stream")
}

// Gateway deploys the REST API.
func (Deploy) Gateway(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Deploy, json, "gateway")
}

// All previews a deploy of every layer, also where nothing is deployed yet.
func (Preview) All(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json)
}

// Changed previews the layers that differ from a revision of git, and what is downstream.
func (Preview) Changed(ctx context.Context, base string, json *bool) error {
	return tasks.RunChanged(ctx, layers.Preview, base, json)
}

// Iam previews a deploy of the roles and policies.
func (Preview) Iam(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json, "iam")
}

// Storage previews a deploy of the staging bucket.
func (Preview) Storage(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json, "storage")
}

// Auth previews a deploy of the user pool, its users and clients.
func (Preview) Auth(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json, "auth")
}

// Warehouse previews a deploy of the Redshift cluster and the events table.
func (Preview) Warehouse(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json, "warehouse")
}

// Stream previews a deploy of the Firehose delivery stream.
func (Preview) Stream(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json, "stream")
}

// Gateway previews a deploy of the REST API.
func (Preview) Gateway(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Preview, json, "gateway")
}

// All destroys every layer, downstream first, and removes the stacks.
func (Destroy) All(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json)
}

// Iam destroys the roles and policies.
func (Destroy) Iam(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json, "iam")
}

// Storage destroys the staging bucket.
func (Destroy) Storage(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json, "storage")
}

// Auth destroys the user pool, its users and clients.
func (Destroy) Auth(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json, "auth")
}

// Warehouse destroys the Redshift cluster with the events table.
func (Destroy) Warehouse(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json, "warehouse")
}

// Stream destroys the Firehose delivery stream.
func (Destroy) Stream(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json, "stream")
}

// Gateway destroys the REST API.
func (Destroy) Gateway(ctx context.Context, json *bool) error {
	return tasks.Run(ctx, layers.Destroy, json, "gateway")
}

// All compares every layer's resources with what was deployed, and stores nothing.
func (Drift) All(ctx context.Context, json *bool) error { return tasks.Run(ctx, layers.Drift, json) }

// Layers runs an operation (deploy, preview, destroy, drift) over some layers, with
// commas between them; -with=upstream, downstream or both adds those around them.
func Layers(ctx context.Context, operation, names string, with *string, json *bool) error {
	return tasks.RunSome(ctx, operation, names, with, json)
}

// Outputs prints what the layers export: all, one -layer, or one -key of it; -format is
// table, json or shell, and -secrets shows secrets too.
func Outputs(ctx context.Context, layer, key, format *string, secrets *bool) error {
	return tasks.Outputs(ctx, layer, key, format, secrets)
}

// Status prints what is deployed of each layer, and which layers are stale.
func Status(ctx context.Context) error { return tasks.Status(ctx) }

// Graph draws the layers, who owns them and what they wait for; -format is text or mermaid.
func Graph(format *string) error { return tasks.Graph(format) }

// Unlock lets go of a layer's stack after a run of it has died.
func Unlock(ctx context.Context, layer string) error { return tasks.Unlock(ctx, layer) }

// Up builds the local cloud where needed and starts it in the background.
func (Local) Up(ctx context.Context) error { return tasks.LocalUp(ctx) }

// Down stops the local cloud; what it holds stays.
func (Local) Down(ctx context.Context) error { return tasks.LocalDown(ctx) }

// Status says where the local cloud answers.
func (Local) Status(ctx context.Context) error { return tasks.LocalStatus(ctx) }

// Env prints what makes a shell's pulumi and aws use the local cloud: eval "$(go tool mage local:env)".
func (Local) Env(ctx context.Context) error { return tasks.LocalEnv(ctx) }

// Logs prints the end of the local cloud's log.
func (Local) Logs() error { return tasks.LocalLogs() }

// Send signs the configured user in and posts an event: the example, or -event (JSON, a
// file, or - for standard input), to /events or -path.
func (Events) Send(ctx context.Context, event, path *string) error {
	return tasks.Send(ctx, event, path)
}

// Query prints the newest events, or the rows of a statement (-sql).
func (Events) Query(ctx context.Context, sql *string) error { return tasks.Query(ctx, sql) }

// Set stores a secret setting of a layer, encrypted, in its Pulumi.<stack>.yaml; the
// value is typed, or comes from standard input.
func (Secrets) Set(ctx context.Context, layer, key string) error {
	return tasks.SetSecret(ctx, layer, key)
}

// Test vets and tests every module, and the end-to-end story with them.
func Test(ctx context.Context) error { return tasks.Test(ctx) }

// Check is what CI runs: format, tidiness, every module by itself, then test.
func Check(ctx context.Context) error { return tasks.Check(ctx) }

// Bench measures what the README says of speed, on this machine.
func Bench(ctx context.Context, cold *bool) error { return tasks.Bench(ctx, cold) }

// Doctor checks everything that a deploy needs, and says how to mend what is missing.
func Doctor(ctx context.Context) error { return tasks.Doctor(ctx) }
