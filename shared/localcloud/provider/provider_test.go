package provider

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"pipeline/shared/localcloud/store"
)

type groupArgs struct {
	Name            string            `pulumi:"name"`
	RetentionInDays int               `pulumi:"retentionInDays,optional"`
	Tags            map[string]string `pulumi:"tags,optional"`
}

// groups is a log group whose thing is an entry of a map.
type groups map[string]groupArgs

func (g groups) kind() Resource[groupArgs] {
	return Resource[groupArgs]{
		Token:     "aws:cloudwatch/logGroup:LogGroup",
		ReplaceOn: []string{"name"}, AutoName: "name",
		Rules: map[string]func(any) error{"retentionInDays": func(v any) error {
			if v.(float64) < 1 {
				return errors.New("is below 1")
			}
			return nil
		}},
		Create: func(_ context.Context, a groupArgs) (string, Outputs, error) {
			g[a.Name] = a
			return a.Name, g.outputs(a), nil
		},
		Read: func(_ context.Context, id string, _ groupArgs) (Outputs, Outputs, bool, error) {
			a, found := g[id]
			return Outputs{"name": a.Name, "retentionInDays": a.RetentionInDays}, g.outputs(a), found, nil
		},
		Update: func(_ context.Context, id string, _, a groupArgs) (Outputs, error) {
			g[id] = a
			return g.outputs(a), nil
		},
		Delete: func(_ context.Context, id string, _ groupArgs) error {
			delete(g, id)
			return nil
		},
	}
}

func (g groups) outputs(a groupArgs) Outputs {
	return Outputs{"arn": "arn:" + a.Name, "namePrefix": "", "logGroupClass": "STANDARD"}
}

const urn = "urn:pulumi:local::events-stream::aws:cloudwatch/logGroup:LogGroup::delivery"

func server(t *testing.T, kinds ...Kind) *Server {
	t.Helper()
	kept, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	s, err := New("6.83.2", "eu-central-1", kept, kinds)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func properties(t *testing.T, m map[string]any) *structpb.Struct {
	t.Helper()
	s, err := marshal(resource.NewPropertyMapFromMap(m))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheckRefusesWhatItWouldIgnore(t *testing.T) {
	s := server(t, groups{}.kind())
	for rule, c := range map[string]struct {
		set              map[string]any
		property, reason string
	}{
		"a property that the SDK does not have":         {map[string]any{"name": "a", "retention": 1}, "retention", notInSDK},
		"a property that is not honoured":               {map[string]any{"name": "a", "kmsKeyId": "k"}, "kmsKeyId", notHonoured},
		"a property of another type":                    {map[string]any{"name": "a", "retentionInDays": "many"}, "retentionInDays", "is a string, want int"},
		"a fraction where a whole number belongs":       {map[string]any{"name": "a", "retentionInDays": 1.5}, "retentionInDays", "is a number, want int"},
		"a list where a map belongs":                    {map[string]any{"name": "a", "tags": []any{"x"}}, "tags", "want an object"},
		"a value that AWS refuses":                      {map[string]any{"name": "a", "retentionInDays": 0}, "retentionInDays", "is below 1"},
		"a property inside a map that is of other type": {map[string]any{"name": "a", "tags": map[string]any{"x": 1}}, "tags.x", "want string"},
	} {
		t.Run(rule, func(t *testing.T) {
			got, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, c.set)})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Failures) != 1 || got.Failures[0].Property != c.property || !strings.Contains(got.Failures[0].Reason, c.reason) {
				t.Fatalf("check answers %v, want one failure of %s: %s", got.Failures, c.property, c.reason)
			}
			if !strings.Contains(got.Failures[0].Reason, "project events-stream") {
				t.Errorf("the reason %q does not name the layer", got.Failures[0].Reason)
			}
		})
	}
}

func TestATypeThatIsNotServedIsRefusedByName(t *testing.T) {
	s := server(t)
	_, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, nil)})
	if err == nil || !strings.Contains(err.Error(), "aws:cloudwatch/logGroup:LogGroup") || !strings.Contains(err.Error(), "events-stream") {
		t.Errorf("the error is %v, want type and layer in it", err)
	}
	_, err = s.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "aws:s3/getBucket:getBucket"})
	if err == nil || !strings.Contains(err.Error(), "aws:s3/getBucket:getBucket") {
		t.Errorf("the error is %v, want the function in it", err)
	}
}

