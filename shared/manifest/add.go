package manifest

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Add adds a layer behind the others in the text of a manifest, which otherwise stays
// as it is, and returns the new text and what it says.
func Add(text []byte, l Layer) ([]byte, *Manifest, error) {
	before, err := parse(FileName, text)
	if err != nil {
		return nil, nil, err
	}
	if slices.Contains(before.LayerNames(), l.Name) {
		return nil, nil, fmt.Errorf("%s has a layer %q already", FileName, l.Name)
	}
	for _, up := range l.DependsOn {
		if _, err := before.Layer(up); err != nil {
			return nil, nil, err
		}
	}
	last, err := lastLayer(text)
	if err != nil {
		return nil, nil, err
	}
	lines := strings.SplitAfter(string(text), "\n")
	end := min(lastLine(last), len(lines))
	lines[end-1] = strings.TrimSuffix(lines[end-1], "\n") + "\n"
	added := strings.Join(lines[:end], "") + item(l, last.Column-len("- ")-1) + strings.Join(lines[end:], "")
	after, err := parse(FileName, []byte(added))
	if err != nil {
		return nil, nil, err
	}
	return []byte(added), after, nil
}

// lastLayer is the last item of the manifest's layers.
func lastLayer(text []byte) (*yaml.Node, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	layers := descend(root.Content[0], "layers").value
	last := layers.Content[len(layers.Content)-1]
	if layers.Style&yaml.FlowStyle != 0 || last.Style&yaml.FlowStyle != 0 {
		return nil, fmt.Errorf("%s:%d: a layer can be added where each stands in lines of its own", FileName, last.Line)
	}
	return last, nil
}

// lastLine is the line where a node ends.
func lastLine(n *yaml.Node) int {
	line := n.Line
	for _, c := range n.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// item is a layer as an item of a list.
func item(l Layer, indent int) string {
	lines := []string{"- name: " + l.Name, "  path: " + l.Path, fmt.Sprintf("  owner: %q", l.Owner)}
	if len(l.DependsOn) > 0 {
		lines = append(lines, "  dependsOn: ["+strings.Join(l.DependsOn, ", ")+"]")
	}
	space := strings.Repeat(" ", indent)
	return space + strings.Join(lines, "\n"+space) + "\n"
}
