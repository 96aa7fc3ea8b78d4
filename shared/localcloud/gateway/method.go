package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// MethodRef names a method: an HTTP method of a resource of an API.
type MethodRef struct{ APIID, ResourceID, HTTPMethod string }

// Method is what a resource does for one HTTP method, or for ANY.
type Method struct {
	HTTPMethod          string
	Authorization       string // NONE or COGNITO_USER_POOLS
	AuthorizerID        string
	AuthorizationScopes []string // with any, an access token that has one of them; without, an id token
	OperationName       string
	RequestModels       map[string]string // content type to model name
	RequestParameters   map[string]bool   // method.request.{header,path,querystring}.NAME to whether it is required
	RequestValidatorID  string
	Responses           map[string]MethodResponse // by status code
	Integration         *Integration
}

// MethodResponse declares what a method may answer with one status.
type MethodResponse struct {
	StatusCode         string
	ResponseModels     map[string]string // content type to model name
	ResponseParameters map[string]bool   // method.response.header.NAME
}

var httpMethods = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}

// PutMethod makes a method; ConflictException when the resource has it already.
// Responses and integration have their own calls.
func (s *Service) PutMethod(ref MethodRef, in Method) error {
	return s.change(ref.APIID, func(a *api) error {
		r, ok := a.Resources[ref.ResourceID]
		switch {
		case !ok:
			return notFound("Invalid Resource identifier specified")
		case r.Methods[ref.HTTPMethod] != nil:
			return conflict("Method already exists for this resource")
		}
		in.HTTPMethod, in.Responses, in.Integration = ref.HTTPMethod, map[string]MethodResponse{}, nil
		if err := checkMethod(a, in); err != nil {
			return err
		}
		if r.Methods == nil {
			r.Methods = map[string]*Method{}
		}
		r.Methods[ref.HTTPMethod] = &in
		return nil
	})
}

// UpdateMethod changes a method and keeps its responses and integration.
func (s *Service) UpdateMethod(ref MethodRef, in Method) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		in.HTTPMethod, in.Responses, in.Integration = m.HTTPMethod, m.Responses, m.Integration
		if err := checkMethod(a, in); err != nil {
			return err
		}
		*m = in
		return nil
	})
}

// CheckHTTPMethod checks a method's HTTP method, which may be ANY.
func CheckHTTPMethod(httpMethod string) error {
	if !slices.Contains(httpMethods, httpMethod) {
		return badRequest("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
	}
	return nil
}

func checkMethod(a *api, m Method) error {
	if err := CheckHTTPMethod(m.HTTPMethod); err != nil {
		return err
	}
	if err := checkAuthorization(a, m); err != nil {
		return err
	}
	if _, ok := a.Validators[m.RequestValidatorID]; !ok && m.RequestValidatorID != "" {
		return badRequest("Invalid Request Validator identifier specified")
	}
	if err := checkModels(a, m.RequestModels); err != nil {
		return err
	}
	if err := checkMediaTypes("request models", m.RequestModels); err != nil {
		return err
	}
	return checkRequestParameters(m.RequestParameters)
}

// CheckAuthorization checks a method's authorization type.
func CheckAuthorization(authorization string) error {
	switch authorization {
	case "NONE", "COGNITO_USER_POOLS":
		return nil
	case "CUSTOM", "AWS_IAM":
		return refused("methods with authorization %s", authorization)
	}
	return badRequest("Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS")
}

func checkAuthorization(a *api, m Method) error {
	if err := CheckAuthorization(m.Authorization); err != nil {
		return err
	}
	if m.Authorization == "NONE" && len(m.AuthorizationScopes) > 0 {
		return badRequest("Authorization scopes are only supported for COGNITO_USER_POOLS authorization type")
	}
	if _, ok := a.Authorizer[m.AuthorizerID]; !ok && m.Authorization == "COGNITO_USER_POOLS" {
		return badRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
	}
	return nil
}

func checkModels(a *api, models map[string]string) error {
	for _, contentType := range slices.Sorted(maps.Keys(models)) {
		if _, ok := a.Models[models[contentType]]; !ok {
			return badRequest("Invalid model identifier specified: %s", models[contentType])
		}
	}
	return nil
}

var (
	requestParameter  = regexp.MustCompile(`^method\.request\.(header|path|querystring)\.[^.\s]+$`)
	responseParameter = regexp.MustCompile(`^method\.response\.header\.[^.\s]+$`)
)

func checkRequestParameters(parameters map[string]bool) error {
	names := map[string]bool{}
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		name := p[strings.LastIndex(p, ".")+1:]
		switch {
		case !requestParameter.MatchString(p):
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", p)
		case names[name]:
			return badRequest("Parameter names must be unique across querystring, header and path")
		}
		names[name] = true
	}
	return nil
}

