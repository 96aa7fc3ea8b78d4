package firehose

import (
	"net/http"
	"strings"

	"pipeline/shared/localcloud/awsjson"
)

// The errors of this plane have AWS's codes, and AWS's texts where they are known
// (botocore service model firehose).

func errNotFound(name, account string) error {
	return awsjson.Errorf("ResourceNotFoundException", "Firehose %s under account %s not found.", name, account)
}

func errInUse(name, account string) error {
	return awsjson.Errorf("ResourceInUseException", "Firehose %s under account %s already exists", name, account)
}

func errInvalid(format string, args ...any) error {
	return awsjson.Errorf("InvalidArgumentException", format, args...)
}

// errUnavailable asks the caller to try again: nothing of the request was accepted.
func errUnavailable() error {
	return &awsjson.Error{Code: "ServiceUnavailableException", Message: "Slow down.", Status: http.StatusServiceUnavailable}
}

// errConstraint is AWS's answer to a member that its model does not allow.
func errConstraint(value, member, constraint string) error {
	if value != "null" {
		value = "'" + value + "'"
	}
	return awsjson.Errorf("ValidationException", "1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s",
		value, member, constraint)
}

func errDenied(denial error) error {
	return awsjson.Errorf("AccessDeniedException", "%v", denial)
}

// errRole is AWS's answer to a role that is not there or does not trust Firehose.
func errRole(role string) error {
	return errInvalid("Firehose is unable to assume role %s. Please check the role provided.", role)
}

// member spells a path of members as AWS's messages do: each begins in lower case.
func member(path ...string) string {
	for i, p := range path {
		path[i] = strings.ToLower(p[:1]) + p[1:]
	}
	return strings.Join(path, ".")
}
