package conventions

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/manifest"
)

// load returns the manifest, whose root the tests work from.
func load(t *testing.T) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// imports are the direct imports of every package that a pattern matches, without tests.
func imports(t *testing.T, dir string, patterns ...string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-f", `{{.ImportPath}} {{join .Imports " "}}`}, patterns...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", patterns, err)
	}
	found := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		found[fields[0]] = fields[1:]
	}
	if len(found) == 0 {
		t.Fatalf("go list %v finds no package", patterns)
	}
	return found
}

func TestDataPlanesDoNotKnowPulumi(t *testing.T) {
	const cloud = "pipeline/shared/localcloud"
	for pkg, list := range imports(t, load(t).Root, "./shared/localcloud/...") {
		if pkg == cloud || strings.HasPrefix(pkg, cloud+"/provider") {
			continue
		}
		for _, i := range list {
			if strings.Contains(i, "pulumi") || strings.HasPrefix(i, cloud+"/provider") {
				t.Errorf("%s imports %s: a plane is a service of its own, which the provider drives; it has to run and be tested without Pulumi", pkg, i)
			}
		}
	}
}

func TestSharedNeverImportsAProject(t *testing.T) {
	for pkg, list := range imports(t, load(t).Root, "./shared/...", "./shared/localcloud/...") {
		for _, i := range list {
			if strings.HasPrefix(i, "pipeline/projects/") {
				t.Errorf("%s imports %s: projects depend on shared, never the other way", pkg, i)
			}
		}
	}
}

// optional are the layers that a setting spares another, which then need not depend on it:
// destination s3 of stream needs no warehouse.
var optional = map[string]string{"stream": "warehouse"}

// An edge of the manifest is a read of that layer's outputs, and the other way round.
func TestLayersReadWhatTheManifestSays(t *testing.T) {
	m := load(t)
	readers := readers(t, m)
	for _, l := range m.Layers {
		text := source(t, m.Dir(l))
		for _, other := range m.Layers {
			reads := strings.Contains(text, readers[other.Name])
			declared := slices.Contains(l.DependsOn, other.Name)
			if reads && !declared && optional[l.Name] != other.Name {
				t.Errorf("layer %s reads the outputs of %s, and the manifest does not say that it depends on it", l.Name, other.Name)
			}
			if declared && !reads {
				t.Errorf("the manifest says that layer %s depends on %s, whose outputs it does not read", l.Name, other.Name)
			}
		}
	}
}

// readers are the calls that read a layer's outputs, by layer.
func readers(t *testing.T, m *manifest.Manifest) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, l := range m.Layers {
		text, err := os.ReadFile(filepath.Join(m.Root, "shared", "outputs", l.Name+".go"))
		if err != nil {
			t.Fatalf("layer %s has no outputs: %v", l.Name, err)
		}
		name := regexp.MustCompile(`(?m)^func (Read\w+)\(`).FindSubmatch(text)
		if name == nil {
			t.Fatalf("shared/outputs/%s.go has no function Read...: no other layer can read what layer %s exports", l.Name, l.Name)
		}
		found[l.Name] = "outputs." + string(name[1]) + "("
	}
	return found
}

func source(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}

func TestEveryProjectHasTheSameFiles(t *testing.T) {
	m := load(t)
	for _, l := range m.Layers {
		want := []string{"Pulumi.yaml", "main.go", "deploy.go", "config.go", "deploy_test.go", "golden_test.go", "README.md", "go.mod"}
		for name := range m.Environments {
			want = append(want, "Pulumi."+name+".yaml")
		}
		for _, name := range want {
			if _, err := os.Stat(filepath.Join(m.Dir(l), name)); err != nil {
				t.Errorf("layer %s has no %s: who knows one project should know all", l.Name, name)
			}
		}
	}
}

func TestTheWorkspaceHasEveryModule(t *testing.T) {
	m := load(t)
	text, err := os.ReadFile(filepath.Join(m.Root, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range m.Layers {
		if !strings.Contains(string(text), "./"+l.Path+"\n") {
			t.Errorf("go.work does not use %s: its tests would not run", l.Path)
		}
	}
}
