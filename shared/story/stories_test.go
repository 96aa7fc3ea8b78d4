package story

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain also lets the stories run the programs that are not part of the product.
func TestMain(m *testing.M) { testscript.Main(m, programs) }

// Each file of testdata is a story: what a person types, from top to bottom, in a clean
// copy of the repository, and what has to come of it. All have one copy, one after the
// other, so that its programs are built once.
func TestStories(t *testing.T) {
	t.Parallel() // with the README
	r := newRepository(t, t.TempDir())
	testscript.RunT(storyteller{t}, testscript.Params{
		Dir: "testdata", Condition: condition, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error { return r.begin(env) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"edit": r.edits, "eventually": eventually, "let": let,
		},
	})
}

// storyteller is a test whose stories come one after the other.
type storyteller struct{ *testing.T }

func (s storyteller) Run(name string, story func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { story(storyteller{t}) })
}

func (s storyteller) Parallel() {}

func (s storyteller) Verbose() bool { return testing.Verbose() }

// begin makes the copy as it was at first, with nothing deployed and no local cloud, and
// puts the story's own files into it.
func (r *repository) begin(env *testscript.Env) error {
	if err := r.reset(); err != nil {
		return err
	}
	if err := os.CopyFS(r.root, os.DirFS(env.WorkDir)); err != nil {
		return fmt.Errorf("a story's files beside the repository's: %w", err)
	}
	env.Defer(r.stop)
	env.Cd = r.root
	for _, variable := range r.env {
		name, value, _ := strings.Cut(variable, "=")
		if name != "TMPDIR" {
			env.Setenv(name, value)
		}
	}
	endpoint := url.URL{Scheme: "http", Host: "127.0.0.1:" + strconv.Itoa(r.port)}
	env.Setenv("PORT", strconv.Itoa(r.port))
	env.Setenv(endpointVariable, endpoint.String())
	return nil
}

// condition knows [isolation]: whether `isolated` works on this machine.
func condition(name string) (bool, error) {
	if name != "isolation" {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	return exec.Command("isolated", "true").Run() == nil, nil
}

// edits is edit FILE OLD NEW: it replaces text that is in a file exactly once.
func (r *repository) edits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit file old new")
	}
	ts.Check(r.replace(args[0], args[1], args[2]))
}

// let NAME PROGRAM ARGUMENT... sets a variable to what a program prints.
func let(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: let NAME program argument...")
	}
	ts.Check(ts.Exec(args[1], args[2:]...))
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// eventually PATTERN PROGRAM ARGUMENT... runs a program again until what it prints
// matches. It is for what has to arrive: a program that fails, fails the story.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually pattern program argument...")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(arrives); ; {
		ts.Check(ts.Exec(args[1], args[2:]...))
		printed := ts.ReadFile("stdout")
		if pattern.MatchString(printed) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("after %s no match for %s in:\n%s", arrives, args[0], printed)
		}
	}
}
