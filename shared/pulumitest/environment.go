package pulumitest

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"pipeline/shared/manifest"
)

// Environments runs deploy in every environment of the repository, with what the project's
// Pulumi.<environment>.yaml sets there, again with what its comments propose, and with each
// example of the project's page. World says what is deployed upstream; a secret in the file
// has a value of no meaning.
func Environments(t *testing.T, deploy func(*pulumi.Context) error, world World) {
	t.Helper()
	m, layer, err := here()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Environments)) {
		w := world
		w.real, w.Stack, w.Project = true, name, m.Project(layer.Name)
		w.Account, w.Region = m.Environments[name].AccountID, m.Environments[name].Region
		w.Upstream = renamed(m, world)
		file, err := os.ReadFile("Pulumi." + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{"as it is": string(file), "as proposed": proposed.ReplaceAllString(string(file), "  $1")}
		maps.Copy(texts, examples(t))
		for what, text := range texts {
			t.Run(name+" "+what, func(t *testing.T) {
				w.Settings, w.Secrets = fileSettings(t, w.Project, text)
				if r := w.Run(t, deploy); r.Err != nil {
					t.Error(r.Err)
				}
			})
		}
	}
}

// examples are the settings in YAML on the project's page.
func examples(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for i, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
		found[fmt.Sprintf("as example %d of the page", i+1)] = "config:\n  " + strings.ReplaceAll(block[1], "\n", "\n  ")
	}
	return found
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)\n```")

// proposed is a setting in a comment: "  # events-stream:alarmEmails: []", or an element of
// a list below one.
var proposed = regexp.MustCompile(`(?m)^  # (\S+:\S+: |\S+:\S+:$|  - )`)

// renamed is what is deployed upstream, by the names that the projects really have.
func renamed(m *manifest.Manifest, world World) map[string]map[string]string {
	upstream := map[string]map[string]string{}
	for project, outputs := range world.Upstream {
		upstream[m.Project(strings.TrimPrefix(project, "events-"))] = outputs
	}
	return upstream
}

// fileSettings are a project's settings in the text of a stack's file, in clear and encrypted.
func fileSettings(t *testing.T, project, text string) (settings, secrets map[string]any) {
	t.Helper()
	var file struct{ Config map[string]any }
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	settings, secrets = map[string]any{}, map[string]any{}
	for key, value := range file.Config {
		name, ours := strings.CutPrefix(key, project+":")
		opened, isSecret := opened(value)
		switch {
		case ours && isSecret:
			secrets[name] = opened
		case ours:
			settings[name] = opened
		}
	}
	return settings, secrets
}

// opened is a value with Password for what is encrypted in it.
func opened(value any) (any, bool) {
	object, isObject := value.(map[string]any)
	if _, encrypted := object["secure"]; encrypted {
		return Password, true
	}
	if !isObject {
		return value, false
	}
	all, secret := map[string]any{}, false
	for key, v := range object {
		var inside bool
		all[key], inside = opened(v)
		secret = secret || inside
	}
	return all, secret
}
