package scaffold

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/github"
	"pipeline/shared/manifest"
)

// repository is a copy of what a new layer touches and is made from.
func repository(t *testing.T) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	first := filepath.FromSlash(m.Layers[0].Path)
	for _, name := range []string{manifest.FileName, "go.work", "magefile.go", "README.md",
		filepath.Join(first, "go.mod"), filepath.Join(first, "go.sum"),
		".github", filepath.Join("shared", "outputs"), filepath.Join("shared", "scaffold", "_layer")} {
		if err := copied(filepath.Join(m.Root, name), filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	m.Root = root
	return m
}

func copied(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// tree is every file below root with its text.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestANewLayerIsInEverythingThatListsTheLayers(t *testing.T) {
	m := repository(t)
	written, err := New(m, Layer{Name: "newcomer", Owner: "@events/newcomer", DependsOn: []string{"iam", "storage"}})
	if err != nil {
		t.Fatal(err)
	}
	files := tree(t, m.Root)
	for name, want := range map[string]string{
		"Pulumi.org.yaml":                    "  - name: newcomer\n    path: projects/newcomer\n    owner: \"@events/newcomer\"\n    dependsOn: [iam, storage]\n",
		"go.work":                            "\t./projects/newcomer\n",
		"magefile.go":                        "// Newcomer destroys layer newcomer.\nfunc (Destroy) Newcomer(ctx context.Context) error {\n\treturn tasks.Run(ctx, layers.Destroy, \"newcomer\")\n}\n",
		"README.md":                          "| [projects/newcomer](projects/newcomer) | @events/newcomer | its log | iam, storage |\n",
		".github/CODEOWNERS":                 "\n/projects/newcomer/ ",
		"shared/outputs/newcomer.go":         "func ReadNewcomer(",
		"projects/newcomer/go.mod":           "module pipeline/projects/newcomer\n",
		"projects/newcomer/Pulumi.yaml":      "name: events-newcomer\n",
		"projects/newcomer/Pulumi.prod.yaml": "config: {}\n",
		"projects/newcomer/main.go":          "// Project newcomer owns its log, until it owns more. Owner: @events/newcomer.\n",
		"projects/newcomer/deploy.go":        "outputs.ReadIAM(ctx, s)",
		"projects/newcomer/deploy_test.go":   `"events-storage": {},`,
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s does not have %q:\n%s", name, want, files[name])
		}
		if !slices.Contains(written, name) {
			t.Errorf("%s is not among the files that were written: %v", name, written)
		}
	}
	for name, text := range files {
		if strings.HasPrefix(name, "projects/newcomer/") && strings.Contains(strings.ToLower(text), "sample") {
			t.Errorf("%s still speaks of the sample", name)
		}
	}
	if old, err := github.Old(reload(t, m)); err != nil || len(old) > 0 {
		t.Errorf("after that, %v are old (%v)", old, err)
	}
}

