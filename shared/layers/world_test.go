package layers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"pipeline/shared/command"
	"pipeline/shared/command/commandtest"
	"pipeline/shared/manifest"
	"pipeline/shared/toolchain"
)

// world is a machine in memory: a repository in a temporary folder, and a Pulumi that
// keeps its stacks in a map and talks to the orchestrator's host as the real one does.
// Any command that it has no stub for fails.
type world struct {
	commandtest.World
	t    *testing.T
	root string
	o    *Orchestrator
	out  bytes.Buffer
	talk syncBuffer

	mu     sync.Mutex
	stacks map[string]int              // full name: number of resources
	fails  map[string]string           // layer: what the engine says
	during map[string]func()           // layer: called while Pulumi works on it
	exits  map[string]*command.Error   // layer: how the CLI ends, instead of anything else
	states map[string]json.RawMessage  // layer: what stack export prints
	values map[string]map[string]any   // layer: outputs
	events map[string][]apitype.OpType // layer: operations of its resources; default one create, or one same
	order  []string                    // layers as Pulumi began with them
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newWorld has the layers a, b, c, d where c depends on a and b, and d on c; and the
// environments local (with a local cloud) and prod (protected, on AWS).
func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir()) // as a manifest's root is
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, root: root, stacks: map[string]int{}, fails: map[string]string{}, during: map[string]func(){},
		exits: map[string]*command.Error{}, states: map[string]json.RawMessage{}, values: map[string]map[string]any{},
		events: map[string][]apitype.OpType{},
	}
	m := &manifest.Manifest{
		Name: "events", DefaultEnvironment: "local", Root: root,
		Layers: []manifest.Layer{
			{Name: "a", Path: "projects/a", Owner: "@events/a"},
			{Name: "b", Path: "projects/b", Owner: "@events/b"},
			{Name: "c", Path: "projects/c", Owner: "@events/c", DependsOn: []string{"a", "b"}},
			{Name: "d", Path: "projects/d", Owner: "@events/d", DependsOn: []string{"c"}},
		},
		Environments: map[string]manifest.Environment{
			"local": {Name: "local", Region: "eu-central-1", Organization: "organization", LocalCloud: &manifest.LocalCloud{Port: 4566, RedshiftPort: 5439}},
			"prod":  {Name: "prod", Region: "eu-central-1", AccountID: "222222222222", Organization: "organization", Backend: "s3://state", SecretsProvider: "awskms://key", Protected: true},
		},
	}
	for _, l := range m.Layers {
		w.write(filepath.Join(l.Path, "Pulumi.yaml"), "name: events-"+l.Name+"\nruntime: go\n")
		w.write(filepath.Join(l.Path, "Pulumi.local.yaml"), "config:\n  events-"+l.Name+":x: 1\n")
	}
	w.write("go.work", "go 1.25.11\n")
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	w.o = &Orchestrator{
		Manifest: m, Environment: m.Environments["local"], Dir: filepath.Join(root, ".local"),
		Run: w, Out: &w.out, Talk: &w.talk, Now: func() time.Time { return clock },
		Tools: toolchain.Toolchain{
			Root: root, Talk: &w.talk, Run: w, Cache: filepath.Join(root, "cache"),
			LookPath: func(name string) (string, error) { return "/usr/bin/" + name, nil },
		},
		Cloud: func(context.Context) ([]string, error) { return []string{"LOCAL=cloud"}, nil },
		Salt:  func() (string, error) { return "v1:ours:x", nil },
		Died:  func(context.Context) bool { return false },
		Caller: func(context.Context) (Caller, error) {
			return Caller{Account: "222222222222", ARN: "arn:aws:iam::222222222222:user/ann"}, nil
		},
	}
	w.On("pulumi version", commandtest.Prints("v"+toolchain.Version))
	w.On("go build", commandtest.Prints(""))
	w.On("go env GOVERSION", commandtest.Prints("go1.26.0"))
	w.On("go env CGO_ENABLED CC", commandtest.Prints("1\ngcc"))
	w.On("pulumi --non-interactive", w.pulumi)
	for _, l := range m.Layers {
		w.On(l.Name, commandtest.Prints("")) // the layer's program
	}
	return w
}

