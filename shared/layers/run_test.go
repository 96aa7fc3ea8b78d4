package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"pipeline/shared/command"
	"pipeline/shared/command/commandtest"
)

func want(t *testing.T, r *Report, expected map[string]Result) {
	t.Helper()
	if got := results(r); !maps.Equal(got, expected) {
		t.Errorf("results are %v, want %v", got, expected)
	}
}

func TestASecondDeployChangesNothingAndSaysSo(t *testing.T) {
	w := newWorld(t)
	want(t, w.do(Deploy), map[string]Result{"a": Deployed, "b": Deployed, "c": Deployed, "d": Deployed})
	second := w.do(Deploy)
	want(t, second, map[string]Result{"a": Unchanged, "b": Unchanged, "c": Unchanged, "d": Unchanged})
	if sum := second.sum(); !strings.Contains(sum, "nothing changed") {
		t.Errorf("the sum does not say that nothing changed: %s", sum)
	}
}

func TestALayerStartsAfterItsUpstreamsAndDestroyGoesBackwards(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	if w.order[2] != "c" || w.order[3] != "d" {
		t.Errorf("deployed in the order %v, want c and d last", w.order)
	}
	w.order = nil
	w.do(Deploy)
	if w.order[2] != "c" || w.order[3] != "d" {
		t.Errorf("deployed again in the order %v, want c and d last", w.order)
	}
	w.order = nil
	want(t, w.do(Destroy), map[string]Result{"a": Destroyed, "b": Destroyed, "c": Destroyed, "d": Destroyed})
	if w.order[0] != "d" || w.order[1] != "c" {
		t.Errorf("destroyed in the order %v, want d and c first", w.order)
	}
	if len(w.stacks) != 0 {
		t.Errorf("stacks are left: %v", w.stacks)
	}
	want(t, w.do(Destroy), map[string]Result{"a": Absent, "b": Absent, "c": Absent, "d": Absent})
}

func TestLayersThatDoNotDependOnEachOtherRunAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	var arrived sync.WaitGroup
	arrived.Add(2)
	both := make(chan struct{})
	go func() { arrived.Wait(); close(both) }()
	meet := func() {
		arrived.Done()
		select {
		case <-both:
		case <-time.After(30 * time.Second):
			t.Error("a and b did not run at the same time")
		}
	}
	w.during["a"], w.during["b"] = meet, meet
	w.do(Deploy)
}

func TestAFailedLayerStopsWhatDependsOnItAndNothingElse(t *testing.T) {
	for _, failing := range []struct {
		layer string
		want  map[string]Result
	}{
		{"a", map[string]Result{"a": Failed, "b": Deployed, "c": Skipped, "d": Skipped}},
		{"b", map[string]Result{"a": Deployed, "b": Failed, "c": Skipped, "d": Skipped}},
		{"c", map[string]Result{"a": Deployed, "b": Deployed, "c": Failed, "d": Skipped}},
		{"d", map[string]Result{"a": Deployed, "b": Deployed, "c": Deployed, "d": Failed}},
	} {
		w := newWorld(t)
		w.fails[failing.layer] = "bucket already exists"
		r := w.do(Deploy)
		want(t, r, failing.want)
		if r.Err() == nil || r.OK {
			t.Errorf("with %s failed, the report is ok", failing.layer)
		}
		delete(w.fails, failing.layer)
		if r := w.do(Deploy); !r.OK {
			t.Errorf("the next deploy after %s failed does not complete: %v", failing.layer, results(r))
		}
	}
}

func TestALayerThatStartedAheadIsSkippedWhenAnUpstreamFails(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	w.order = nil
	w.fails["a"] = "bucket already exists"
	want(t, w.do(Deploy), map[string]Result{"a": Failed, "b": Unchanged, "c": Skipped, "d": Skipped})
	if slices.Contains(w.order, "c") || slices.Contains(w.order, "d") {
		t.Errorf("the programs of %v ran, want those of c and d not to", w.order)
	}
}

func TestOnAWSALayerIsNotStartedAhead(t *testing.T) {
	w := newWorld(t)
	for name, ahead := range map[string]bool{"local": true, "prod": false} {
		r := &run{Orchestrator: w.o, env: w.o.Manifest.Environments[name], operation: Deploy}
		if r.ahead() != ahead {
			t.Errorf("in %s layers start ahead: %v, want %v", name, r.ahead(), ahead)
		}
	}
}

