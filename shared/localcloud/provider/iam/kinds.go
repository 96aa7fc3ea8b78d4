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

// absent are the errors that say that a thing is not there.
var absent provider.Absent = func(err error) bool {
	var e *plane.Error
	return errors.As(err, &e) && e.Code == "NoSuchEntity"
}
