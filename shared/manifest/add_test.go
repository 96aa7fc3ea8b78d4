package manifest

import (
	"strings"
	"testing"
)

const commented = `name: events
defaultEnvironment: local
# In order.
layers:
  - name: storage
    path: projects/storage
    owner: "@t" # the bucket
  - name: stream
    path: projects/stream
    owner: "@s"
    dependsOn:
      - storage # its bucket

# Where to.
environments:
  local: {region: eu-central-1, accountId: "000000000000", localCloud: {port: 4566, redshiftPort: 5439}}
`

func TestALayerIsAddedBehindTheOthersAndNothingElseChanges(t *testing.T) {
	text, m, err := Add([]byte(commented), Layer{Name: "audit", Path: "projects/audit", Owner: "@a/b", DependsOn: []string{"storage", "stream"}})
	if err != nil {
		t.Fatal(err)
	}
	const added = `  - name: audit
    path: projects/audit
    owner: "@a/b"
    dependsOn: [storage, stream]
`
	want := strings.Replace(commented, "\n# Where to.", added+"\n# Where to.", 1)
	if string(text) != want {
		t.Errorf("the manifest is now\n%s\nwant\n%s", text, want)
	}
	if names := strings.Join(m.LayerNames(), " "); names != "storage stream audit" {
		t.Errorf("the layers are %s", names)
	}
}

func TestALayerThatCannotBeAddedIsRefused(t *testing.T) {
	for rule, c := range map[string]struct {
		text  string
		layer Layer
		want  string
	}{
		"a known name":             {commented, Layer{Name: "stream", Path: "p", Owner: "@a"}, `has a layer "stream" already`},
		"an unknown layer":         {commented, Layer{Name: "audit", Path: "p", Owner: "@a", DependsOn: []string{"storrage"}}, `unknown layer "storrage": Pulumi.org.yaml has storage, stream`},
		"an owner that is no name": {commented, Layer{Name: "audit", Path: "p", Owner: "audit"}, "owner: "},
		"a list in one line":       {valid, Layer{Name: "audit", Path: "p", Owner: "@a"}, "lines of its own"},
	} {
		t.Run(rule, func(t *testing.T) {
			if _, _, err := Add([]byte(c.text), c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}
