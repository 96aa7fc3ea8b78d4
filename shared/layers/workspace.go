package layers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"gopkg.in/yaml.v3"
)

// workspace makes the folder that Pulumi runs in for a layer on the local cloud, and
// returns it. It holds a Pulumi.yaml that points to the layer's folder, and a copy of
// the layer's Pulumi.<stack>.yaml, because Pulumi writes into that file (the salt of
// its secrets) and a local run changes no file of the repository.
func (r *run) workspace(layer string) (string, error) {
	l, err := r.manifest.Layer(layer)
	if err != nil {
		return "", err
	}
	source := r.manifest.Dir(l)
	if r.env.LocalCloud == nil {
		return source, nil
	}
	dir := filepath.Join(r.dir, "stacks", r.env.Name, layer)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	project, err := projectFile(source, dir)
	if err != nil {
		return "", fmt.Errorf("layer %s: %w", layer, err)
	}
	config, err := configFile(source, dir, r.env.Name)
	if err != nil {
		return "", fmt.Errorf("layer %s: %w", layer, err)
	}
	return dir, errors.Join(
		writeIfChanged(filepath.Join(dir, "Pulumi.yaml"), project),
		writeIfChanged(filepath.Join(dir, "Pulumi."+r.env.Name+".yaml"), config))
}

// projectFile is source's Pulumi.yaml with the program's place added.
func projectFile(source, dir string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(source, "Pulumi.yaml"))
	if err != nil {
		return nil, err
	}
	project := map[string]any{}
	if err := yaml.Unmarshal(text, &project); err != nil {
		return nil, fmt.Errorf("read Pulumi.yaml: %w", err)
	}
	main, err := filepath.Rel(dir, source)
	if err != nil {
		return nil, err
	}
	project["main"] = main
	return yaml.Marshal(project)
}

var saltLine = regexp.MustCompile(`(?m)^encryptionsalt:.*\n?`)

// configFile is source's configuration of the stack, with the salt that Pulumi wrote
// into the copy before. A salt in the source is of another passphrase: someone ran
// Pulumi there with a backend of their own.
func configFile(source, dir, stack string) ([]byte, error) {
	name := "Pulumi." + stack + ".yaml"
	text, err := os.ReadFile(filepath.Join(source, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	before, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	text = saltLine.ReplaceAll(text, nil)
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	return append(text, saltLine.Find(before)...), nil
}

func writeIfChanged(path string, text []byte) error {
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, text) {
		return nil
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, text, 0o644); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
