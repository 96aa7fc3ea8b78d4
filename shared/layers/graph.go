package layers

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"pipeline/shared/manifest"
)

// WriteGraph draws the layers, their owners and states, and what they wait for: as
// text, where layers of one wave can run at the same time, as a Mermaid flowchart, or
// as SVG.
func (o *Orchestrator) WriteGraph(ctx context.Context, format string) error {
	draw, known := map[string]func(io.Writer, *manifest.Manifest, map[string]State) error{
		"": graphText, "text": graphText, "mermaid": graphMermaid, "svg": graphSVG,
	}[format]
	if !known {
		return fmt.Errorf("unknown format %q: there are text, mermaid and svg", format)
	}
	states, err := o.States(ctx)
	if err != nil {
		return err
	}
	return draw(o.Out, o.Manifest, states)
}

// inWaves are the layers by wave: those of one wait for nothing but earlier ones.
func inWaves(m *manifest.Manifest) [][]manifest.Layer {
	wave := map[string]int{}
	var waves [][]manifest.Layer
	for _, l := range m.Layers { // upstreams come first
		for _, up := range l.DependsOn {
			wave[l.Name] = max(wave[l.Name], wave[up]+1)
		}
		if wave[l.Name] == len(waves) {
			waves = append(waves, nil)
		}
		waves[wave[l.Name]] = append(waves[wave[l.Name]], l)
	}
	return waves
}

func graphText(w io.Writer, m *manifest.Manifest, states map[string]State) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WAVE\tLAYER\tSTATE\tOWNER\tDEPENDS ON")
	for i, wave := range inWaves(m) {
		for _, l := range wave {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", i+1, l.Name, states[l.Name], l.Owner, strings.Join(l.DependsOn, ", "))
		}
	}
	return t.Flush()
}

func graphMermaid(w io.Writer, m *manifest.Manifest, states map[string]State) error {
	fmt.Fprintln(w, "flowchart LR")
	for _, l := range m.Layers {
		state := states[l.Name]
		fmt.Fprintf(w, "    %s[\"%s<br/>%s<br/>%s\"]:::%s\n", l.Name, l.Name, l.Owner, state, state)
	}
	for _, l := range m.Layers {
		for _, up := range l.DependsOn {
			fmt.Fprintf(w, "    %s --> %s\n", up, l.Name)
		}
	}
	for _, p := range paints {
		fmt.Fprintf(w, "    classDef %s fill:%s,stroke:%s,color:#1c1c1c\n", p.state, p.fill, p.stroke)
	}
	return nil
}

// paints are the colours of the states; a state is written as well, for whom colours do
// not speak.
var paints = []struct {
	state        State
	fill, stroke string
}{
	{StateDeployed, "#d5efdc", "#2e7d46"},
	{StateStale, "#fdeeba", "#a37400"},
	{StateFailed, "#f9d6d5", "#b3261e"},
	{StateAbsent, "#eeeeee", "#8a8a8a"},
	{StateUnknown, "#ffffff", "#8a8a8a"},
}
