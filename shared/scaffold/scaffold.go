// Package scaffold makes a new layer: a folder like the others, with a program that
// makes one resource and tests that hold, its outputs, and its place in everything that
// lists the layers. What it makes deploys as it is.
//
// The folder _layer is that layer under the name sample. Go passes over it, because its
// outputs are in another package; what is made of it is compiled and tested.
package scaffold

import (
	"fmt"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"strings"

	"pipeline/shared/github"
	"pipeline/shared/manifest"
)

// Layer is a layer to make.
type Layer struct {
	Name      string
	Owner     string   // as CODEOWNERS names them; empty: the manifest's
	DependsOn []string // layers whose outputs it will read
}

// New makes a layer in the repository of m and returns the files that it wrote, from
// the repository's root. On an error nothing is changed.
func New(m *manifest.Manifest, l Layer) ([]string, error) {
	if err := checkName(l.Name); err != nil {
		return nil, err
	}
	if l.Owner == "" {
		l.Owner = m.Owner
	}
	if l.Owner == "" {
		return nil, fmt.Errorf("layer %s has no owner: name a user or a team, as in OWNER=@org/%s", l.Name, l.Name)
	}
	c := &changes{root: m.Root}
	entry := manifest.Layer{Name: l.Name, Path: "projects/" + l.Name, Owner: l.Owner, DependsOn: l.DependsOn}
	if err := c.plan(entry); err != nil {
		return nil, err
	}
	return c.names(), c.write()
}

// plan finds out everything that has to be written for a layer.
func (c *changes) plan(l manifest.Layer) error {
	text, err := c.read(manifest.FileName)
	if err != nil {
		return err
	}
	text, m, err := manifest.Add(text, l)
	if err != nil {
		return err
	}
	m.Root = c.root
	c.change(manifest.FileName, text)
	if err := c.folder(m, l); err != nil {
		return err
	}
	files, err := github.Files(m)
	if err != nil {
		return err
	}
	for name, text := range files {
		c.change(name, text)
	}
	return c.lists(l)
}

// lists adds the layer to the files that list the layers.
func (c *changes) lists(l manifest.Layer) error {
	for name, edit := range map[string]func([]byte, manifest.Layer) ([]byte, error){
		"go.work": workspace, "magefile.go": targets, "README.md": row,
	} {
		text, err := c.read(name)
		if err != nil {
			return err
		}
		if text, err = edit(text, l); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.change(name, text)
	}
	return nil
}

// folder adds the layer's own files.
func (c *changes) folder(m *manifest.Manifest, l manifest.Layer) error {
	reads, err := c.readers(l.DependsOn)
	if err != nil {
		return err
	}
	template := filepath.Join(m.Root, "shared", "scaffold", "_layer")
	files, err := os.ReadDir(template)
	if err != nil {
		return err
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(template, f.Name()))
		if err != nil {
			return err
		}
		text, err = filled(f.Name(), string(text), m, l, reads)
		if err != nil {
			return err
		}
		for _, name := range places(f.Name(), m, l) {
			if err := c.create(name, text); err != nil {
				return err
			}
		}
	}
	return c.modules(m, l)
}

// places are where a file of the template goes.
func places(file string, m *manifest.Manifest, l manifest.Layer) []string {
	switch file {
	case "outputs.go":
		return []string{"shared/outputs/" + l.Name + ".go"}
	case "Pulumi.env.yaml":
		var names []string
		for e := range m.Environments {
			names = append(names, path.Join(l.Path, "Pulumi."+e+".yaml"))
		}
		return names
	}
	return []string{path.Join(l.Path, file)}
}

// tested is what the names of projects begin with in tests, which run in a World of package
// pulumitest and not as the repository's own product.
const tested = "events-"

// filled is a file of the template for the layer.
func filled(file, text string, m *manifest.Manifest, l manifest.Layer, reads []string) ([]byte, error) {
	project := m.Project(l.Name)
	if strings.HasSuffix(file, "_test.go") {
		project = tested + l.Name
	}
	text = strings.NewReplacer("@events/sample", l.Owner, "events-sample", project,
		"sample", l.Name, "Sample", typeName(l.Name)).Replace(text)
	if !strings.HasSuffix(file, ".go") {
		return []byte(text), nil
	}
	switch file {
	case "deploy.go":
		text = reading(text, l.DependsOn, reads)
	case "deploy_test.go":
		text = deployedUpstream(text, l.DependsOn)
	}
	return format.Source([]byte(text))
}

// reading adds to the program that it reads its upstreams.
func reading(text string, upstreams, readers []string) string {
	const before = "\tlog, err := newLog("
	var b strings.Builder
	for i, up := range upstreams {
		fmt.Fprintf(&b, "\t// What layer %s exports; name it to use it.\n\tif _, err := outputs.%s(ctx, s); err != nil {\n\t\treturn err\n\t}\n", up, readers[i])
	}
	return strings.Replace(text, before, b.String()+before, 1)
}

// deployedUpstream adds to the tests' world that the upstreams are deployed.
func deployedUpstream(text string, upstreams []string) string {
	if len(upstreams) == 0 {
		return text
	}
	var b strings.Builder
	b.WriteString(", Upstream: map[string]map[string]string{\n")
	for _, up := range upstreams {
		fmt.Fprintf(&b, "%q: {},\n", tested+up)
	}
	b.WriteString("}}\n")
	return strings.Replace(text, ", Settings: set}\n", ", Settings: set"+b.String(), 1)
}
