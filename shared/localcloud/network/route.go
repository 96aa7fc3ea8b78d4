package network

import (
	"errors"
	"net/netip"
	"slices"
)

// RouteTable says where a network's packets go. The route within the network is in
// every table and not listed.
type RouteTable struct {
	ID           string
	ARN          string
	VPCID        string
	Main         bool // of its network: for subnets that have no other
	Routes       []Route
	Associations []Association
	Tags         map[string]string
}

// Route leads packets for a block to an internet gateway.
type Route struct {
	DestinationCIDR string
	GatewayID       string
}

// Association gives a subnet its route table.
type Association struct {
	ID       string
	SubnetID string
}

func (t RouteTable) associationOf(subnet string) int {
	return slices.IndexFunc(t.Associations, func(a Association) bool { return a.SubnetID == subnet })
}

func (t *RouteTable) disassociate(id string) {
	t.Associations = slices.DeleteFunc(t.Associations, func(a Association) bool { return a.ID == id })
}

func (t RouteTable) routeTo(cidr string) int {
	return slices.IndexFunc(t.Routes, func(r Route) bool { return r.DestinationCIDR == cidr })
}

// CreateRouteTable makes a route table, or is InvalidVpcID.NotFound.
func (s *Service) CreateRouteTable(t RouteTable) (RouteTable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.vpcs.find(t.VPCID); err != nil {
		return RouteTable{}, err
	}
	return s.createRouteTable(RouteTable{VPCID: t.VPCID, Tags: t.Tags})
}

// createRouteTable needs s.mu.
func (s *Service) createRouteTable(t RouteTable) (RouteTable, error) {
	t.ID = s.tables.id()
	t.ARN = s.arn("route-table", t.ID)
	return t, s.tables.Put(t.ID, t)
}

// GetRouteTable returns a route table, or InvalidRouteTableID.NotFound.
func (s *Service) GetRouteTable(id string) (RouteTable, error) { return s.tables.find(id) }

// TagRouteTable replaces a table's tags.
func (s *Service) TagRouteTable(id string, tags map[string]string) (RouteTable, error) {
	return s.changeTable(id, func(t *RouteTable) error { t.Tags = tags; return nil })
}

// DeleteRouteTable removes a table that no subnet has: DependencyViolation otherwise.
func (s *Service) DeleteRouteTable(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tables.find(id)
	if err != nil {
		return err
	}
	if t.Main || len(t.Associations) > 0 {
		return dependencies("routeTable", id)
	}
	return s.tables.Delete(id)
}

// changeTable edits a table and keeps it.
func (s *Service) changeTable(id string, edit func(*RouteTable) error) (RouteTable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tables.find(id)
	if err != nil {
		return RouteTable{}, err
	}
	if err := edit(&t); err != nil {
		return RouteTable{}, err
	}
	return t, s.tables.Put(id, t)
}

// CreateRoute adds a route. The errors are InvalidRouteTableID.NotFound,
// InvalidInternetGatewayID.NotFound, RouteAlreadyExists and InvalidParameterValue.
func (s *Service) CreateRoute(table string, r Route) error {
	if err := CheckDestination(r.DestinationCIDR); err != nil {
		return err
	}
	_, err := s.changeTable(table, func(t *RouteTable) error {
		v, err := s.vpcs.find(t.VPCID)
		if err != nil {
			return err
		}
		if t.routeTo(r.DestinationCIDR) >= 0 || v.CIDR == r.DestinationCIDR {
			return errorf("RouteAlreadyExists", "The route identified by %s already exists.", r.DestinationCIDR)
		}
		t.Routes = append(t.Routes, r)
		return s.checkGateway(*t, r)
	})
	return err
}

// CheckDestination says what is wrong with the block that a route is for.
func CheckDestination(cidr string) error {
	p, err := netip.ParsePrefix(cidr)
	if err != nil || !p.Addr().Is4() || p.Masked() != p {
		return errorf("InvalidParameterValue", "Value (%s) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.", cidr)
	}
	return nil
}

func (s *Service) checkGateway(t RouteTable, r Route) error {
	g, err := s.gateways.find(r.GatewayID)
	if err == nil && g.VPCID != t.VPCID {
		err = errorf("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", t.ID, g.ID)
	}
	return err
}

// GetRoute returns a route of a table, or InvalidRoute.NotFound.
func (s *Service) GetRoute(table, destinationCIDR string) (Route, error) {
	t, err := s.tables.find(table)
	if err != nil {
		return Route{}, err
	}
	i := t.routeTo(destinationCIDR)
	if i < 0 {
		return Route{}, noRoute(table, destinationCIDR)
	}
	return t.Routes[i], nil
}

