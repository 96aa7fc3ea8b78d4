// Package pulumitest runs a project's deploy function under Pulumi's mocks and records
// what it registers, so that tests assert rules ("events expire after the configured
// days") and not lists of calls. It also compares what a project has in writing (goldens,
// its page) with what the program says.
package pulumitest

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Password is what Secrets Manager generates in every World. No golden holds it.
const Password = "Generated0Generated1Generated2Generated3"

// World is what a program runs in. The zero value is stack local of a manifest that has
// this repository's layers and environments of its own, with no settings and nothing
// deployed upstream.
type World struct {
	Project string // "events-storage"
	Stack   string // "local" when empty
	// Settings are the project's own, by name without the project: text as it is,
	// anything else as JSON.
	Settings map[string]any
	// Secrets are settings that the stack holds encrypted.
	Secrets map[string]any
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

	real bool // in the repository's own manifest
}

// Result is what a run registered and exported.
type Result struct {
	Resources []Resource
	Outputs   resource.PropertyMap
	Err       error
}

// Resource is one registered resource with its inputs, secrets as they are.
type Resource struct {
	Type, Name string
	URN        resource.URN
	Inputs     resource.PropertyMap
	Options    Options
	After      []string // URNs of the resources that it waits for
}

// Options are those of a resource's options that decide what may be lost.
type Options struct {
	Protect             bool     `json:"protect,omitempty"`
	DeleteBeforeReplace bool     `json:"deleteBeforeReplace,omitempty"`
	IgnoreChanges       []string `json:"ignoreChanges,omitempty"`
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
		w.Account = environments[w.Stack].AccountID
	}
	if !w.real {
		defer besideManifest(t)()
	}
	t.Setenv("PULUMI_CONFIG", w.config(t))
	t.Setenv("PULUMI_CONFIG_SECRET_KEYS", w.secretKeys(t))
	m := &mocks{world: w}
	err := pulumi.RunErr(exporting(deploy), pulumi.WithMocks(w.Project, w.Stack, m), func(info *pulumi.RunInfo) {
		info.DryRun = w.Preview
		info.Organization = "organization"
	})
	return Result{Resources: m.resources, Outputs: m.outputs, Err: err}
}

func (w World) config(t *testing.T) string {
	set := map[string]string{}
	all := maps.Clone(w.Settings)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, w.Secrets)
	for name, value := range all {
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

func (w World) secretKeys(t *testing.T) string {
	keys := []string{}
	for _, name := range slices.Sorted(maps.Keys(w.Secrets)) {
		keys = append(keys, w.Project+":"+name)
	}
	data, err := json.Marshal(keys)
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
