package network

import (
	"slices"

	"pipeline/shared/localcloud/iam/policy"
)

// Endpoint is a gateway endpoint: a network's own way to S3. ID and ARN are set by
// CreateEndpoint.
type Endpoint struct {
	ID            string
	ARN           string
	VPCID         string
	ServiceName   string // com.amazonaws.<region>.s3, the only one served
	RouteTableIDs []string
	Policy        string // who may reach what through it; OpenPolicy where it is empty
	Tags          map[string]string
}

// OpenPolicy is the policy of an endpoint that was made without one.
const OpenPolicy = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// CheckEndpointPolicy says what is wrong with an endpoint's policy.
func CheckEndpointPolicy(document string) error {
	if _, err := policy.Parse(policy.Resource, document); err != nil {
		return errorf("InvalidPolicyDocument", "%v", err)
	}
	return nil
}

// S3PrefixListID is the managed prefix list of S3's addresses in this region.
const S3PrefixListID = "pl-6ea54007"

// CreateEndpoint makes a gateway endpoint. The errors are InvalidVpcID.NotFound,
// InvalidRouteTableID.NotFound, InvalidServiceName and InvalidParameter.
func (s *Service) CreateEndpoint(e Endpoint) (Endpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.ID = s.endpoints.id()
	e.ARN = s.arn("vpc-endpoint", e.ID)
	if e.Policy == "" {
		e.Policy = OpenPolicy
	}
	if err := s.checkEndpoint(e); err != nil {
		return Endpoint{}, err
	}
	return e, s.endpoints.Put(e.ID, e)
}

func (s *Service) checkEndpoint(e Endpoint) error {
	if _, err := s.vpcs.find(e.VPCID); err != nil {
		return err
	}
	if err := s.CheckEndpointService(e.ServiceName); err != nil {
		return err
	}
	if err := CheckEndpointPolicy(e.Policy); err != nil {
		return err
	}
	for _, id := range e.RouteTableIDs {
		t, err := s.tables.find(id)
		if err != nil {
			return err
		}
		if t.VPCID != e.VPCID {
			return errorf("InvalidParameter", "Route table %s does not belong to VPC %s", id, e.VPCID)
		}
		taken, err := s.endpoints.any(func(o Endpoint) bool { return o.ID != e.ID && slices.Contains(o.RouteTableIDs, id) })
		if err != nil {
			return err
		}
		if taken {
			return errorf("RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id %s", id, S3PrefixListID)
		}
	}
	return nil
}

// CheckEndpointService says whether endpoints for a service are served.
func (s *Service) CheckEndpointService(name string) error {
	if name != "com.amazonaws."+s.region+".s3" {
		return errorf("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist (the local cloud serves com.amazonaws.%s.s3)", name, s.region)
	}
	return nil
}

// GetEndpoint returns an endpoint, or InvalidVpcEndpointId.NotFound.
func (s *Service) GetEndpoint(id string) (Endpoint, error) { return s.endpoints.find(id) }

// UpdateEndpoint changes route tables, policy and tags of the endpoint that e names.
func (s *Service) UpdateEndpoint(e Endpoint) (Endpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, err := s.endpoints.find(e.ID)
	if err != nil {
		return Endpoint{}, err
	}
	was.RouteTableIDs, was.Policy, was.Tags = e.RouteTableIDs, e.Policy, e.Tags
	if was.Policy == "" {
		was.Policy = OpenPolicy
	}
	if err := s.checkEndpoint(was); err != nil {
		return Endpoint{}, err
	}
	return was, s.endpoints.Put(was.ID, was)
}

// DeleteEndpoint removes an endpoint.
func (s *Service) DeleteEndpoint(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.endpoints.find(id); err != nil {
		return err
	}
	return s.endpoints.Delete(id)
}

// ToS3 says whether what stands in a subnet behind these security groups gets to S3, by
// the most specific route: an endpoint in the subnet's route table, whose policy it
// returns, else, where it has a public address, the internet.
func (s *Service) ToS3(subnet string, groupIDs []string, public bool) (endpointPolicy string, ok bool, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out, err := s.rules.any(func(r Rule) bool { return slices.Contains(groupIDs, r.GroupID) && r.opensS3() })
	if err != nil || !out {
		return "", false, err
	}
	n, err := s.subnets.find(subnet)
	if err != nil {
		return "", false, err
	}
	t, err := s.tableOf(n)
	if err != nil {
		return "", false, err
	}
	endpoints, err := s.endpoints.where(func(e Endpoint) bool { return slices.Contains(e.RouteTableIDs, t.ID) })
	if err != nil || len(endpoints) > 0 {
		return append(endpoints, Endpoint{})[0].Policy, err == nil, err
	}
	ok, err = s.public(n)
	return "", ok && public, err
}

// opensS3 says whether a rule lets requests to S3 out: to its prefix list, or anywhere.
func (r *Rule) opensS3() bool {
	const https = 443
	return r.Egress && r.Protocol != "udp" && r.FromPort <= https && https <= r.ToPort &&
		(r.PrefixListID == S3PrefixListID || r.CIDR == "0.0.0.0/0")
}