func noRoute(table, destination string) error {
	return errorf("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", destination, table)
}

// ReplaceRoute leads a route's packets to another gateway.
func (s *Service) ReplaceRoute(table string, r Route) error {
	_, err := s.changeTable(table, func(t *RouteTable) error {
		i := t.routeTo(r.DestinationCIDR)
		if i < 0 {
			return noRoute(table, r.DestinationCIDR)
		}
		t.Routes[i] = r
		return s.checkGateway(*t, r)
	})
	return err
}

// DeleteRoute removes a route, or is InvalidRoute.NotFound.
func (s *Service) DeleteRoute(table, destinationCIDR string) error {
	_, err := s.changeTable(table, func(t *RouteTable) error {
		i := t.routeTo(destinationCIDR)
		if i < 0 {
			return noRoute(table, destinationCIDR)
		}
		t.Routes = slices.Delete(t.Routes, i, i+1)
		return nil
	})
	return err
}

// Associate gives a subnet a route table, and returns the association's id. The errors
// are InvalidRouteTableID.NotFound, InvalidSubnetID.NotFound and
// Resource.AlreadyAssociated.
func (s *Service) Associate(table, subnet string) (string, error) {
	id := "rtbassoc-" + s.tables.id()[len("rtb-"):]
	_, err := s.changeTable(table, func(t *RouteTable) error {
		n, err := s.subnets.find(subnet)
		if err != nil {
			return err
		}
		if n.VPCID != t.VPCID {
			return apart(table, subnet)
		}
		taken, err := s.tables.any(func(other RouteTable) bool { return other.associationOf(subnet) >= 0 })
		if taken {
			err = errorf("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", table)
		}
		t.Associations = append(t.Associations, Association{ID: id, SubnetID: subnet})
		return err
	})
	return id, err
}

func apart(table, subnet string) error {
	return errorf("InvalidParameterValue", "Route table %s and subnet %s belong to different networks", table, subnet)
}

// ReplaceAssociation gives the subnet of an association another route table. On AWS the
// association has another id then, here it keeps its own: a Pulumi update cannot tell one.
// The errors are InvalidAssociationID.NotFound, InvalidRouteTableID.NotFound and
// InvalidParameterValue.
func (s *Service) ReplaceAssociation(id, table string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, old, err := s.association(id)
	if err != nil || old.ID == table {
		return err
	}
	t, err := s.tables.find(table)
	if err != nil {
		return err
	}
	if t.VPCID != old.VPCID {
		return apart(table, a.SubnetID)
	}
	old.disassociate(id)
	t.Associations = append(t.Associations, a)
	return errors.Join(s.tables.Put(old.ID, old), s.tables.Put(t.ID, t))
}

// GetAssociation returns an association with its table, or InvalidAssociationID.NotFound.
func (s *Service) GetAssociation(id string) (Association, RouteTable, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.association(id)
}

func (s *Service) association(id string) (Association, RouteTable, error) {
	tables, err := s.tables.where(func(RouteTable) bool { return true })
	for _, t := range tables {
		for _, a := range t.Associations {
			if a.ID == id {
				return a, t, nil
			}
		}
	}
	return Association{}, RouteTable{}, errors.Join(err, errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", id))
}

// Disassociate takes a subnet's route table away, or is InvalidAssociationID.NotFound.
func (s *Service) Disassociate(id string) error {
	_, t, err := s.GetAssociation(id)
	if err != nil {
		return err
	}
	_, err = s.changeTable(t.ID, func(t *RouteTable) error {
		t.disassociate(id)
		return nil
	})
	return err
}

// Public says whether a subnet's packets for anywhere go to its network's internet
// gateway.
func (s *Service) Public(subnet string) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n, err := s.subnets.find(subnet)
	if err != nil {
		return false, err
	}
	return s.public(n)
}

// public needs s.mu.
func (s *Service) public(n Subnet) (bool, error) {
	t, err := s.tableOf(n)
	if err != nil {
		return false, err
	}
	i := t.routeTo("0.0.0.0/0")
	if i < 0 {
		return false, nil
	}
	g, found, err := s.gateways.Get(t.Routes[i].GatewayID)
	return found && g.VPCID == n.VPCID, err
}

// tableOf is a subnet's own route table, or the main one of its network.
func (s *Service) tableOf(n Subnet) (RouteTable, error) {
	own, err := s.tables.where(func(t RouteTable) bool { return t.associationOf(n.ID) >= 0 })
	if err != nil || len(own) > 0 {
		return append(own, RouteTable{})[0], err
	}
	v, err := s.vpcs.find(n.VPCID)
	if err != nil {
		return RouteTable{}, err
	}
	return s.tables.find(v.MainRouteTableID)
}
