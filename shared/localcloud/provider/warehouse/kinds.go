// Package warehouse is the share of layer warehouse in the provider: the cluster, its
// groups and SQL statements, over the redshift and network planes.
package warehouse

import (
	"fmt"
	"time"

	"pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/redshift"
)

// Kinds lists the resource types of Redshift.
func Kinds(s *redshift.Service, nets *network.Service) []provider.Kind {
	r := resources{s, nets, 10 * time.Minute} // terraform-provider-aws, redshiftdata/statement.go
	return []provider.Kind{r.cluster(), r.subnetGroup(), r.parameterGroup(), r.statement(), r.namespace(), r.workgroup()}
}

// resources makes resource types over the planes.
type resources struct {
	plane    *redshift.Service
	network  *network.Service
	patience time.Duration // with a statement
}

// absent are the errors that say that a thing is not there.
var absent provider.Absent = redshift.IsNotFound

// between is a rule for a property that is a whole number.
func between(low, high int) func(any) error {
	return func(v any) error {
		if n, ok := v.(float64); !ok || n < float64(low) || n > float64(high) {
			return fmt.Errorf("%v is not between %d and %d", v, low, high)
		}
		return nil
	}
}
