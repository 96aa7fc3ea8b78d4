// Package secrets is Secrets Manager in the provider: what the layers keep passwords in,
// over the secrets plane.
package secrets

import (
	"errors"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/secrets"
)

// Kinds lists the resource types and functions of Secrets Manager.
func Kinds(s *plane.Service) []provider.Kind {
	r := resources{s}
	return []provider.Kind{r.secret(), r.secretVersion(), r.getRandomPassword()}
}

// resources makes resource types over one plane.
type resources struct{ plane *plane.Service }

// gone is nil for an error that says that the thing is not there, or is deleted and in
// its recovery window: deleting it is done.
func gone(err error) error {
	var e *awsjson.Error
	if errors.As(err, &e) && (e.Code == "ResourceNotFoundException" || e.Code == "InvalidRequestException") {
		return nil
	}
	return err
}

// found is what Read answers for err: not there is no error.
func found(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	return false, gone(err)
}
