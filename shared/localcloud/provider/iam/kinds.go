// Package iam is IAM in the provider: roles and their policies, over the iam plane, and
// who and where the program runs.
package iam

import (
	"errors"

	plane "pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider"
)

// Kinds lists the resource types and functions of IAM and STS.
func Kinds(s *plane.Service, region string) []provider.Kind {
	r := resources{s, region}
	return []provider.Kind{r.role(), r.rolePolicy(), r.rolePolicyAttachment(),
		r.getCallerIdentity(), r.getRegion(), r.getPartition()}
}

// resources makes resource types over one plane.
type resources struct {
	plane  *plane.Service
	region string
}

// found is what Read answers for err: not there is no error.
func found(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	return false, gone(err)
}

// gone is nil for an error that says that the thing is not there: deleting it is done.
func gone(err error) error {
	var e *plane.Error
	if errors.As(err, &e) && e.Code == "NoSuchEntity" {
		return nil
	}
	return err
}
