// Package pulumitest runs a project's deploy function under Pulumi's mocks and records
// what it registers, so that tests assert rules ("events expire after the configured
// days") and not lists of calls.
package pulumitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// World is what a program runs in. The zero value is stack local of the repository's
// manifest, with no settings and nothing deployed upstream.
type World struct {
	Project string // "events-storage"
	Stack   string // "local" when empty
	// Settings are the project's own, by name without the project: text as it is,
	// anything else as JSON.
	Settings map[string]any
	// Upstream are the outputs of other layers' stacks, by project.
	Upstream map[string]map[string]string
	// Outputs are what AWS fills in, by type token; every resource has id, arn and name
	// without it.
	Outputs map[string]func(inputs resource.PropertyMap) map[string]any
	// Functions answer data sources beyond region, caller and partition, by token.
	Functions map[string]func(args resource.PropertyMap) (map[string]any, error)
	// Account is the caller's; the manifest's when empty.
	Account string
	Region  string // "eu-central-1" when empty
	Preview bool
}

// Result is what a run registered.
type Result struct {
	Resources []Resource
	Err       error
}

// Resource is one registered resource with its inputs, secrets as they are.
type Resource struct {
	Type, Name string
	Inputs     resource.PropertyMap
}

// Run runs deploy in the world and returns what it registered, in no certain order.
func (w World) Run(t *testing.T, deploy func(*pulumi.Context) error) Result {
	t.Helper()
	if w.Stack == "" {
		w.Stack = "local"
	}
	if w.Region == "" {
		w.Region = "eu-central-1"
	}
	if w.Account == "" {
		w.Account = map[string]string{"local": "000000000000", "dev": "111111111111", "prod": "222222222222"}[w.Stack]
	}
	t.Setenv("PULUMI_CONFIG", w.config(t))
	m := &mocks{world: w}
	err := pulumi.RunErr(deploy, pulumi.WithMocks(w.Project, w.Stack, m), func(info *pulumi.RunInfo) {
		info.DryRun = w.Preview
		info.Organization = "organization"
	})
	return Result{Resources: m.resources, Err: err}
}

func (w World) config(t *testing.T) string {
	set := map[string]string{}
	for name, value := range w.Settings {
		text, isText := value.(string)
		if !isText {
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatalf("setting %s: %v", name, err)
			}
			text = string(data)
		}
		set[w.Project+":"+name] = text
	}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// All returns the resources of a type token, "aws:s3/bucketV2:BucketV2".
func (r Result) All(token string) []Resource {
	var found []Resource
	for _, res := range r.Resources {
		if res.Type == token {
			found = append(found, res)
		}
	}
	return found
}

// One returns the only resource of a type token and fails the test when there is not
// exactly one.
func (r Result) One(t *testing.T, token string) Resource {
	t.Helper()
	found := r.All(token)
	if len(found) != 1 {
		t.Fatalf("there are %d resources of type %s, want 1 (the run's error: %v)", len(found), token, r.Err)
	}
	return found[0]
}

// Named returns the resource of a type and name and fails the test when there is none.
func (r Result) Named(t *testing.T, token, name string) Resource {
	t.Helper()
	for _, res := range r.All(token) {
		if res.Name == name {
			return res
		}
	}
	t.Fatalf("there is no resource %q of type %s (the run's error: %v)", name, token, r.Err)
	return Resource{}
}

// Plain is the resource's inputs as plain Go values, secrets opened.
func (r Resource) Plain() map[string]any {
	return resource.NewObjectProperty(r.Inputs).MapRepl(nil, func(v resource.PropertyValue) (any, bool) {
		if v.IsSecret() {
			return v.SecretValue().Element.Mappable(), true
		}
		return nil, false
	}).(map[string]any)
}

type mocks struct {
	world     World
	mu        sync.Mutex
	resources []Resource
}

func (m *mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken == "pulumi:pulumi:StackReference" {
		return m.stackReference(args)
	}
	m.mu.Lock()
	m.resources = append(m.resources, Resource{args.TypeToken, args.Name, args.Inputs})
	m.mu.Unlock()
	state := args.Inputs.Copy()
	filled := map[string]any{"arn": fmt.Sprintf("arn:aws:mock:::%s/%s", args.TypeToken, args.Name)}
	if f := m.world.Outputs[args.TypeToken]; f != nil {
		maps.Copy(filled, f(args.Inputs))
	}
	for key, value := range resource.NewPropertyMapFromMap(filled) {
		if !state.HasValue(key) {
			state[key] = value
		}
	}
	return args.Name + "-id", state, nil
}

func (m *mocks) stackReference(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	outputs, deployed := m.upstream(args.Inputs["name"].StringValue())
	if !deployed {
		return "", nil, fmt.Errorf("unknown stack %q", args.Inputs["name"].StringValue())
	}
	state := resource.PropertyMap{"name": args.Inputs["name"], "outputs": resource.NewObjectProperty(outputs)}
	return args.Inputs["name"].StringValue(), state, nil
}

// upstream finds the outputs of the stack "<organization>/<project>/<stack>".
func (m *mocks) upstream(name string) (resource.PropertyMap, bool) {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || parts[2] != m.world.Stack {
		return nil, false
	}
	outputs, deployed := m.world.Upstream[parts[1]]
	values := resource.PropertyMap{}
	for key, value := range outputs {
		values[resource.PropertyKey(key)] = resource.NewStringProperty(value)
	}
	return values, deployed
}

// Call answers the functions that every program uses and the world's own; any other
// fails the run.
func (m *mocks) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answer := map[string]any{}
	switch args.Token {
	case "aws:index/getRegion:getRegion":
		answer = map[string]any{"name": m.world.Region, "id": m.world.Region}
	case "aws:index/getCallerIdentity:getCallerIdentity":
		answer = map[string]any{"accountId": m.world.Account, "id": m.world.Account}
	case "aws:index/getPartition:getPartition":
		answer = map[string]any{"partition": "aws", "id": "aws", "dnsSuffix": "amazonaws.com"}
	case "pulumi:pulumi:readStackOutputs":
		name := args.Args["name"].StringValue()
		if _, deployed := m.upstream(name); !deployed {
			return nil, fmt.Errorf("unknown stack %q", name)
		}
		answer["name"] = name
	default:
		f := m.world.Functions[args.Token]
		if f == nil {
			return nil, fmt.Errorf("the test's world has no function %s", args.Token)
		}
		var err error
		if answer, err = f(args.Args); err != nil {
			return nil, err
		}
	}
	return resource.NewPropertyMapFromMap(answer), nil
}
