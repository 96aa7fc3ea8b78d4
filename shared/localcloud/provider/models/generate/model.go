package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// model is the part that is read of an api-2.json.
type model struct {
	Metadata struct {
		UID string `json:"uid"` // firehose-2015-08-04
	} `json:"metadata"`
	Operations map[string]struct {
		Input struct {
			Shape string `json:"shape"`
		} `json:"input"`
	} `json:"operations"`
	Shapes map[string]shape `json:"shapes"`
}

// shape is one type of a model.
type shape struct {
	Type    string            `json:"type"` // structure, list, map, string, integer ...
	Members map[string]member `json:"members"`
	Member  member            `json:"member"` // a list's
	Key     member            `json:"key"`    // a map's
	Value   member            `json:"value"`

	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Pattern string   `json:"pattern"`
	Enum    []string `json:"enum"`
}

type member struct {
	Shape string `json:"shape"`
}

// readModel reads the newest model of an API.
func readModel(apis, api string) (model, error) {
	var m model
	versions, err := filepath.Glob(filepath.Join(apis, api, "*", "api-2.json"))
	if err != nil || len(versions) == 0 {
		return m, fmt.Errorf("there is no model of %s (%v)", api, err)
	}
	data, err := os.ReadFile(slices.Max(versions))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("the model of %s: %w", api, err)
	}
	return m, nil
}

// property is a type of package sdk's table: see package property.
type property struct {
	Kind   string              `json:"kind"`
	Of     *property           `json:"of"`
	Fields map[string]property `json:"fields"`
}

// readTypes reads the arguments of each resource type.
func readTypes(path string) (map[string]property, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var table map[string]struct {
		Args property `json:"args"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	types := map[string]property{}
	for token, r := range table {
		types[token] = r.Args
	}
	return types, nil
}
