package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var routePath = regexp.MustCompile(`^(/[a-zA-Z0-9._-]+)+$`)

func (r Route) validate() error {
	switch {
	case !routePath.MatchString(r.Path):
		return errors.New("path wants segments of a-z A-Z 0-9 . _ -, each after a /")
	case r.Action != single && r.Action != batch:
		return fmt.Errorf("action is %q, want %s or %s", r.Action, single, batch)
	case !slices.Contains([]string{authNone, authID, authScopes}, r.Auth):
		return fmt.Errorf("auth is %q, want %s, %s or %s", r.Auth, authID, authScopes, authNone)
	case len(r.Scopes) > 0 && r.Auth != authScopes:
		return fmt.Errorf("scopes are for auth %s", authScopes)
	}
	for status := range r.Responses {
		if !slices.Contains(statuses, status) {
			return fmt.Errorf("responses has status %s, want some of %s", status, strings.Join(statuses, ", "))
		}
	}
	if r.Cors != nil {
		if err := r.Cors.validate(); err != nil {
			return err
		}
	}
	return r.validateSchema()
}

// added are the columns that the gateway fills in. A client that could send one would
// choose whose event it is.
var added = []string{"subject", "received_at", "ingested_at"}

// validateSchema keeps events closed: the mapping template puts what the gateway knows
// into the same JSON object, and a column must not come from both. COPY tells no capitals
// apart.
func (r Route) validateSchema() error {
	if r.Schema == nil {
		return nil
	}
	switch closed, ok := r.Schema["additionalProperties"].(bool); {
	case r.Schema["type"] != "object":
		return errors.New("schema wants type: object, or what is no event becomes a record that COPY cannot read")
	case !ok || closed:
		return errors.New("schema wants additionalProperties: false, or a client could fill any column")
	case r.Schema["$ref"] != nil:
		return errors.New("schema has $ref, beside which JSON Schema ignores all the rest: write what it refers to")
	case r.Schema["patternProperties"] != nil:
		return fmt.Errorf("schema has patternProperties %v: name the properties", r.Schema["patternProperties"])
	}
	properties, _ := r.Schema["properties"].(map[string]any)
	for name, property := range properties {
		if slices.Contains(added, strings.ToLower(name)) {
			return fmt.Errorf("schema has %s, which the gateway fills in", name)
		}
		if strings.EqualFold(name, eventID) && (name != eventID || !filled(property)) {
			return fmt.Errorf("schema has %s: it has to be named %s, with type: string and minLength: 1 or more, for an event without one gets one", name, eventID)
		}
	}
	return nil
}

// eventID is the column that the gateway fills in where the client does not.
const eventID = "event_id"

// filled says whether a property can be neither null nor empty, which templates take for missing.
func filled(property any) bool {
	p, _ := property.(map[string]any)
	least, _ := p["minLength"].(float64)
	return p["type"] == "string" && least >= 1
}

// eventSchema is what an event looks like where a route does not say. The lengths are
// those of the table's columns, in characters: the table has bytes, and COPY cuts what is
// over (TRUNCATECOLUMNS).
var eventSchema = map[string]any{
	"type":                 "object",
	"required":             []string{"game_name", "event_name"},
	"additionalProperties": false,
	"properties": map[string]any{
		eventID:      map[string]any{"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
		"game_name":  map[string]any{"type": "string", "minLength": 1, "maxLength": 100},
		"event_name": map[string]any{"type": "string", "minLength": 1, "maxLength": 100},
		"event_data": map[string]any{"type": "object"},
	},
}

// model is the JSON Schema of the route's body.
func (r Route) model() (string, error) {
	event := r.Schema
	if event == nil {
		event = eventSchema
	}
	body := maps.Clone(event)
	if r.Action == batch {
		body = map[string]any{"type": "object", "required": []string{"events"}, "additionalProperties": false,
			"properties": map[string]any{"events": map[string]any{"type": "array", "minItems": 1, "maxItems": maxBatch, "items": event}}}
	}
	body["$schema"] = "http://json-schema.org/draft-04/schema#"
	data, err := json.Marshal(body)
	return string(data), err
}

var word = regexp.MustCompile(`[a-zA-Z0-9]+`)

// name is the route's name in the program: "events-batch".
func (r Route) name() string { return resourceName(r.Path) }

func resourceName(path string) string { return strings.ReplaceAll(strings.Trim(path, "/"), "/", "-") }

// modelName is alphanumeric, as AWS wants it: "EventsBatch".
func (r Route) modelName() string {
	name := ""
	for _, w := range word.FindAllString(r.Path, -1) {
		name += strings.ToUpper(w[:1]) + w[1:]
	}
	return name
}

// cors is what browsers are told of the route.
func (r Route) cors(all Cors) Cors {
	if r.Cors == nil {
		return all
	}
	own := *r.Cors
	if own.AllowOrigin == "" {
		own.AllowOrigin = all.AllowOrigin
	}
	if own.AllowHeaders == nil {
		own.AllowHeaders = all.AllowHeaders
	}
	if own.AllowMethods == nil {
		own.AllowMethods = all.AllowMethods
	}
	if own.MaxAgeSeconds == 0 {
		own.MaxAgeSeconds = all.MaxAgeSeconds
	}
	return own
}
