package layers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"gopkg.in/yaml.v3"

	"pipeline/shared/local"
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
	salt, err := r.salt()
	if err != nil {
		return "", err
	}
	config, err := configFile(source, r.env.Name, salt)
	if err != nil {
		return "", fmt.Errorf("layer %s: %w", layer, err)
	}
	return dir, errors.Join(
		write(filepath.Join(dir, "Pulumi.yaml"), project),
		write(filepath.Join(dir, "Pulumi."+r.env.Name+".yaml"), config))
}

// salt is that of all local stacks.
func (o *Orchestrator) salt() (string, error) {
	if o.Salt != nil {
		return o.Salt()
	}
	return local.Salt(o.Dir)
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

// configFile is source's configuration of the stack with the local stacks' salt. A salt
// in the source is of another passphrase: someone ran Pulumi there with a backend of
// their own.
func configFile(source, stack, salt string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(source, "Pulumi."+stack+".yaml"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	text = saltLine.ReplaceAll(text, nil)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return append(text, "encryptionsalt: "+salt+"\n"...), nil
}

// write makes a file appear complete or not at all.
func write(path string, text []byte) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, text, 0o644); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