func TestAFailureNamesTheResourceAndTheRootOfWhatItStopped(t *testing.T) {
	w := newWorld(t)
	w.fails["a"] = "bucket already exists"
	r := w.do(Deploy)
	byLayer := map[string]LayerReport{}
	for _, l := range r.Layers {
		byLayer[l.Layer] = l
	}
	if got, want := byLayer["a"].Error, "s3/BucketV2 a0: bucket already exists"; got != want {
		t.Errorf("the error of a is %q, want %q", got, want)
	}
	if got := byLayer["d"].Because; got != "a" {
		t.Errorf("d was skipped because of %q, want a", got)
	}
	if got, want := r.Err().Error(), "deploy of local: failed: a; 2 skipped"; got != want {
		t.Errorf("the run's error is %q, want %q", got, want)
	}
}

func TestAProgramThatDoesNotCompileFailsItsLayerAlone(t *testing.T) {
	w := newWorld(t)
	broken := func(ctx context.Context, c command.Command) error {
		if slices.Contains(c.Args, "./projects/b") {
			return commandtest.Fails(1, "# pipeline/projects/b\nprojects/b/main.go:3:1: syntax error\n")(ctx, c)
		}
		return nil
	}
	w.On("go build", broken)
	r := w.do(Deploy)
	want(t, r, map[string]Result{"a": Deployed, "b": Failed, "c": Skipped, "d": Skipped})
	if text := r.Layers[1].Error; !strings.Contains(text, "projects/b/main.go:3:1: syntax error") {
		t.Errorf("the error of b does not say what the compiler said: %s", text)
	}
}

func TestAMissingCCompilerIsFoundBeforeAnythingIsBuilt(t *testing.T) {
	t.Setenv("CGO_ENABLED", "1")
	w := newWorld(t)
	w.o.Cloud = nil // the local cloud itself has to be built
	w.o.Tools.LookPath = func(name string) (string, error) {
		return "", fmt.Errorf("%s is not on PATH", name) // the Pulumi CLI neither: that would be built first
	}
	_, err := w.o.Do(t.Context(), Deploy)
	if err == nil || !strings.HasPrefix(err.Error(), "no C compiler (gcc is not on PATH): install one") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v, want one line that says how to get a C compiler", err)
	}
	if ran := w.Ran(); slices.ContainsFunc(ran, func(c string) bool { return !strings.HasPrefix(c, "go env") }) {
		t.Errorf("ran %v, want nothing but questions to go", ran)
	}
}

func TestAnInterruptIsPassedOnAndTheRestIsSkipped(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.during["b"] = cancel
	w.o.Parallel = 1
	// One at a time, and a before b or b before a: both orders are right.
	r, err := w.o.Do(ctx, Deploy)
	if err != nil {
		t.Fatal(err)
	}
	got := results(r)
	if got["b"] != Canceled || got["c"] != Skipped || got["d"] != Skipped {
		t.Errorf("results are %v, want b canceled, c and d skipped", got)
	}
	if r.Err() == nil {
		t.Error("an interrupted run is ok")
	}
	w.during = map[string]func(){}
	if r := w.do(Deploy); !r.OK {
		t.Errorf("the next deploy does not complete: %v", results(r))
	}
}

func TestAPreviewOfAnEmptyEnvironmentLeavesNoStackBehind(t *testing.T) {
	w := newWorld(t)
	want(t, w.do(Preview), map[string]Result{"a": Planned, "b": Planned, "c": Planned, "d": Planned})
	if len(w.stacks) != 0 {
		t.Errorf("the preview left stacks: %v", w.stacks)
	}
}

func TestDriftIsWhatTheProviderHasAndNotWhatTheProgramSays(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	broken := func(ctx context.Context, c command.Command) error {
		if slices.ContainsFunc(c.Args, func(arg string) bool { return strings.HasPrefix(arg, "./projects/") }) {
			return commandtest.Fails(1, "syntax error\n")(ctx, c)
		}
		return nil
	}
	w.On("go build", broken)
	w.write("projects/d/main.go", "no Go, and not deployed")
	w.events["b"] = []apitype.OpType{apitype.OpUpdate, apitype.OpDelete, apitype.OpSame}
	want(t, w.do(Drift), map[string]Result{"a": Unchanged, "b": Drifted, "c": Unchanged, "d": Unchanged})
	for _, said := range []string{"b | s3/BucketV2 b0 was changed (tags)\n", "b | s3/BucketV2 b1 is gone\n"} {
		if !strings.Contains(w.talk.String(), said) {
			t.Errorf("the run does not say %q:\n%s", said, &w.talk)
		}
	}
}

