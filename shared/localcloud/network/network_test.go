package network

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/store"
)

// world is a Service with a network that has a public subnet "a", as the warehouse's.
type world struct {
	*Service
	path    string
	st      *store.Store
	vpc     VPC
	subnet  Subnet
	gateway InternetGateway
	table   RouteTable
	assoc   string
	group   SecurityGroup
}

func (w *world) open(t *testing.T) {
	t.Helper()
	var err error
	w.st, err = store.Open(w.path)
	must(t, err)
	w.Service, err = New(w.st, "000000000000", "eu-central-1")
	must(t, err)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{path: filepath.Join(t.TempDir(), "state.db")}
	w.open(t)
	t.Cleanup(func() { must(t, w.st.Close()) })
	var err error
	w.vpc, err = w.CreateVPC(VPC{CIDR: "10.0.0.0/16", EnableDNSSupport: true, EnableDNSHostnames: true})
	must(t, err)
	w.subnet, err = w.CreateSubnet(Subnet{VPCID: w.vpc.ID, CIDR: "10.0.1.0/24", AvailabilityZone: "eu-central-1b"})
	must(t, err)
	w.gateway, err = w.CreateInternetGateway(InternetGateway{VPCID: w.vpc.ID})
	must(t, err)
	w.table, err = w.CreateRouteTable(RouteTable{VPCID: w.vpc.ID})
	must(t, err)
	must(t, w.CreateRoute(w.table.ID, Route{DestinationCIDR: "0.0.0.0/0", GatewayID: w.gateway.ID}))
	w.assoc, err = w.Associate(w.table.ID, w.subnet.ID)
	must(t, err)
	w.group, err = w.CreateSecurityGroup(SecurityGroup{VPCID: w.vpc.ID, Name: "warehouse", Description: "Firehose only"})
	must(t, err)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) public(t *testing.T, subnet string) bool {
	t.Helper()
	public, err := w.Public(subnet)
	must(t, err)
	return public
}

func TestASubnetIsPublicWhileItsTableLeadsToTheGateway(t *testing.T) {
	w := newWorld(t)
	if !w.public(t, w.subnet.ID) {
		t.Error("a subnet with a route to the internet gateway is not public")
	}
	other, err := w.CreateSubnet(Subnet{VPCID: w.vpc.ID, CIDR: "10.0.2.0/24"})
	must(t, err)
	if w.public(t, other.ID) {
		t.Error("a subnet with the main table, which has no route, is public")
	}
	must(t, w.CreateRoute(w.vpc.MainRouteTableID, Route{DestinationCIDR: "0.0.0.0/0", GatewayID: w.gateway.ID}))
	if !w.public(t, other.ID) {
		t.Error("a subnet does not follow the main table")
	}
	must(t, w.DeleteRoute(w.table.ID, "0.0.0.0/0"))
	if w.public(t, w.subnet.ID) {
		t.Error("a subnet follows the main table though it has its own")
	}
	must(t, w.DeleteInternetGateway(w.gateway.ID))
	if w.public(t, other.ID) {
		t.Error("a route to a gateway that is gone makes a subnet public")
	}
}

func TestAGroupAdmitsWhatOneOfItsRulesCovers(t *testing.T) {
	w := newWorld(t)
	add := func(r Rule) {
		t.Helper()
		r.GroupID = w.group.ID
		_, err := w.CreateRule(r)
		must(t, err)
	}
	add(Rule{Protocol: "tcp", FromPort: 5439, ToPort: 5439, CIDR: "35.158.127.160/27"})
	add(Rule{Protocol: "udp", FromPort: 1, ToPort: 65535, CIDR: "10.1.0.0/16"})
	add(Rule{Protocol: "-1", CIDR: "10.2.0.0/16"})
	add(Rule{Egress: true, Protocol: "-1", CIDR: "0.0.0.0/0"})
	cases := []struct {
		cidr string
		port int
		want bool
	}{
		{"35.158.127.160/27", 5439, true},
		{"35.158.127.170/32", 5439, true},
		{"35.158.127.160/27", 5440, false},
		{"35.158.127.0/24", 5439, false},
		{"10.1.0.1/32", 5439, false},
		{"10.2.9.0/24", 5439, true},
		{"192.0.2.1/32", 443, false},
		{"nonsense", 5439, false},
	}
	for _, c := range cases {
		if got := w.Admits([]string{"sg-other", w.group.ID}, c.cidr, c.port); got != c.want {
			t.Errorf("%s on port %d is admitted: %v, want %v", c.cidr, c.port, got, c.want)
		}
	}
	if w.Admits([]string{"sg-other"}, "35.158.127.160/27", 5439) {
		t.Error("a group admits by another's rules")
	}
}

