package manifest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const valid = `name: events
owner: "@o"
defaultEnvironment: local
layers:
  - {name: stream, path: projects/stream, owner: "@s", dependsOn: [storage]}
  - {name: storage, path: projects/storage, owner: "@t"}
environments:
  local:
    region: eu-central-1
    accountId: "000000000000"
    localCloud: {port: 4566, redshiftPort: 5439}
`

func TestLayersComeAfterThoseTheyDependOn(t *testing.T) {
	m, err := parse(FileName, []byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"storage", "stream"}; !slices.Equal(m.LayerNames(), want) {
		t.Errorf("layers are in order %v, want %v", m.LayerNames(), want)
	}
}

func TestAMalformedManifestIsRefusedWithItsLine(t *testing.T) {
	for rule, c := range map[string]struct{ old, new, want string }{
		"an unknown setting":            {"region: eu", "regoin: eu", "Pulumi.org.yaml:8: environments.local: "},
		"an unknown setting's siblings": {"region: eu-central-1", "region: eu-central-1\n    colour: red", "allowed are accountId, backend, github, localCloud"},
		"a bad region":                  {"eu-central-1", "Frankfurt", "Pulumi.org.yaml:9: environments.local.region: "},
		"an account that is a number":   {`"000000000000"`, "111111111111", "Pulumi.org.yaml:10: environments.local.accountId: got number, want string"},
		"a port out of range":           {"4566", "80", "Pulumi.org.yaml:11: environments.local.localCloud.port: "},
		"one port for two things":       {"5439", "4566", "Pulumi.org.yaml:11: port and redshiftPort are both 4566"},
		"an unknown dependency":         {"[storage]", "[storrage]", `Pulumi.org.yaml:5: layer "stream" depends on unknown layer "storrage": there are storage, stream`},
		"a layer twice":                 {"name: stream", "name: storage", `Pulumi.org.yaml:6: layer "storage" is there twice`},
		"a cycle":                       {`owner: "@t"`, `owner: "@t", dependsOn: [stream]`, "Pulumi.org.yaml:5: layers depend on each other: stream -> storage -> stream"},
		"an unknown default":            {"defaultEnvironment: local", "defaultEnvironment: lokal", `Pulumi.org.yaml:3: unknown environment "lokal": there are local`},
		"what is no YAML":               {"layers:", "layers: [", "Pulumi.org.yaml: line "},
		"a missing owner":               {`, owner: "@t"`, "", "Pulumi.org.yaml:6: layers.1: missing property 'owner'"},
		"an owner that is no name":      {`"@o"`, `"security team"`, "Pulumi.org.yaml:2: owner: "},
		"a role for a laptop":           {"localCloud: {", "github: {previewRole: arn:aws:iam::000000000000:role/p, deployRole: arn:aws:iam::000000000000:role/d}\n    localCloud: {", "Pulumi.org.yaml:8: environments.local"},
		"a role of another account": {"localCloud: {port: 4566, redshiftPort: 5439}",
			"backend: s3://b\n    github: {previewRole: arn:aws:iam::000000000000:role/p, deployRole: arn:aws:iam::999999999999:role/d}",
			"Pulumi.org.yaml:12: arn:aws:iam::999999999999:role/d is not in account 000000000000"},
		"neither AWS nor local": {"localCloud: {port: 4566, redshiftPort: 5439}", "protected: true", "Pulumi.org.yaml:8: environments.local"},
	} {
		t.Run(rule, func(t *testing.T) {
			text := strings.Replace(valid, c.old, c.new, 1)
			_, err := parse(FileName, []byte(text))
			if err == nil {
				t.Fatalf("%s was accepted", rule)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %q, want it to hold %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
		})
	}
}

func TestUnknownNamesListTheKnownOnes(t *testing.T) {
	m, err := parse(FileName, []byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Layer("warehose"); err == nil || !strings.Contains(err.Error(), "storage, stream") {
		t.Errorf("an unknown layer's error is %v, want the known layers in it", err)
	}
	if _, err := m.Environment("prod"); err == nil || !strings.Contains(err.Error(), "has local") {
		t.Errorf("an unknown environment's error is %v, want the known ones in it", err)
	}
}

func TestAChangeReachesProtectedEnvironmentsLast(t *testing.T) {
	m := Manifest{Environments: map[string]Environment{
		"local": {Name: "local", LocalCloud: &LocalCloud{}},
		"live":  {Name: "live", Protected: true},
		"test":  {Name: "test"},
		"dev":   {Name: "dev"},
	}}
	var got []string
	for _, e := range m.OnAWS() {
		got = append(got, e.Name)
	}
	if want := []string{"dev", "test", "live"}; !slices.Equal(got, want) {
		t.Errorf("the environments on AWS are in order %v, want %v", got, want)
	}
}

func TestTheManifestIsFoundFromAFolderBelow(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(root, "projects", "iam")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, FileName), []byte(valid), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Find(below)
	if err != nil {
		t.Fatal(err)
	}
	if m.Root != root {
		t.Errorf("the root is %s, want %s", m.Root, root)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	if m, err = Find(link); err != nil || m.Root != root {
		t.Errorf("through a link the root is %s (%v), want %s", m.Root, err, root)
	}
}

// The repository's own manifest, and what must agree with it.
func TestTheRepositoryAgreesWithItsManifest(t *testing.T) {
	m, err := Find(".")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(m.Root, "projects", "*", "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(m.Layers) {
		t.Errorf("there are %d projects and %d layers", len(folders), len(m.Layers))
	}
	for _, l := range m.Layers {
		text, err := os.ReadFile(filepath.Join(m.Dir(l), "Pulumi.yaml"))
		if err != nil {
			t.Errorf("layer %s: %v", l.Name, err)
			continue
		}
		if want := "name: " + m.Project(l.Name) + "\n"; !strings.Contains(string(text), want) {
			t.Errorf("the project of layer %s does not say %q", l.Name, want)
		}
	}
}
