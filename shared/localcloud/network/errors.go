package network

import "fmt"

// Error is an error in EC2's words ("Error codes for the Amazon EC2 API").
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func dependencies(kind, id string) error {
	return errorf("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", kind, id)
}
