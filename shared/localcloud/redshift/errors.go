package redshift

import (
	"errors"
	"fmt"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/redshift/engine"
)

// Error is an error of SQL: Code is an SQLSTATE, Message Redshift's words. Connections
// that could not be made have a code of class 08 or 28.
type Error = engine.Error

// APIError is an error of the cluster API in AWS's words (botocore service model
// redshift).
type APIError struct {
	Code    string
	Message string
}

func (e *APIError) Error() string { return e.Code + ": " + e.Message }

func apiErrorf(code, format string, args ...any) *APIError {
	return &APIError{Code: code, Message: fmt.Sprintf(format, args...)}
}

// The codes of the cluster API that this plane answers with.
const (
	codeInvalidValue       = "InvalidParameterValue"
	codeInvalidCombination = "InvalidParameterCombination"
	codeClusterExists      = "ClusterAlreadyExists"
	codeClusterNotFound    = "ClusterNotFound"
	codeSubnetNotFound     = "ClusterSubnetGroupNotFoundFault"
	codeSubnetExists       = "ClusterSubnetGroupAlreadyExists"
	codeSubnetInUse        = "InvalidClusterSubnetGroupStateFault"
	codeParameterNotFound  = "ClusterParameterGroupNotFound"
	codeParameterExists    = "ClusterParameterGroupAlreadyExists"
	codeParameterInUse     = "InvalidClusterParameterGroupState"
)

// IsNotFound says that what was asked for does not exist.
func IsNotFound(err error) bool {
	var e *APIError
	return errors.As(err, &e) && (e.Code == codeClusterNotFound || e.Code == codeSubnetNotFound || e.Code == codeParameterNotFound || e.Code == codeServerlessNotFound)
}

// validationError is the Data API's error for a request that makes no sense.
func validationError(format string, args ...any) error {
	return awsjson.Errorf("ValidationException", format, args...)
}
