package gateway

import (
	"fmt"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// servedStage is a stage with everything worked out beforehand that a request needs: it
// never changes, and a request keeps the one it started with.
type servedStage struct {
	apiID, name, deploymentID string
	disabled                  bool // the API's default endpoint is off
	variables                 map[string]string
	root                      node
	responses                 map[reason]servedResponse
	access                    text // nil: no access log
	accessGroup, stream       string
	executionGroup            string
	firewall                  *firewall // nil: none
	authorizers               map[string]*servedAuthorizer
}

// servedResponse is a gateway response.
type servedResponse struct {
	status      int // 0: the reason's own
	headers     []headerMapping
	contentType string
	body        text
}

type headerMapping struct {
	name  string
	value expression
}

// servedMethod is one method of a served stage.
type servedMethod struct {
	resourceID, resourcePath string
	authorizer               *servedAuthorizer // nil: NONE
	scopes                   []string
	required                 []string // parameters, as method.request.header.X
	models                   map[string]*servedModel
	integration              servedIntegration
	throttle                 *throttle // nil: only the account's
	settings                 MethodSettings
}

// servedIntegration is a method's integration.
type servedIntegration struct {
	mock        bool
	action      action
	httpMethod  string // empty for ANY: the request's own
	credentials string
	own         http.Header // that the service is called with
	passthrough string
	timeout     time.Duration
	parameters  []parameterMapping
	templates   map[string]string               // by media type
	responses   [600]*servedIntegrationResponse // by the status that the service answers with
}

type parameterMapping struct {
	location, name string // location is header, querystring or path
	value          expression
}

// servedIntegrationResponse is one response.
type servedIntegrationResponse struct {
	status    int
	headers   []headerMapping
	templates map[string]string
	types     []string // of templates, sorted
}

// serveStage makes a stage's deployment what its URL answers with, from now on.
func (s *Service) serveStage(a *api, name string) error {
	served, err := s.compileStage(a, name)
	if err == nil {
		s.serve(served)
	}
	return err
}

func (s *Service) compileStage(a *api, name string) (*servedStage, error) {
	stage := a.Stages[name]
	d, found, err := s.deployments.Get(a.API.ID + "/" + stage.DeploymentID)
	if err != nil || !found {
		return nil, fmt.Errorf("deployment %s: found %v: %w", stage.DeploymentID, found, err)
	}
	return s.compile(&d.Snapshot, stage)
}

func (s *Service) serve(served *servedStage) {
	s.publish(func(all map[string]*servedStage) { all[served.apiID+"/"+served.name] = served })
}

func (s *Service) unserve(apiID, name string) {
	s.publish(func(all map[string]*servedStage) { delete(all, apiID+"/"+name) })
}

// publish replaces the map that requests read. Callers hold s.mu, or are New.
func (s *Service) publish(f func(all map[string]*servedStage)) {
	all := maps.Clone(*s.served.Load())
	f(all)
	s.served.Store(&all)
}

func (s *Service) compile(a *api, stage Stage) (*servedStage, error) {
	out := &servedStage{
		apiID: a.API.ID, name: stage.Name, deploymentID: stage.DeploymentID, disabled: a.API.DisableEndpoint,
		variables: stage.Variables, responses: map[reason]servedResponse{},
		stream: logStream(a.API.ID, stage.Name), executionGroup: executionLogGroup(a.API.ID, stage.Name),
	}
	if stage.AccessLog != nil {
		out.access = accessText(stage.AccessLog.Format)
		out.accessGroup = logGroupARN.FindStringSubmatch(stage.AccessLog.DestinationARN)[3]
	}
	if acl, ok := s.acls[stage.WebACLARN]; ok {
		out.firewall = newFirewall(acl)
	}
	for k, r := range a.Responses {
		out.responses[k] = compileResponse(r)
	}
	return out, s.compileMethods(out, a, stage)
}

func compileResponse(r GatewayResponse) servedResponse {
	out := servedResponse{contentType: "application/json", body: parseText(defaultBody)}
	fmt.Sscan(r.StatusCode, &out.status) // "" leaves 0; checked by CheckGatewayResponse
	for _, target := range slices.Sorted(maps.Keys(r.Parameters)) {
		value, _ := parseExpression(r.Parameters[target], requestSource, "")
		out.headers = append(out.headers, headerMapping{gatewayTarget.FindStringSubmatch(target)[1], value})
	}
	if len(r.Templates) > 0 {
		out.contentType = defaultType(slices.Sorted(maps.Keys(r.Templates)))
		out.body = parseText(r.Templates[out.contentType])
	}
	return out
}

// defaultType is the content type used where none is asked for: application/json, or
// the first there is.
func defaultType(sorted []string) string {
	if slices.Contains(sorted, "application/json") {
		return "application/json"
	}
	return sorted[0]
}

func (s *Service) compileMethods(out *servedStage, a *api, stage Stage) error {
	out.authorizers = map[string]*servedAuthorizer{}
	for id, authorizer := range a.Authorizer {
		var err error
		if out.authorizers[id], err = newServedAuthorizer(s, authorizer); err != nil {
			return fmt.Errorf("authorizer %s: %w", authorizer.Name, err)
		}
	}
	for _, r := range a.Resources {
		methods := map[string]*servedMethod{}
		for name, m := range r.Methods {
			compiled, err := s.compileMethod(a, stage, r, m)
			if err != nil {
				return fmt.Errorf("%s %s: %w", name, r.Path, err)
			}
			if m.Authorization == "COGNITO_USER_POOLS" { // PutMethod, authorizerId: for this type only
				compiled.authorizer = out.authorizers[m.AuthorizerID]
			}
			methods[name] = compiled
		}
		out.root.add(r.Path, methods)
	}
	return nil
}

func (s *Service) compileMethod(a *api, stage Stage, r *Resource, m *Method) (*servedMethod, error) {
	out := &servedMethod{
		resourceID: r.ID, resourcePath: r.Path,
		scopes: m.AuthorizationScopes, settings: settingsOf(stage, r.Path, m.HTTPMethod),
	}
	if out.settings.RateLimit >= 0 && out.settings.BurstLimit >= 0 {
		out.throttle = newThrottle(out.settings.RateLimit, out.settings.BurstLimit)
	}
	validator := a.Validators[m.RequestValidatorID]
	if validator.Parameters {
		for p, required := range m.RequestParameters {
			if required {
				out.required = append(out.required, p)
			}
		}
		slices.Sort(out.required)
	}
	var err error
	if validator.Body {
		out.models = map[string]*servedModel{}
		for contentType, name := range m.RequestModels {
			if out.models[mediaType(contentType)], err = compileModel(s.modelURL(a), a.Models, name); err != nil {
				return nil, err
			}
		}
	}
	out.integration, err = compileIntegration(a.API.ID, m.Integration)
	return out, err
}

// settingsOf returns a method's own settings, or those of all methods. Without either
// nothing is logged and only the account's throttle holds.
func settingsOf(stage Stage, path, httpMethod string) MethodSettings {
	if own, ok := stage.Settings[strings.TrimPrefix(path, "/")+"/"+httpMethod]; ok {
		return own
	}
	if all, ok := stage.Settings["*/*"]; ok {
		return all
	}
	return MethodSettings{LoggingLevel: "OFF", RateLimit: -1, BurstLimit: -1}
}

func compileIntegration(apiID string, i *Integration) (servedIntegration, error) {
	out := servedIntegration{
		mock: i.Type == "MOCK", credentials: i.Credentials, passthrough: i.PassthroughBehavior,
		timeout: time.Duration(i.TimeoutMillis) * time.Millisecond, templates: map[string]string{},
	}
	if i.HTTPMethod != "ANY" {
		out.httpMethod = i.HTTPMethod
	}
	var err error
	if !out.mock {
		if _, out.action, err = parseURI(i.URI); err != nil {
			return out, err
		}
		out.own = ownHeader(apiID, out.action)
	}
	for contentType, template := range i.RequestTemplates {
		out.templates[mediaType(contentType)] = template
	}
	for _, target := range slices.Sorted(maps.Keys(i.RequestParameters)) {
		value, err := parseExpression(i.RequestParameters[target], requestSource, "method.request.body")
		if err != nil {
			return out, err
		}
		match := integrationTarget.FindStringSubmatch(target)
		out.parameters = append(out.parameters, parameterMapping{match[1], match[2], value})
	}
	return out, compileIntegrationResponses(&out, i.Responses)
}

// compileIntegrationResponses finds the response to each status that a service may answer
// with: the first whose pattern matches all of it, else the default, which has no pattern.
func compileIntegrationResponses(out *servedIntegration, responses map[string]IntegrationResponse) error {
	var otherwise *servedIntegrationResponse
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		response, pattern, err := compileIntegrationResponse(responses[status])
		switch {
		case err != nil:
			return err
		case pattern == nil && otherwise == nil:
			otherwise = response
		case pattern != nil:
			out.respondWith(response, pattern.MatchString)
		}
	}
	if otherwise != nil {
		out.respondWith(otherwise, func(string) bool { return true })
	}
	return nil
}

