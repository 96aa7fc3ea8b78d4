package conventions

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

// variant is one golden: all resources of a layer in one configuration.
type variant struct {
	layer, name string // "iam", "extra-roles"
	text        string
	pulumitest.Golden
}

func (v variant) String() string { return v.layer + "/" + v.name }

// variants are the goldens of every layer.
func variants(t *testing.T) []variant {
	t.Helper()
	m := load(t)
	var all []variant
	for _, l := range m.Layers {
		files, err := filepath.Glob(filepath.Join(m.Dir(l), "testdata", "*.golden.json"))
		if err != nil || len(files) == 0 {
			t.Errorf("layer %s has no testdata/*.golden.json (%v): what it makes is known to no rule; pulumitest.Goldens writes them", l.Name, err)
		}
		for _, file := range files {
			all = append(all, variantAt(t, l.Name, file))
		}
	}
	return all
}

func variantAt(t *testing.T, layer, file string) variant {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v := variant{layer: layer, name: strings.TrimSuffix(filepath.Base(file), ".golden.json"), text: string(text)}
	if err := json.Unmarshal(text, &v.Golden); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

// of returns the resources of a type, "s3/bucketV2:BucketV2".
func (v variant) of(typ string) []pulumitest.GoldenResource {
	var found []pulumitest.GoldenResource
	for _, r := range v.Resources {
		if kind(r) == typ {
			found = append(found, r)
		}
	}
	return found
}

// kind is a resource's type without the package.
func kind(r pulumitest.GoldenResource) string {
	_, typ, _ := strings.Cut(string(r.URN.Type()), ":")
	return typ
}

// at is the value at a path of properties, nil where there is none.
func at(r pulumitest.GoldenResource, path ...string) any {
	var value any = r.Inputs
	for _, p := range path {
		m, _ := value.(map[string]any)
		value = m[p]
	}
	return value
}

// walk calls f with every value that is no object and no list, and with its place.
func walk(path string, value any, f func(path string, value any)) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			walk(path+"."+key, v, f)
		}
	case []any:
		for _, v := range value {
			walk(path, v, f)
		}
	default:
		f(path, value)
	}
}

func TestEveryLayerHasAGoldenOfAProtectedEnvironment(t *testing.T) {
	has := map[string]bool{}
	for _, v := range variants(t) {
		has[v.layer] = has[v.layer] || v.name == "prod"
	}
	for layer, prod := range has {
		if !prod {
			t.Errorf("layer %s has no testdata/prod.golden.json: nobody sees what a protected environment gets", layer)
		}
	}
}

// What a layer cannot do without has to be exported by the other in each of its variants.
func TestEveryOutputThatALayerReadsIsExported(t *testing.T) {
	all := variants(t)
	for _, problem := range missing(all) {
		t.Error(problem)
	}
	broken := append([]variant{}, all...)
	for i := range broken {
		if broken[i].layer == "storage" {
			broken[i].Outputs = map[string]any{"bucketName": "b"}
		}
	}
	if len(missing(broken)) == 0 {
		t.Error("storage without bucketArn is not missed by anybody")
	}
}

func missing(all []variant) []string {
	var problems []string
	for _, reader := range all {
		for project, keys := range reader.Reads {
			for _, key := range keys {
				problems = append(problems, without(all, reader, strings.TrimPrefix(project, "events-"), key)...)
			}
		}
	}
	return problems
}

func without(all []variant, reader variant, layer, key string) []string {
	var problems []string
	for _, v := range all {
		if v.layer == layer && v.Outputs[key] == nil {
			problems = append(problems, reader.String()+" reads "+key+", which "+v.String()+" does not export")
		}
	}
	return problems
}