func TestALayerWithoutAStackIsAbsentAndNotDrifted(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy, "a", "b")
	want(t, w.do(Drift), map[string]Result{"a": Unchanged, "b": Unchanged, "c": Absent, "d": Absent})
	if len(w.stacks) != 2 {
		t.Errorf("there are %v, want no stack more than before", w.stacks)
	}
}

func TestALocalRunChangesNoFileOfTheRepository(t *testing.T) {
	w := newWorld(t)
	before := files(t, filepath.Join(w.root, "projects"))
	w.do(Deploy)
	w.do(Destroy)
	if after := files(t, filepath.Join(w.root, "projects")); !maps.Equal(before, after) {
		t.Errorf("the projects' files are\n%v\nand were\n%v", after, before)
	}
}

// Pulumi writes the key of a new stack's secrets into its settings file.
func TestAPreviewOfAnEmptyEnvironmentChangesNoFileOfTheRepository(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	w.write("projects/a/Pulumi.prod.yaml", "config:\n  events-a:x: 1\n") // b, c and d have none
	w.On("pulumi --non-interactive stack init", func(ctx context.Context, c command.Command) error {
		if filepath.Base(c.Dir) == "d" { // as where the backend keeps the key
			return w.pulumi(ctx, c)
		}
		text := "secretsprovider: awskms://key\nencryptedkey: AQID\n"
		if err := os.WriteFile(filepath.Join(c.Dir, "Pulumi.prod.yaml"), []byte(text), 0o644); err != nil {
			return err
		}
		return w.pulumi(ctx, c)
	})
	before := files(t, filepath.Join(w.root, "projects"))
	w.do(Preview)
	if after := files(t, filepath.Join(w.root, "projects")); !maps.Equal(before, after) {
		t.Errorf("the projects' files are\n%v\nand were\n%v", after, before)
	}
	if strings.Contains(w.talk.String(), "the empty stack") {
		t.Errorf("something is said to stay:\n%s", &w.talk)
	}
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheWorkspaceFollowsTheSettingsAndHasTheLocalStacksSalt(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy, "a")
	w.write("projects/a/Pulumi.local.yaml", "encryptionsalt: v1:of-another-passphrase=\nconfig:\n  events-a:x: 2\n")
	w.do(Deploy, "a")
	text, err := os.ReadFile(filepath.Join(w.root, ".local", "stacks", "local", "a", "Pulumi.local.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "config:\n  events-a:x: 2\nencryptionsalt: v1:ours:x\n"; string(text) != want {
		t.Errorf("the workspace's settings are\n%swant\n%s", text, want)
	}
}

func TestALayerIsNotDeployedBeforeWhatItReads(t *testing.T) {
	w := newWorld(t)
	_, err := w.o.Do(t.Context(), Deploy, "c")
	wanted := "layer a is not deployed, and c needs it: deploy it first, with: go tool mage deploy:a"
	if err == nil || err.Error() != wanted {
		t.Errorf("the error is %v, want %s", err, wanted)
	}
	w.do(Deploy, "a", "b")
	want(t, w.do(Deploy, "c"), map[string]Result{"c": Deployed})
}

func TestALayerThatOthersAreDeployedFromIsNotDestroyed(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	_, err := w.o.Do(t.Context(), Destroy, "a")
	wanted := "a cannot be destroyed while c, d is deployed from it: destroy them too, with: go tool mage layers destroy a,c,d"
	if err == nil || err.Error() != wanted {
		t.Errorf("the error is %v, want %s", err, wanted)
	}
	w.do(Destroy, "c", "d")
	want(t, w.do(Destroy, "a"), map[string]Result{"a": Destroyed})
}

func TestAProtectedResourceIsNotFoundWhenEverythingAroundItIsGone(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	w.o.Environment.Protected = true
	for layer, protect := range map[string]string{"a": "true", "b": "false", "c": "false", "d": "false"} {
		w.states[layer] = json.RawMessage(`{"deployment": {"resources": [{"type": "aws:s3/bucketV2:BucketV2", "protect": ` + protect + `}]}}`)
	}
	w.order = nil
	_, err := w.o.Do(t.Context(), Destroy)
	if err == nil || !strings.HasPrefix(err.Error(), "a cannot be destroyed: what must not be lost is in there") || len(w.order) > 0 {
		t.Errorf("the error is %v, and %v were begun; want a refusal before anything begins", err, w.order)
	}
	want(t, w.do(Destroy, "c", "d"), map[string]Result{"c": Destroyed, "d": Destroyed})
}

func TestALocalCloudThatDiedIsNamedInsteadOfWhatCameOfIt(t *testing.T) {
	w := newWorld(t)
	w.fails["a"] = "could not load provider for resource"
	w.o.Died = func(context.Context) bool { return true }
	r := w.do(Deploy, "a")
	if got := r.Layers[0].Error; !strings.HasPrefix(got, "the local cloud has died; the next run starts it again") || strings.Contains(got, "\n") {
		t.Errorf("the error is %q, want one line that says that the local cloud died", got)
	}
	w.o.Environment = w.o.Manifest.Environments["prod"]
	if got := w.do(Deploy, "a").Layers[0].Error; strings.Contains(got, "local cloud") {
		t.Errorf("on AWS the error is %q", got)
	}
}

func TestAHeldLockIsExplainedInOneLine(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	w.exits["a"] = &command.Error{Command: "pulumi up", Code: 255, Err: errors.New("exit status 255"), Stderr: "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x/.pulumi/locks/1.json: created by ann@host (pid 42) at 2026-01-02T03:04:05Z"}
	r := w.do(Deploy, "a")
	wanted := "organization/events-a/local is locked by ann@host (process 42) since 2026-01-02T03:04:05Z; wait for it, or if that run has died: go tool mage unlock a"
	if got := r.Layers[0].Error; got != wanted {
		t.Errorf("the error is %q, want %q", got, wanted)
	}
}

func TestAnUnknownLayerListsTheKnownOnes(t *testing.T) {
	w := newWorld(t)
	_, err := w.o.Do(t.Context(), Deploy, "x")
	if err == nil || !strings.Contains(err.Error(), "a, b, c, d") || len(w.Ran()) > 0 {
		t.Errorf("the error is %v after %v, want the known layers and nothing run", err, w.Ran())
	}
}

func TestOnAWSTheBackendAndTheSecretsProviderAreTheManifests(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	var dirs []string
	w.On("pulumi --non-interactive stack init", func(ctx context.Context, c command.Command) error {
		if !slices.Contains(c.Env, "PULUMI_BACKEND_URL=s3://state") || !slices.Contains(c.Env, "AWS_REGION=eu-central-1") {
			return fmt.Errorf("the environment lacks backend or region")
		}
		if !strings.Contains(commandtest.Line(c), "--secrets-provider awskms://key") {
			return fmt.Errorf("no secrets provider: %s", c)
		}
		dirs = append(dirs, c.Dir)
		return w.pulumi(ctx, c)
	})
	w.events["a"] = []apitype.OpType{apitype.OpSame}
	want(t, w.do(Deploy, "a"), map[string]Result{"a": Unchanged})
	if wanted := []string{filepath.Join(w.root, "projects", "a")}; !slices.Equal(dirs, wanted) {
		t.Errorf("Pulumi ran in %v, want the layer's own folder %v", dirs, wanted)
	}
}

func TestAProtectedStackIsPreviewedAgainAfterADeploy(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	w.events["a"] = []apitype.OpType{apitype.OpUpdate} // in the second preview too
	r := w.do(Deploy, "a")
	want(t, r, map[string]Result{"a": Failed})
	if got, wanted := r.Layers[0].Error, "deployed, but a second preview of this protected stack is not empty: no changes were expected but changes were proposed"; got != wanted {
		t.Errorf("the error is %q, want %q", got, wanted)
	}
}

func TestACheckoutBehindItsUpstreamDoesNotDeployToAWS(t *testing.T) {
	w := newWorld(t)
	w.On("git rev-parse", commandtest.Prints("origin/main\n"))
	w.On("git fetch", commandtest.Prints(""))
	w.On("git rev-list --count", commandtest.Prints("2\n"))
	w.On("git status", commandtest.Prints(""))
	if err := w.o.Current(t.Context(), Deploy); err != nil {
		t.Errorf("a local deploy is refused: %v", err)
	}
	w.o.Environment = w.o.Manifest.Environments["prod"]
	wanted := "this checkout is behind origin/main (commits: 2), and deploy would take that back: git pull first, or set BEHIND=allow"
	if err := w.o.Current(t.Context(), Deploy); err == nil || err.Error() != wanted {
		t.Errorf("the error is %v, want %s", err, wanted)
	}
	if err := w.o.Current(t.Context(), Preview); err != nil {
		t.Errorf("a preview is refused: %v", err)
	}
	t.Setenv(behindVariable, "allow")
	if err := w.o.Current(t.Context(), Deploy); err != nil {
		t.Errorf("%s=allow does not count: %v", behindVariable, err)
	}
}

func TestWhatIsNotCommittedDoesNotReachAProtectedStack(t *testing.T) {
	w := newWorld(t)
	w.On("git rev-parse", commandtest.Fails(128, "no upstream"))
	w.o.Environment = w.o.Manifest.Environments["prod"]
	for changed, named := range map[string]string{
		" M projects/a/deploy.go\n M projects/b/deploy.go\n": "projects/a/deploy.go and 1 more",
		"M  projects/a/deploy.go\n":                          "projects/a/deploy.go",
		"?? projects/a/schema/090_x.sql\n":                   "projects/a/schema/090_x.sql",
	} {
		w.On("git status --porcelain --untracked-files=all -- .", commandtest.Prints(changed))
		wanted := named + " is not committed, and stack prod is protected: commit it, or set DIRTY=allow"
		if err := w.o.Current(t.Context(), Deploy); err == nil || err.Error() != wanted {
			t.Errorf("the error is %v, want %s", err, wanted)
		}
	}
	for _, op := range []Operation{Preview, Destroy, Drift} {
		if err := w.o.Current(t.Context(), op); err != nil {
			t.Errorf("%s is refused: %v", op, err)
		}
	}
	t.Setenv(dirtyVariable, "allow")
	if err := w.o.Current(t.Context(), Deploy); err != nil {
		t.Errorf("%s=allow does not count: %v", dirtyVariable, err)
	}
	t.Setenv(dirtyVariable, "")
	w.o.Environment.Protected = false
	if err := w.o.Current(t.Context(), Deploy); err != nil {
		t.Errorf("a stack that is not protected is refused: %v", err)
	}
}

func TestASecretIsEncryptedIntoTheLayersSettings(t *testing.T) {
	w := newWorld(t)
	if err := w.o.SetSecret(t.Context(), "a", "password", strings.NewReader("x")); err == nil {
		t.Error("a secret is set on the local stack")
	}
	w.o.Environment = w.o.Manifest.Environments["prod"]
	set := ""
	w.On("pulumi --non-interactive config set", func(_ context.Context, c command.Command) error {
		value, err := io.ReadAll(c.Stdin)
		set = fmt.Sprintf("%s in %s: %s", strings.Join(c.Args[1:], " "), filepath.Base(c.Dir), value)
		return err
	})
	if err := w.o.SetSecret(t.Context(), "a", "password", strings.NewReader("hush")); err != nil {
		t.Fatal(err)
	}
	if want := "config set --secret --path --stack organization/events-a/prod password in a: hush"; set != want {
		t.Errorf("Pulumi got %q, want %q", set, want)
	}
}

func TestReplacementsAndDeletionsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy, "a")
	w.events["a"] = []apitype.OpType{apitype.OpReplace, apitype.OpUpdate, apitype.OpDelete, apitype.OpSame, apitype.OpSame}
	r := w.do(Deploy, "a")
	if got, want := changes(r.Layers[0]), "~1 ±1 -1 2 same"; got != want {
		t.Errorf("changes are %q, want %q", got, want)
	}
}

func TestAProtectedStackAsksForItsName(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	for typed, ok := range map[string]bool{"prod\n": true, "yes\n": false, "": false} {
		if err := w.o.confirm(Destroy, strings.NewReader(typed)); (err == nil) != ok {
			t.Errorf("typing %q: error %v, want ok %v", typed, err, ok)
		}
	}
	if err := w.o.confirm(Deploy, strings.NewReader("")); err != nil {
		t.Errorf("a deploy asks too: %v", err)
	}
	t.Setenv("CONFIRM", "prod")
	if err := w.o.confirm(Destroy, strings.NewReader("")); err != nil {
		t.Errorf("CONFIRM does not count: %v", err)
	}
}
