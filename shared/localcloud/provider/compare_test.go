package provider

import (
	"context"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const subnetsURN = "urn:pulumi:local::events-warehouse::aws:redshift/subnetGroup:SubnetGroup::events"

type subnetsArgs struct {
	SubnetIDs []string `pulumi:"subnetIds"`
	Name      string   `pulumi:"name,optional"`
}

// subnets is a resource type with a list, whose rule takes its elements for strings.
func subnets() Resource[subnetsArgs] {
	return Resource[subnetsArgs]{
		Token: "aws:redshift/subnetGroup:SubnetGroup",
		Rules: map[string]func(any) error{"subnetIds": func(v any) error { _ = v.([]any)[0].(string); return nil }},
	}
}

// The Go SDK keeps a nil in an array, as of pulumi.StringArray{subnet.ID(), nil}.
func TestANilElementIsRefused(t *testing.T) {
	got, err := server(t, subnets()).Check(context.Background(), &pulumirpc.CheckRequest{Urn: subnetsURN, News: properties(t, map[string]any{"subnetIds": []any{nil}})})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Failures) != 1 || got.Failures[0].Property != "subnetIds[0]" || !strings.HasPrefix(got.Failures[0].Reason, "is null, want string") {
		t.Errorf("check answers %v, want subnetIds[0] refused", got.Failures)
	}
}

// Only beside the inputs themselves is a key with two underscores the engine's own.
func TestATagIsTakenWhateverItsKeyBeginsWith(t *testing.T) {
	g := groups{}
	_, err := server(t, g.kind()).Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn,
		Properties: properties(t, map[string]any{"name": "a", "__defaults": []any{}, "tags": map[string]any{"__team": "x"}})})
	if err != nil || g["a"].Tags["__team"] != "x" {
		t.Errorf("the tags are %v (%v), want __team among them", g["a"].Tags, err)
	}
}
