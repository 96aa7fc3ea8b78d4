package settings

import (
	"os"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestWhatIsInClearBesideASecretIsFound(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, want := range map[string][]string{
		"config: {storage:labels: {ada: {secure: v1:x}, bob: In-Clear, cy: {a: b}}}": {"bob", "cy"},
		"config: {storage:labels: {ada: {secure: v1:x}}}":                            nil,
		"config: {storage:labels: {secure: v1:x}}":                                   nil,
		"config: {storage:name: bob}":                                                nil,
		"":                                                                           nil,
	} {
		if err := os.WriteFile("Pulumi.local.yaml", []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := inClear(t); err != nil || !slices.Equal(got, want) {
			t.Errorf("in clear in %s are %v (%v), want %v", file, got, err, want)
		}
	}
}

func TestWhereThereIsNoFileNothingIsInClear(t *testing.T) {
	t.Chdir(t.TempDir())
	if got, err := inClear(t); err != nil || len(got) > 0 {
		t.Errorf("in clear are %v (%v)", got, err)
	}
	if err := os.WriteFile("Pulumi.local.yaml", []byte("config: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := inClear(t); err == nil {
		t.Errorf("in a file that is no YAML are %v", got)
	}
}

func inClear(t *testing.T) (clear []string, err error) {
	t.Helper()
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		clear, err = InClear(ctx, "labels")
		return err
	}, pulumi.WithMocks("storage", "local", none{}))
	return clear, err
}
