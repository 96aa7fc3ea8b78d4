package cognito

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"pipeline/shared/localcloud/awsjson"
)

// The errors of the JSON protocol have the codes of botocore's service model cognito-idp,
// and AWS's texts where they are known.

func errNotAuthorized(format string, args ...any) error {
	return awsjson.Errorf("NotAuthorizedException", format, args...)
}

func errInvalidParameter(format string, args ...any) error {
	return awsjson.Errorf("InvalidParameterException", format, args...)
}

func errNotFound(format string, args ...any) error {
	return awsjson.Errorf("ResourceNotFoundException", format, args...)
}

func errUserNotFound() error {
	return awsjson.Errorf("UserNotFoundException", "User does not exist.")
}

// errWrongPassword is the answer to an unknown user too, where the client prevents user
// existence errors.
func errWrongPassword() error { return errNotAuthorized("Incorrect username or password.") }

func errPassword(reason string) error {
	return awsjson.Errorf("InvalidPasswordException", "Password does not conform to policy: %s", reason)
}

func errAccessDenied(denial error) error {
	return awsjson.Errorf("AccessDeniedException", "%v", denial)
}

// errPattern is AWS's answer to a value that its service model does not allow.
func errPattern(member, value string, pattern *regexp.Regexp) error {
	return errInvalidParameter("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+
		"Member must satisfy regular expression pattern: %s", value, member, strings.Trim(pattern.String(), "^$"))
}

// Why VerifyToken refused. API Gateway answers "The incoming token has expired" to the
// one and "Unauthorized" to the other.
var (
	ErrTokenExpired error = expiredError{}
	ErrTokenInvalid       = errors.New("the token is not valid")
)

func invalidToken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTokenInvalid, fmt.Sprintf(format, args...))
}

// oauthError is an error of the OAuth 2.0 endpoints (RFC 6749, 5.2).
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
	status      int    // 0 is 400: AWS's token endpoint has no other
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

func (e *oauthError) httpStatus() int {
	if e.status == 0 {
		return http.StatusBadRequest
	}
	return e.status
}

func oauth(code, description string) *oauthError {
	return &oauthError{Code: code, Description: description}
}

func errUsernameExists() error {
	return awsjson.Errorf("UsernameExistsException", "User account already exists")
}

// expiredError says so to who does not know this package.
type expiredError struct{}

func (expiredError) Error() string { return "the token has expired" }
func (expiredError) Expired() bool { return true }
