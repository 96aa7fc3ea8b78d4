package vtl_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway/vtl"
)

// job is a template with its variables, as JSON.
type job struct{ template, scope string }

// outcome is what a template rendered to, or why it did not.
type outcome struct {
	text string
	err  error
}

func (o outcome) String() string {
	if o.err != nil {
		return "error: " + o.err.Error()
	}
	return fmt.Sprintf("%q", o.text)
}

// velocityJars are where Debian's package velocity puts Apache Velocity 1.7.
var velocityJars = []string{"velocity.jar", "commons-collections3.jar", "commons-lang.jar"}

// apacheVelocity renders the jobs in one Java process. It skips the test where there is no
// Java or no Velocity.
func apacheVelocity(t *testing.T, mode string, jobs []job) []outcome {
	t.Helper()
	for _, tool := range []string{"java", "javac"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the comparison with Apache Velocity needs %s: %v", tool, err)
		}
	}
	classpath := t.TempDir()
	for _, jar := range velocityJars {
		path := filepath.Join("/usr/share/java", jar)
		if _, err := os.Stat(path); err != nil {
			t.Skipf("the comparison with Apache Velocity needs Debian's package velocity: %v", err)
		}
		classpath += string(filepath.ListSeparator) + path
	}
	classes, _, _ := strings.Cut(classpath, string(filepath.ListSeparator))
	javac := exec.Command("javac", "-cp", classpath, "-d", classes, "testdata/velocity/Reference.java")
	if out, err := javac.CombinedOutput(); err != nil {
		t.Fatalf("javac: %v\n%s", err, out)
	}
	return runReference(t, classpath, mode, jobs)
}

func runReference(t *testing.T, classpath, mode string, jobs []job) []outcome {
	t.Helper()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	var in bytes.Buffer
	for _, j := range jobs {
		fmt.Fprintln(&in, mode, encode(j.template), encode(j.scope))
	}
	java := exec.Command("java", "-cp", classpath, "Reference")
	java.Stdin = &in
	java.Stderr = os.Stderr
	out, err := java.Output()
	if err != nil {
		t.Fatalf("java: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(jobs) {
		t.Fatalf("Apache Velocity answered %d of %d templates", len(lines), len(jobs))
	}
	outcomes := make([]outcome, len(lines))
	for i, line := range lines {
		status, encoded, _ := strings.Cut(line, " ")
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if status == "error" {
			outcomes[i].err = fmt.Errorf("%s", text)
		} else {
			outcomes[i].text = string(text)
		}
	}
	return outcomes
}

// options are how a mode executes.
func options(mode string) vtl.Options {
	if mode == "gateway" {
		return vtl.Options{EmptyUnresolved: true, Limits: vtl.Limits{Iterations: 1000}}
	}
	return vtl.Options{}
}

func render(t testing.TB, mode string, j job) outcome {
	t.Helper()
	scope := scopeOf(t, j.scope)
	parsed, err := vtl.Parse("case", j.template)
	if err != nil {
		return outcome{err: err}
	}
	text, err := parsed.Execute(t.Context(), scope, options(mode))
	return outcome{text, err}
}

// scopeOf reads variables from a JSON object, keeping the order of keys.
func scopeOf(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d)
	if err != nil {
		t.Fatalf("variables %s: %v", text, err)
	}
	scope := map[string]any{}
	for _, e := range v.(*vtl.Map).Entries() {
		scope[e.Key.(string)] = e.Value
	}
	return scope
}

func readJSON(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return vtl.ParseNumber(t.String()), nil
	case json.Delim:
		if t == '[' {
			return readList(d)
		}
		return readMap(d)
	}
	return t, nil
}

func readList(d *json.Decoder) (any, error) {
	l := vtl.NewList()
	for d.More() {
		v, err := readJSON(d)
		if err != nil {
			return nil, err
		}
		l.Add(v)
	}
	_, err := d.Token()
	return l, err
}

func readMap(d *json.Decoder) (any, error) {
	m := vtl.NewMap()
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := readJSON(d)
		if err != nil {
			return nil, err
		}
		m.Put(k.(string), v)
	}
	_, err := d.Token()
	return m, err
}
