package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// expression is a parameter mapping's right-hand side: where a header's, query
// parameter's or path parameter's value comes from (API Gateway developer guide,
// "Parameter mapping"). Its forms are 'static', context.NAME, stageVariables.NAME,
// method.request.{header,multivalueheader,querystring,multivaluequerystring,path}.NAME,
// method.request.body, integration.response.{header,multivalueheader}.NAME and
// integration.response.body.
type expression struct {
	from string // "static", "context", "stageVariables", or the part behind method.request. or integration.response.
	name string
}

var (
	requestSource  = regexp.MustCompile(`^method\.request\.(header|multivalueheader|querystring|multivaluequerystring|path)\.([^.\s]+)$`)
	responseSource = regexp.MustCompile(`^integration\.response\.(header|multivalueheader)\.([^.\s]+)$`)
	sharedSource   = regexp.MustCompile(`^(context|stageVariables)\.([\w.-]+)$`)
)

// parseExpression reads text, which may use from beside the forms valid everywhere. Body
// is the name of the body, such as method.request.body.
func parseExpression(text string, from *regexp.Regexp, body string) (expression, error) {
	if len(text) >= 2 && strings.HasPrefix(text, "'") && strings.HasSuffix(text, "'") {
		return expression{from: "static", name: text[1 : len(text)-1]}, nil
	}
	if match := sharedSource.FindStringSubmatch(text); match != nil {
		return expression{from: match[1], name: match[2]}, nil
	}
	if match := from.FindStringSubmatch(text); match != nil {
		return expression{from: match[1], name: match[2]}, nil
	}
	if body != "" && text == body {
		return expression{from: "body"}, nil
	}
	if body != "" && strings.HasPrefix(text, body+".") {
		return expression{}, refused("the parameter mapping %s (a JSON path into a body)", text)
	}
	return expression{}, invalidMapping("Invalid mapping expression specified: %s", text)
}

func invalidMapping(format string, args ...any) *Error {
	return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : ["+format+"]", args...)
}

var integrationTarget = regexp.MustCompile(`^integration\.request\.(header|querystring|path)\.([^.\s]+)$`)

// checkRequestMapping checks an integration's request parameters: a method.request
// parameter must be one that the method declares.
func checkRequestMapping(m *Method, parameters map[string]string) error {
	for _, target := range slices.Sorted(maps.Keys(parameters)) {
		match := integrationTarget.FindStringSubmatch(target)
		if match == nil {
			return invalidMapping("Invalid mapping expression specified: %s", target)
		}
		if match[1] == "path" {
			return refused("the parameter mapping %s (the URI of a service action has no path)", target)
		}
		e, err := parseExpression(parameters[target], requestSource, "method.request.body")
		if err != nil {
			return err
		}
		if declared := strings.TrimPrefix(e.from, "multivalue"); declared == "header" || declared == "querystring" || declared == "path" {
			if _, ok := m.RequestParameters["method.request."+declared+"."+e.name]; !ok {
				return invalidMapping("Invalid mapping expression parameter specified: %s", parameters[target])
			}
		}
	}
	return nil
}

// checkResponseMapping checks an integration response's parameters: each target must be
// one that the method response declares.
func checkResponseMapping(declared map[string]bool, parameters map[string]string) error {
	for _, target := range slices.Sorted(maps.Keys(parameters)) {
		if !responseParameter.MatchString(target) {
			return invalidMapping("Invalid mapping expression specified: %s", target)
		}
		if _, ok := declared[target]; !ok {
			return invalidMapping("Invalid mapping expression parameter specified: %s", target)
		}
		if _, err := parseExpression(parameters[target], responseSource, "integration.response.body"); err != nil {
			return err
		}
	}
	return nil
}
