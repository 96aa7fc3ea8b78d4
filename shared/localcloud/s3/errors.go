package s3

import (
	"fmt"
	"net/http"
)

// Error is an error in S3's words ("Error responses", S3 API reference).
type Error struct {
	Code    string
	Message string
	cause   error // the denial, where it is one of IAM's
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) Unwrap() error { return e.cause }

// Status is the HTTP status of the error's code.
func (e *Error) Status() int {
	if status, known := statuses[e.Code]; known {
		return status
	}
	return http.StatusBadRequest
}

// statuses is the HTTP status of each code that is not 400.
var statuses = map[string]int{
	"AccessDenied":                         http.StatusForbidden,
	"AccessForbidden":                      http.StatusForbidden,
	"BucketAlreadyOwnedByYou":              http.StatusConflict,
	"BucketNotEmpty":                       http.StatusConflict,
	"InternalError":                        http.StatusInternalServerError,
	"InvalidAccessKeyId":                   http.StatusForbidden,
	"InvalidBucketState":                   http.StatusConflict,
	"MethodNotAllowed":                     http.StatusMethodNotAllowed,
	"MissingContentLength":                 http.StatusLengthRequired,
	"NoSuchBucket":                         http.StatusNotFound,
	"NoSuchBucketPolicy":                   http.StatusNotFound,
	"NoSuchKey":                            http.StatusNotFound,
	"NoSuchLifecycleConfiguration":         http.StatusNotFound,
	"NoSuchPublicAccessBlockConfiguration": http.StatusNotFound,
	"NoSuchTagSet":                         http.StatusNotFound,
	"NoSuchUpload":                         http.StatusNotFound,
	"NotImplemented":                       http.StatusNotImplemented,
	"OwnershipControlsNotFoundError":       http.StatusNotFound,
	"PreconditionFailed":                   http.StatusPreconditionFailed,
	"RequestTimeTooSkewed":                 http.StatusForbidden,
	"ServerSideEncryptionConfigurationNotFoundError": http.StatusNotFound,
}

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func noSuchBucket() error { return errorf("NoSuchBucket", "The specified bucket does not exist") }

func errKeyTooLong() error { return errorf("KeyTooLongError", "Your key is too long") }

func noSuchKey() error { return errorf("NoSuchKey", "The specified key does not exist.") }

// notServed refuses what the local cloud does not do, naming it.
func notServed(what string, args ...any) error {
	return errorf("NotImplemented", "the local cloud does not serve "+what, args...)
}