// write makes a file in the repository.
func (w *world) write(path, text string) {
	w.t.Helper()
	full := filepath.Join(w.root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// pulumi is the Pulumi CLI of the world.
func (w *world) pulumi(ctx context.Context, c command.Command) error {
	args := c.Args[1:]
	flag := func(name string) string {
		if i := slices.Index(args, name); i >= 0 {
			return args[i+1]
		}
		return ""
	}
	switch line := strings.Join(args[:min(2, len(args))], " "); {
	case line == "stack init":
		return w.locked(func() error { w.stacks[args[2]] = 0; return nil })
	case line == "stack rm":
		return w.locked(func() error { delete(w.stacks, args[2]); return nil })
	case line == "stack ls":
		return w.list(c, slices.Contains(args, "--fully-qualify-stack-names"))
	case line == "stack output":
		return w.output(c, flag("--stack"), slices.Contains(args, "--show-secrets"))
	case line == "stack export":
		return w.locked(func() error { _, err := c.Stdout.Write(w.states[layerOf(flag("--stack"))]); return err })
	case args[0] == "up", args[0] == "preview", args[0] == "destroy", args[0] == "refresh" && args[1] == "--preview-only":
		return w.operate(ctx, c, args[0], flag("--stack"), flag("--client"), flag("--event-log"))
	case args[0] == "cancel":
		return nil
	default:
		return commandtest.Fails(-1, "the world's Pulumi does not know: "+strings.Join(args, " "))(ctx, c)
	}
}

func (w *world) locked(f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return f()
}

// layerOf is the layer of organization/events-a/local.
func layerOf(stack string) string { return strings.TrimPrefix(strings.Split(stack, "/")[1], "events-") }

// operate is up, preview, destroy or a preview of refresh: it streams the engine's events to the host.
func (w *world) operate(ctx context.Context, c command.Command, op, stack, client, eventLog string) error {
	layer := layerOf(stack)
	w.mu.Lock()
	resources, known := w.stacks[stack]
	during, exit, failure := w.during[layer], w.exits[layer], w.fails[layer]
	ops := w.events[layer]
	w.mu.Unlock()
	if !known {
		return commandtest.Fails(255, "error: no stack named '"+stack+"' found")(ctx, c)
	}
	if op == "up" || op == "preview" {
		// The engine asks the host for the program, which may let it wait.
		if err := program(ctx, client); err != nil {
			return &command.Error{Command: "pulumi", Code: 255, Stderr: "error: " + err.Error(), Err: fmt.Errorf("exit status 255")}
		}
	}
	w.locked(func() error { w.order = append(w.order, layer); return nil })
	if during != nil {
		during()
	}
	if ctx.Err() != nil {
		return &command.Error{Command: "pulumi " + op, Code: 1, Stderr: "error: update canceled", Err: ctx.Err()}
	}
	if exit != nil {
		fmt.Fprint(c.Stderr, exit.Stderr)
		return exit
	}
	if ops == nil {
		ops = []apitype.OpType{apitype.OpCreate}
		if resources > 0 {
			ops = []apitype.OpType{apitype.OpSame}
		}
	}
	if op == "destroy" {
		ops = []apitype.OpType{apitype.OpDelete}
	}
	if eventLog == "" { // the second preview of a protected stack
		if slices.ContainsFunc(ops, func(o apitype.OpType) bool { return o != apitype.OpSame }) {
			return commandtest.Fails(255, "error: no changes were expected but changes were proposed")(ctx, c)
		}
		return nil
	}
	if err := stream(ctx, strings.TrimPrefix(eventLog, "tcp://"), engineEvents(layer, op, ops, failure)); err != nil {
		return err
	}
	if failure != "" {
		return &command.Error{Command: "pulumi", Code: 255, Stderr: "error: update failed", Err: fmt.Errorf("exit status 255")}
	}
	return w.locked(func() error {
		switch op {
		case "up":
			w.stacks[stack] = max(resources, 1)
		case "destroy":
			w.stacks[stack] = 0
		}
		return nil
	})
}

// engineEvents are those of a command that does ops to a layer's resources, or finds that
// they were done. An update is one of tags.
func engineEvents(layer, command string, ops []apitype.OpType, failure string) []apitype.EngineEvent {
	var all []apitype.EngineEvent
	counts := map[apitype.OpType]int{}
	for i, op := range ops {
		counts[op]++
		step := apitype.StepEventMetadata{
			Op: op, Type: "aws:s3/bucketV2:BucketV2", URN: fmt.Sprintf("urn:pulumi:local::events-%s::aws:s3/bucketV2:BucketV2::%s%d", layer, layer, i),
		}
		if op == apitype.OpUpdate {
			step.Diffs = []string{"tags"}
		}
		before := step
		if command == "refresh" {
			before.Op, before.Diffs = apitype.OpRefresh, nil
		}
		all = append(all, apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: before, Planning: command == "refresh"}},
			apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: step, Planning: command == "refresh"}})
	}
	if failure != "" {
		return append(all, apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{
			Severity: "error", Message: "<{%reset%}>" + failure + "<{%reset%}>\n",
			URN: "urn:pulumi:local::events-" + layer + "::aws:s3/bucketV2:BucketV2::" + layer + "0",
		}})
	}
	return append(all, apitype.EngineEvent{SummaryEvent: &apitype.SummaryEvent{ResourceChanges: counts}})
}

