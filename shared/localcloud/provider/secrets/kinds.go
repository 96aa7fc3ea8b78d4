// Package secrets is Secrets Manager in the provider: what the layers keep passwords in,
// over the secrets plane.
package secrets

import (
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

// absent are the errors that say that a secret is not there, or is deleted and in its
// recovery window.
var absent provider.Absent = plane.IsGone