// What a layer's tests run under is named events, whatever the product is named: pulumitest.
func TestTheTestsOfALayerAreOfPulumitestsProduct(t *testing.T) {
	m := repository(t)
	path := filepath.Join(m.Root, manifest.FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "\nname: events\n", "\nname: shop\n", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := New(reload(t, m), Layer{Name: "newcomer", Owner: "@o", DependsOn: []string{"storage"}}); err != nil {
		t.Fatal(err)
	}
	files := tree(t, m.Root)
	for name, want := range map[string][]string{
		"projects/newcomer/Pulumi.yaml":    {"name: shop-newcomer\n"},
		"projects/newcomer/deploy_test.go": {`Project: "events-newcomer"`, `"events-storage": {},`},
	} {
		for _, w := range want {
			if !strings.Contains(files[name], w) {
				t.Errorf("%s does not have %s:\n%s", name, w, files[name])
			}
		}
	}
}

func reload(t *testing.T, m *manifest.Manifest) *manifest.Manifest {
	t.Helper()
	again, err := manifest.Load(filepath.Join(m.Root, manifest.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestTargetsAreAddedInEachNamespaceAndCompile(t *testing.T) {
	m := repository(t)
	for _, name := range []string{"newcomer", "newcomer2"} {
		if _, err := New(reload(t, m), Layer{Name: name, Owner: "@o"}); err != nil {
			t.Fatal(err)
		}
	}
	text := tree(t, m.Root)["magefile.go"]
	if _, err := parser.ParseFile(token.NewFileSet(), "magefile.go", text, 0); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"(Deploy) Newcomer(", "(Deploy) Newcomer2(", "(Preview) Newcomer(", "(Preview) Newcomer2(", "(Destroy) Newcomer(", "(Destroy) Newcomer2("} {
		if strings.Count(text, target) != 1 {
			t.Errorf("the magefile has %s %d times, want once", target, strings.Count(text, target))
		}
	}
}

func TestAnOwnerIsTheManifestsUnlessNamed(t *testing.T) {
	m := repository(t)
	if _, err := New(m, Layer{Name: "newcomer"}); err != nil {
		t.Fatal(err)
	}
	if l, err := reload(t, m).Layer("newcomer"); err != nil || l.Owner != m.Owner {
		t.Errorf("the owner is %q (%v), want %q", l.Owner, err, m.Owner)
	}
	m.Owner = ""
	if _, err := New(m, Layer{Name: "other"}); err == nil || !strings.Contains(err.Error(), "OWNER=@org/other") {
		t.Errorf("without any owner the error is %v", err)
	}
}

func TestWhatCannotBeMadeIsRefusedAndNothingIsWritten(t *testing.T) {
	m := repository(t)
	if err := os.MkdirAll(filepath.Join(m.Root, "projects", "halfway", "deploy.go"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := tree(t, m.Root)
	for rule, c := range map[string]struct {
		layer Layer
		want  string
	}{
		"a capital":            {Layer{Name: "Newcomer"}, "2 to 20 small letters and digits"},
		"a hyphen":             {Layer{Name: "data-lake"}, "2 to 20 small letters and digits"},
		"nothing":              {Layer{}, "2 to 20 small letters and digits"},
		"a path":               {Layer{Name: "../x"}, "2 to 20 small letters and digits"},
		"a digit first":        {Layer{Name: "3d"}, "a letter first"},
		"too much":             {Layer{Name: "averyveryverylongname"}, "2 to 20"},
		"a target's name":      {Layer{Name: "all"}, "deploy:all is a target"},
		"a program's name":     {Layer{Name: "localcloud"}, "the local cloud's program"},
		"a layer's name":       {Layer{Name: "stream"}, `has a layer "stream" already`},
		"a file's name":        {Layer{Name: "key"}, "shared/outputs/key.go is there already"},
		"a folder's name":      {Layer{Name: "halfway"}, "projects/halfway/deploy.go is there already"},
		"an unknown upstream":  {Layer{Name: "newcomer", DependsOn: []string{"storrage"}}, `unknown layer "storrage"`},
		"an owner with spaces": {Layer{Name: "newcomer", Owner: "the audit team"}, "owner: "},
	} {
		t.Run(rule, func(t *testing.T) {
			if _, err := New(m, c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
			if !maps.Equal(tree(t, m.Root), before) {
				t.Error("files have changed")
			}
		})
	}
}

// A folder where a file has to go stops the writing half-way.
func TestWhatWasWrittenIsTakenBackWhenTheRestCannotBe(t *testing.T) {
	m := repository(t)
	before := tree(t, m.Root)
	c := &changes{root: m.Root}
	if err := c.plan(manifest.Layer{Name: "newcomer", Path: "projects/newcomer", Owner: "@o"}); err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(m.Root, "shared", "outputs", "newcomer.go")
	if err := os.Mkdir(inTheWay, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := c.write(); err == nil {
		t.Fatal("a file was written where a folder is")
	}
	os.Remove(inTheWay)
	if after := tree(t, m.Root); !maps.Equal(after, before) {
		t.Errorf("%d files are left of %d", len(after), len(before))
	}
	if _, err := os.Stat(filepath.Join(m.Root, "projects", "newcomer")); err == nil {
		t.Error("projects/newcomer is left")
	}
}
