// Package network is EC2's networking in the provider: VPCs, subnets, routes and
// security groups, over the network plane.
package network

import (
	"errors"
	"strings"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
)

// Kinds lists the resource types and functions of EC2's networking. Account is the
// local cloud's own.
func Kinds(s *plane.Service, account string) []provider.Kind {
	r := resources{s, account}
	return []provider.Kind{r.vpc(), r.subnet(), r.internetGateway(), r.routeTable(), r.route(), r.routeTableAssociation(),
		r.securityGroup(), r.ingressRule(), r.egressRule(), r.vpcEndpoint(), r.getAvailabilityZones()}
}

// resources makes resource types over one plane.
type resources struct {
	plane   *plane.Service
	account string
}

// absent are the errors that say that a thing is not there.
var absent provider.Absent = func(err error) bool {
	var e *plane.Error
	return errors.As(err, &e) && strings.HasSuffix(e.Code, ".NotFound")
}
