package github

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"

	"pipeline/shared/manifest"
	"pipeline/shared/toolchain"
)

//go:embed templates
var templates embed.FS

// made is where a template's result goes, from the repository's root.
var made = map[string]string{
	"setup.yml":   ".github/actions/setup/action.yml",
	"ci.yml":      ".github/workflows/ci.yml",
	"preview.yml": ".github/workflows/preview.yml",
	"deploy.yml":  ".github/workflows/deploy.yml",
	"drift.yml":   ".github/workflows/drift.yml",
}

// actions are the actions that the workflows use, each at the commit of a version: a
// tag can be moved to other code, which would then run with the workflows' roles. For
// another version: git ls-remote https://github.com/<action> <version>.
var actions = map[string]struct{ version, commit string }{
	"actions/checkout":                      {"v6.1.0", "d23441a48e516b6c34aea4fa41551a30e30af803"},
	"actions/setup-go":                      {"v6.5.0", "924ae3a1cded613372ab5595356fb5720e22ba16"},
	"actions/cache":                         {"v5.0.5", "27d5ce7f107fe9357f9df03efb73ab90386fccae"},
	"aws-actions/configure-aws-credentials": {"v6.2.3", "e6de054238d6b7531b4efff3b6587d9aade6a06c"},
}

func action(name string) (string, error) {
	a, ok := actions[name]
	if !ok {
		return "", fmt.Errorf("action %s has no version", name)
	}
	return fmt.Sprintf("%s@%s # %s", name, a.commit, a.version), nil
}

// step is a step that several workflows have.
func step(name string) (string, error) {
	text, err := templates.ReadFile("templates/steps/" + name + ".sh")
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n          "), nil
}

// environment is an environment that workflows reach, and the job that is before it.
type environment struct {
	manifest.Environment
	After string
}

// reached are the environments that have roles for GitHub, in the order of deployment.
func reached(m *manifest.Manifest) []environment {
	var list []environment
	after := "ci"
	for _, e := range m.OnAWS() {
		if e.GitHub != nil {
			list = append(list, environment{e, after})
			after = "deploy-" + e.Name
		}
	}
	return list
}

// withoutEnvironments are the templates that make sense without an environment.
var withoutEnvironments = []string{"setup.yml", "ci.yml"}

// workflows are the workflows and the action that they share; nil is a file that has
// not to be there.
func workflows(m *manifest.Manifest) (map[string][]byte, error) {
	environments := reached(m)
	files := map[string][]byte{}
	for name, target := range made {
		files[target] = nil
		if len(environments) == 0 && !slices.Contains(withoutEnvironments, name) {
			continue
		}
		text, err := workflow(name, environments)
		if err != nil {
			return nil, err
		}
		files[target] = text
	}
	return files, nil
}

func workflow(name string, environments []environment) ([]byte, error) {
	// GitHub's own expressions are in double braces.
	t := template.New(name).Delims("[[", "]]").Funcs(template.FuncMap{"action": action, "step": step})
	t, err := t.ParseFS(templates, path.Join("templates", name))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("# Made from Pulumi.org.yaml and shared/github/templates: edit those, then run\n# `go tool mage generate`.\n")
	err = t.Execute(&b, struct {
		Environments []environment
		Pulumi       string
	}{environments, toolchain.Version})
	return b.Bytes(), err
}
