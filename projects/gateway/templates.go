package main

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed templates/*.vtl
var templates embed.FS

// template returns a mapping template for one delivery stream.
func template(name, stream string) (string, error) {
	data, err := templates.ReadFile("templates/" + name + ".vtl")
	if err != nil {
		return "", fmt.Errorf("mapping template %s: %w", name, err)
	}
	return strings.ReplaceAll(string(data), "@stream@", stream), nil
}

// responseTemplate returns what a route answers with for a status: its own template, or
// the one for all routes of its action, or for all routes.
func (r Route) responseTemplate(status string) (string, error) {
	if own, ok := r.Responses[status]; ok {
		return own, nil
	}
	if status == "200" {
		return template(r.Action+".200", "")
	}
	return template(status, "")
}
