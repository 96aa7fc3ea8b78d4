package layers

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the goldens instead of comparing with them")

// golden compares text with testdata/name.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs (go test -update writes it anew). It is now:\n%s\nand was:\n%s", path, text, want)
	}
}

// mixed is a report with every kind of result.
func mixed() *Report {
	r := &Report{
		Version: reportVersion, Operation: Deploy, Environment: "dev", Seconds: 61.25,
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Layers: []LayerReport{
			{Layer: "iam", Owner: "@events/security", Result: Unchanged, Changes: map[string]int{"same": 12}, Seconds: 2.5, Log: ".local/logs/dev-iam.log"},
			{Layer: "storage", Owner: "@events/storage", Result: Deployed, Changes: map[string]int{"create": 5, "update": 1, "same": 2}, Seconds: 20, Log: ".local/logs/dev-storage.log"},
			{Layer: "auth", Owner: "@events/identity", Result: Canceled, Start: 0.1, Seconds: 30, Error: "interrupted; the next deploy goes on from here", Log: ".local/logs/dev-auth.log"},
			{Layer: "warehouse", Owner: "@events/analytics", Result: Failed, Changes: map[string]int{}, Start: 20, Seconds: 41.25,
				Error: "redshift/Cluster main: ClusterQuotaExceeded", Warnings: []string{"deprecated"}, Log: ".local/logs/dev-warehouse.log"},
			{Layer: "stream", Owner: "@events/streaming", Result: Skipped, Because: "warehouse"},
			{Layer: "gateway", Owner: "@events/api", Result: Skipped, Because: "warehouse"},
		},
		CriticalPath: []string{"storage", "warehouse"}, CriticalSeconds: 61.25,
		Versions: map[string]string{"pulumi": "3.250.0", "go": "1.26.0"},
	}
	r.OK = r.Err() == nil
	return r
}

func TestTheTableOfAMixedRun(t *testing.T) {
	var out bytes.Buffer
	if err := mixed().WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "mixed.table.golden", out.String())
}

func TestTheTableOfARunThatChangedNothing(t *testing.T) {
	r := &Report{Operation: Deploy, Environment: "local", Seconds: 2.125, Layers: []LayerReport{
		{Layer: "iam", Result: Unchanged, Changes: map[string]int{"same": 12}, Seconds: 0.625},
		{Layer: "storage", Result: Unchanged, Changes: map[string]int{"same": 7}, Seconds: 0.5},
	}}
	var out bytes.Buffer
	if err := r.WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "unchanged.table.golden", out.String())
}

func TestTheReportIsAsItsSchemaSays(t *testing.T) {
	var out bytes.Buffer
	if err := mixed().WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "mixed.report.golden", out.String())
	schema := compileSchema(t)
	for name, text := range map[string][]byte{"the mixed report": out.Bytes(), "a real one": realReport(t)} {
		var document any
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSchemaRefusesAWordThatIsNoResult(t *testing.T) {
	text := bytes.Replace(realReport(t), []byte(`"deployed"`), []byte(`"done"`), 1)
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if err := compileSchema(t).Validate(document); err == nil {
		t.Error("the schema takes the result \"done\"")
	}
}

// The words of the results are the same in code, schema and page.
func TestTheResultsAreAClosedSetOfWords(t *testing.T) {
	var words []string
	for _, r := range Results {
		words = append(words, string(r))
	}
	for file, list := range map[string]string{
		"report.schema.json": `{"enum": ["` + strings.Join(words, `", "`) + `"]}`,
		"README.md":          "`" + strings.Join(words, "`, `") + "`",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.ReplaceAll(string(text), "\n", " "), list) {
			t.Errorf("%s does not have the words %s", file, list)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func realReport(t *testing.T) []byte {
	t.Helper()
	w := newWorld(t)
	var out bytes.Buffer
	if err := w.do(Deploy).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAReportIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	if err := mixed().WriteFile(path); err != nil {
		t.Fatal(err)
	}
	read, err := ReadReport(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read.sum(), mixed().sum(); got != want {
		t.Errorf("read back, the sum is %q, want %q", got, want)
	}
}

// The graph of these tests:
//
//	a ─┐
//	   ├─> c ──> d
//	b ─┘
func TestTheGraphOfASelectionGoesThroughWhatWasNotSelected(t *testing.T) {
	w := newWorld(t)
	nodes := graph(w.o.Manifest, []string{"a", "d"})
	if len(nodes) != 2 || !slices.Equal(nodes[1].after, []string{"a"}) {
		t.Errorf("nodes are %v, want d after a", nodes)
	}
}

func TestTheCriticalPathIsTheLongestChain(t *testing.T) {
	w := newWorld(t)
	nodes := graph(w.o.Manifest, w.o.Manifest.LayerNames())
	path, total := criticalPath(nodes, map[string]float64{"a": 1, "b": 5, "c": 2, "d": 3})
	if !slices.Equal(path, []string{"b", "c", "d"}) || total != 10 {
		t.Errorf("the path is %v with %v s, want b, c, d with 10 s", path, total)
	}
	path, total = criticalPath(reversed(nodes), map[string]float64{"a": 1, "b": 5, "c": 2, "d": 3})
	if !slices.Equal(path, []string{"d", "c", "b"}) || total != 10 {
		t.Errorf("backwards, the path is %v with %v s, want d, c, b with 10 s", path, total)
	}
}

func TestNoMoreLayersRunAtTheSameTimeThanAllowed(t *testing.T) {
	w := newWorld(t)
	running := make(chan struct{}, 1)
	visit := func(_ string, g *gate) bool {
		g.pass()
		select {
		case running <- struct{}{}:
		default:
			t.Error("two at the same time, want one")
			return true
		}
		<-running
		return true
	}
	walk(graph(w.o.Manifest, w.o.Manifest.LayerNames()), 1, visit)
}
