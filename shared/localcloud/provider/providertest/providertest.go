// Package providertest drives a provider as the Pulumi engine does, so that the tests of
// the slices say what a resource is to do and not how it is asked.
package providertest

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/store"
)

// Object is inputs or outputs as plain Go.
type Object = map[string]any

// Unknown is a value that a preview does not know yet.
var Unknown = resource.MakeComputed(resource.NewStringProperty(""))

// Engine asks a provider for the resources of one project. Its methods fail the test where
// the provider answers with an error.
type Engine struct {
	t       *testing.T
	server  pulumirpc.ResourceProviderServer
	project string
	name    string // of the resource in its program
}

// Made is a resource that was created, with what the engine stores of it.
type Made struct {
	Token, ID string
	Inputs    Object
	Outputs   Object
}

// New returns an engine over a provider of these kinds.
func New(t *testing.T, project string, kinds []provider.Kind) *Engine {
	t.Helper()
	kept, err := store.Open(filepath.Join(t.TempDir(), "provider.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	server, err := provider.New("6.83.2", "eu-central-1", kept, kinds)
	if err != nil {
		t.Fatal(err)
	}
	return Over(t, server, project)
}

// Over returns an engine over a provider that is there.
func Over(t *testing.T, server pulumirpc.ResourceProviderServer, project string) *Engine {
	return &Engine{t, server, project, "it"}
}

// As returns the engine with another name for the resource that it asks for.
func (e *Engine) As(name string) *Engine {
	return &Engine{e.t, e.server, e.project, name}
}

func (e *Engine) urn(token string) string {
	return "urn:pulumi:local::" + e.project + "::" + token + "::" + e.name
}

var options = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}

func (e *Engine) marshal(m Object) *structpb.Struct {
	e.t.Helper()
	s, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(m), options)
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

// Check returns the inputs as the provider completes them, and what it refuses, as
// "property: reason" joined by semicolons.
func (e *Engine) Check(token string, inputs Object) (Object, string) {
	e.t.Helper()
	got, err := e.server.Check(e.t.Context(), &pulumirpc.CheckRequest{Urn: e.urn(token), News: e.marshal(inputs)})
	if err != nil {
		e.t.Fatalf("check %s: %v", token, err)
	}
	var refused []string
	for _, f := range got.Failures {
		refused = append(refused, f.Property+": "+f.Reason)
	}
	return plain(e.t, got.Inputs), strings.Join(refused, "; ")
}

// Written returns the inputs of what was made as the provider completes them when its
// program writes these.
func (e *Engine) Written(m Made, inputs Object) Object {
	e.t.Helper()
	got, err := e.server.Check(e.t.Context(), &pulumirpc.CheckRequest{Urn: e.urn(m.Token), Olds: e.marshal(m.Inputs), News: e.marshal(inputs)})
	if err != nil || len(got.Failures) > 0 {
		e.t.Fatalf("check %s with %v: %v (%v)", m.Token, inputs, got.GetFailures(), err)
	}
	return plain(e.t, got.Inputs)
}

// Refuses checks that the provider refuses inputs with a reason that has text in it.
func (e *Engine) Refuses(token string, inputs Object, text string) {
	e.t.Helper()
	if _, refused := e.Check(token, inputs); !strings.Contains(refused, text) {
		e.t.Errorf("check of %s with %v refuses %q, want %q", token, inputs, refused, text)
	}
}

// TryCreate creates a resource that passes Check.
func (e *Engine) TryCreate(token string, inputs Object) (Made, error) {
	e.t.Helper()
	checked, refused := e.Check(token, inputs)
	if refused != "" {
		e.t.Fatalf("%s is refused: %s", token, refused)
	}
	got, err := e.server.Create(e.t.Context(), &pulumirpc.CreateRequest{Urn: e.urn(token), Properties: e.marshal(checked)})
	if err != nil {
		return Made{}, err
	}
	return Made{token, got.Id, checked, plain(e.t, got.Properties)}, nil
}

// Create creates a resource and reads it back, as a refresh does.
func (e *Engine) Create(token string, inputs Object) Made {
	e.t.Helper()
	m, err := e.TryCreate(token, inputs)
	if err != nil {
		e.t.Fatalf("create %s: %v", token, err)
	}
	if !e.Exists(m) {
		e.t.Errorf("reading %s %s just after it was made finds nothing", token, m.ID)
	}
	return m
}

// Read returns inputs and outputs as AWS has them, and whether the thing is there.
func (e *Engine) Read(m Made) (inputs, outputs Object, found bool) {
	e.t.Helper()
	got, err := e.server.Read(e.t.Context(), &pulumirpc.ReadRequest{Urn: e.urn(m.Token), Id: m.ID, Inputs: e.marshal(m.Inputs)})
	if err != nil {
		e.t.Fatalf("read %s %s: %v", m.Token, m.ID, err)
	}
	return plain(e.t, got.Inputs), plain(e.t, got.Properties), got.Id != ""
}

// Exists says whether a refresh finds the resource.
func (e *Engine) Exists(m Made) bool {
	e.t.Helper()
	_, _, found := e.Read(m)
	return found
}

// Import returns the inputs that importing by ID finds.
func (e *Engine) Import(token, id string) Object {
	e.t.Helper()
	return e.Imported(token, id).Inputs
}

// TryImport returns the error of an import, if it has one.
func (e *Engine) TryImport(token, id string) error {
	e.t.Helper()
	_, err := e.server.Read(e.t.Context(), &pulumirpc.ReadRequest{Urn: e.urn(token), Id: id})
	return err
}

// Imported returns what importing by ID finds.
func (e *Engine) Imported(token, id string) Made {
	e.t.Helper()
	got, err := e.server.Read(e.t.Context(), &pulumirpc.ReadRequest{Urn: e.urn(token), Id: id})
	if err != nil {
		e.t.Fatalf("import %s %s: %v", token, id, err)
	}
	if got.Id == "" {
		e.t.Errorf("importing %s %s finds nothing", token, id)
	}
	return Made{token, got.Id, plain(e.t, got.Inputs), plain(e.t, got.Properties)}
}

// Update changes some inputs of a resource in place.
func (e *Engine) Update(m Made, changed Object) Made {
	e.t.Helper()
	updated, err := e.TryUpdate(m, changed)
	if err != nil {
		e.t.Fatalf("update %s %s: %v", m.Token, m.ID, err)
	}
	return updated
}

// TryUpdate returns the error of an update, if it has one.
func (e *Engine) TryUpdate(m Made, changed Object) (Made, error) {
	e.t.Helper()
	news := maps.Clone(m.Inputs)
	maps.Copy(news, changed)
	got, err := e.server.Update(e.t.Context(), &pulumirpc.UpdateRequest{Urn: e.urn(m.Token), Id: m.ID,
		OldInputs: e.marshal(m.Inputs), Olds: e.marshal(m.Outputs), News: e.marshal(news)})
	if err != nil {
		return Made{}, err
	}
	return Made{m.Token, m.ID, news, plain(e.t, got.Properties)}, nil
}

// Replaces returns the properties for which changed inputs replace the resource, joined
// by commas.
func (e *Engine) Replaces(m Made, changed Object) string {
	e.t.Helper()
	got := e.diff(m, changed)
	if got.Changes != pulumirpc.DiffResponse_DIFF_SOME {
		e.t.Errorf("changing %s by %v is no difference", m.Token, changed)
	}
	return strings.Join(got.Replaces, ",")
}

// DeletesFirst says whether changed inputs delete the resource before its replacement is made.
func (e *Engine) DeletesFirst(m Made, changed Object) bool {
	e.t.Helper()
	return e.diff(m, changed).DeleteBeforeReplace
}

// Differs says whether changed inputs are a difference to what there is.
func (e *Engine) Differs(m Made, changed Object) bool {
	e.t.Helper()
	return e.diff(m, changed).Changes == pulumirpc.DiffResponse_DIFF_SOME
}

// Differences are the properties in which inputs differ from what there is.
func (e *Engine) Differences(m Made, inputs Object) []string {
	e.t.Helper()
	return slices.Sorted(maps.Keys(e.diffTo(m, inputs).DetailedDiff))
}

func (e *Engine) diff(m Made, changed Object) *pulumirpc.DiffResponse {
	e.t.Helper()
	news := maps.Clone(m.Inputs)
	maps.Copy(news, changed)
	return e.diffTo(m, news)
}

func (e *Engine) diffTo(m Made, news Object) *pulumirpc.DiffResponse {
	e.t.Helper()
	got, err := e.server.Diff(e.t.Context(), &pulumirpc.DiffRequest{Urn: e.urn(m.Token), Id: m.ID,
		OldInputs: e.marshal(m.Inputs), Olds: e.marshal(m.Outputs), News: e.marshal(news)})
	if err != nil {
		e.t.Fatalf("diff %s: %v", m.Token, err)
	}
	return got
}

// TryDelete deletes a resource.
func (e *Engine) TryDelete(m Made) error {
	e.t.Helper()
	_, err := e.server.Delete(e.t.Context(), &pulumirpc.DeleteRequest{Urn: e.urn(m.Token), Id: m.ID, OldInputs: e.marshal(m.Inputs)})
	return err
}

// Delete deletes a resource twice: what is gone already is deleted too.
func (e *Engine) Delete(m Made) {
	e.t.Helper()
	for range 2 {
		if err := e.TryDelete(m); err != nil {
			e.t.Fatalf("delete %s %s: %v", m.Token, m.ID, err)
		}
	}
}

// Invoke calls a function.
func (e *Engine) Invoke(token string, args Object) Object {
	e.t.Helper()
	got, err := e.server.Invoke(e.t.Context(), &pulumirpc.InvokeRequest{Tok: token, Args: e.marshal(args)})
	if err != nil {
		e.t.Fatalf("call %s: %v", token, err)
	}
	if len(got.Failures) > 0 {
		e.t.Fatalf("call %s: %v", token, got.Failures)
	}
	return plain(e.t, got.Return)
}

// plain opens secrets.
func plain(t *testing.T, s *structpb.Struct) Object {
	t.Helper()
	if s == nil {
		return Object{}
	}
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true})
	if err != nil {
		t.Fatal(err)
	}
	return m.Mappable()
}
