package pulumitest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"

	"pipeline/shared/manifest"
)

// environments are those of every World. They are not the repository's, so that a test
// still holds when somebody sets an account or a region there.
var environments = map[string]manifest.Environment{
	"local": {Region: "eu-central-1", AccountID: "000000000000"},
	"dev":   {Region: "eu-central-1", AccountID: "111111111111"},
	"prod":  {Region: "eu-central-1", AccountID: "222222222222", Protected: true},
}

// besideManifest goes to a folder with the repository's manifest, in which product, owners
// and environments are those of every World; what it returns goes back.
func besideManifest(t *testing.T) func() {
	t.Helper()
	text, err := pinned()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, manifest.FileName), text, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(dir); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Chdir(before); err != nil {
			t.Fatal(err)
		}
	}
}

func pinned() ([]byte, error) {
	found, err := manifest.Find(".")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(found.Root, manifest.FileName))
	if err != nil {
		return nil, err
	}
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	document["name"], document["defaultEnvironment"], document["environments"] = "events", "local", environmentsDocument()
	for _, layer := range document["layers"].([]any) {
		l := layer.(map[string]any)
		l["owner"] = fmt.Sprintf("@owners/%s", l["name"])
	}
	return yaml.Marshal(document)
}

func environmentsDocument() map[string]any {
	all := map[string]any{}
	for name, e := range environments {
		env := map[string]any{"region": e.Region, "accountId": e.AccountID, "tags": map[string]string{"environment": name}}
		if name == "local" {
			env["localCloud"] = map[string]any{"port": 4566, "redshiftPort": 5439}
		} else {
			env["backend"], env["protected"] = "file:///state", e.Protected
		}
		all[name] = env
	}
	return all
}
