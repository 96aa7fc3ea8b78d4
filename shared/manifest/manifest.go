// Package manifest reads Pulumi.org.yaml: the layers of this repository, their order
// and owners, and the environments they are deployed to. The file means nothing to
// Pulumi; it is the single source of these facts for everything in this repository.
package manifest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FileName is the manifest's name, at the repository's root.
const FileName = "Pulumi.org.yaml"

// Manifest is a valid manifest: its layers are known, and in an order in which each
// comes after those that it depends on.
type Manifest struct {
	Name               string
	Owner              string // of what no layer owns; empty: nobody
	DefaultEnvironment string
	Layers             []Layer
	Environments       map[string]Environment
	// Root is the folder that holds the file.
	Root string
}

// Layer is one folder, one Pulumi project, one team.
type Layer struct {
	Name      string
	Path      string // from Root, with slashes
	Owner     string
	DependsOn []string
}

// Environment is one place to deploy to, and so one stack of every project.
type Environment struct {
	Name            string
	Region          string
	AccountID       string
	Backend         string // URL; empty on the local cloud
	Organization    string // first part of the stack names
	SecretsProvider string
	Protected       bool
	Tags            map[string]string
	LocalCloud      *LocalCloud // nil on AWS
	GitHub          *GitHub     // nil: no workflow reaches it
}

// GitHub is the ARNs of the roles that GitHub's workflows take in an environment.
type GitHub struct {
	PreviewRole string // reads
	DeployRole  string
}

// LocalCloud is where the local cloud listens, on the loopback address.
type LocalCloud struct {
	Port         int // HTTP: every AWS API
	RedshiftPort int // PostgreSQL protocol
}

// Find reads the manifest in dir or the nearest folder above it.
func Find(dir string) (*Manifest, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for d := abs; ; d = filepath.Dir(d) {
		path := filepath.Join(d, FileName)
		if _, err := os.Stat(path); err == nil {
			return Load(path)
		}
		if d == filepath.Dir(d) {
			return nil, fmt.Errorf("no %s in %s or any folder above it: run this inside the repository", FileName, abs)
		}
	}
}

// Load reads and validates the manifest at path. An error names the file, the line,
// what is wrong and what is allowed.
func Load(path string) (*Manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	root, err := realFolder(path)
	if err != nil {
		return nil, err
	}
	m, err := parse(filepath.Base(path), data)
	if err != nil {
		return nil, err
	}
	m.Root = root
	return m, nil
}

// realFolder is the folder of a file without links: what is recorded of it, such as on the
// local cloud's command line, is the same whichever way somebody came.
func realFolder(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(filepath.Dir(abs))
}

// Layer returns the layer of that name. The error lists the known ones.
func (m *Manifest) Layer(name string) (Layer, error) {
	for _, l := range m.Layers {
		if l.Name == name {
			return l, nil
		}
	}
	return Layer{}, fmt.Errorf("unknown layer %q: %s has %s", name, FileName, strings.Join(m.LayerNames(), ", "))
}

// LayerNames are the layers' names, upstream first.
func (m *Manifest) LayerNames() []string {
	var names []string
	for _, l := range m.Layers {
		names = append(names, l.Name)
	}
	return names
}

// Environment returns the environment of that name, the default one when it is empty.
// The error lists the known ones.
func (m *Manifest) Environment(name string) (Environment, error) {
	if name == "" {
		name = m.DefaultEnvironment
	}
	e, ok := m.Environments[name]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(m.Environments)), ", ")
		return Environment{}, fmt.Errorf("unknown stack %q: %s has %s", name, FileName, known)
	}
	return e, nil
}

// OnAWS are the environments with an AWS account, in the order in which a change goes
// through them: by name, and those that are protected last.
func (m *Manifest) OnAWS() []Environment {
	var list []Environment
	for _, name := range slices.Sorted(maps.Keys(m.Environments)) {
		if e := m.Environments[name]; e.LocalCloud == nil {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b Environment) int {
		switch {
		case a.Protected == b.Protected:
			return 0
		case a.Protected:
			return 1
		}
		return -1
	})
	return list
}

// Project is the name of a layer's Pulumi project.
func (m *Manifest) Project(layer string) string { return m.Name + "-" + layer }

// LayerOfProject is the layer of a Pulumi project, the inverse of Project.
func (m *Manifest) LayerOfProject(project string) (Layer, error) {
	return m.Layer(strings.TrimPrefix(project, m.Name+"-"))
}

// Dir is a layer's folder.
func (m *Manifest) Dir(l Layer) string { return filepath.Join(m.Root, filepath.FromSlash(l.Path)) }
