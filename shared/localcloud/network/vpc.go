package network

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
)

// VPC is one network. The ids and the ARN are set by CreateVPC, which makes the default
// security group and the main route table with it.
type VPC struct {
	ID                 string
	ARN                string
	CIDR               string // IPv4
	EnableDNSSupport   bool
	EnableDNSHostnames bool
	Tags               map[string]string

	MainRouteTableID       string
	DefaultSecurityGroupID string
	DefaultNetworkACLID    string
}

// CreateVPC makes a network. The error is InvalidVpc.Range.
func (s *Service) CreateVPC(v VPC) (VPC, error) {
	if _, err := parseCIDR(v.CIDR, "InvalidVpc.Range"); err != nil {
		return VPC{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.forgetParts(); err != nil {
		return VPC{}, err
	}
	v.ID = s.vpcs.id()
	v.ARN = s.arn("vpc", v.ID)
	v.DefaultNetworkACLID = "acl-" + v.ID[len("vpc-"):]
	main, err := s.createRouteTable(RouteTable{VPCID: v.ID, Main: true})
	if err != nil {
		return VPC{}, err
	}
	group, err := s.createDefaultGroup(v.ID)
	if err != nil {
		return VPC{}, err
	}
	v.MainRouteTableID, v.DefaultSecurityGroupID = main.ID, group.ID
	return v, s.vpcs.Put(v.ID, v)
}

// forgetParts removes the parts of networks whose creation failed on the way, on a full
// disk.
func (s *Service) forgetParts() error {
	tables, err := s.tables.where(func(t RouteTable) bool { return s.isNone(t.VPCID) })
	for _, t := range tables {
		err = errors.Join(err, s.tables.Delete(t.ID))
	}
	groups, failed := s.groups.where(func(g SecurityGroup) bool { return s.isNone(g.VPCID) })
	for _, g := range groups {
		err = errors.Join(err, s.deleteGroup(g.ID))
	}
	return errors.Join(err, failed)
}

// isNone says whether a network is known not to be there.
func (s *Service) isNone(vpc string) bool {
	_, found, err := s.vpcs.Get(vpc)
	return err == nil && !found
}

// CheckVPC says what is wrong with a network's block.
func CheckVPC(cidr string) error {
	_, err := parseCIDR(cidr, "InvalidVpc.Range")
	return err
}

// parseCIDR reads an IPv4 block of /16 to /28 with no host bits, as the provider aws wants
// them: EC2 would mask them.
func parseCIDR(cidr, code string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil || !p.Addr().Is4():
		return p, errorf("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", cidr)
	case p.Masked() != p:
		return p, errorf("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block: its address has bits behind its length.", cidr)
	case p.Bits() < 16 || p.Bits() > 28:
		return p, errorf(code, "The CIDR '%s' is invalid.", cidr)
	}
	return p, nil
}

// GetVPC returns a network, or InvalidVpcID.NotFound.
func (s *Service) GetVPC(id string) (VPC, error) { return s.vpcs.find(id) }

// UpdateVPC changes the DNS settings and tags of the network that v names.
func (s *Service) UpdateVPC(v VPC) (VPC, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, err := s.vpcs.find(v.ID)
	if err != nil {
		return VPC{}, err
	}
	was.EnableDNSSupport, was.EnableDNSHostnames, was.Tags = v.EnableDNSSupport, v.EnableDNSHostnames, v.Tags
	return was, s.vpcs.Put(was.ID, was)
}

// DeleteVPC removes a network that nothing is in: DependencyViolation otherwise.
func (s *Service) DeleteVPC(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.vpcs.find(id)
	if err != nil {
		return err
	}
	used, err := s.used(v)
	if err != nil {
		return err
	}
	if used {
		return dependencies("vpc", id)
	}
	return errors.Join(s.tables.Delete(v.MainRouteTableID), s.deleteGroup(v.DefaultSecurityGroupID), s.vpcs.Delete(id))
}

func (s *Service) used(v VPC) (bool, error) {
	subnets, err1 := s.subnets.any(func(n Subnet) bool { return n.VPCID == v.ID })
	gateways, err2 := s.gateways.any(func(g InternetGateway) bool { return g.VPCID == v.ID })
	tables, err3 := s.tables.any(func(t RouteTable) bool { return t.VPCID == v.ID && !t.Main })
	groups, err4 := s.groups.any(func(g SecurityGroup) bool { return g.VPCID == v.ID && g.ID != v.DefaultSecurityGroupID })
	endpoints, err5 := s.endpoints.any(func(e Endpoint) bool { return e.VPCID == v.ID })
	return subnets || gateways || tables || groups || endpoints, errors.Join(err1, err2, err3, err4, err5)
}

// Subnet is a part of a network in one zone. ID and ARN are set by CreateSubnet.
type Subnet struct {
	ID                  string
	ARN                 string
	VPCID               string
	CIDR                string // IPv4
	AvailabilityZone    string // the region's first unless given
	MapPublicIPOnLaunch bool
	Tags                map[string]string
}

// CreateSubnet makes a subnet. The errors are InvalidVpcID.NotFound,
// InvalidSubnet.Range, InvalidSubnet.Conflict and InvalidParameterValue.
func (s *Service) CreateSubnet(n Subnet) (Subnet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.vpcs.find(n.VPCID)
	if err != nil {
		return Subnet{}, err
	}
	if n.AvailabilityZone == "" {
		n.AvailabilityZone = s.AvailabilityZones()[0]
	}
	if err := s.CheckZone(n.AvailabilityZone); err != nil {
		return Subnet{}, err
	}
	if err := s.checkRange(n, v); err != nil {
		return Subnet{}, err
	}
	n.ID = s.subnets.id()
	n.ARN = s.arn("subnet", n.ID)
	return n, s.subnets.Put(n.ID, n)
}

// CheckZone says whether a zone is one of the region's.
func (s *Service) CheckZone(zone string) error {
	if zones := s.AvailabilityZones(); !slices.Contains(zones, zone) {
		return errorf("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.",
			zone, strings.Join(zones, ", "))
	}
	return nil
}

// CheckSubnet says what is wrong with a subnet's block, whatever network it is in.
func CheckSubnet(cidr string) error {
	_, err := parseCIDR(cidr, "InvalidSubnet.Range")
	return err
}

func (s *Service) checkRange(n Subnet, v VPC) error {
	block, err := parseCIDR(n.CIDR, "InvalidSubnet.Range")
	if err != nil {
		return err
	}
	if whole := netip.MustParsePrefix(v.CIDR); !contains(whole, block) {
		return errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", n.CIDR)
	}
	overlaps, err := s.subnets.any(func(other Subnet) bool {
		return other.VPCID == n.VPCID && netip.MustParsePrefix(other.CIDR).Overlaps(block)
	})
	if overlaps {
		err = errorf("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", n.CIDR)
	}
	return err
}

// contains says whether all of inner is in outer.
func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// GetSubnet returns a subnet, or InvalidSubnetID.NotFound.
func (s *Service) GetSubnet(id string) (Subnet, error) { return s.subnets.find(id) }

// UpdateSubnet changes the public addresses and tags of the subnet that n names.
func (s *Service) UpdateSubnet(n Subnet) (Subnet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, err := s.subnets.find(n.ID)
	if err != nil {
		return Subnet{}, err
	}
	was.MapPublicIPOnLaunch, was.Tags = n.MapPublicIPOnLaunch, n.Tags
	return was, s.subnets.Put(was.ID, was)
}

// DeleteSubnet removes a subnet; its association with a route table goes with it.
func (s *Service) DeleteSubnet(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.subnets.find(id); err != nil {
		return err
	}
	tables, err := s.tables.where(func(t RouteTable) bool { return t.associationOf(id) >= 0 })
	if err != nil {
		return err
	}
	for _, t := range tables {
		t.Associations = slices.DeleteFunc(t.Associations, func(a Association) bool { return a.SubnetID == id })
		if err := s.tables.Put(t.ID, t); err != nil {
			return err
		}
	}
	return s.subnets.Delete(id)
}