// GetMethod returns a method with its responses and integration.
func (s *Service) GetMethod(ref MethodRef) (out Method, err error) {
	err = s.read(ref.APIID, func(a *api) error {
		m, err := method(a, ref)
		if err != nil {
			return err
		}
		copied, err := clone(m)
		if err == nil {
			out = *copied
		}
		return err
	})
	return out, err
}

// DeleteMethod removes a method with its responses and integration.
func (s *Service) DeleteMethod(ref MethodRef) error {
	return s.change(ref.APIID, func(a *api) error {
		if _, err := method(a, ref); err != nil {
			return err
		}
		delete(a.Resources[ref.ResourceID].Methods, ref.HTTPMethod)
		return nil
	})
}

func method(a *api, ref MethodRef) (*Method, error) {
	r, ok := a.Resources[ref.ResourceID]
	if !ok {
		return nil, notFound("Invalid Resource identifier specified")
	}
	m, ok := r.Methods[ref.HTTPMethod]
	if !ok {
		return nil, notFound("Invalid Method identifier specified")
	}
	return m, nil
}

func (s *Service) changeMethod(ref MethodRef, f func(a *api, m *Method) error) error {
	return s.change(ref.APIID, func(a *api) error {
		m, err := method(a, ref)
		if err != nil {
			return err
		}
		return f(a, m)
	})
}

var statusCode = regexp.MustCompile(`^[1-5]\d\d$`)

// PutMethodResponse declares a status of a method; ConflictException when it is
// declared already.
func (s *Service) PutMethodResponse(ref MethodRef, in MethodResponse) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		if _, ok := m.Responses[in.StatusCode]; ok {
			return conflict("Response already exists for this resource")
		}
		return putMethodResponse(a, m, in)
	})
}

// UpdateMethodResponse changes a declared status of a method.
func (s *Service) UpdateMethodResponse(ref MethodRef, in MethodResponse) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		if _, ok := m.Responses[in.StatusCode]; !ok {
			return notFound("Invalid Response status code specified")
		}
		return putMethodResponse(a, m, in)
	})
}

// CheckStatusCode checks the status of a method response.
func CheckStatusCode(code string) error {
	if statusCode.MatchString(code) {
		return nil
	}
	return &Error{Code: "ValidationException", Status: 400, Message: "1 validation error detected: Value '" + code +
		`' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\d\d`}
}

func putMethodResponse(a *api, m *Method, in MethodResponse) error {
	if err := CheckStatusCode(in.StatusCode); err != nil {
		return err
	}
	if err := checkModels(a, in.ResponseModels); err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(in.ResponseParameters)) {
		if !responseParameter.MatchString(p) {
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", p)
		}
	}
	m.Responses[in.StatusCode] = in
	return nil
}

// DeleteMethodResponse withdraws a declared status.
func (s *Service) DeleteMethodResponse(ref MethodRef, status string) error {
	return s.changeMethod(ref, func(a *api, m *Method) error {
		if _, ok := m.Responses[status]; !ok {
			return notFound("Invalid Response status code specified")
		}
		delete(m.Responses, status)
		return nil
	})
}