func TestAPreviewMakesNothingAndKnowsNoComputedOutput(t *testing.T) {
	g := groups{}
	s := server(t, g.kind())
	got, err := s.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn, Preview: true, Properties: properties(t, map[string]any{"name": "a"})})
	if err != nil {
		t.Fatal(err)
	}
	if len(g) != 0 {
		t.Errorf("a preview made %v", g)
	}
	outputs, err := unmarshal(got.Properties)
	if err != nil {
		t.Fatal(err)
	}
	if !outputs["arn"].IsComputed() || outputs["name"].StringValue() != "a" {
		t.Errorf("a preview shows %v, want an unknown arn and the name", outputs)
	}
}

func TestAResourceLivesFromCreateToDelete(t *testing.T) {
	ctx, g := context.Background(), groups{}
	s := server(t, g.kind())
	inputs := properties(t, map[string]any{"name": "a", "retentionInDays": 7})
	created, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: urn, Properties: inputs})
	if err != nil {
		t.Fatal(err)
	}
	if arn := created.Properties.Fields["arn"].GetStringValue(); arn != "arn:a" || created.Properties.Fields["tagsAll"] == nil {
		t.Errorf("create answers %v, want the arn and tagsAll", created.Properties)
	}
	changed := properties(t, map[string]any{"name": "a", "retentionInDays": 30})
	if _, err := s.Update(ctx, &pulumirpc.UpdateRequest{Urn: urn, Id: "a", OldInputs: inputs, Olds: created.Properties, News: changed}); err != nil {
		t.Fatal(err)
	}
	if g["a"].RetentionInDays != 30 {
		t.Errorf("after the update retention is %d, want 30", g["a"].RetentionInDays)
	}
	read, err := s.Read(ctx, &pulumirpc.ReadRequest{Urn: urn, Id: "a", Inputs: inputs})
	if err != nil || read.Inputs.Fields["retentionInDays"].GetNumberValue() != 30 {
		t.Errorf("refresh reads %v (%v), want the 30 days that are there", read.GetInputs(), err)
	}
	if _, err := s.Delete(ctx, &pulumirpc.DeleteRequest{Urn: urn, Id: "a", OldInputs: changed}); err != nil {
		t.Fatal(err)
	}
	gone, err := s.Read(ctx, &pulumirpc.ReadRequest{Urn: urn, Id: "a", Inputs: inputs})
	if err != nil || gone.Id != "" {
		t.Errorf("reading what is gone answers id %q (%v), want none", gone.GetId(), err)
	}
}

func TestDiffReplacesOnlyWhatMustBe(t *testing.T) {
	s := server(t, groups{}.kind())
	old := properties(t, map[string]any{"name": "a", "retentionInDays": 7})
	for rule, c := range map[string]struct {
		news     map[string]any
		changes  pulumirpc.DiffResponse_DiffChanges
		replaces int
	}{
		"the same":             {map[string]any{"name": "a", "retentionInDays": 7}, pulumirpc.DiffResponse_DIFF_NONE, 0},
		"retention":            {map[string]any{"name": "a", "retentionInDays": 8}, pulumirpc.DiffResponse_DIFF_SOME, 0},
		"another name":         {map[string]any{"name": "b", "retentionInDays": 7}, pulumirpc.DiffResponse_DIFF_SOME, 1},
		"one taken out":        {map[string]any{"name": "a"}, pulumirpc.DiffResponse_DIFF_SOME, 0},
		"the same, now secret": {map[string]any{"name": resource.MakeSecret(resource.NewStringProperty("a")), "retentionInDays": 7}, pulumirpc.DiffResponse_DIFF_NONE, 0},
	} {
		t.Run(rule, func(t *testing.T) {
			got, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{Urn: urn, Id: "a", OldInputs: old, News: properties(t, c.news)})
			if err != nil {
				t.Fatal(err)
			}
			if got.Changes != c.changes || len(got.Replaces) != c.replaces {
				t.Errorf("diff answers %v replacing %v, want %v and %d", got.Changes, got.Replaces, c.changes, c.replaces)
			}
		})
	}
}

