package vtl_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/gateway/vtl/velocitytest"
)

// The modes of a template: as Velocity has it, and with API Gateway's empty string for
// what has no value.
const (
	velocity = "velocity"
	gateway  = "gateway"
)

// example is a case of the corpus: testdata/*.txtar holds for each a template in name.vm,
// its output in name.out, its variables in name.json (else variables.json), and where API
// Gateway differs from Velocity its output in name.aws. A name.err instead of an output is
// a part of the error. The last line break of a file does not count.
type example struct {
	name, template, variables string
	want                      map[string]string // by mode
	err                       string
}

func corpus(t testing.TB) []example {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var examples []example
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		examples = append(examples, examplesOf(t, path, archive)...)
	}
	return examples
}

func examplesOf(t testing.TB, path string, archive *txtar.Archive) []example {
	t.Helper()
	files := map[string]string{}
	var names []string
	for _, f := range archive.Files {
		files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
		if name, ok := strings.CutSuffix(f.Name, ".vm"); ok {
			names = append(names, name)
		}
	}
	var examples []example
	for _, name := range names {
		e := example{name: strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + name, template: files[name+".vm"]}
		e.variables = first(files, name+".json", "variables.json")
		out, ok := files[name+".out"]
		aws, differs := files[name+".aws"]
		if !differs {
			aws = out
		}
		e.want = map[string]string{velocity: out, gateway: aws}
		if e.err = files[name+".err"]; !ok && e.err == "" {
			t.Fatalf("%s: %s has neither .out nor .err", path, name)
		}
		examples = append(examples, e)
	}
	return examples
}

func first(files map[string]string, names ...string) string {
	for _, name := range names {
		if text, ok := files[name]; ok {
			return text
		}
	}
	return "{}"
}

// options are how a mode executes.
func options(mode string) vtl.Options {
	if mode == gateway {
		return vtl.Options{EmptyUnresolved: true, Limits: vtl.Limits{Iterations: 1000}}
	}
	return vtl.Options{}
}

func render(t testing.TB, mode, template, variables string) velocitytest.Outcome {
	t.Helper()
	parsed, err := vtl.Parse("case", template)
	if err != nil {
		return velocitytest.Outcome{Err: err}
	}
	text, err := parsed.Execute(t.Context(), scopeOf(t, variables), options(mode))
	return velocitytest.Outcome{Text: text, Err: err}
}

// TestTheCorpusRendersAsWritten: every template in testdata gives its output.
func TestTheCorpusRendersAsWritten(t *testing.T) {
	for _, e := range corpus(t) {
		for mode, want := range e.want {
			got := render(t, mode, e.template, e.variables)
			switch {
			case e.err == "" && (got.Err != nil || got.Text != want):
				t.Errorf("%s as %s has it: %v, want %q", e.name, mode, got, want)
			case e.err != "" && (got.Err == nil || !strings.Contains(got.Err.Error(), e.err)):
				t.Errorf("%s as %s has it: %v, want an error with %q", e.name, mode, got, e.err)
			}
		}
	}
}

// apache renders with the real Apache Velocity 1.7.
func apache(t *testing.T, jobs [][]string) []velocitytest.Outcome {
	t.Helper()
	jars := []string{"velocity.jar", "commons-collections3.jar", "commons-lang.jar"}
	return velocitytest.Render(t, "testdata/velocity/Reference.java", jars, "package velocity", jobs)
}

// TestApacheVelocityRendersTheCorpusAlike: the corpus says what Apache Velocity 1.7 does,
// and what it does with the handler that makes it API Gateway's.
func TestApacheVelocityRendersTheCorpusAlike(t *testing.T) {
	examples := slices.DeleteFunc(corpus(t), func(e example) bool { return strings.HasPrefix(e.name, "refused/") })
	var jobs [][]string
	for _, e := range examples {
		jobs = append(jobs, []string{velocity, e.template, e.variables}, []string{gateway, e.template, e.variables})
	}
	for i, got := range apache(t, jobs) {
		e, mode := examples[i/2], jobs[i][0]
		switch want := e.want[mode]; {
		case e.err == "" && (got.Err != nil || got.Text != want):
			t.Errorf("%s as %s has it: Apache Velocity says %v, the corpus %q", e.name, mode, got, want)
		case e.err != "" && got.Err == nil:
			t.Errorf("%s as %s has it: Apache Velocity says %v, the corpus an error with %q", e.name, mode, got, e.err)
		}
	}
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
