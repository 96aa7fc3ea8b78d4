package layers

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"pipeline/shared/manifest"
)

// WriteGraph draws the layers, their owners and what they wait for: as text, where
// layers of one wave can run at the same time, or as a Mermaid flowchart.
func WriteGraph(w io.Writer, m *manifest.Manifest, format string) error {
	switch format {
	case "", "text":
		return graphText(w, m)
	case "mermaid":
		return graphMermaid(w, m)
	default:
		return fmt.Errorf("unknown format %q: there are text and mermaid", format)
	}
}

func graphText(w io.Writer, m *manifest.Manifest) error {
	waves := map[string]int{}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WAVE\tLAYER\tOWNER\tDEPENDS ON")
	longest := 0
	for _, l := range m.Layers {
		waves[l.Name] = 1
		for _, up := range l.DependsOn {
			waves[l.Name] = max(waves[l.Name], waves[up]+1)
		}
		longest = max(longest, waves[l.Name])
	}
	for wave := 1; wave <= longest; wave++ {
		for _, l := range m.Layers {
			if waves[l.Name] == wave {
				fmt.Fprintf(t, "%d\t%s\t%s\t%s\n", wave, l.Name, l.Owner, strings.Join(l.DependsOn, ", "))
			}
		}
	}
	return t.Flush()
}

func graphMermaid(w io.Writer, m *manifest.Manifest) error {
	fmt.Fprintln(w, "flowchart LR")
	for _, l := range m.Layers {
		fmt.Fprintf(w, "    %s[\"%s<br/>%s\"]\n", l.Name, l.Name, l.Owner)
	}
	for _, l := range m.Layers {
		for _, up := range l.DependsOn {
			fmt.Fprintf(w, "    %s --> %s\n", up, l.Name)
		}
	}
	return nil
}
