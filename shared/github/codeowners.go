package github

import (
	"bytes"
	"fmt"
	"text/tabwriter"

	"pipeline/shared/manifest"
)

// codeowners gives every layer's folder, and the file with what it exports, to the
// layer's owner. GitHub takes the last line that matches a path.
func codeowners(m *manifest.Manifest) []byte {
	var b bytes.Buffer
	b.WriteString("# Made from Pulumi.org.yaml: edit that, then run `go tool mage generate`.\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if m.Owner != "" {
		fmt.Fprintf(t, "*\t%s\n", m.Owner)
	}
	for _, l := range m.Layers {
		fmt.Fprintf(t, "/%s/\t%s\n", l.Path, l.Owner)
		fmt.Fprintf(t, "/shared/outputs/%s.go\t%s\n", l.Name, l.Owner)
	}
	t.Flush() // a buffer takes everything
	return b.Bytes()
}
