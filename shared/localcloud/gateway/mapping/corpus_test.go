package mapping_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"pipeline/shared/localcloud/gateway/mapping"
	"pipeline/shared/localcloud/gateway/vtl/velocitytest"
)

// example is a case of the corpus: testdata/*.txtar holds for each a template in name.vm
// and its output in name.out, or a part of its error in name.err. The payload is in
// name.body, else in body, and the rest of the request in request.json. The last line
// break of a file does not count.
type example struct{ name, template, body, request, want, err string }

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
		files := map[string]string{}
		for _, f := range archive.Files {
			files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
		}
		for _, f := range archive.Files {
			name, isTemplate := strings.CutSuffix(f.Name, ".vm")
			if !isTemplate {
				continue
			}
			body, own := files[name+".body"]
			if !own {
				body = files["body"]
			}
			want, ok := files[name+".out"]
			e := example{strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + name, files[f.Name], body, files["request.json"], want, files[name+".err"]}
			if !ok && e.err == "" {
				t.Fatalf("%s has neither .out nor .err", e.name)
			}
			examples = append(examples, e)
		}
	}
	return examples
}

func (e example) render(t testing.TB) velocitytest.Outcome {
	t.Helper()
	result, err := mapping.Render(t.Context(), e.template, e.mapped(t))
	return velocitytest.Outcome{Text: result.Body, Err: err}
}

func (e example) mapped(t testing.TB) mapping.Request {
	t.Helper()
	var r struct {
		Params struct {
			Path, Querystring, Header map[string]string
		}
		Context        map[string]any
		StageVariables map[string]string
	}
	d := json.NewDecoder(strings.NewReader(e.request))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%s: request.json: %v", e.name, err)
	}
	return mapping.Request{Body: []byte(e.body), Path: r.Params.Path, Query: r.Params.Querystring, Header: r.Params.Header,
		Context: r.Context, StageVariables: r.StageVariables}
}

// TestTheCorpusRendersAsWritten: every template in testdata gives its output.
func TestTheCorpusRendersAsWritten(t *testing.T) {
	for _, e := range corpus(t) {
		got := e.render(t)
		switch {
		case e.err == "" && (got.Err != nil || got.Text != e.want):
			t.Errorf("%s: %v, want %q", e.name, got, e.want)
		case e.err != "" && (got.Err == nil || !strings.Contains(got.Err.Error(), e.err)):
			t.Errorf("%s: %v, want an error with %q", e.name, got, e.err)
		}
	}
}

// TestTheLibrariesOfTheGatewayRenderTheCorpusAlike: the corpus is what Apache Velocity,
// Jayway JsonPath and json-smart make of it together. What is refused here, and what AWS
// does beyond these libraries, is left out.
func TestTheLibrariesOfTheGatewayRenderTheCorpusAlike(t *testing.T) {
	examples := slices.DeleteFunc(corpus(t), func(e example) bool {
		return strings.HasPrefix(e.name, "refused/") || strings.HasPrefix(e.name, "aws/")
	})
	var jobs [][]string
	for _, e := range examples {
		jobs = append(jobs, []string{e.template, e.body, e.request})
	}
	for i, got := range references(t, jobs) {
		if e := examples[i]; got.Err != nil || got.Text != e.want {
			t.Errorf("%s: the libraries say %v, the corpus %q", e.name, got, e.want)
		}
	}
}

func references(t *testing.T, jobs [][]string) []velocitytest.Outcome {
	t.Helper()
	jars := []string{"velocity.jar", "commons-collections3.jar", "commons-lang.jar", "json-path.jar", "json-smart.jar",
		"accessors-smart.jar", "asm.jar", "slf4j-api.jar", "slf4j-nop.jar"}
	return velocitytest.Render(t, "testdata/gateway/Reference.java", jars, "packages velocity and libjsonpath-java", jobs)
}
