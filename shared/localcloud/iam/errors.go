package iam

import (
	"fmt"
	"net/http"
)

// Error is an error in IAM's words (botocore service model iam). Status is the HTTP
// status.
type Error struct {
	Code    string
	Message string
	Status  int
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// statuses is the HTTP status of each code that this plane answers with.
var statuses = map[string]int{
	"AccessDenied":               http.StatusForbidden,
	"DeleteConflict":             http.StatusConflict,
	"EntityAlreadyExists":        http.StatusConflict,
	"ExpiredToken":               http.StatusForbidden,
	"LimitExceeded":              http.StatusConflict,
	"MalformedPolicyDocument":    http.StatusBadRequest,
	"MissingAuthenticationToken": http.StatusForbidden,
	"NoSuchEntity":               http.StatusNotFound,
	"ValidationError":            http.StatusBadRequest,
	"InvalidAction":              http.StatusNotImplemented,
}

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: statuses[code]}
}

// Denied is a call that no policy allows, or that one forbids. Its Action is
// sts:AssumeRole and its Resource the role where the service may not take the role on.
type Denied struct {
	Action   string
	Resource string
	Role     string // ARN of the role that called; empty when nobody's role did
	Reason   string // why, in AWS's words: "because no identity-based policy allows ..."

	principal string // what AWS calls the user: the ARN of the session, or a service
}

// Error is AWS's text: "User: arn:aws:sts::...:assumed-role/... is not authorized to
// perform: ... on resource: ... because ...".
func (d *Denied) Error() string {
	principal := d.principal
	if principal == "" {
		principal = d.Role
	}
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", principal, d.Action, d.Resource, d.Reason)
}
