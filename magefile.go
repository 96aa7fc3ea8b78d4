//go:build mage

// The targets of this repository. Each is a sentence and a call: what they do is in
// shared/tasks and the packages that it names.
//
// What is optional comes from the environment, so that every mage since 1.15 runs them:
// STACK names the environment of Pulumi.org.yaml (local where it is not set), PARALLEL
// says how many layers run at the same time, REPORT names a file for the JSON report (-
// for standard output), FORMAT how outputs or graph print, SECRETS=1 shows secrets.
//
// Before AWS is changed: CONFIRM=<stack> says yes to destroying a protected stack where
// nobody can be asked, BEHIND=allow deploys from a checkout that is behind its upstream,
// DIRTY=allow what is not committed to a protected stack.
//
// A run ends with status 0, 1 when a layer failed, 2 when what was asked for does not
// exist, 130 when it was interrupted.
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
	Gateway mg.Namespace
	Layer   mg.Namespace
	Report  mg.Namespace
	Secrets mg.Namespace
)

// All deploys every layer, upstream first. A second run changes nothing and says so.
func (Deploy) All(ctx context.Context) error { return tasks.Run(ctx, layers.Deploy) }

// Stale deploys the layers whose inputs have changed since they were deployed.
func (Deploy) Stale(ctx context.Context) error { return tasks.RunStale(ctx) }

// Changed deploys the layers that differ from a revision of git, and what is downstream.
func (Deploy) Changed(ctx context.Context, base string) error {
	return tasks.RunChanged(ctx, layers.Deploy, base)
}

// Iam deploys the roles and policies.
func (Deploy) Iam(ctx context.Context) error {
	return tasks.Run(ctx, layers.Deploy, "iam")
}

// Storage deploys the staging bucket.
func (Deploy) Storage(ctx context.Context) error {
	return tasks.Run(ctx, layers.Deploy, "storage")
}

// Auth deploys the user pool, its users and clients.
func (Deploy) Auth(ctx context.Context) error {
	return tasks.Run(ctx, layers.Deploy, "auth")
}

// Warehouse deploys the Redshift cluster and the events table.
func (Deploy) Warehouse(ctx context.Context) error {
	return tasks.Run(ctx, layers.Deploy, "warehouse")
}

// Stream deploys the Firehose delivery stream.
func (Deploy) Stream(ctx context.Context) error {
	return tasks.Run(ctx, layers.Deploy, "stream")
}

// Gateway deploys the REST API.
func (Deploy) Gateway(ctx context.Context) error {
	return tasks.Run(ctx, layers.Deploy, "gateway")
}

// All previews a deploy of every layer, also where nothing is deployed yet.
func (Preview) All(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview)
}

// Changed previews the layers that differ from a revision of git, and what is downstream.
func (Preview) Changed(ctx context.Context, base string) error {
	return tasks.RunChanged(ctx, layers.Preview, base)
}

// Iam previews a deploy of the roles and policies.
func (Preview) Iam(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview, "iam")
}

// Storage previews a deploy of the staging bucket.
func (Preview) Storage(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview, "storage")
}

// Auth previews a deploy of the user pool, its users and clients.
func (Preview) Auth(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview, "auth")
}

// Warehouse previews a deploy of the Redshift cluster and the events table.
func (Preview) Warehouse(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview, "warehouse")
}

// Stream previews a deploy of the Firehose delivery stream.
func (Preview) Stream(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview, "stream")
}

// Gateway previews a deploy of the REST API.
func (Preview) Gateway(ctx context.Context) error {
	return tasks.Run(ctx, layers.Preview, "gateway")
}

// All destroys every layer, downstream first, and removes the stacks.
func (Destroy) All(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy)
}

// Iam destroys the roles and policies.
func (Destroy) Iam(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy, "iam")
}

// Storage destroys the staging bucket.
func (Destroy) Storage(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy, "storage")
}

// Auth destroys the user pool, its users and clients.
func (Destroy) Auth(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy, "auth")
}

// Warehouse destroys the Redshift cluster with the events table.
func (Destroy) Warehouse(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy, "warehouse")
}