func TestAnUpdatedRuleAdmitsWhatItSaysNow(t *testing.T) {
	w := newWorld(t)
	r, err := w.CreateRule(Rule{GroupID: w.group.ID, Protocol: "tcp", FromPort: 5439, ToPort: 5439, CIDR: "10.0.0.0/8"})
	must(t, err)
	_, err = w.UpdateRule(Rule{ID: r.ID, Protocol: "tcp", FromPort: 5439, ToPort: 5439, CIDR: "192.0.2.0/24"})
	must(t, err)
	if w.Admits([]string{w.group.ID}, "10.0.0.1/32", 5439) || !w.Admits([]string{w.group.ID}, "192.0.2.1/32", 5439) {
		t.Error("the rule admits what it said before")
	}
	must(t, w.DeleteRule(r.ID))
	if w.Admits([]string{w.group.ID}, "192.0.2.1/32", 5439) {
		t.Error("a deleted rule admits")
	}
}

func TestNetworksSurviveARestart(t *testing.T) {
	w := newWorld(t)
	must(t, w.st.Close())
	w.open(t)
	if !w.public(t, w.subnet.ID) {
		t.Error("after a restart the subnet is not public")
	}
	if v, err := w.GetVPC(w.vpc.ID); err != nil || !v.EnableDNSHostnames || v.ARN != "arn:aws:ec2:eu-central-1:000000000000:vpc/"+w.vpc.ID {
		t.Errorf("after a restart the network is %+v, %v", v, err)
	}
}

