package network

// InternetGateway joins a network to the internet. VPCID is empty while it is detached.
type InternetGateway struct {
	ID    string
	ARN   string
	VPCID string
	Tags  map[string]string
}

// CreateInternetGateway makes a gateway, attached to a network if g names one. The
// errors are InvalidVpcID.NotFound and InvalidParameterValue.
func (s *Service) CreateInternetGateway(g InternetGateway) (InternetGateway, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.ID = s.gateways.id()
	g.ARN = s.arn("internet-gateway", g.ID)
	if err := s.checkAttachment(g); err != nil {
		return InternetGateway{}, err
	}
	return g, s.gateways.Put(g.ID, g)
}

func (s *Service) checkAttachment(g InternetGateway) error {
	if g.VPCID == "" {
		return nil
	}
	if _, err := s.vpcs.find(g.VPCID); err != nil {
		return err
	}
	taken, err := s.gateways.any(func(other InternetGateway) bool { return other.VPCID == g.VPCID && other.ID != g.ID })
	if taken {
		err = errorf("InvalidParameterValue", "Network %s already has an internet gateway attached", g.VPCID)
	}
	return err
}

// GetInternetGateway returns a gateway, or InvalidInternetGatewayID.NotFound.
func (s *Service) GetInternetGateway(id string) (InternetGateway, error) { return s.gateways.find(id) }

// UpdateInternetGateway changes the network and the tags of the gateway that g names.
func (s *Service) UpdateInternetGateway(g InternetGateway) (InternetGateway, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, err := s.gateways.find(g.ID)
	if err != nil {
		return InternetGateway{}, err
	}
	was.VPCID, was.Tags = g.VPCID, g.Tags
	if err := s.checkAttachment(was); err != nil {
		return InternetGateway{}, err
	}
	return was, s.gateways.Put(was.ID, was)
}

// DeleteInternetGateway detaches and removes a gateway. Routes to it stay behind and
// lead nowhere, as EC2 leaves them.
func (s *Service) DeleteInternetGateway(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.gateways.find(id); err != nil {
		return err
	}
	return s.gateways.Delete(id)
}