// program asks the host to run the layer's program.
func program(ctx context.Context, address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	answer, err := pulumirpc.NewLanguageRuntimeClient(conn).Run(ctx, &pulumirpc.RunRequest{Project: "p", Stack: "s"})
	if err != nil {
		return err
	}
	if answer.GetError() != "" || answer.GetBail() {
		return fmt.Errorf("the program failed: %s", answer.GetError())
	}
	return nil
}

// stream sends events to the host as the engine does.
func stream(ctx context.Context, address string, events []apitype.EngineEvent) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	s, err := pulumirpc.NewEventsClient(conn).StreamEvents(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	for _, e := range events {
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := s.Send(&pulumirpc.EventRequest{Event: string(text)}); err != nil {
			return err
		}
	}
	_, err = s.CloseAndRecv()
	return err
}

// list shortens, unless asked for full names, those of the current folder's project, as
// Pulumi does (pkg/backend/httpstate/stack.go); the default organization is Pulumi's own.
func (w *world) list(c command.Command, full bool) error {
	return w.locked(func() error {
		var all []map[string]any
		for name, resources := range w.stacks {
			if owner, rest, _ := strings.Cut(name, "/"); !full && layerOf(name) == filepath.Base(c.Dir) {
				_, stack, _ := strings.Cut(rest, "/")
				name = strings.TrimPrefix(owner+"/"+stack, "organization/")
			}
			all = append(all, map[string]any{"name": name, "resourceCount": resources, "lastUpdate": "2026-01-02T03:04:05.000Z"})
		}
		return json.NewEncoder(c.Stdout).Encode(all)
	})
}

func (w *world) output(c command.Command, stack string, secrets bool) error {
	return w.locked(func() error {
		if _, known := w.stacks[stack]; !known {
			text := "error: no stack named '" + stack + "' found"
			fmt.Fprint(c.Stderr, text)
			return &command.Error{Command: "pulumi", Code: 255, Stderr: text, Err: fmt.Errorf("exit status 255")}
		}
		values := map[string]any{}
		for key, value := range w.values[layerOf(stack)] {
			if strings.HasPrefix(key, "secret") && !secrets {
				value = "[secret]"
			}
			values[key] = value
		}
		return json.NewEncoder(c.Stdout).Encode(values)
	})
}

// do runs an operation and fails the test when the run itself fails.
func (w *world) do(op Operation, names ...string) *Report {
	w.t.Helper()
	r, err := w.o.Do(w.t.Context(), op, names...)
	if err != nil {
		w.t.Fatalf("%s: %v", op, err)
	}
	return r
}

// results are a report's results by layer.
func results(r *Report) map[string]Result {
	all := map[string]Result{}
	for _, l := range r.Layers {
		all[l.Layer] = l.Result
	}
	return all
}
