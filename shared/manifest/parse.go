package manifest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"gopkg.in/yaml.v3"
)

// schemaText is the manifest's JSON Schema.
//
//go:embed schema.json
var schemaText []byte

type document struct {
	Name               string
	Owner              string
	DefaultEnvironment string `yaml:"defaultEnvironment"`
	Layers             []struct {
		Name, Path, Owner string
		DependsOn         []string `yaml:"dependsOn"`
	}
	Environments map[string]struct {
		Region          string
		AccountID       string `yaml:"accountId"`
		Backend         string
		Organization    string
		SecretsProvider string `yaml:"secretsProvider"`
		Protected       bool
		Tags            map[string]string
		LocalCloud      *struct {
			Port         int
			RedshiftPort int `yaml:"redshiftPort"`
		} `yaml:"localCloud"`
		GitHub *struct {
			PreviewRole string `yaml:"previewRole"`
			DeployRole  string `yaml:"deployRole"`
		} `yaml:"github"`
	}
}

// parse turns the file's text into a Manifest. name is what errors call the file.
func parse(name string, data []byte) (*Manifest, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if root.Kind == 0 {
		return nil, fmt.Errorf("%s:1: the file is empty", name)
	}
	if err := validate(name, &root); err != nil {
		return nil, err
	}
	var doc document
	if err := root.Decode(&doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m, err := doc.manifest()
	if err == nil {
		return m, nil
	}
	var located *located
	if errors.As(err, &located) {
		return nil, fmt.Errorf("%s:%d: %s", name, lineOf(&root, located.path), located.text)
	}
	return nil, fmt.Errorf("%s: %w", name, err)
}

// located is an error at a place of the document.
type located struct {
	path []string
	text string
}

func (e *located) Error() string { return e.text }

func at(path []string, format string, args ...any) error {
	return &located{path, fmt.Sprintf(format, args...)}
}

// validate checks the document against the schema and reports the first of the
// deepest violations, which is the one that a person means.
func validate(name string, root *yaml.Node) error {
	var value any
	if err := root.Decode(&value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	jsonText, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: keys must be text: %w", name, err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonText))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	err = schema().Validate(instance)
	var violation *jsonschema.ValidationError
	if !errors.As(err, &violation) {
		return err
	}
	worst := deepest(violation)
	where := strings.Join(worst.InstanceLocation, ".")
	if where == "" {
		where = "the document"
	}
	text := worst.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	return fmt.Errorf("%s:%d: %s: %s%s", name, lineOf(root, worst.InstanceLocation), where, text, allowed(worst))
}

// schema compiles the embedded schema, which a test keeps valid.
func schema() *jsonschema.Schema {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", parsed); err != nil {
		panic(err)
	}
	return compiler.MustCompile("schema.json")
}

func deepest(v *jsonschema.ValidationError) *jsonschema.ValidationError {
	best := v
	for _, cause := range v.Causes {
		if c := deepest(cause); len(best.Causes) > 0 || len(c.InstanceLocation) > len(best.InstanceLocation) {
			best = c
		}
	}
	return best
}

// allowed names the properties that the schema knows at the place of a violation.
func allowed(v *jsonschema.ValidationError) string {
	if !strings.Contains(strings.Join(v.ErrorKind.KeywordPath(), "/"), "additionalProperties") {
		return ""
	}
	var node map[string]any
	if json.Unmarshal(schemaText, &node) != nil {
		return ""
	}
	for _, key := range v.InstanceLocation {
		next, ok := child(node, key)
		if !ok {
			return ""
		}
		node = next
	}
	properties, _ := node["properties"].(map[string]any)
	return "; allowed are " + strings.Join(slices.Sorted(maps.Keys(properties)), ", ")
}

func child(node map[string]any, key string) (map[string]any, bool) {
	if properties, ok := node["properties"].(map[string]any); ok {
		if c, ok := properties[key].(map[string]any); ok {
			return c, true
		}
	}
	for _, keyword := range []string{"items", "additionalProperties"} {
		if c, ok := node[keyword].(map[string]any); ok {
			return c, true
		}
	}
	return nil, false
}

// lineOf is the line of the node at path, or of the last one on the way that exists.
func lineOf(node *yaml.Node, path []string) int {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	line := node.Line
	for _, key := range path {
		next := descend(node, key)
		if next == nil {
			return line
		}
		node, line = next.value, next.line
	}
	return line
}

type step struct {
	value *yaml.Node
	line  int
}

func descend(node *yaml.Node, key string) *step {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				return &step{node.Content[i+1], node.Content[i].Line}
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(node.Content) {
			return &step{node.Content[i], node.Content[i].Line}
		}
	}
	return nil
}