func TestTheWayToS3IsTheMostSpecificOneThatTheGroupOpens(t *testing.T) {
	w := newWorld(t)
	want := func(when, policy string, ok, public bool) {
		t.Helper()
		gotPolicy, gotOK, err := w.ToS3(w.subnet.ID, []string{w.group.ID}, public)
		must(t, err)
		if gotPolicy != policy || gotOK != ok {
			t.Errorf("%s: S3 is reached: %v by %q, want %v by %q", when, gotOK, gotPolicy, ok, policy)
		}
	}
	want("a group that lets nothing out", "", false, true)
	rule, err := w.CreateRule(Rule{GroupID: w.group.ID, Egress: true, Protocol: "tcp", FromPort: 443, ToPort: 443, PrefixListID: S3PrefixListID})
	must(t, err)
	want("over the internet", "", true, true)
	want("without a public address", "", false, false)
	const own = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`
	e, err := w.CreateEndpoint(Endpoint{VPCID: w.vpc.ID, ServiceName: "com.amazonaws.eu-central-1.s3", Policy: own})
	must(t, err)
	want("an endpoint in no table", "", false, false)
	e.RouteTableIDs = []string{w.table.ID}
	_, err = w.UpdateEndpoint(e)
	must(t, err)
	want("an endpoint in the table", own, true, false)
	want("an endpoint before the internet", own, true, true)
	rule.FromPort, rule.ToPort = 80, 80
	_, err = w.UpdateRule(rule)
	must(t, err)
	want("a rule for another port", "", false, true)
	rule.Protocol, rule.PrefixListID, rule.CIDR = "-1", "", "0.0.0.0/0"
	_, err = w.UpdateRule(rule)
	must(t, err)
	want("a rule for anywhere", own, true, false)
	must(t, w.DeleteEndpoint(e.ID))
	want("a deleted endpoint", "", false, false)
}

func TestNothingIsDeletedThatSomethingIsIn(t *testing.T) {
	w := newWorld(t)
	refused := func(what string, err error) {
		t.Helper()
		if code(err) != "DependencyViolation" {
			t.Errorf("deleting %s is answered %v", what, err)
		}
	}
	refused("a network in use", w.DeleteVPC(w.vpc.ID))
	refused("a table in use", w.DeleteRouteTable(w.table.ID))
	refused("the main table", w.DeleteRouteTable(w.vpc.MainRouteTableID))
	must(t, w.Disassociate(w.assoc))
	must(t, w.DeleteRouteTable(w.table.ID))
	refused("a network in use", w.DeleteVPC(w.vpc.ID))
	must(t, w.DeleteSubnet(w.subnet.ID))
	must(t, w.DeleteInternetGateway(w.gateway.ID))
	refused("a network with a group", w.DeleteVPC(w.vpc.ID))
	_, err := w.CreateRule(Rule{GroupID: w.vpc.DefaultSecurityGroupID, Protocol: "-1", ReferencedGroupID: w.group.ID})
	must(t, err)
	refused("a group that another's rule names", w.DeleteSecurityGroup(w.group.ID))
	rules, err := w.rules.where(func(r Rule) bool { return r.ReferencedGroupID == w.group.ID })
	must(t, err)
	must(t, w.DeleteRule(rules[0].ID))
	must(t, w.DeleteSecurityGroup(w.group.ID))
	must(t, w.DeleteVPC(w.vpc.ID))
	if _, err := w.GetVPC(w.vpc.ID); code(err) != "InvalidVpcID.NotFound" {
		t.Errorf("a deleted network is answered %v", err)
	}
}

func TestADeletedSubnetLeavesItsTableFree(t *testing.T) {
	w := newWorld(t)
	must(t, w.DeleteSubnet(w.subnet.ID))
	must(t, w.DeleteRouteTable(w.table.ID))
}

func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestWhatEC2RefusesIsRefusedWithItsCode(t *testing.T) {
	w := newWorld(t)
	other, err := w.CreateVPC(VPC{CIDR: "10.1.0.0/16"})
	must(t, err)
	otherTable, err := w.CreateRouteTable(RouteTable{VPCID: other.ID})
	must(t, err)
	otherGroup, err := w.CreateSecurityGroup(SecurityGroup{VPCID: other.ID, Name: "warehouse", Description: "d"})
	must(t, err)
	vpc := func(cidr string) error { _, err := w.CreateVPC(VPC{CIDR: cidr}); return err }
	subnet := func(n Subnet) error { _, err := w.CreateSubnet(n); return err }
	gateway := func(g InternetGateway) error { _, err := w.CreateInternetGateway(g); return err }
	table := func(id string) error { _, err := w.CreateRouteTable(RouteTable{VPCID: id}); return err }
	associate := func(table, subnet string) error { _, err := w.Associate(table, subnet); return err }
	group := func(g SecurityGroup) error { _, err := w.CreateSecurityGroup(g); return err }
	rule := func(r Rule) error { _, err := w.CreateRule(r); return err }
	endpoint := func(e Endpoint) error { _, err := w.CreateEndpoint(e); return err }
	must(t, rule(Rule{GroupID: w.group.ID, Protocol: "tcp", FromPort: 1, ToPort: 2, CIDR: "10.0.0.0/8"}))
	must(t, endpoint(Endpoint{VPCID: w.vpc.ID, ServiceName: "com.amazonaws.eu-central-1.s3", RouteTableIDs: []string{w.table.ID}}))
	cases := []struct {
		rule string
		err  error
		code string
	}{
		{"a network without a block", vpc(""), "InvalidParameterValue"},
		{"a network of IPv6", vpc("2001:db8::/32"), "InvalidParameterValue"},
		{"a block with host bits", vpc("10.0.0.1/16"), "InvalidParameterValue"},
		{"a network of a /8", vpc("10.0.0.0/8"), "InvalidVpc.Range"},
		{"a network of a /29", vpc("10.0.0.0/29"), "InvalidVpc.Range"},
		{"a subnet of no network", subnet(Subnet{VPCID: "vpc-0", CIDR: "10.0.2.0/24"}), "InvalidVpcID.NotFound"},
		{"a subnet outside its network", subnet(Subnet{VPCID: w.vpc.ID, CIDR: "10.1.0.0/24"}), "InvalidSubnet.Range"},
		{"a subnet as large as two networks", subnet(Subnet{VPCID: w.vpc.ID, CIDR: "10.0.0.0/15"}), "InvalidSubnet.Range"},
		{"a subnet over another", subnet(Subnet{VPCID: w.vpc.ID, CIDR: "10.0.0.0/23"}), "InvalidSubnet.Conflict"},
		{"a zone of another region", subnet(Subnet{VPCID: w.vpc.ID, CIDR: "10.0.2.0/24", AvailabilityZone: "us-east-1a"}), "InvalidParameterValue"},
		{"a gateway of no network", gateway(InternetGateway{VPCID: "vpc-0"}), "InvalidVpcID.NotFound"},
		{"a second gateway", gateway(InternetGateway{VPCID: w.vpc.ID}), "InvalidParameterValue"},
		{"a table of no network", table("vpc-0"), "InvalidVpcID.NotFound"},
		{"a route in no table", w.CreateRoute("rtb-0", Route{"0.0.0.0/0", w.gateway.ID}), "InvalidRouteTableID.NotFound"},
		{"a route to no gateway", w.CreateRoute(w.table.ID, Route{"192.0.2.0/24", "igw-0"}), "InvalidInternetGatewayID.NotFound"},
		{"a route to nowhere", w.CreateRoute(w.table.ID, Route{"anywhere", w.gateway.ID}), "InvalidParameterValue"},
		{"a route twice", w.CreateRoute(w.table.ID, Route{"0.0.0.0/0", w.gateway.ID}), "RouteAlreadyExists"},
		{"a route for the network itself", w.CreateRoute(w.table.ID, Route{"10.0.0.0/16", w.gateway.ID}), "RouteAlreadyExists"},
		{"a route to another network's gateway", w.CreateRoute(otherTable.ID, Route{"0.0.0.0/0", w.gateway.ID}), "InvalidParameterValue"},
		{"deleting no route", w.DeleteRoute(w.table.ID, "192.0.2.0/24"), "InvalidRoute.NotFound"},
		{"a second table for a subnet", associate(w.table.ID, w.subnet.ID), "Resource.AlreadyAssociated"},
		{"another network's table", associate(otherTable.ID, w.subnet.ID), "InvalidParameterValue"},
		{"a table for no subnet", associate(w.table.ID, "subnet-0"), "InvalidSubnetID.NotFound"},
		{"another network's table instead", w.ReplaceAssociation(w.assoc, otherTable.ID), "InvalidParameterValue"},
		{"no table instead", w.ReplaceAssociation(w.assoc, "rtb-0"), "InvalidRouteTableID.NotFound"},
		{"a table instead where none is", w.ReplaceAssociation("rtbassoc-0", w.table.ID), "InvalidAssociationID.NotFound"},
		{"no such association", w.Disassociate("rtbassoc-0"), "InvalidAssociationID.NotFound"},
		{"a group of no network", group(SecurityGroup{VPCID: "vpc-0", Name: "n", Description: "d"}), "InvalidVpcID.NotFound"},
		{"a group twice", group(SecurityGroup{VPCID: w.vpc.ID, Name: "warehouse", Description: "d"}), "InvalidGroup.Duplicate"},
		{"a group without description", group(SecurityGroup{VPCID: w.vpc.ID, Name: "n"}), "MissingParameter"},
		{"a group whose name begins with sg-", group(SecurityGroup{VPCID: w.vpc.ID, Name: "sg-n", Description: "d"}), "InvalidParameterValue"},
		{"a description with an umlaut", group(SecurityGroup{VPCID: w.vpc.ID, Name: "n", Description: "für"}), "InvalidParameterValue"},
		{"deleting the default group", w.DeleteSecurityGroup(w.vpc.DefaultSecurityGroupID), "CannotDelete"},
		{"a rule of no group", rule(Rule{GroupID: "sg-0", Protocol: "-1", CIDR: "10.0.0.0/8"}), "InvalidGroup.NotFound"},
		{"a rule for nobody", rule(Rule{GroupID: w.group.ID, Protocol: "-1"}), "InvalidParameterCombination"},
		{"a rule for two", rule(Rule{GroupID: w.group.ID, Protocol: "-1", CIDR: "10.0.0.0/8", ReferencedGroupID: w.group.ID}), "InvalidParameterCombination"},
		{"a rule for a list and a block", rule(Rule{GroupID: w.group.ID, Protocol: "-1", CIDR: "10.0.0.0/8", PrefixListID: S3PrefixListID}), "InvalidParameterCombination"},
		{"a rule for no list", rule(Rule{GroupID: w.group.ID, Protocol: "-1", PrefixListID: "pl-0"}), "InvalidPrefixListID.NotFound"},
		{"a rule for no block", rule(Rule{GroupID: w.group.ID, Protocol: "-1", CIDR: "all"}), "InvalidParameterValue"},
		{"a rule for a block with host bits", rule(Rule{GroupID: w.group.ID, Protocol: "-1", CIDR: "10.0.0.1/8"}), "InvalidParameterValue"},
		{"a rule with ports the wrong way", rule(Rule{GroupID: w.group.ID, Protocol: "tcp", FromPort: 2, ToPort: 1, CIDR: "10.0.0.0/8"}), "InvalidParameterValue"},
		{"a rule for another protocol", rule(Rule{GroupID: w.group.ID, Protocol: "icmp", CIDR: "10.0.0.0/8"}), "InvalidParameterValue"},
		{"a rule twice", rule(Rule{GroupID: w.group.ID, Protocol: "tcp", FromPort: 1, ToPort: 2, CIDR: "10.0.0.0/8"}), "InvalidPermission.Duplicate"},
		{"a rule for no group", rule(Rule{GroupID: w.group.ID, Protocol: "-1", ReferencedGroupID: "sg-0"}), "InvalidGroup.NotFound"},
		{"a rule for another network's group", rule(Rule{GroupID: w.group.ID, Protocol: "-1", ReferencedGroupID: otherGroup.ID}), "InvalidGroup.NotFound"},
		{"an endpoint for another service", endpoint(Endpoint{VPCID: w.vpc.ID, ServiceName: "com.amazonaws.eu-central-1.sqs"}), "InvalidServiceName"},
		{"an endpoint in another network's table", endpoint(Endpoint{VPCID: w.vpc.ID, ServiceName: "com.amazonaws.eu-central-1.s3", RouteTableIDs: []string{otherTable.ID}}), "InvalidParameter"},
		{"a second endpoint in a table", endpoint(Endpoint{VPCID: w.vpc.ID, ServiceName: "com.amazonaws.eu-central-1.s3", RouteTableIDs: []string{w.table.ID}}), "RouteAlreadyExists"},
	}
	for _, c := range cases {
		if code(c.err) != c.code {
			t.Errorf("%s is answered %v, want %s", c.rule, c.err, c.code)
		}
	}
}

func TestAGroupTakesAsManyRulesAsTheQuota(t *testing.T) {
	w := newWorld(t)
	var err error
	for i := range maxRules + 1 {
		_, err = w.CreateRule(Rule{GroupID: w.group.ID, Protocol: "tcp", FromPort: i, ToPort: i, CIDR: "10.0.0.0/8"})
		if i < maxRules {
			must(t, err)
		}
	}
	if code(err) != "RulesPerSecurityGroupLimitExceeded" || !strings.Contains(err.Error(), "maximum number of rules") {
		t.Errorf("rule %d is answered %v", maxRules+1, err)
	}
}

func TestTheDefaultGroupAdmitsItselfAndLetsEverythingOut(t *testing.T) {
	w := newWorld(t)
	rules, err := w.rules.where(func(r Rule) bool { return r.GroupID == w.vpc.DefaultSecurityGroupID })
	must(t, err)
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.CIDR, b.CIDR) })
	if len(rules) != 2 || rules[0].Egress || rules[0].ReferencedGroupID != w.vpc.DefaultSecurityGroupID || !rules[1].Egress || rules[1].CIDR != "0.0.0.0/0" {
		t.Errorf("the default group has the rules %+v", rules)
	}
}

func TestADeletedNetworkLeavesNothing(t *testing.T) {
	w := newWorld(t)
	v, err := w.CreateVPC(VPC{CIDR: "10.1.0.0/16"})
	must(t, err)
	must(t, w.DeleteVPC(v.ID))
	rules, err := w.rules.where(func(r Rule) bool { return r.GroupID == v.DefaultSecurityGroupID })
	if len(rules) != 0 || err != nil {
		t.Errorf("a deleted network leaves the rules %+v (%v)", rules, err)
	}
}