func TestAChangeBelowAPropertyReplacesWhereThePathSaysSo(t *testing.T) {
	s := spec{replaceOn: []string{"name", "partitioning.enabled"}}
	for path, want := range map[string]bool{
		"name": true, "partitioning.enabled": true, "partitioning": true, "partitioning[0].enabled": true,
		"partitioning.retry": false, "names": false, "tags.name": false,
	} {
		if got := s.replaces(path); got != want {
			t.Errorf("a change at %s replaces: %v, want %v", path, got, want)
		}
	}
}

func TestASetHasNoOrder(t *testing.T) {
	list := func(names ...any) resource.PropertyMap {
		in := map[string]any{"urls": names, "steps": []any{map[string]any{"parameters": names, "order": names}}}
		return resource.NewPropertyMapFromMap(in)
	}
	was, sets := list("a", "b", "b"), []string{"urls", "steps.parameters"}
	for rule, c := range map[string]struct {
		now  resource.PropertyMap
		want string // where it differs
	}{
		"the same in another order": {list("b", "a", "b"), "steps[0].order[0] steps[0].order[1]"},
		"another element":           {list("b", "a", "c"), "urls[0] urls[1] urls[2] steps[0].order[0] steps[0].order[1] steps[0].order[2] steps[0].parameters[0] steps[0].parameters[1] steps[0].parameters[2]"},
		"an element less":           {list("a", "b"), "urls[2] steps[0].order[2] steps[0].parameters[2]"},
		"nothing at all":            {resource.PropertyMap{}, "urls steps"},
	} {
		diff := was.Diff(unordered(was, c.now, sets))
		want := strings.Fields(c.want)
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(plugin.NewDetailedDiffFromObjectDiff(diff, true))); !slices.Equal(got, want) {
			t.Errorf("%s differs at %v, want %v", rule, got, want)
		}
	}
}

func TestASecretStaysSecret(t *testing.T) {
	s := server(t, groups{}.kind())
	inputs, err := marshal(resource.PropertyMap{"name": resource.MakeSecret(resource.NewStringProperty("a"))})
	if err != nil {
		t.Fatal(err)
	}
	created, err := s.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn, Properties: inputs})
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := unmarshal(created.Properties)
	if err != nil {
		t.Fatal(err)
	}
	if !outputs["name"].IsSecret() {
		t.Errorf("the output is %v, want it secret as its input was", outputs["name"])
	}
}

// Which outputs are secret is what the SDK's constructors say.
func TestASecretThatIsImportedIsSecretInTheInputsToo(t *testing.T) {
	type versionArgs struct {
		SecretID     string `pulumi:"secretId"`
		SecretString string `pulumi:"secretString,optional"`
	}
	version := Outputs{"secretId": "s", "secretString": "hidden"}
	s := server(t, Resource[versionArgs]{Token: "aws:secretsmanager/secretVersion:SecretVersion", ReplaceOn: []string{"*"},
		Read: func(context.Context, string, versionArgs) (Outputs, Outputs, bool, error) {
			return version, Outputs{"arn": "arn:s", "versionId": "v", "versionStages": []any{}}, true, nil
		}})
	const urn = "urn:pulumi:local::events-stream::aws:secretsmanager/secretVersion:SecretVersion::loader"
	for rule, c := range map[string]struct {
		inputs map[string]any
		secret bool
	}{"imported": {nil, true}, "written for all to see": {version, false}} {
		got, err := s.Read(context.Background(), &pulumirpc.ReadRequest{Urn: urn, Id: "v", Inputs: properties(t, c.inputs)})
		if err != nil {
			t.Fatal(err)
		}
		inputs, err := unmarshal(got.Inputs)
		if err != nil || inputs["secretString"].IsSecret() != c.secret {
			t.Errorf("%s: the inputs are %v (%v), want a secret among them: %v", rule, inputs, err, c.secret)
		}
		outputs, err := unmarshal(got.Properties)
		if err != nil || !outputs["secretString"].IsSecret() || outputs["secretId"].IsSecret() {
			t.Errorf("%s: the outputs are %v (%v), want secretString alone secret", rule, outputs, err)
		}
	}
}

