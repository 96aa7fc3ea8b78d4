package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"

	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/property"
	"pipeline/shared/localcloud/provider/sdk"
	"pipeline/shared/localcloud/provider/sdk/generate"
)

const sdkModule = "github.com/pulumi/pulumi-aws/sdk/v6"

// command runs a command of Go's and returns what it prints.
func command(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

func TestTheProviderTakesThePlaceOfTheSDKsVersion(t *testing.T) {
	if got := command(t, "list", "-m", "-f", "{{.Version}}", sdkModule); got != "v"+awsVersion {
		t.Errorf("go.mod has %s of %s, and the provider says that it is %s", got, sdkModule, awsVersion)
	}
}

func TestTheTableOfSDKTypesIsUpToDate(t *testing.T) {
	dir := filepath.Join(command(t, "list", "-m", "-f", "{{.Dir}}", sdkModule), "go", "aws")
	table, err := generate.Table(dir, provider.Honoured(anyCloud(t).kinds...))
	if err != nil {
		t.Fatal(err)
	}
	want := lines(t, table)
	path := filepath.Join("provider", "sdk", "types.json")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is old: run UPDATE=1 go test -run SDK . in shared/localcloud", path)
	}
}

// lines writes the table with a property on each line, so that a change of it reads well.
func lines(t *testing.T, table map[string]sdk.Resource) []byte {
	t.Helper()
	var b bytes.Buffer
	text := func(v any) string {
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		start := b.Len()
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
		encoded := strings.TrimSpace(string(b.Bytes()[start:]))
		b.Truncate(start)
		return encoded
	}
	var resources []string
	for _, token := range slices.Sorted(maps.Keys(table)) {
		r := table[token]
		var fields []string
		for _, name := range r.Args.Names() {
			fields = append(fields, text(name)+": "+text(r.Args.Fields[name]))
		}
		resources = append(resources, text(token)+": {\"deprecated\": "+text(r.Deprecated)+
			", \"outputs\": "+text(r.Outputs)+", \"secrets\": "+text(r.Secrets)+",\n \"args\": {\"kind\": \"object\", \"fields\": {\n  "+strings.Join(fields, ",\n  ")+"}}}")
	}
	return []byte("{" + strings.Join(resources, ",\n") + "}\n")
}

// What is read from the SDK's source is what its compiled types are.
func TestTheTableOfSDKTypesIsWhatReflectionSees(t *testing.T) {
	known, err := sdk.Lookup("aws:secretsmanager/secret:Secret")
	if err != nil {
		t.Fatal(err)
	}
	args := property.Of(secretsmanager.SecretArgs{}.ElementType())
	if !slices.Equal(known.Args.Names(), args.Names()) {
		t.Errorf("the table has the arguments %v, the SDK %v", known.Args.Names(), args.Names())
	}
	for name, field := range args.Fields {
		if got := known.Args.Fields[name]; got.Kind != field.Kind && got.Kind != property.Any {
			t.Errorf("argument %s is %s in the table and %s in the SDK", name, got.Kind, field.Kind)
		}
	}
	outputs := property.Of(reflect.TypeFor[secretsmanager.Secret]())
	if got := slices.Sorted(maps.Keys(known.Outputs)); !slices.Equal(got, outputs.Names()) {
		t.Errorf("the table has the outputs %v, the SDK %v", got, outputs.Names())
	}
}

// The SDK alone is a hundred megabytes of program.
func TestTheLocalCloudDoesNotLinkTheSDK(t *testing.T) {
	for _, path := range strings.Fields(command(t, "list", "-deps", ".")) {
		if strings.HasPrefix(path, sdkModule) {
			t.Errorf("the local cloud imports %s: use package provider/sdk's table instead", path)
		}
	}
}
