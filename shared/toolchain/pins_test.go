package toolchain

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"pipeline/shared/manifest"
)

var pinned = regexp.MustCompile(`(?m)^(?:require )?\s*github\.com/pulumi/(pulumi|pulumi-aws)/(?:sdk|pkg)/v\d+ v([0-9.]+)`)

// The CLI, its engine and the SDK are of one version in every module, and so is the AWS
// provider. Only the language host is not: see the package comment.
func TestOneVersionOfPulumiIsPinned(t *testing.T) {
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"shared/go.mod", "shared/localcloud/go.mod", "shared/toolchain/pulumi/go.mod"}
	for _, l := range m.Layers {
		files = append(files, l.Path+"/go.mod")
	}
	providers := map[string][]string{} // files by version
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(m.Root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		found := pinned.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s has no Pulumi", name)
		}
		for _, match := range found {
			switch {
			case match[1] == "pulumi-aws":
				providers[match[2]] = append(providers[match[2]], name)
			case match[2] != Version:
				t.Errorf("%s has Pulumi v%s, and the pinned CLI is v%s (Version in package toolchain)", name, match[2], Version)
			}
		}
	}
	if len(providers) != 1 {
		t.Errorf("pulumi-aws is there in the versions %v, want one", providers)
	}
	if !serves(Version) {
		t.Errorf("the pinned CLI v%s is older than the oldest that serves, v%s", Version, Oldest)
	}
}