func TestAnOutputThatAWSWouldFillIsNeverEmpty(t *testing.T) {
	kind := groups{}.kind()
	kind.Create = func(context.Context, groupArgs) (string, Outputs, error) { return "a", Outputs{}, nil }
	_, err := server(t, kind).Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn, Properties: properties(t, map[string]any{"name": "a"})})
	if err == nil || !strings.Contains(err.Error(), "returned no arn") {
		t.Errorf("the error is %v, want it to say that arn is missing", err)
	}
}

func TestANameIsMadeOnceAndKept(t *testing.T) {
	s := server(t, groups{}.kind())
	first, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, nil), RandomSeed: []byte("0123456789abcdef0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	name := first.Inputs.Fields["name"].GetStringValue()
	if !strings.HasPrefix(name, "delivery-") {
		t.Errorf("the name is %q, want delivery- and a suffix", name)
	}
	second, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, nil), Olds: first.Inputs})
	if err != nil || second.Inputs.Fields["name"].GetStringValue() != name {
		t.Errorf("the second name is %v (%v), want %s kept", second.GetInputs(), err, name)
	}
}

func TestANameThatTheProgramTakesOutIsMadeUpAnew(t *testing.T) {
	s := server(t, groups{}.kind())
	named, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, map[string]any{"name": "a"})})
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, nil), Olds: named.Inputs, RandomSeed: []byte("0123456789abcdef0123456789abcdef")})
	if name := made.GetInputs().GetFields()["name"].GetStringValue(); err != nil || !strings.HasPrefix(name, "delivery-") {
		t.Errorf("without the name that the program had, it is %q (%v), want one that is made up", name, err)
	}
}

// pulumi-aws makes the new one first only where the two have names of their own.
func TestWhatHasANameOfItsProgramIsDeletedBeforeItIsReplaced(t *testing.T) {
	kind := groups{}.kind()
	kind.ReplaceOn = append(kind.ReplaceOn, "retentionInDays")
	s := server(t, kind)
	for rule, c := range map[string]struct {
		before, after map[string]any
		first         bool
	}{
		"under the name that it has": {map[string]any{"name": "a", "retentionInDays": 7}, map[string]any{"name": "a", "retentionInDays": 8}, true},
		"under another":              {map[string]any{"name": "a"}, map[string]any{"name": "b"}, true},
		"under one that is made up":  {map[string]any{"retentionInDays": 7}, map[string]any{"retentionInDays": 8}, false},
		"in place":                   {map[string]any{"name": "a"}, map[string]any{"name": "a", "tags": map[string]any{"a": "b"}}, false},
	} {
		before, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, News: properties(t, c.before), RandomSeed: []byte("0123456789abcdef0123456789abcdef")})
		if err != nil {
			t.Fatal(err)
		}
		after, err := s.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn, Olds: before.Inputs, News: properties(t, c.after)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{Urn: urn, Id: "a", OldInputs: before.Inputs, News: after.Inputs})
		if err != nil || got.DeleteBeforeReplace != c.first {
			t.Errorf("%s: diff answers %v (%v), want the old one deleted first: %v", rule, got, err, c.first)
		}
	}
}

// The engine has put back what is to be ignored; the rest of the property is the program's.
func TestAChangeBesideAnIgnoredOneIsMade(t *testing.T) {
	s := server(t, groups{}.kind())
	old := properties(t, map[string]any{"name": "a", "tags": map[string]any{"ignored": "x", "team": "one"}})
	news := properties(t, map[string]any{"name": "a", "tags": map[string]any{"ignored": "x", "team": "two"}})
	got, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{Urn: urn, Id: "a", OldInputs: old, News: news, IgnoreChanges: []string{"tags.ignored"}})
	if err != nil || got.Changes != pulumirpc.DiffResponse_DIFF_SOME {
		t.Errorf("diff answers %v (%v), want the change of the other tag", got, err)
	}
}

func TestProviderSettingsThatWouldBeIgnoredAreRefused(t *testing.T) {
	got, err := server(t).CheckConfig(context.Background(), &pulumirpc.CheckRequest{News: properties(t, map[string]any{"region": "us-east-1", "profile": "x",
		"defaultTags": map[string]any{"tags": map[string]any{"a": "b"}}, "version": "6.83.2", "skipCredentialsValidation": "false", "skipRegionValidation": "true"})})
	if err != nil || len(got.Failures) != 3 {
		t.Errorf("the provider's settings give %v (%v), want region, profile and defaultTags refused", got.GetFailures(), err)
	}
}
