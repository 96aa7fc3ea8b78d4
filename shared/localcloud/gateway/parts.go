package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// RequestValidator says what of a request is checked before the integration is called.
type RequestValidator struct {
	ID         string
	Name       string
	Body       bool // against the method's model for the content type
	Parameters bool // that required parameters are there
}

// CreateRequestValidator makes a validator.
func (s *Service) CreateRequestValidator(apiID string, in RequestValidator) (RequestValidator, error) {
	in.ID = newID(6)
	return in, s.putValidator(apiID, in)
}

// UpdateRequestValidator changes a validator.
func (s *Service) UpdateRequestValidator(apiID string, in RequestValidator) error {
	if _, err := s.GetRequestValidator(apiID, in.ID); err != nil {
		return err
	}
	return s.putValidator(apiID, in)
}

func (s *Service) putValidator(apiID string, in RequestValidator) error {
	return s.change(apiID, func(a *api) error {
		if strings.TrimSpace(in.Name) == "" {
			return badRequest("Request Validator name cannot be blank")
		}
		a.Validators[in.ID] = in
		return nil
	})
}

// GetRequestValidator returns a validator, or NotFoundException.
func (s *Service) GetRequestValidator(apiID, id string) (out RequestValidator, err error) {
	err = s.read(apiID, func(a *api) error {
		var ok bool
		if out, ok = a.Validators[id]; !ok {
			return notFound("Invalid Request Validator identifier specified")
		}
		return nil
	})
	return out, err
}

// DeleteRequestValidator removes a validator that no method uses.
func (s *Service) DeleteRequestValidator(apiID, id string) error {
	return s.change(apiID, func(a *api) error {
		if _, ok := a.Validators[id]; !ok {
			return notFound("Invalid Request Validator identifier specified")
		}
		if user := a.userOf(func(m *Method) bool { return m.RequestValidatorID == id }); user != "" {
			return conflict("Cannot delete request validator '%s', is referenced in method %s", id, user)
		}
		delete(a.Validators, id)
		return nil
	})
}

// userOf returns the first method for which uses is true, as "PATH/METHOD".
func (a *api) userOf(uses func(m *Method) bool) string {
	for _, key := range a.methodKeys() {
		cut := strings.LastIndex(key, "/")
		for _, r := range a.Resources {
			if m := r.Methods[key[cut+1:]]; r.Path == key[:cut] && m != nil && uses(m) {
				return key
			}
		}
	}
	return ""
}

// Authorizer checks a caller's token against Cognito user pools.
type Authorizer struct {
	ID                           string
	Name                         string
	Type                         string // COGNITO_USER_POOLS
	ProviderARNs                 []string
	IdentitySource               string // method.request.header.NAME
	IdentityValidationExpression string // regular expression that a token must match, or empty
	ResultTTLSeconds             int    // how long a verified token's claims are kept; 0: not at all
}

var (
	userPoolARN    = regexp.MustCompile(`^arn:aws[\w-]*:cognito-idp:[\w-]+:\d{12}:userpool/[\w-]+_[0-9a-zA-Z]+$`)
	identitySource = regexp.MustCompile(`^method\.request\.header\.[^.\s]+$`)
)

// CreateAuthorizer makes an authorizer.
func (s *Service) CreateAuthorizer(apiID string, in Authorizer) (Authorizer, error) {
	in.ID = newID(6)
	return in, s.putAuthorizer(apiID, in)
}

// UpdateAuthorizer changes an authorizer.
func (s *Service) UpdateAuthorizer(apiID string, in Authorizer) error {
	if _, err := s.GetAuthorizer(apiID, in.ID); err != nil {
		return err
	}
	return s.putAuthorizer(apiID, in)
}

func (s *Service) putAuthorizer(apiID string, in Authorizer) error {
	return s.change(apiID, func(a *api) error {
		if err := CheckAuthorizer(in); err != nil {
			return err
		}
		for _, other := range a.Authorizer {
			if other.Name == in.Name && other.ID != in.ID {
				return badRequest("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", in.Name)
			}
		}
		a.Authorizer[in.ID] = in
		return nil
	})
}

