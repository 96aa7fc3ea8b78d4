package vtl_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/gateway/vtl/velocitytest"
)

// The modes of a template: as Velocity has it, and with API Gateway's empty string for
// what has no value.
const (
	velocity = "velocity"
	gateway  = "gateway"
)

// want is the output in a mode. The variables of a case are in name.json, else in
// variables.json; where API Gateway differs from Velocity its output is in name.aws.
func want(c velocitytest.Case, mode string) string {
	if mode == gateway && c.Has("aws") {
		return c.File("aws")
	}
	return c.File("out")
}

func variables(c velocitytest.Case) string { return c.File("json", "variables.json") }

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
	return velocitytest.Outcome{Text: string(text), Err: err}
}

// TestTheCorpusRendersAsWritten: every template in testdata gives its output.
func TestTheCorpusRendersAsWritten(t *testing.T) {
	for _, c := range velocitytest.Corpus(t) {
		for _, mode := range []string{velocity, gateway} {
			if got := render(t, mode, c.Template, variables(c)); c.Differs(got, want(c, mode)) {
				t.Errorf("%s as %s has it: %v, want %q or an error with %q", c.Name, mode, got, want(c, mode), c.Err())
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
// and what it does with the handler that makes it API Gateway's. Its errors have words of
// their own.
func TestApacheVelocityRendersTheCorpusAlike(t *testing.T) {
	cases := slices.DeleteFunc(velocitytest.Corpus(t), func(c velocitytest.Case) bool { return strings.HasPrefix(c.Name, "refused/") })
	var jobs [][]string
	for _, c := range cases {
		jobs = append(jobs, []string{velocity, c.Template, variables(c)}, []string{gateway, c.Template, variables(c)})
	}
	for i, got := range apache(t, jobs) {
		c, mode := cases[i/2], jobs[i][0]
		if fails := c.Err() != ""; (got.Err != nil) != fails || !fails && got.Text != want(c, mode) {
			t.Errorf("%s as %s has it: Apache Velocity says %v, the corpus %q or an error with %q", c.Name, mode, got, want(c, mode), c.Err())
		}
	}
}

// scopeOf reads variables from a JSON object, keeping the order of keys.
func scopeOf(t testing.TB, text string) vtl.Scope {
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
	return named(scope)
}

// named is a scope of these values.
func named(values map[string]any) vtl.Scope { return func(name string) any { return values[name] } }

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
