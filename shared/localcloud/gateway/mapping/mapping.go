package mapping

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"pipeline/shared/localcloud/gateway/vtl"
)

// Request is what a mapping template works on: a method's request, or what its integration
// answered.
type Request struct {
	// Body is the payload. An empty one is {} to the template, as on AWS.
	Body []byte
	// Path, Query and Header are the method request's parameters, also for the template of
	// a response.
	Path          map[string]string
	Query, Header Values
	// Context is $context without the overrides: strings, numbers and maps of them.
	Context map[string]any
	// StageVariables is $stageVariables.
	StageVariables map[string]string
	// Earlier is what the template of the request made, whose overrides the template of the
	// response sees and keeps; or nil.
	Earlier *Result
}

// Values are parameters by name, each with one value or several.
type Values map[string][]string

// Result is what a template made.
type Result struct {
	Body []byte
	// Status is $context.responseOverride.status, or 0.
	Status int
	// RequestPath, RequestQuery and RequestHeader are $context.requestOverride's.
	RequestPath, RequestQuery, RequestHeader Values
	// ResponseHeader is $context.responseOverride.header.
	ResponseHeader Values

	overrides *overrides
}

// Limits of one rendering. AWS documents the iterations only.
var limits = vtl.Limits{
	Iterations: 1000, // of a #foreach, which ends there without an error
	Output:     32 << 20,
	Memory:     256 << 20,
	Steps:      5_000_000,
}

// Render runs the template. Its errors, those of parsing among them, are what API Gateway
// answers with 500 and "Internal server error".
func Render(ctx context.Context, template string, r Request) (Result, error) {
	t, err := templates.get(template, parseTemplate)
	if err != nil {
		return Result{}, err
	}
	o := newOverrides(r.Earlier)
	scope := func(name string) any {
		switch name {
		case "input":
			return newInput(&r)
		case "util":
			return util{}
		case "context":
			return contextMap(r.Context, o)
		case "stageVariables":
			return textMap(r.StageVariables)
		}
		return nil
	}
	body, err := t.Execute(ctx, scope, vtl.Options{Limits: limits, EmptyUnresolved: true})
	if err != nil {
		return Result{}, err
	}
	return o.result(body)
}

// Check says what is wrong with a template before it is used, or nil.
func Check(name, template string) error {
	_, err := vtl.Parse(name, template)
	return err
}

// CheckServed names what API Gateway serves of a template and this package does not, as far as it
// can be seen before there is a request. What API Gateway itself refuses it refuses with
// each request, and Render does.
func CheckServed(template string) error {
	t, err := templates.get(template, parseTemplate)
	if err != nil {
		return nil
	}
	return t.CheckCalls(func(name, method, text string) error {
		if name != "input" || method != "path" && method != "json" {
			return nil
		}
		if _, err := parsePath(text); errors.Is(err, errUnsupported) {
			return fmt.Errorf("JSONPath %q: %w", text, err)
		}
		return nil
	})
}

func parseTemplate(source string) (*vtl.Template, error) { return vtl.Parse("template", source) }

// templates and paths are compiled once. A batch uses a path for each of its events.
var (
	templates = cache[*vtl.Template]{limit: 256}
	paths     = cache[path]{limit: 8192}
)

// cache keeps what has been compiled. When it is full it starts again.
type cache[T any] struct {
	limit int
	mu    sync.RWMutex
	kept  map[string]T
}

func (c *cache[T]) get(source string, compile func(string) (T, error)) (T, error) {
	c.mu.RLock()
	v, ok := c.kept[source]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := compile(source)
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= c.limit {
		c.kept = make(map[string]T)
	}
	c.kept[strings.Clone(source)] = v // a text that a template made is part of a larger one
	return v, nil
}

// evaluate finds what a JSONPath leads to in v.
func evaluate(v any, text string) (any, error) {
	p, err := paths.get(text, parsePath)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", text, err)
	}
	found, err := p.find(v)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", text, err)
	}
	return found, nil
}
