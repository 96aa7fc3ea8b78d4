package github

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// programs are programs that the steps call, recorded, with what they print.
type programs struct {
	dir string
	env []string
}

// newPrograms has a gh that prints found for a question, and a go that prints a comment.
func newPrograms(t *testing.T, found string) programs {
	t.Helper()
	p := programs{dir: t.TempDir()}
	p.env = append(os.Environ(), "PATH="+p.dir+":"+os.Getenv("PATH"), "CALLS="+filepath.Join(p.dir, "calls"), "FOUND="+found,
		"RUNNER_TEMP="+p.dir, "REPORT="+filepath.Join(p.dir, "report.json"), "STACK=dev", "NUMBER=7",
		"GITHUB_REPOSITORY=org/repo", "RUN=https://run")
	const gh = `#!/bin/sh
echo "gh $*" | tr '\n' ' ' >> "$CALLS"; echo >> "$CALLS"
case "$*" in *--jq*) printf "$FOUND" ;; esac
`
	for name, text := range map[string]string{"gh": gh, "go": "#!/bin/sh\necho '<!-- from the report -->'\n"} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// report puts a report where the step looks for it.
func (p programs) report(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, "report.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a step as GitHub does, and returns the calls of gh.
func (p programs) run(t *testing.T, name string) string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("not run: bash is not installed")
	}
	cmd := exec.Command(bash, "-e", filepath.Join("templates", "steps", name+".sh"))
	cmd.Env = p.env
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
	calls, err := os.ReadFile(filepath.Join(p.dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	return string(calls)
}

func TestALaterPreviewReplacesItsComment(t *testing.T) {
	for rule, c := range map[string]struct{ found, want string }{
		"the first":           {"", "--method POST repos/org/repo/issues/7/comments "},
		"a later one":         {`41\n`, "--method PATCH repos/org/repo/issues/comments/41 "},
		"one with two before": {`41\n42\n`, "--method PATCH repos/org/repo/issues/comments/41 "},
	} {
		t.Run(rule, func(t *testing.T) {
			p := newPrograms(t, c.found)
			p.report(t, "{}")
			if calls := p.run(t, "comment"); !strings.Contains(calls, c.want) {
				t.Errorf("the calls lack %q:\n%s", c.want, calls)
			}
		})
	}
}

func TestAPreviewThatDidNotBeginSaysSo(t *testing.T) {
	p := newPrograms(t, "")
	p.run(t, "comment")
	body, err := os.ReadFile(filepath.Join(p.dir, "comment.md"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(body); !strings.HasPrefix(text, "<!-- preview of dev -->\n") || !strings.Contains(text, "before it reached a layer") || !strings.Contains(text, "https://run") {
		t.Errorf("the comment is %q", text)
	}
}

func TestDriftIsOneIssueAnEnvironment(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("not run: jq is not installed")
	}
	const drifted, same = `{"layers":[{"result":"unchanged"},{"result":"drifted"}]}`, `{"layers":[{"result":"unchanged"}]}`
	for rule, c := range map[string]struct{ report, found, want string }{
		"new drift":       {drifted, "", "gh issue create --title Drift in dev "},
		"known drift":     {drifted, `5\n`, "gh issue edit 5 "},
		"no drift left":   {same, `5\n`, "gh issue close 5 "},
		"never any drift": {same, "", "gh issue list "},
	} {
		t.Run(rule, func(t *testing.T) {
			p := newPrograms(t, c.found)
			p.report(t, c.report)
			calls := p.run(t, "issue")
			lines := strings.Split(strings.TrimSpace(calls), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, c.want) {
				t.Errorf("the last call is %q, want %q", last, c.want)
			}
		})
	}
}
