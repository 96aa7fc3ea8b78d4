package network

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// SecurityGroup admits what its rules name. ID and ARN are set by CreateSecurityGroup.
type SecurityGroup struct {
	ID          string
	ARN         string
	VPCID       string
	Name        string
	Description string
	Tags        map[string]string
}

// Patterns of the EC2 API reference, CreateSecurityGroup.
var groupText = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*$`)

// CreateSecurityGroup makes a group without rules (the provider of the layers removes
// EC2's "everything goes out"). The errors are InvalidVpcID.NotFound,
// InvalidGroup.Duplicate and InvalidParameterValue.
func (s *Service) CreateSecurityGroup(g SecurityGroup) (SecurityGroup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.vpcs.find(g.VPCID); err != nil {
		return SecurityGroup{}, err
	}
	if err := g.Check(); err != nil {
		return SecurityGroup{}, err
	}
	return s.createSecurityGroup(g)
}

// Check says what is wrong with a group, whatever network it is in.
func (g SecurityGroup) Check() error {
	switch {
	case g.Name == "" || len(g.Name) > 255 || strings.HasPrefix(g.Name, "sg-") || !groupText.MatchString(g.Name):
		return errorf("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. It must have 1 to 255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*, and not begin with sg-.", g.Name)
	case g.Description == "":
		return errorf("MissingParameter", "The request must contain the parameter GroupDescription")
	case len(g.Description) > 255 || !groupText.MatchString(g.Description):
		return errorf("InvalidParameterValue", "Value (%s) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.", g.Description)
	}
	return nil
}

// createSecurityGroup needs s.mu.
func (s *Service) createSecurityGroup(g SecurityGroup) (SecurityGroup, error) {
	taken, err := s.groups.any(func(other SecurityGroup) bool { return other.VPCID == g.VPCID && other.Name == g.Name })
	if taken {
		err = errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", g.Name, g.VPCID)
	}
	if err != nil {
		return SecurityGroup{}, err
	}
	g.ID = s.groups.id()
	g.ARN = s.arn("security-group", g.ID)
	return g, s.groups.Put(g.ID, g)
}

// createDefaultGroup makes a network's own group, with EC2's rules: everything goes out, and
// what comes from the group comes in. It needs s.mu.
func (s *Service) createDefaultGroup(vpcID string) (SecurityGroup, error) {
	g, err := s.createSecurityGroup(SecurityGroup{VPCID: vpcID, Name: "default", Description: "default VPC security group"})
	if err != nil {
		return SecurityGroup{}, err
	}
	_, err = s.createRule(Rule{GroupID: g.ID, Egress: true, Protocol: "-1", CIDR: "0.0.0.0/0"})
	_, failed := s.createRule(Rule{GroupID: g.ID, Protocol: "-1", ReferencedGroupID: g.ID})
	return g, errors.Join(err, failed)
}

// GetSecurityGroup returns a group, or InvalidGroup.NotFound.
func (s *Service) GetSecurityGroup(id string) (SecurityGroup, error) { return s.groups.find(id) }

// TagSecurityGroup replaces a group's tags.
func (s *Service) TagSecurityGroup(id string, tags map[string]string) (SecurityGroup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.groups.find(id)
	if err != nil {
		return SecurityGroup{}, err
	}
	g.Tags = tags
	return g, s.groups.Put(id, g)
}

// DeleteSecurityGroup removes a group and its rules: DependencyViolation when a rule of
// another group refers to it.
func (s *Service) DeleteSecurityGroup(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.groups.find(id)
	if err != nil {
		return err
	}
	if g.Name == "default" {
		return errorf("CannotDelete", "the specified group: %q name: \"default\" cannot be deleted by a user", id)
	}
	referred, err := s.rules.any(func(r Rule) bool { return r.ReferencedGroupID == id && r.GroupID != id })
	if err != nil {
		return err
	}
	if referred {
		return errorf("DependencyViolation", "resource %s has a dependent object", id)
	}
	return s.deleteGroup(id)
}

// deleteGroup removes a group with its rules. It needs s.mu.
func (s *Service) deleteGroup(id string) error {
	own, err := s.rules.where(func(r Rule) bool { return r.GroupID == id })
	if err != nil {
		return err
	}
	for _, r := range own {
		if err := s.rules.Delete(r.ID); err != nil {
			return err
		}
	}
	return s.groups.Delete(id)
}

// Rule is one rule of a security group, for exactly one of CIDR, PrefixListID and
// ReferencedGroupID.
// ID and ARN are set by CreateRule.
type Rule struct {
	ID                string
	ARN               string
	GroupID           string
	Egress            bool
	Protocol          string // "tcp", "udp", or "-1" for all, of all ports
	FromPort, ToPort  int
	CIDR              string // IPv4
	PrefixListID      string // S3PrefixListID, the only one
	ReferencedGroupID string
	Description       string
	Tags              map[string]string
}

// maxRules is the quota of rules of a group in one direction.
const maxRules = 60

// CreateRule adds a rule. The errors are InvalidGroup.NotFound, InvalidParameterValue,
// InvalidPermission.Duplicate and RulesPerSecurityGroupLimitExceeded.
func (s *Service) CreateRule(r Rule) (Rule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.createRule(r)
}

// createRule needs s.mu.
func (s *Service) createRule(r Rule) (Rule, error) {
	if err := s.checkRule(&r); err != nil {
		return Rule{}, err
	}
	r.ID = s.rules.id()
	r.ARN = s.arn("security-group-rule", r.ID)
	return r, s.rules.Put(r.ID, r)
}

func (s *Service) checkRule(r *Rule) error {
	g, err := s.groups.find(r.GroupID)
	if err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	if r.ReferencedGroupID != "" {
		other, err := s.groups.find(r.ReferencedGroupID)
		if err != nil {
			return err
		}
		if other.VPCID != g.VPCID {
			return errorf("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
		}
	}
	others, err := s.rules.where(func(o Rule) bool { return o.GroupID == r.GroupID && o.Egress == r.Egress && o.ID != r.ID })
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(others, r.same):
		return errorf("InvalidPermission.Duplicate", "the specified rule \"peer: %s%s, %s, from port: %d, to port: %d, ALLOW\" already exists",
			r.CIDR+r.PrefixListID, r.ReferencedGroupID, strings.ToUpper(r.Protocol), r.FromPort, r.ToPort)
	case len(others) >= maxRules:
		return errorf("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	return nil
}

func (r *Rule) same(o Rule) bool {
	return o.Protocol == r.Protocol && o.FromPort == r.FromPort && o.ToPort == r.ToPort && o.CIDR == r.CIDR && o.PrefixListID == r.PrefixListID && o.ReferencedGroupID == r.ReferencedGroupID
}

// Check says what is wrong with a rule, whatever group it is in. It gives a rule for all
// protocols all ports.
func (r *Rule) Check() error {
	peers := slices.DeleteFunc([]string{r.CIDR, r.PrefixListID, r.ReferencedGroupID}, func(p string) bool { return p == "" })
	if len(peers) != 1 {
		return errorf("InvalidParameterCombination", "A rule has exactly one of a CIDR block, a prefix list and a security group.")
	}
	if r.PrefixListID != "" && r.PrefixListID != S3PrefixListID {
		return errorf("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", r.PrefixListID)
	}
	if r.CIDR != "" {
		p, err := netip.ParsePrefix(r.CIDR)
		if err != nil || !p.Addr().Is4() {
			return errorf("InvalidParameterValue", "CIDR block %s is malformed", r.CIDR)
		}
		if p.Masked() != p {
			return errorf("InvalidParameterValue", "CIDR block %s is malformed: its address has bits behind its length", r.CIDR)
		}
	}
	switch r.Protocol {
	case "-1":
		r.FromPort, r.ToPort = 0, 65535
	case "tcp", "udp":
		if r.FromPort < 0 || r.ToPort > 65535 || r.FromPort > r.ToPort {
			return errorf("InvalidParameterValue", "Invalid TCP/UDP port range (%d:%d)", r.FromPort, r.ToPort)
		}
	default:
		return errorf("InvalidParameterValue", "Invalid value '%s' for IP protocol. The local cloud serves tcp, udp and -1.", r.Protocol)
	}
	if len(r.Description) > 255 || !groupText.MatchString(r.Description) {
		return errorf("InvalidParameterValue", "Invalid rule description.")
	}
	return nil
}

// MissingPorts refuses a rule for a protocol that has ports, without them.
func MissingPorts(protocol string) error {
	return errorf("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange (protocol %s).", protocol)
}

// GetRule returns a rule, or InvalidSecurityGroupRuleId.NotFound.
func (s *Service) GetRule(id string) (Rule, error) { return s.rules.find(id) }

// UpdateRule changes what the rule that r names admits; its group and direction stay.
func (s *Service) UpdateRule(r Rule) (Rule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, err := s.rules.find(r.ID)
	if err != nil {
		return Rule{}, err
	}
	r.ARN, r.GroupID, r.Egress = was.ARN, was.GroupID, was.Egress
	if err := s.checkRule(&r); err != nil {
		return Rule{}, err
	}
	return r, s.rules.Put(r.ID, r)
}

// DeleteRule removes a rule.
func (s *Service) DeleteRule(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.rules.find(id); err != nil {
		return err
	}
	return s.rules.Delete(id)
}

// Admits says whether one of the groups lets all of a block (such as 35.158.127.160/27)
// in on a TCP port, by a single rule.
func (s *Service) Admits(groupIDs []string, cidr string, port int) bool {
	block, err := netip.ParsePrefix(cidr)
	if err != nil {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	admits, err := s.rules.any(func(r Rule) bool {
		return slices.Contains(groupIDs, r.GroupID) && !r.Egress && r.Protocol != "udp" &&
			r.FromPort <= port && port <= r.ToPort &&
			r.CIDR != "" && contains(netip.MustParsePrefix(r.CIDR), block)
	})
	return admits && err == nil
}
