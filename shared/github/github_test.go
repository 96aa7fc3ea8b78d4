package github

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"

	"pipeline/shared/manifest"
)

func repository(t *testing.T) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhatGitHubReadsIsWhatTheManifestSays(t *testing.T) {
	old, err := Old(repository(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(old) > 0 {
		t.Errorf("not as Pulumi.org.yaml says: %s (go tool mage generate writes them)", strings.Join(old, ", "))
	}
}

// small is a manifest of one layer and these environments, in a folder of its own.
func small(t *testing.T, environments ...manifest.Environment) *manifest.Manifest {
	t.Helper()
	m := &manifest.Manifest{
		Owner: "@org/rest", Root: t.TempDir(), Environments: map[string]manifest.Environment{},
		Layers: []manifest.Layer{{Name: "audit", Path: "projects/audit", Owner: "@org/audit"}},
	}
	for _, e := range environments {
		m.Environments[e.Name] = e
	}
	return m
}

func TestALayersOwnerReviewsItsFolderAndItsOutputs(t *testing.T) {
	m := small(t)
	text := string(codeowners(m))
	for _, want := range []string{"*                         @org/rest\n", "/projects/audit/          @org/audit\n", "/shared/outputs/audit.go  @org/audit\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("CODEOWNERS has no line %q:\n%s", want, text)
		}
	}
	if m.Owner = ""; strings.Contains(string(codeowners(m)), "*") {
		t.Error("without an owner of the rest, CODEOWNERS has one")
	}
}

func TestEnvironmentsAreDeployedOneAfterAnotherAndProtectedOnesLast(t *testing.T) {
	roles := &manifest.GitHub{PreviewRole: "preview", DeployRole: "deploy"}
	m := small(t,
		manifest.Environment{Name: "live", Protected: true, GitHub: roles}, manifest.Environment{Name: "test", GitHub: roles},
		manifest.Environment{Name: "byhand"}, manifest.Environment{Name: "local", LocalCloud: &manifest.LocalCloud{}})
	files, err := Files(m)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[".github/workflows/deploy.yml"])
	for _, want := range []string{"  deploy-test:\n    needs: ci\n", "  deploy-live:\n    needs: deploy-test\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("deploy.yml lacks %q:\n%s", want, text)
		}
	}
	for name, text := range files {
		if strings.Contains(string(text), "byhand") || strings.Contains(string(text), "local\n") {
			t.Errorf("%s reaches an environment that has no roles:\n%s", name, text)
		}
	}
}

func TestAWorkflowThatReachesNothingGoes(t *testing.T) {
	m := small(t, manifest.Environment{Name: "dev", GitHub: &manifest.GitHub{}})
	if _, err := Write(m); err != nil {
		t.Fatal(err)
	}
	m.Environments = nil
	if written, err := Write(m); err != nil || len(written) != 3 {
		t.Fatalf("without an environment, %v were written (%v), want deploy, drift and preview removed", written, err)
	}
	left, err := filepath.Glob(filepath.Join(m.Root, ".github/workflows/*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "ci.yml" {
		t.Errorf("the workflows are %v (%v), want ci.yml alone", left, err)
	}
}

// texts are the repository's workflows and actions by path.
func texts(t *testing.T) map[string]string {
	t.Helper()
	root := repository(t).Root
	found := map[string]string{}
	for _, pattern := range []string{".github/workflows/*.y*ml", ".github/actions/*/action.y*ml"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("there is no %s (%v)", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = string(text)
		}
	}
	return found
}

var pinned = regexp.MustCompile(`uses: (?:\./|([\w-]+/[\w-]+)@[0-9a-f]{40} # (v\d+)\.\d+\.\d+\n)`)

func TestEveryActionIsPinnedToACommit(t *testing.T) {
	for name, text := range texts(t) {
		if uses, ok := strings.Count(text, "uses:"), len(pinned.FindAllString(text, -1)); uses != ok {
			t.Errorf("%s: %d of %d actions are at a commit with its version beside it", name, ok, uses)
		}
	}
}

// The linter knows actions by their major versions, and with them their inputs.
func TestTheWorkflowsAreValid(t *testing.T) {
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	project, err := actionlint.NewProject(repository(t).Root)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range texts(t) {
		if !strings.Contains(name, "workflows") {
			continue
		}
		text = pinned.ReplaceAllStringFunc(text, func(use string) string {
			if part := pinned.FindStringSubmatch(use); part[1] != "" {
				return "uses: " + part[1] + "@" + part[2] + "\n"
			}
			return use
		})
		problems, err := linter.Lint(name, []byte(text), project)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%v", p)
		}
	}
}

func TestNoWorkflowHasALongLivedKey(t *testing.T) {
	for name, text := range texts(t) {
		for _, key := range []string{"secrets.", "aws-access-key-id", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PULUMI_ACCESS_TOKEN", "pull_request_target"} {
			if strings.Contains(text, key) {
				t.Errorf("%s has %s: workflows take a role for the time of a run", name, key)
			}
		}
	}
}

// A job that can take a role runs for this repository's own branches only, and one that
// deploys for main only.
func TestAForkGetsNoCredentials(t *testing.T) {
	for name, text := range texts(t) {
		if !strings.Contains(name, "workflows") {
			continue
		}
		workflow, problems := actionlint.Parse([]byte(text))
		if len(problems) > 0 {
			t.Fatalf("%s: %v", name, problems)
		}
		if scopes := workflow.Permissions.Scopes; len(scopes) != 1 || scopes["contents"].Value.Value != "read" {
			t.Errorf("%s gives every job more than to read the repository", name)
		}
		fromPulls := slices.ContainsFunc(workflow.On, func(e actionlint.Event) bool { return e.EventName() == "pull_request" })
		for id, job := range workflow.Jobs {
			if job.Permissions == nil || job.Permissions.Scopes["id-token"] == nil {
				continue
			}
			want := "github.ref == 'refs/heads/main'"
			if fromPulls {
				want = "github.event.pull_request.head.repo.full_name == github.repository"
			}
			if job.If == nil || !strings.Contains(job.If.Value, want) {
				t.Errorf("%s: job %s takes a role without the condition %s", name, id, want)
			}
		}
	}
}
