package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// GatewayResponse is how the gateway's own answers of one type look. Its templates are
// filled in by plain substitution of $context, $stageVariables; they are not VTL.
type GatewayResponse struct {
	Type       string // such as UNAUTHORIZED or DEFAULT_4XX
	StatusCode string // empty: the type's own
	Parameters map[string]string
	Templates  map[string]string // by content type
}

var gatewayTarget = regexp.MustCompile(`^gatewayresponse\.header\.([^.\s]+)$`)

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
		if _, err := parseExpression(in.Parameters[target], requestSource, ""); err != nil {
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
