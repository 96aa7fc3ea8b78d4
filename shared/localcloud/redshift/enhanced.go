package redshift

import (
	"context"
	"fmt"
	"slices"

	"pipeline/shared/localcloud/iam"
)

// Network is the way from clusters to S3. It is asked for clusters with enhanced VPC
// routing only: the others' COPY goes past the VPC (management guide, "Enhanced VPC
// routing in Amazon Redshift").
type Network interface {
	// ToS3 says whether what stands in a subnet behind security groups gets to S3, and by
	// which VPC endpoint's policy; none where it goes over the internet.
	ToS3(subnet string, groupIDs []string, public bool) (endpointPolicy string, ok bool, err error)
}

// ways are the policies of the endpoints through which a cluster's COPY gets to S3.
func (s *Service) ways(identifier string) ([]string, error) {
	c, err := s.GetCluster(identifier)
	if err != nil || !c.EnhancedVPCRouting {
		return nil, err
	}
	subnets, err := s.subnetsOf(c)
	if err != nil {
		return nil, err
	}
	var policies []string
	for _, subnet := range subnets {
		policy, ok, err := s.cfg.Network.ToS3(subnet, c.SecurityGroupIDs, c.PubliclyAccessible)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, noWay()
		case policy != "" && !slices.Contains(policies, policy):
			policies = append(policies, policy)
		}
	}
	return policies, nil
}

// noWay is COPY's error where nothing answers. Here it comes at once.
func noWay() error {
	return &Error{Code: "XX000", Message: "S3CurlException: Connection timed out after 50000 milliseconds, CurlError 28, multiCurlError 0, CanRetry 1, UserError 0"}
}

func (s *Service) subnetsOf(c Cluster) ([]string, error) {
	if c.SubnetGroup != "" {
		g, err := s.GetSubnetGroup(c.SubnetGroup)
		return g.SubnetIDs, err
	}
	return nil, fmt.Errorf("cluster %s stands in no subnet", c.Identifier)
}

// pass asks the policies of the endpoints on the way to a bucket, or to an object in it.
func (r *copySource) pass(ctx context.Context, action, path string) error {
	policies, err := r.service.ways(r.cluster)
	if err != nil {
		return err
	}
	for _, policy := range policies {
		if err := r.service.cfg.IAM.Passes(ctx, action, "arn:"+iam.Partition(r.service.cfg.Region)+":s3:::"+path, policy); err != nil {
			return s3Words(err)
		}
	}
	return nil
}
