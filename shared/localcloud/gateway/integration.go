package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"pipeline/shared/localcloud/gateway/mapping"
)

// Integration is what answers a method: a service action (AWS) or nothing (MOCK).
type Integration struct {
	Type                string // AWS or MOCK
	HTTPMethod          string // of the call to the service; AWS only
	URI                 string // arn:aws:apigateway:REGION:SERVICE:action/NAME; AWS only
	Credentials         string // role ARN; AWS only
	PassthroughBehavior string // WHEN_NO_MATCH, WHEN_NO_TEMPLATES or NEVER
	RequestParameters   map[string]string
	RequestTemplates    map[string]string // by content type
	TimeoutMillis       int               // 50 to 29000
	Responses           map[string]IntegrationResponse
}

// IntegrationResponse turns what the integration answered into a declared method
// response. Without a pattern it is the default one.
type IntegrationResponse struct {
	StatusCode         string
	SelectionPattern   string // matched against the whole HTTP status of the integration
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string // by content type
}

// Bounds and default of an integration's timeout, in milliseconds (PutIntegration).
const (
	minTimeout     = 50
	maxTimeout     = 29000
	DefaultTimeout = 29000
)

// PutIntegration sets a method's integration. It replaces one that is there, and keeps
// its responses.
func (s *Service) PutIntegration(ref MethodRef, in Integration) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		if in.TimeoutMillis == 0 {
			in.TimeoutMillis = DefaultTimeout
		}
		if in.PassthroughBehavior == "" {
			in.PassthroughBehavior = "WHEN_NO_MATCH"
		}
		if err := s.checkIntegration(m, in); err != nil {
			return err
		}
		in.Responses = map[string]IntegrationResponse{}
		if m.Integration != nil {
			in.Responses = m.Integration.Responses
		}
		m.Integration = &in
		return nil
	})
}

func (s *Service) checkIntegration(m *Method, in Integration) error {
	if err := s.CheckIntegration(in); err != nil {
		return err
	}
	return checkRequestMapping(m, in.RequestParameters)
}

// CheckIntegration checks what does not depend on the method.
func (s *Service) CheckIntegration(in Integration) error {
	if in.TimeoutMillis < minTimeout || in.TimeoutMillis > maxTimeout {
		return badRequest("Timeout should be between %d ms and %d ms", minTimeout, maxTimeout)
	}
	if !slices.Contains([]string{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"}, in.PassthroughBehavior) {
		return badRequest("Invalid passthrough behavior specified: %s", in.PassthroughBehavior)
	}
	if err := CheckIntegrationType(in.Type); err != nil {
		return err
	}
	if err := CheckTemplates(in.RequestTemplates); err != nil {
		return err
	}
	if err := checkMediaTypes("request templates", in.RequestTemplates); err != nil {
		return err
	}
	if in.Type == "MOCK" {
		return checkMock(in)
	}
	return s.checkAction(in)
}

// CheckTemplates refuses what templates by content type need and the local cloud has not.
// Whether they are sound is seen with each request, as on AWS.
func CheckTemplates(templates map[string]string) error {
	for _, contentType := range slices.Sorted(maps.Keys(templates)) {
		if err := mapping.CheckServed(templates[contentType]); err != nil {
			return refused("the template for %s: %v", contentType, err)
		}
	}
	return nil
}

// checkMediaTypes refuses two content types of one media type: which of them AWS takes for a
// request is not known.
func checkMediaTypes(what string, by map[string]string) error {
	known := map[string]string{}
	for _, contentType := range slices.Sorted(maps.Keys(by)) {
		media := mediaType(contentType)
		if other, ok := known[media]; ok {
			return refused("%s for both %q and %q", what, other, contentType)
		}
		known[media] = contentType
	}
	return nil
}

// CheckIntegrationType checks an integration's type.
func CheckIntegrationType(integrationType string) error {
	switch integrationType {
	case "MOCK", "AWS":
		return nil
	case "HTTP", "HTTP_PROXY", "AWS_PROXY":
		return refused("integrations of type %s", integrationType)
	}
	return &Error{Code: "ValidationException", Status: 400, Message: "1 validation error detected: Value '" + integrationType +
		"' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"}
}

// checkMock refuses what AWS drops without a word: the next deployment would find it
// missing and replace the integration, each time.
func checkMock(in Integration) error {
	if in.URI != "" || in.HTTPMethod != "" || in.Credentials != "" {
		return badRequest("an integration of type MOCK has no uri, integrationHttpMethod or credentials: leave them out, AWS does not keep them")
	}
	return nil
}

// action is a service action that an AWS integration names.
type action struct{ service, name string }

var integrationURI = regexp.MustCompile(`^arn:aws[\w-]*:apigateway:([\w-]+):([\w.-]+):(.+)$`)

// parseURI reads arn:PARTITION:apigateway:REGION:SERVICE:action/NAME.
func parseURI(uri string) (region string, a action, err error) {
	match := integrationURI.FindStringSubmatch(uri)
	if match == nil {
		return "", action{}, badRequest("Invalid ARN specified in the request")
	}
	name, ok := strings.CutPrefix(match[3], "action/")
	if strings.HasPrefix(match[3], "path/") {
		return "", action{}, refused("integrations that name a path instead of an action: %s", uri)
	}
	if !ok || name == "" {
		return "", action{}, badRequest("AWS ARN for integration must contain path or action")
	}
	return match[1], action{service: match[2], name: name}, nil
}

func (s *Service) checkAction(in Integration) error {
	if in.HTTPMethod == "" {
		return badRequest("Enumeration value for HttpMethod must be non-empty")
	}
	if err := s.CheckURI(in.URI); err != nil {
		return err
	}
	if in.Credentials == "" {
		return badRequest("Role ARN must be specified for AWS integrations")
	}
	return s.checkRoleARN(in.Credentials)
}

// CheckURI checks the URI of an AWS integration: an action of a service that is here.
func (s *Service) CheckURI(uri string) error {
	region, a, err := parseURI(uri)
	switch {
	case err != nil:
		return err
	case region != s.Region:
		return refused("integrations with another region, %s: this one is %s", region, s.Region)
	case s.Services[a.service] == nil || targets[a.service] == "":
		return refused("integrations with service %s", a.service)
	}
	return nil
}

var roleARN = regexp.MustCompile(`^arn:aws[\w-]*:iam::(\d{12}):role/.+$`)

func (s *Service) checkRoleARN(arn string) error {
	match := roleARN.FindStringSubmatch(arn)
	switch {
	case match == nil:
		return badRequest("Invalid ARN specified in the request")
	case match[1] != s.Account:
		return badRequest("Cross-account pass role is not allowed.")
	}
	return nil
}

// DeleteIntegration removes a method's integration and its responses.
func (s *Service) DeleteIntegration(ref MethodRef) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		if m.Integration == nil {
			return notFound("Invalid Integration identifier specified")
		}
		m.Integration = nil
		return nil
	})
}

