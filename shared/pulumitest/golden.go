package pulumitest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Golden is everything that one variant of a project registers, exports and reads, as
// testdata/<variant>.golden.json holds it. A secret is "[secret]", never its value.
type Golden struct {
	Resources []GoldenResource `json:"resources"` // by URN
	Outputs   map[string]any   `json:"outputs"`
	// Reads are the outputs of other layers that the variant cannot do without, by project.
	Reads map[string][]string `json:"reads,omitempty"`
}

// GoldenResource is one registered resource.
type GoldenResource struct {
	URN     resource.URN   `json:"urn"`
	Options *Options       `json:"options,omitempty"`
	Inputs  map[string]any `json:"inputs"`
}

const goldenSuffix = ".golden.json"

var updateFlag = flag.Bool("update", false, "write goldens and generated pages instead of comparing with them")

// updates says whether what is in writing is written anew: go test -update, or UPDATE=1
// where tests of several packages run.
func updates() bool { return *updateFlag || os.Getenv("UPDATE") != "" }

// Goldens runs deploy in every world and compares what it registers with the golden of
// the world's name. A golden of no variant fails as well.
func Goldens(t *testing.T, deploy func(*pulumi.Context) error, variants map[string]World) {
	t.Helper()
	for name, world := range variants {
		t.Run(name, func(t *testing.T) {
			r := world.Run(t, deploy)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			golden := r.golden()
			golden.Reads = world.reads(t, deploy)
			compare(t, filepath.Join("testdata", name+goldenSuffix), golden.text(t))
		})
	}
	left, err := filepath.Glob(filepath.Join("testdata", "*"+goldenSuffix))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if _, known := variants[strings.TrimSuffix(filepath.Base(path), goldenSuffix)]; !known {
			t.Errorf("%s is the golden of no variant: remove it", path)
		}
	}
}

// compare fails where a file does not hold text, or writes it there.
func compare(t *testing.T, path, text string) {
	t.Helper()
	have, err := os.ReadFile(path)
	if string(have) == text {
		return
	}
	if !updates() {
		t.Errorf("%s is old (%s): go test -update writes it anew; look at the change before you commit it", path, firstDifference(string(have), text))
		return
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// firstDifference is the first line in which a text differs from what it should be.
func firstDifference(have, want string) string {
	old := strings.Split(have, "\n")
	for i, line := range strings.Split(want, "\n") {
		if i >= len(old) {
			return "it ends before " + strings.TrimSpace(line)
		}
		if old[i] != line {
			return "it has " + strings.TrimSpace(old[i]) + " where the program has " + strings.TrimSpace(line)
		}
	}
	return "it has more than the program"
}

func (r Result) golden() Golden {
	g := Golden{Resources: []GoldenResource{}, Outputs: masked(r.Outputs)}
	for _, res := range r.Resources {
		made := GoldenResource{URN: res.URN, Inputs: masked(res.Inputs)}
		if o := res.Options; o.Protect || o.DeleteBeforeReplace || len(o.IgnoreChanges) > 0 {
			made.Options = &o
		}
		g.Resources = append(g.Resources, made)
	}
	slices.SortFunc(g.Resources, func(a, b GoldenResource) int { return strings.Compare(string(a.URN), string(b.URN)) })
	return g
}

// masked is properties as plain values, without the secrets'. Text that a person reads in
// lines is there in lines: JSON below JSONKey, other text below LinesKey.
func masked(in resource.PropertyMap) map[string]any {
	return resource.NewObjectProperty(in).MapRepl(nil, func(v resource.PropertyValue) (any, bool) {
		switch {
		case v.IsSecret() || v.IsOutput() && v.OutputValue().Secret:
			return "[secret]", true
		case v.IsString():
			return readable(v.StringValue()), true
		}
		return nil, false
	}).(map[string]any)
}

// What stands for a text that is JSON, and for one of several lines.
const (
	JSONKey  = "<json>"
	LinesKey = "<lines>"
)

func readable(text string) any {
	var document map[string]any
	switch {
	case json.Unmarshal([]byte(text), &document) == nil:
		return map[string]any{JSONKey: document}
	case strings.Contains(text, "\n"):
		return map[string]any{LinesKey: strings.Split(text, "\n")}
	}
	return text
}

func (g Golden) text(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // a template is easier to read with its own < and >
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(g); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// reads finds the outputs of other layers without which deploy fails.
func (w World) reads(t *testing.T, deploy func(*pulumi.Context) error) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for project, outputs := range w.Upstream {
		for key := range outputs {
			if r := w.without(project, key).Run(t, deploy); r.Err != nil && strings.Contains(r.Err.Error(), "has no output "+key) {
				found[project] = append(found[project], key)
			}
		}
		slices.Sort(found[project])
	}
	return found
}

// without is the world where a project does not export a key.
func (w World) without(project, key string) World {
	upstream := map[string]map[string]string{}
	for p, outputs := range w.Upstream {
		upstream[p] = map[string]string{}
		for k, v := range outputs {
			if p != project || k != key {
				upstream[p][k] = v
			}
		}
	}
	w.Upstream = upstream
	return w
}
