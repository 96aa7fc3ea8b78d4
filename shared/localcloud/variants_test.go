package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider/providertest"
)

// golden is what a layer's tests write down of a variant: see shared/pulumitest.
type golden struct {
	Resources []struct {
		URN    string         `json:"urn"`
		Inputs map[string]any `json:"inputs"`
	} `json:"resources"`
}

// Everything that a layer registers, in each of its variants, passes the checks of a
// preview: types, models and rules.
func TestEachVariantOfEachLayerPassesCheck(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "projects", "*", "testdata", "*.golden.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no goldens of the layers (%v)", err)
	}
	engine := providertest.New(t, "events", slices.Concat(anyCloud(t).kinds...))
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(data, &g); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, r := range g.Resources {
			parts := strings.Split(r.URN, "::")
			types := strings.Split(parts[2], "$")
			token := types[len(types)-1]
			if !strings.HasPrefix(token, "aws:") {
				continue
			}
			if _, refused := engine.Check(token, written(r.Inputs).(map[string]any)); refused != "" {
				t.Errorf("%s: %s is refused: %s", path, r.URN, refused)
			}
		}
	}
}

// written is a value as the program has it: a golden shows documents and long texts
// opened, and no secrets.
func written(value any) any {
	switch v := value.(type) {
	case string:
		if v == "[secret]" || strings.HasSuffix(v, "-id") { // of a thing that a mock made
			return providertest.Unknown
		}
	case []any:
		list := []any{}
		for _, element := range v {
			list = append(list, written(element))
		}
		return list
	case map[string]any:
		if document, ok := v["<json>"]; ok {
			text, _ := json.Marshal(document)
			return string(text)
		}
		if lines, ok := v["<lines>"].([]any); ok {
			var texts []string
			for _, line := range lines {
				texts = append(texts, line.(string))
			}
			return strings.Join(texts, "\n")
		}
		object := map[string]any{}
		for name, element := range v {
			object[name] = written(element)
		}
		return object
	}
	return value
}