// respondWith takes a response for those statuses that have none yet.
func (i *servedIntegration) respondWith(response *servedIntegrationResponse, to func(status string) bool) {
	for status := range i.responses {
		if i.responses[status] == nil && to(strconv.Itoa(status)) {
			i.responses[status] = response
		}
	}
}

// compileIntegrationResponse returns no pattern where there is none.
func compileIntegrationResponse(r IntegrationResponse) (out *servedIntegrationResponse, pattern *regexp.Regexp, err error) {
	out = &servedIntegrationResponse{}
	if r.SelectionPattern != "" {
		if pattern, err = selectionPattern(r.SelectionPattern); err != nil {
			return nil, nil, err
		}
	}
	fmt.Sscan(r.StatusCode, &out.status) // three digits: it is a declared method response's
	for _, target := range slices.Sorted(maps.Keys(r.ResponseParameters)) {
		value, err := parseExpression(r.ResponseParameters[target], responseSource, "integration.response.body")
		if err != nil {
			return nil, nil, err
		}
		out.headers = append(out.headers, headerMapping{strings.TrimPrefix(target, "method.response.header."), value})
	}
	out.templates, out.types = r.ResponseTemplates, slices.Sorted(maps.Keys(r.ResponseTemplates))
	return out, pattern, nil
}

// mediaType is a content type without its parameters, in lower case; application/json
// where there is none, as AWS assumes.
func mediaType(contentType string) string {
	if contentType == "" || contentType == "application/json" {
		return "application/json"
	}
	if media, _, err := mime.ParseMediaType(contentType); err == nil {
		return media
	}
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}