// CheckAuthorizer checks an authorizer apart from its name.
func CheckAuthorizer(in Authorizer) error {
	switch {
	case in.Type == "TOKEN" || in.Type == "REQUEST":
		return refused("authorizers of type %s", in.Type)
	case in.Type != "COGNITO_USER_POOLS":
		return badRequest("Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS")
	case len(in.ProviderARNs) == 0:
		return badRequest("Authorizer of type COGNITO_USER_POOLS must have at least one provider ARN")
	case !identitySource.MatchString(in.IdentitySource):
		return badRequest("Invalid identity source specified: %s", in.IdentitySource)
	case in.ResultTTLSeconds < 0 || in.ResultTTLSeconds > 3600:
		return badRequest("Authorizer result TTL must be between 0 and 3600 seconds")
	}
	for _, arn := range in.ProviderARNs {
		if !userPoolARN.MatchString(arn) {
			return badRequest("Invalid ARN specified in the request: %s is not the ARN of a user pool", arn)
		}
	}
	if _, err := regexp.Compile(in.IdentityValidationExpression); err != nil {
		return refused("the identity validation expression %q: %v", in.IdentityValidationExpression, err)
	}
	return nil
}

// GetAuthorizer returns an authorizer, or NotFoundException.
func (s *Service) GetAuthorizer(apiID, id string) (out Authorizer, err error) {
	err = s.read(apiID, func(a *api) error {
		var ok bool
		if out, ok = a.Authorizer[id]; !ok {
			return notFound("Invalid Authorizer identifier specified")
		}
		return nil
	})
	return out, err
}

// DeleteAuthorizer removes an authorizer that no method uses.
func (s *Service) DeleteAuthorizer(apiID, id string) error {
	return s.change(apiID, func(a *api) error {
		if _, ok := a.Authorizer[id]; !ok {
			return notFound("Invalid Authorizer identifier specified")
		}
		if user := a.userOf(func(m *Method) bool { return m.AuthorizerID == id }); user != "" {
			return conflict("Cannot delete authorizer '%s', is referenced in method: %s", id, user)
		}
		delete(a.Authorizer, id)
		return nil
	})
}

// GatewayResponse is how the gateway's own answers of one type look. Its templates are
// filled in by plain substitution of $context, $stageVariables; they are not VTL.
type GatewayResponse struct {
	Type       string // such as UNAUTHORIZED or DEFAULT_4XX
	StatusCode string // empty: the type's own
	Parameters map[string]string
	Templates  map[string]string // by content type
}

var (
	gatewayTarget = regexp.MustCompile(`^gatewayresponse\.header\.([^.\s]+)$`)
	gatewaySource = requestSource
)

// PutGatewayResponse sets the API's gateway response of one type.
func (s *Service) PutGatewayResponse(apiID string, in GatewayResponse) error {
	return s.change(apiID, func(a *api) error {
		if err := CheckGatewayResponse(in); err != nil {
			return err
		}
		a.Responses[reason(in.Type)] = in
		return nil
	})
}

// CheckGatewayResponse checks a gateway response.
func CheckGatewayResponse(in GatewayResponse) error {
	if _, ok := answers[reason(in.Type)]; !ok {
		return badRequest("Invalid response type specified: %s", in.Type)
	}
	if n, err := strconv.Atoi(in.StatusCode); in.StatusCode != "" && (err != nil || n < 200 || n > 599) {
		return badRequest("Invalid status code specified: %s", in.StatusCode)
	}
	for _, target := range slices.Sorted(maps.Keys(in.Parameters)) {
		if !gatewayTarget.MatchString(target) {
			return invalidMapping("Invalid mapping expression specified: %s", target)
		}
		if _, err := parseExpression(in.Parameters[target], gatewaySource, ""); err != nil {
			return err
		}
	}
	return nil
}

// GetGatewayResponse returns the API's own response of that type, or NotFoundException.
func (s *Service) GetGatewayResponse(apiID, responseType string) (out GatewayResponse, err error) {
	err = s.read(apiID, func(a *api) error {
		var ok bool
		if out, ok = a.Responses[reason(responseType)]; !ok {
			return notFound("Gateway response type not defined on api")
		}
		return nil
	})
	return out, err
}

// DeleteGatewayResponse goes back to AWS's own answer.
func (s *Service) DeleteGatewayResponse(apiID, responseType string) error {
	return s.change(apiID, func(a *api) error {
		if _, ok := a.Responses[reason(responseType)]; !ok {
			return notFound("Gateway response type not defined on api")
		}
		delete(a.Responses, reason(responseType))
		return nil
	})
}
