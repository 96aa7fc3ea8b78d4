package gateway

import (
	"fmt"
	"net/http"
)

// Error is an error of the configuration calls in AWS's words (botocore service model
// apigateway). Status is the HTTP status.
type Error struct {
	Code    string
	Message string
	Status  int
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func badRequest(format string, args ...any) *Error {
	return &Error{Code: "BadRequestException", Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

func notFound(format string, args ...any) *Error {
	return &Error{Code: "NotFoundException", Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound}
}

func conflict(format string, args ...any) *Error {
	return &Error{Code: "ConflictException", Message: fmt.Sprintf(format, args...), Status: http.StatusConflict}
}

// refused is for what AWS has and the local cloud does not: named, never ignored.
func refused(format string, args ...any) *Error {
	return &Error{Code: "NotImplementedException", Status: http.StatusNotImplemented,
		Message: "the local cloud does not serve " + fmt.Sprintf(format, args...)}
}

// reason is a gateway response type: why the gateway itself answers instead of the
// integration. The names are AWS's (API reference, GatewayResponse).
type reason string

const (
	reasonMissingToken       reason = "MISSING_AUTHENTICATION_TOKEN"
	reasonInvalidSignature   reason = "INVALID_SIGNATURE"
	reasonUnauthorized       reason = "UNAUTHORIZED"
	reasonAuthorizerFailure  reason = "AUTHORIZER_FAILURE"
	reasonThrottled          reason = "THROTTLED"
	reasonBadParameters      reason = "BAD_REQUEST_PARAMETERS"
	reasonBadBody            reason = "BAD_REQUEST_BODY"
	reasonTooLarge           reason = "REQUEST_TOO_LARGE"
	reasonUnsupportedMedia   reason = "UNSUPPORTED_MEDIA_TYPE"
	reasonConfiguration      reason = "API_CONFIGURATION_ERROR"
	reasonIntegrationFailure reason = "INTEGRATION_FAILURE"
	reasonIntegrationTimeout reason = "INTEGRATION_TIMEOUT"
	reasonFiltered           reason = "WAF_FILTERED"
	reasonDefault4xx         reason = "DEFAULT_4XX"
	reasonDefault5xx         reason = "DEFAULT_5XX"
)

// answers is, for each reason, the status and the x-amzn-ErrorType of the answer. Reasons
// that this gateway never meets are here too: a program may declare a gateway response
// for them. INTEGRATION_FAILURE is 500 on the wire although its documented default is
// 504.
var answers = map[reason]struct {
	status    int
	errorType string
}{
	reasonMissingToken:               {http.StatusForbidden, "MissingAuthenticationTokenException"},
	reasonInvalidSignature:           {http.StatusForbidden, "IncompleteSignatureException"},
	reasonUnauthorized:               {http.StatusUnauthorized, "UnauthorizedException"},
	reasonAuthorizerFailure:          {http.StatusInternalServerError, "AuthorizerFailureException"},
	reasonThrottled:                  {http.StatusTooManyRequests, "TooManyRequestsException"},
	reasonBadParameters:              {http.StatusBadRequest, "BadRequestException"},
	reasonBadBody:                    {http.StatusBadRequest, "BadRequestException"},
	reasonTooLarge:                   {http.StatusRequestEntityTooLarge, "RequestTooLargeException"},
	reasonUnsupportedMedia:           {http.StatusUnsupportedMediaType, "BadRequestException"},
	reasonConfiguration:              {http.StatusInternalServerError, "InternalServerErrorException"},
	reasonIntegrationFailure:         {http.StatusInternalServerError, "InternalServerErrorException"},
	reasonIntegrationTimeout:         {http.StatusGatewayTimeout, "InternalServerErrorException"},
	reasonDefault4xx:                 {http.StatusBadRequest, "BadRequestException"},
	reasonDefault5xx:                 {http.StatusInternalServerError, "InternalServerErrorException"},
	"ACCESS_DENIED":                  {http.StatusForbidden, "AccessDeniedException"},
	"AUTHORIZER_CONFIGURATION_ERROR": {http.StatusInternalServerError, "AuthorizerConfigurationException"},
	"EXPIRED_TOKEN":                  {http.StatusForbidden, "ExpiredTokenException"},
	"INVALID_API_KEY":                {http.StatusForbidden, "ForbiddenException"},
	"QUOTA_EXCEEDED":                 {http.StatusTooManyRequests, "LimitExceededException"},
	"RESOURCE_NOT_FOUND":             {http.StatusNotFound, "ResourceNotFoundException"},
	reasonFiltered:                   {http.StatusForbidden, "ForbiddenException"},
}

// failure is why a request ends in a gateway response. Cause goes to the execution log
// and never to the client.
type failure struct {
	reason     reason
	message    string
	validation string // $context.error.validationErrorString
	status     int    // 0: the reason's own
	cause      string
}

func fail(r reason, message, causeFormat string, args ...any) *failure {
	return &failure{reason: r, message: message, cause: fmt.Sprintf(causeFormat, args...)}
}

// misconfigured is AWS's answer to whatever is wrong with the API itself.
func misconfigured(causeFormat string, args ...any) *failure {
	return fail(reasonConfiguration, "Internal server error",
		"Execution failed due to configuration error: "+causeFormat, args...)
}
