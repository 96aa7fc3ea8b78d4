package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// manifest checks what a schema cannot say and puts the layers in order.
func (d document) manifest() (*Manifest, error) {
	m := &Manifest{Name: d.Name, Owner: d.Owner, DefaultEnvironment: d.DefaultEnvironment, Environments: map[string]Environment{}}
	for name, e := range d.Environments {
		env := Environment{Name: name, Region: e.Region, AccountID: e.AccountID, Backend: e.Backend,
			Organization: e.Organization, SecretsProvider: e.SecretsProvider, Protected: e.Protected, Tags: e.Tags}
		if env.Organization == "" {
			env.Organization = "organization"
		}
		if e.LocalCloud != nil {
			if e.LocalCloud.Port == e.LocalCloud.RedshiftPort {
				return nil, at([]string{"environments", name, "localCloud", "redshiftPort"},
					"port and redshiftPort are both %d: they must differ", e.LocalCloud.Port)
			}
			env.LocalCloud = &LocalCloud{Port: e.LocalCloud.Port, RedshiftPort: e.LocalCloud.RedshiftPort}
		}
		if e.GitHub != nil {
			env.GitHub = &GitHub{PreviewRole: e.GitHub.PreviewRole, DeployRole: e.GitHub.DeployRole}
			if err := env.GitHub.in(name, e.AccountID); err != nil {
				return nil, err
			}
		}
		m.Environments[name] = env
	}
	if _, ok := m.Environments[d.DefaultEnvironment]; !ok {
		return nil, at([]string{"defaultEnvironment"}, "unknown environment %q: there are %s", d.DefaultEnvironment,
			strings.Join(slices.Sorted(maps.Keys(m.Environments)), ", "))
	}
	var layers []Layer
	for _, l := range d.Layers {
		layers = append(layers, Layer{Name: l.Name, Path: l.Path, Owner: l.Owner, DependsOn: l.DependsOn})
	}
	ordered, err := order(layers)
	m.Layers = ordered
	return m, err
}

// in checks that the roles are in the environment's account.
func (g GitHub) in(environment, account string) error {
	for key, role := range map[string]string{"previewRole": g.PreviewRole, "deployRole": g.DeployRole} {
		if strings.Split(role, ":")[4] != account {
			return at([]string{"environments", environment, "github", key}, "%s is not in account %s, which %s is for", role, account, environment)
		}
	}
	return nil
}

// order sorts layers so that each follows its dependencies, and otherwise keeps the
// file's order. A cycle's error spells its path.
func order(layers []Layer) ([]Layer, error) {
	index := map[string]int{}
	for i, l := range layers {
		if _, twice := index[l.Name]; twice {
			return nil, at([]string{"layers", strconv.Itoa(i)}, "layer %q is there twice", l.Name)
		}
		index[l.Name] = i
	}
	var ordered []Layer
	state := map[string]int{} // 1 on the path, 2 done
	var visit func(i int, path []string) error
	visit = func(i int, path []string) error {
		l := layers[i]
		path = append(path, l.Name)
		switch state[l.Name] {
		case 1:
			return at([]string{"layers", strconv.Itoa(i), "dependsOn"}, "layers depend on each other: %s",
				strings.Join(path[slices.Index(path, l.Name):], " -> "))
		case 2:
			return nil
		}
		state[l.Name] = 1
		for _, up := range l.DependsOn {
			j, known := index[up]
			if !known {
				return at([]string{"layers", strconv.Itoa(i), "dependsOn"}, "layer %q depends on unknown layer %q: there are %s",
					l.Name, up, strings.Join(slices.Sorted(maps.Keys(index)), ", "))
			}
			if err := visit(j, path); err != nil {
				return err
			}
		}
		state[l.Name] = 2
		ordered = append(ordered, l)
		return nil
	}
	for i := range layers {
		if err := visit(i, nil); err != nil {
			return nil, err
		}
	}
	return ordered, nil
}

// StackName is the full name of a layer's stack.
func (m *Manifest) StackName(organization, layer, environment string) string {
	return fmt.Sprintf("%s/%s/%s", organization, m.Project(layer), environment)
}
