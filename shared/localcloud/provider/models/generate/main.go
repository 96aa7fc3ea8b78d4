// Command generate prints package models' table: what AWS's own service models say about
// the values of the properties in package sdk's table.
//
// The models are those of the Go module github.com/aws/aws-sdk-go, which is large; so
// this command is a module of its own, and the table is checked in. It is made anew, in
// this folder, by
//
//	GOWORK=off go run . > ../models.json.new && mv ../models.json.new ../models.json
//
// Nothing is skipped silently: a pattern that Go's regular expressions cannot say, a
// property of another kind than its shape, or a name in resources.go that a model does not
// have ends the command with an error.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/aws/aws-sdk-go/aws" // keeps the module in go.mod
)

const module = "github.com/aws/aws-sdk-go"

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	version, dir, err := source()
	if err != nil {
		return err
	}
	types, err := readTypes(filepath.Join("..", "..", "sdk", "types.json"))
	if err != nil {
		return err
	}
	tables, err := tablesOf(types, filepath.Join(dir, "models", "apis"))
	if err != nil {
		return err
	}
	return print(out, module+" "+version, tables)
}

// source is the version of the module and where it lies.
func source() (version, dir string, err error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}\n{{.Dir}}", module).Output()
	if err != nil {
		return "", "", fmt.Errorf("look for %s: %w", module, err)
	}
	version, dir, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return version, dir, nil
}

// tablesOf makes the table of each resource type.
func tablesOf(types map[string]property, apis string) (map[string]table, error) {
	tables, models := map[string]table{}, map[string]model{}
	var failures []error
	for _, token := range slices.Sorted(maps.Keys(types)) {
		r, ok := resources[token]
		if !ok {
			failures = append(failures, fmt.Errorf("%s: resources.go does not say which operation makes it", token))
			continue
		}
		if _, read := models[r.api]; !read {
			m, err := readModel(apis, r.api)
			if err != nil {
				return nil, err
			}
			models[r.api] = m
		}
		made, err := r.table(types[token], models[r.api])
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", token, err))
		}
		tables[token] = made
	}
	return tables, errors.Join(failures...)
}

// print writes a rule on each line, so that a change of the table reads well.
func print(out io.Writer, source string, tables map[string]table) error {
	var types []string
	for _, token := range slices.Sorted(maps.Keys(tables)) {
		var rules []string
		for _, path := range slices.Sorted(maps.Keys(tables[token])) {
			rules = append(rules, fmt.Sprintf("  %s: %s", text(path), text(tables[token][path])))
		}
		if len(rules) > 0 {
			types = append(types, text(token)+": {\n"+strings.Join(rules, ",\n")+"}")
		}
	}
	_, err := fmt.Fprintf(out, "{\"source\": %s,\n\"types\": {\n%s}}\n", text(source), strings.Join(types, ",\n"))
	return err
}

func text(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // plain structs of strings and numbers
	}
	return strings.TrimSpace(b.String())
}
