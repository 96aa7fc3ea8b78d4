package mapping_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway/mapping"
	"pipeline/shared/localcloud/gateway/vtl/velocitytest"
)

// The payload of a case is in name.body, else in body; the rest of its request is in
// request.json.
func body(c velocitytest.Case) string { return c.File("body", "body") }

func render(t testing.TB, c velocitytest.Case) velocitytest.Outcome {
	t.Helper()
	result, err := mapping.Render(t.Context(), c.Template, request(t, c))
	return velocitytest.Outcome{Text: string(result.Body), Err: err}
}

func request(t testing.TB, c velocitytest.Case) mapping.Request {
	t.Helper()
	var r struct {
		Params struct {
			Path, Querystring, Header map[string]string
		}
		Context        map[string]any
		StageVariables map[string]string
	}
	d := json.NewDecoder(strings.NewReader(c.File("json", "request.json")))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%s: request.json: %v", c.Name, err)
	}
	return mapping.Request{Body: []byte(body(c)), Path: r.Params.Path, Query: values(r.Params.Querystring), Header: values(r.Params.Header),
		Context: r.Context, StageVariables: r.StageVariables}
}

// TestTheCorpusRendersAsWritten: every template in testdata gives its output.
func TestTheCorpusRendersAsWritten(t *testing.T) {
	for _, c := range velocitytest.Corpus(t) {
		if got := render(t, c); c.Differs(got, c.File("out")) {
			t.Errorf("%s: %v, want %q or an error with %q", c.Name, got, c.File("out"), c.Err())
		}
	}
}

// TestTheLibrariesOfTheGatewayRenderTheCorpusAlike: the corpus is what Apache Velocity,
// Jayway JsonPath and json-smart make of it together. What is refused here, and what AWS
// does beyond these libraries, is left out.
func TestTheLibrariesOfTheGatewayRenderTheCorpusAlike(t *testing.T) {
	cases := slices.DeleteFunc(velocitytest.Corpus(t), func(c velocitytest.Case) bool {
		return strings.HasPrefix(c.Name, "refused/") || strings.HasPrefix(c.Name, "aws/")
	})
	var jobs [][]string
	for _, c := range cases {
		jobs = append(jobs, []string{c.Template, body(c), c.File("json", "request.json")})
	}
	for i, got := range references(t, jobs) {
		if c := cases[i]; c.Differs(got, c.File("out")) {
			t.Errorf("%s: the libraries say %v, the corpus %q", c.Name, got, c.File("out"))
		}
	}
}

func references(t *testing.T, jobs [][]string) []velocitytest.Outcome {
	t.Helper()
	jars := []string{"velocity.jar", "commons-collections3.jar", "commons-lang.jar", "json-path.jar", "json-smart.jar",
		"accessors-smart.jar", "asm.jar", "slf4j-api.jar", "slf4j-nop.jar"}
	return velocitytest.Render(t, "testdata/gateway/Reference.java", jars, "packages velocity and libjsonpath-java", jobs)
}

func values(single map[string]string) mapping.Values {
	out := mapping.Values{}
	for name, value := range single {
		out[name] = []string{value}
	}
	return out
}
