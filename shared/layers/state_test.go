package layers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/command"
	"pipeline/shared/command/commandtest"
	"pipeline/shared/toolchain"
)

// stateOf is an exported stack: its outputs, and the outputs that it read from others.
func stateOf(outputs map[string]any, read map[string]map[string]any) json.RawMessage {
	resources := []any{map[string]any{"type": "pulumi:pulumi:Stack", "outputs": outputs}}
	for stack, values := range read {
		resources = append(resources, map[string]any{
			"type": "pulumi:pulumi:StackReference", "inputs": map[string]any{"name": stack},
			"outputs": map[string]any{"name": stack, "outputs": values},
		})
	}
	text, err := json.Marshal(map[string]any{"deployment": map[string]any{"resources": resources}})
	if err != nil {
		panic(err)
	}
	return text
}

// encrypted is a secret as a state stores it: anew at each update.
func encrypted(ciphertext string) map[string]any {
	return map[string]any{secretSignature: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": ciphertext}
}

func TestALayerIsStaleWhenAnUpstreamsOutputsAreNoLongerThoseItRead(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	before := map[string]any{"arn": "arn:old", "password": encrypted("one")}
	w.states["a"] = stateOf(map[string]any{"arn": "arn:new", "password": encrypted("two")}, nil)
	w.states["b"] = stateOf(map[string]any{"password": encrypted("two")}, nil)
	w.states["c"] = stateOf(map[string]any{}, map[string]map[string]any{
		"organization/events-a/local": before,
		"organization/events-b/local": {"password": encrypted("one")}, // only encrypted anew
	})
	w.states["d"] = stateOf(nil, map[string]map[string]any{"organization/events-c/local": {}})
	all, err := w.o.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stale := map[string][]string{}
	for _, s := range all {
		stale[s.Layer] = s.Stale
	}
	if len(stale["a"])+len(stale["b"])+len(stale["d"]) > 0 || !slices.Equal(stale["c"], []string{"a"}) {
		t.Errorf("stale layers and their causes are %v, want only c because of a", stale)
	}
	names, err := w.o.Stale(t.Context())
	if err != nil || !slices.Equal(names, []string{"c", "d"}) {
		t.Errorf("to deploy are %v (%v), want c and what is downstream, d", names, err)
	}
}

func TestEveryLayersStackIsFoundWhoeverOwnsIt(t *testing.T) {
	for _, owner := range []string{"organization", "acme"} {
		w := newWorld(t)
		w.o.Environment.Organization = owner
		w.do(Deploy)
		if found, err := w.o.Found(t.Context()); err != nil || found != 4 {
			t.Errorf("of the 4 stacks of %s %d are found (%v)", owner, found, err)
		}
	}
}

func TestTheStatusTable(t *testing.T) {
	var out bytes.Buffer
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	err := writeStatus(&out, []Status{
		{Layer: "iam", State: StateDeployed, Deployed: true, Resources: 12, Updated: at},
		{Layer: "warehouse", State: StateStale, Deployed: true, Resources: 30, Updated: at, Stale: []string{"iam", "storage"}},
		{Layer: "stream", State: StateAbsent},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "status.golden", out.String())
}

func TestSecretsAreMaskedUnlessAskedFor(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy, "a", "b")
	w.values["a"] = map[string]any{"url": "https://x", "secretKey": "hush", "ports": []int{1, 2}}
	outputs, err := w.o.Outputs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.o.WriteOutputs(outputs.Mask(false), "table"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.out.String(), "hush") {
		t.Errorf("a secret is shown:\n%s", &w.out)
	}
	golden(t, "outputs.table.golden", w.out.String())
	w.out.Reset()
	if err := w.o.WriteOutputs(outputs.Mask(true), "shell"); err != nil {
		t.Fatal(err)
	}
	golden(t, "outputs.shell.golden", w.out.String())
	w.out.Reset()
	if err := w.o.WriteOutputs(outputs.Mask(false), "json"); err != nil {
		t.Fatal(err)
	}
	golden(t, "outputs.json.golden", w.out.String())
}

func TestAMissingOutputSaysWhatThereIsOrHowToDeploy(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy, "a")
	w.values["a"] = map[string]any{"url": "https://x", "arn": "arn:x"}
	outputs, err := w.o.Outputs(t.Context(), "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.o.Value(outputs, "a", "uri")
	if want := `layer a has no output "uri": it has arn, url`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	_, err = w.o.Value(outputs, "b", "url")
	if want := "layer b is not deployed in stack local; deploy it with: go tool mage deploy:b"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestChangedLayersFollowFoldersPackagesAndWhatIsDownstream(t *testing.T) {
	sources := "pipeline/projects/a fmt pipeline/shared/names\n" +
		"pipeline/projects/b fmt pipeline/shared/names pipeline/shared/policy\n" +
		"pipeline/projects/c pipeline/shared/outputs\n" +
		"pipeline/projects/d pipeline/shared/outputs\n"
	for _, change := range []struct{ file, want string }{
		{"projects/d/deploy.go", "d"},
		{"projects/a/templates/x.vtl", "a c d"},
		{"shared/policy/policy.go", "b c d"},
		{"shared/names/names.go", "a b c d"},
		{"shared/outputs/a.go", "c d"},
		{"shared/go.mod", "a b c d"},
		{"go.work", "a b c d"},
		{"Pulumi.org.yaml", "a b c d"},
		{"shared/names/names_test.go", ""},
		{"projects/a/README.md", ""},
		{"shared/localcloud/main.go", ""},
		{".github/workflows/x.yaml", ""},
	} {
		w := newWorld(t)
		w.On("git merge-base main HEAD", commandtest.Prints("abc\n"))
		w.On("git diff --name-only --relative abc", commandtest.Prints(change.file+"\n"))
		w.On("git ls-files --others --exclude-standard", commandtest.Prints(""))
		w.On("go list -f", commandtest.Prints(sources))
		got, err := w.o.Changed(t.Context(), "main")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != change.want {
			t.Errorf("with %s changed, the layers are %v, want %s", change.file, got, change.want)
		}
	}
}

func TestLayersAroundOthers(t *testing.T) {
	w := newWorld(t)
	for _, ask := range []struct{ names, with, want string }{
		{"c", "", "c"}, {"c", "upstream", "a b c"}, {"c", "downstream", "c d"}, {"c", "both", "a b c d"}, {"a,d", "", "a d"},
	} {
		got, err := w.o.Some(ask.names, ask.with)
		if err != nil || strings.Join(got, " ") != ask.want {
			t.Errorf("%q with %q is %v (%v), want %s", ask.names, ask.with, got, err, ask.want)
		}
	}
	if _, err := w.o.Some("a", "sideways"); err == nil {
		t.Error("layers are selected sideways")
	}
}

// An unset variable on a command line is an empty text.
func TestNoLayerNamedIsNotAllOfThem(t *testing.T) {
	w := newWorld(t)
	for _, names := range []string{"", " ", ","} {
		if got, err := w.o.Some(names, ""); err == nil || !strings.Contains(err.Error(), "deploy:all") {
			t.Errorf("%q is %v (%v), want an error that says how to take all", names, got, err)
		}
	}
}

// shimFor makes the shim of a program in Pulumi's place, and returns that program's path.
func (w *world) shimFor(script string) string {
	w.t.Helper()
	w.write("bin/pulumi", script)
	pulumi := filepath.Join(w.root, "bin", "pulumi")
	if err := os.Chmod(pulumi, 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := w.o.writeShim(pulumi); err != nil {
		w.t.Fatal(err)
	}
	return pulumi
}

// The shim is shell: it runs for real, with a program in Pulumi's place that prints
// its arguments.
func TestAPulumiInALayersFolderWorksInItsWorkspace(t *testing.T) {
	w := newWorld(t)
	w.shimFor("#!/bin/sh\necho \"$@\"\n")
	outside := t.TempDir()
	for dir, want := range map[string]string{
		filepath.Join(w.root, "projects", "a"): fmt.Sprintf("--cwd %s/.local/stacks/local/a up --yes", w.root),
		w.root:                                 "up --yes",
		outside:                                "up --yes",
	} {
		cmd := exec.Command(filepath.Join(w.o.shimDir(), "pulumi"), "up", "--yes")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("in %s Pulumi gets %q (%v), want %q", dir, strings.TrimSpace(string(out)), err, want)
		}
	}
}

// The next run would take them back: the workspace's settings are those of the layer.
func TestAPulumiInALayersFolderSetsNothingInItsWorkspace(t *testing.T) {
	w := newWorld(t)
	w.shimFor("#!/bin/sh\necho \"$@\"\n")
	layer := filepath.Join(w.root, "projects", "a")
	for args, refused := range map[string]bool{
		"config set x 1": true, "--non-interactive config set --secret x 1": true, "-s local config rm x": true, "config set-all --plaintext x=1": true,
		"config": false, "config get set": false, "up --yes": false,
	} {
		cmd := exec.Command(filepath.Join(w.o.shimDir(), "pulumi"), strings.Fields(args)...)
		cmd.Dir = layer
		out, err := cmd.CombinedOutput()
		says := strings.Contains(string(out), layer+"/Pulumi.local.yaml")
		if (err != nil) != refused || says != refused {
			t.Errorf("pulumi %s ends with %v and %q; want it refused, with the file to edit: %v", args, err, out, refused)
		}
	}
}

func TestAPulumiInALayersFolderHasItsSettingsAsTheyAre(t *testing.T) {
	w := newWorld(t)
	w.shimFor("#!/bin/sh\n")
	w.write(".local/stacks/local/a/Pulumi.local.yaml", "config:\n  a:x: 1\n  a:set: by hand\nencryptionsalt: the salt\n")
	layer, workspace := filepath.Join(w.root, "projects", "a"), filepath.Join(w.root, ".local", "stacks", "local", "a")
	for _, step := range []struct {
		rule  string
		since time.Duration // the workspace was made
		want  string
	}{
		{"older settings", -time.Minute, "config:\n  a:x: 1\n  a:set: by hand\nencryptionsalt: the salt\n"},
		{"newer settings", time.Minute, "config:\n  a:x: 2\nencryptionsalt: the salt\n"},
	} {
		w.write("projects/a/Pulumi.local.yaml", "encryptionsalt: another\nconfig:\n  a:x: 2") // without a line's end
		now := time.Now()
		if err := os.Chtimes(filepath.Join(layer, "Pulumi.local.yaml"), now, now.Add(step.since)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(filepath.Join(w.o.shimDir(), "pulumi"), "preview")
		cmd.Dir = layer
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", step.rule, err, out)
		}
		got, err := os.ReadFile(filepath.Join(workspace, "Pulumi.local.yaml"))
		if err != nil || string(got) != step.want {
			t.Errorf("with %s Pulumi has %q (%v), want %q", step.rule, got, err, step.want)
		}
	}
}

// `local:env` in a shell in which it was loaded before finds its own shim first on PATH,
// or that of another checkout.
func TestAShimIsNotMadeOfAShim(t *testing.T) {
	w := newWorld(t)
	pulumi := w.shimFor("#!/bin/sh\necho v" + toolchain.Version + "\n")
	t.Setenv("PATH", w.o.shimDir()+string(filepath.ListSeparator)+filepath.Dir(pulumi))
	w.o.Tools.LookPath = nil
	w.On("pulumi version", commandtest.Prints("v"+toolchain.Version+"\n"))
	found, there, err := w.o.Tools.Find(t.Context())
	if err != nil || !there || found.Path != pulumi {
		t.Errorf("the Pulumi on PATH is %+v %v (%v), want %s", found, there, err, pulumi)
	}
}

func TestPulumiIsCalledWithoutTheUsersEnvironment(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	w := newWorld(t)
	var env []string
	w.On("pulumi --non-interactive up", func(ctx context.Context, c command.Command) error {
		w.locked(func() error { env = c.Env; return nil })
		return commandtest.Fails(1, "error: enough")(ctx, c)
	})
	w.do(Deploy, "a")
	if !slices.Contains(env, "LOCAL=cloud") || slices.Contains(env, "AWS_PROFILE=production") {
		t.Errorf("Pulumi's environment is %v, want the local cloud's and nothing of the user's", env)
	}
}