// Stream destroys the Firehose delivery stream.
func (Destroy) Stream(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy, "stream")
}

// Gateway destroys the REST API.
func (Destroy) Gateway(ctx context.Context) error {
	return tasks.Run(ctx, layers.Destroy, "gateway")
}

// All compares every layer's resources with what was deployed, and stores nothing.
func (Drift) All(ctx context.Context) error { return tasks.Run(ctx, layers.Drift) }

// Layers runs an operation (deploy, preview, destroy, drift) over some layers, with
// commas between them; WITH=upstream, downstream or both adds those around them.
func Layers(ctx context.Context, operation, names string) error {
	return tasks.RunSome(ctx, operation, names)
}

// Outputs prints what every layer exports, secrets masked; FORMAT is table, json or shell.
func Outputs(ctx context.Context) error { return tasks.Outputs(ctx) }

// Output prints one value that a layer exports.
func Output(ctx context.Context, layer, key string) error { return tasks.Output(ctx, layer, key) }

// Status prints what is deployed of each layer, and which layers are stale.
func Status(ctx context.Context) error { return tasks.Status(ctx) }

// Graph draws the layers, who owns them, what there is of them and what they wait for;
// FORMAT is text, mermaid or svg.
func Graph(ctx context.Context) error { return tasks.Graph(ctx) }

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

// Drill makes the local cloud fail on request: list prints the drills, off ends all; COUNT,
// STREAM, ACTION, PLANE and BY say how.
func (Local) Drill(ctx context.Context, name string) error { return tasks.LocalDrill(ctx, name) }

// Logs prints the end of the local cloud's log.
func (Local) Logs() error { return tasks.LocalLogs() }

// Send signs the configured user in and posts the example event to /events.
func (Events) Send(ctx context.Context) error { return tasks.Send(ctx) }

// Post signs the configured user in and posts an event (JSON, a file, or - for standard
// input) to a path of the API, such as /events or /events/batch.
func (Events) Post(ctx context.Context, path, event string) error {
	return tasks.Post(ctx, path, event)
}

// Query prints the newest events.
func (Events) Query(ctx context.Context) error { return tasks.Query(ctx) }

// Sql prints the rows of a statement that the warehouse runs as its admin.
func (Events) Sql(ctx context.Context, statement string) error { return tasks.SQL(ctx, statement) }

// Psql opens psql on the warehouse as its admin, or runs what standard input holds.
func (Events) Psql(ctx context.Context) error { return tasks.PSQL(ctx) }

// Set stores a secret setting of a layer in the environment; the value comes from
// standard input.
func (Secrets) Set(ctx context.Context, layer, key string) error {
	return tasks.SetSecret(ctx, layer, key)
}

// Render prints what a mapping template makes of an event.
func (Gateway) Render(ctx context.Context, template, event string) error {
	return tasks.Render(ctx, template, event)
}

// New makes a layer that deploys as it is: folder, module, outputs, tests and its place
// in the lists. OWNER names its owner, DEPENDS_ON with commas the layers that it reads.
func (Layer) New(ctx context.Context, name string) error { return tasks.NewLayer(ctx, name) }

// Generate writes what is made from other files: CODEOWNERS, the workflows, the layers'
// pages and the local cloud's.
func Generate(ctx context.Context) error { return tasks.Generate(ctx) }

// Markdown prints a report (REPORT=file of a run) as a comment of a pull request.
func (Report) Markdown(file string) error { return tasks.Markdown(file) }

// Test vets and tests every module, and the end-to-end story with them.
func Test(ctx context.Context) error { return tasks.Test(ctx) }

// Check is what a commit should pass: format, tidiness, every module by itself, then test.
func Check(ctx context.Context) error { return tasks.Check(ctx) }

// Bench measures what the README says of speed, on this machine; COLD=1 also from empty caches.
func Bench(ctx context.Context) error { return tasks.Bench(ctx) }

// Doctor checks everything that a deploy needs, and says how to mend what is missing.
func Doctor(ctx context.Context) error { return tasks.Doctor(ctx) }