// PutIntegrationResponse sets one response of a method's integration. The method
// response of that status must be declared.
func (s *Service) PutIntegrationResponse(ref MethodRef, in IntegrationResponse) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		declared, ok := m.Responses[in.StatusCode]
		switch {
		case m.Integration == nil:
			return notFound("Invalid Integration identifier specified")
		case !ok:
			return notFound("Invalid Response status code specified")
		}
		if _, err := selectionPattern(in.SelectionPattern); err != nil {
			return err
		}
		if err := CheckTemplates(in.ResponseTemplates); err != nil {
			return err
		}
		if err := checkResponseMapping(declared.ResponseParameters, in.ResponseParameters); err != nil {
			return err
		}
		m.Integration.Responses[in.StatusCode] = in
		return nil
	})
}

// CheckSelectionPattern checks an integration response's pattern.
func CheckSelectionPattern(pattern string) error {
	_, err := selectionPattern(pattern)
	return err
}

// selectionPattern compiles a Java pattern that must match a whole status. What Go's
// regular expressions do not have (look-around, back references) is refused.
func selectionPattern(pattern string) (*regexp.Regexp, error) {
	re, err := wholly(pattern)
	if err != nil {
		return nil, refused("the selection pattern %q: %v", pattern, err)
	}
	return re, nil
}

// wholly compiles a pattern that has to match the whole of a text. One that is well-formed
// may not be inside parentheses, such as \Qa, and the other way round.
func wholly(pattern string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

// DeleteIntegrationResponse removes one response of a method's integration.
func (s *Service) DeleteIntegrationResponse(ref MethodRef, status string) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		if m.Integration == nil {
			return notFound("Invalid Integration identifier specified")
		}
		if _, ok := m.Integration.Responses[status]; !ok {
			return notFound("Invalid Response status code specified")
		}
		delete(m.Integration.Responses, status)
		return nil
	})
}

// methodKeys returns every method of an API as "RESOURCE PATH/HTTP METHOD", sorted.
func (a *api) methodKeys() []string {
	keys := []string{}
	for _, r := range a.Resources {
		for name := range maps.Keys(r.Methods) {
			keys = append(keys, r.Path+"/"+name)
		}
	}
	slices.Sort(keys)
	return keys
}
