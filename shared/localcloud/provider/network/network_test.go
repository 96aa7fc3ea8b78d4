package network_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider/network"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	vpcType         = "aws:ec2/vpc:Vpc"
	subnetType      = "aws:ec2/subnet:Subnet"
	gatewayType     = "aws:ec2/internetGateway:InternetGateway"
	tableType       = "aws:ec2/routeTable:RouteTable"
	routeType       = "aws:ec2/route:Route"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	groupType       = "aws:ec2/securityGroup:SecurityGroup"
	ingressType     = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType      = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	endpointType    = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

func world(t *testing.T) (*providertest.Engine, *plane.Service) {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	service, err := plane.New(st, "000000000000", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	return providertest.New(t, "events-warehouse", network.Kinds(service, "000000000000")), service
}

// TestTheWarehousesNetworkLivesFromCreateToDelete makes it as layer warehouse does, in
// order, and deletes it in reverse.
func TestTheWarehousesNetworkLivesFromCreateToDelete(t *testing.T) {
	engine, service := world(t)
	var all []providertest.Made
	add := func(token string, inputs object) providertest.Made {
		t.Helper()
		m := engine.Create(token, inputs)
		if in, _, _ := engine.Read(m); fmt.Sprint(in) != fmt.Sprint(m.Inputs) {
			t.Errorf("a refresh of %s finds inputs\n%v, want those of the program\n%v", token, in, m.Inputs)
		}
		all = append(all, m)
		return m
	}
	vpc := add(vpcType, object{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true, "tags": object{"layer": "warehouse"}})
	subnet := add(subnetType, object{"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1b"})
	gateway := add(gatewayType, object{"vpcId": vpc.ID})
	table := add(tableType, object{"vpcId": vpc.ID})
	add(routeType, object{"routeTableId": table.ID, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.ID})
	add(associationType, object{"routeTableId": table.ID, "subnetId": subnet.ID})
	add(endpointType, object{"vpcId": vpc.ID, "serviceName": "com.amazonaws.eu-central-1.s3", "routeTableIds": []any{table.ID}})
	group := add(groupType, object{"vpcId": vpc.ID, "description": "Firehose only"})
	add(ingressType, object{"securityGroupId": group.ID, "ipProtocol": "tcp", "fromPort": 5439, "toPort": 5439, "cidrIpv4": "35.158.127.160/27"})
	add(egressType, object{"securityGroupId": group.ID, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})

	if public, err := service.Public(subnet.ID); err != nil || !public {
		t.Errorf("the subnet is public: %v (%v)", public, err)
	}
	if !service.Admits([]string{group.ID}, "35.158.127.160/27", 5439) {
		t.Error("the group does not admit Firehose")
	}
	if vpc.Outputs["ownerId"] != "000000000000" || vpc.Outputs["mainRouteTableId"] == "" || subnet.Outputs["availabilityZone"] != "eu-central-1b" {
		t.Errorf("the network is %v, the subnet %v", vpc.Outputs, subnet.Outputs)
	}
	if err := engine.TryDelete(vpc); err == nil || !strings.Contains(err.Error(), "DependencyViolation") {
		t.Errorf("deleting a network in use is answered %v", err)
	}
	for i := len(all) - 1; i >= 0; i-- {
		engine.Delete(all[i])
		if engine.Exists(all[i]) {
			t.Errorf("%s is there after its deletion", all[i].Token)
		}
	}
}

func TestWhatCanChangeChangesInPlace(t *testing.T) {
	engine, service := world(t)
	vpc := engine.Create(vpcType, object{"cidrBlock": "10.0.0.0/16"})
	other := engine.Create(gatewayType, object{})
	gateway := engine.Create(gatewayType, object{"vpcId": vpc.ID})
	table := engine.Create(tableType, object{"vpcId": vpc.ID})
	subnet := engine.Create(subnetType, object{"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24"})
	group := engine.Create(groupType, object{"vpcId": vpc.ID, "name": "g"})
	rule := engine.Create(ingressType, object{"securityGroupId": group.ID, "ipProtocol": "tcp", "fromPort": 1, "toPort": 1, "cidrIpv4": "10.0.0.0/8"})
	route := engine.Create(routeType, object{"routeTableId": table.ID, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.ID})
	endpoint := engine.Create(endpointType, object{"vpcId": vpc.ID, "serviceName": "com.amazonaws.eu-central-1.s3"})
	tags := object{"tags": object{"a": "b"}}
	for _, c := range []struct {
		made    providertest.Made
		changed object
	}{
		{vpc, object{"enableDnsHostnames": true, "enableDnsSupport": false}}, {vpc, tags}, {gateway, tags}, {table, tags},
		{subnet, object{"mapPublicIpOnLaunch": true}}, {group, tags}, {rule, object{"cidrIpv4": "192.0.2.0/24", "description": "d"}},
		{endpoint, object{"routeTableIds": []any{table.ID}}},
	} {
		if got := engine.Replaces(c.made, c.changed); got != "" {
			t.Errorf("changing %v of %s replaces for %q", c.changed, c.made.Token, got)
		}
		m := engine.Update(c.made, c.changed)
		if in, _, _ := engine.Read(m); fmt.Sprint(in) != fmt.Sprint(m.Inputs) {
			t.Errorf("after changing %v a refresh of %s finds\n%v, want\n%v", c.changed, c.made.Token, in, m.Inputs)
		}
	}
	engine.Delete(gateway)
	other = engine.Update(other, object{"vpcId": vpc.ID})
	engine.Update(route, object{"gatewayId": other.ID})
	if public, err := service.Public(subnet.ID); err != nil || public {
		t.Errorf("a subnet with the main table is public: %v (%v)", public, err)
	}
	if got, err := service.GetRoute(table.ID, "0.0.0.0/0"); err != nil || got.GatewayID != other.ID {
		t.Errorf("the route leads to %v (%v), want %s", got, err, other.ID)
	}
}

func TestASubnetTakesAnotherRouteTableInPlace(t *testing.T) {
	engine, service := world(t)
	vpc := engine.Create(vpcType, object{"cidrBlock": "10.0.0.0/16"})
	subnet := engine.Create(subnetType, object{"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24"})
	gateway := engine.Create(gatewayType, object{"vpcId": vpc.ID})
	closed, open := engine.Create(tableType, object{"vpcId": vpc.ID}), engine.As("other").Create(tableType, object{"vpcId": vpc.ID})
	engine.Create(routeType, object{"routeTableId": open.ID, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.ID})
	association := engine.Create(associationType, object{"routeTableId": closed.ID, "subnetId": subnet.ID})
	change := object{"routeTableId": open.ID}
	if got := engine.Replaces(association, change); got != "" {
		t.Errorf("another route table replaces for %q", got)
	}
	association = engine.Update(association, change)
	if in, _, there := engine.Read(association); !there || in["routeTableId"] != open.ID {
		t.Errorf("a refresh finds %v, want the association with %s", in, open.ID)
	}
	if public, err := service.Public(subnet.ID); err != nil || !public {
		t.Errorf("with a table that leads to the gateway the subnet is public: %v (%v)", public, err)
	}
	engine.Delete(closed)
	engine.Delete(association)
	engine.Delete(open)
}

func TestWhatCannotChangeReplaces(t *testing.T) {
	engine, _ := world(t)
	vpc := engine.Create(vpcType, object{"cidrBlock": "10.0.0.0/16"})
	subnet := engine.Create(subnetType, object{"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24"})
	table := engine.Create(tableType, object{"vpcId": vpc.ID})
	association := engine.Create(associationType, object{"routeTableId": table.ID, "subnetId": subnet.ID})
	group := engine.Create(groupType, object{"vpcId": vpc.ID})
	for _, c := range []struct {
		made    providertest.Made
		changed object
		want    string
	}{
		{vpc, object{"cidrBlock": "10.1.0.0/16"}, "cidrBlock"},
		{subnet, object{"availabilityZone": "eu-central-1c"}, "availabilityZone"},
		{association, object{"subnetId": "subnet-0"}, "subnetId"},
		{group, object{"description": "other"}, "description"},
	} {
		if got := engine.Replaces(c.made, c.changed); got != c.want {
			t.Errorf("changing %v replaces for %q, want %q", c.changed, got, c.want)
		}
	}
}

func TestAnImportFindsWhatThereIs(t *testing.T) {
	engine, _ := world(t)
	vpc := engine.Create(vpcType, object{"cidrBlock": "10.0.0.0/16", "enableDnsSupport": false})
	subnet := engine.Create(subnetType, object{"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24"})
	if got := engine.Import(vpcType, vpc.ID); got["cidrBlock"] != "10.0.0.0/16" || got["enableDnsSupport"] != false {
		t.Errorf("the imported network is %v", got)
	}
	if got := engine.Import(subnetType, subnet.ID); got["availabilityZone"] != "eu-central-1a" || got["vpcId"] != vpc.ID {
		t.Errorf("the imported subnet is %v", got)
	}
}

func TestAPreviewRefusesWhatEC2Would(t *testing.T) {
	engine, _ := world(t)
	u := providertest.Unknown
	engine.Refuses(vpcType, object{"cidrBlock": "10.0.0.0/8"}, "InvalidVpc.Range")
	engine.Refuses(vpcType, object{"cidrBlock": "10.0.0.0/16", "instanceTenancy": "dedicated"}, `"dedicated" is not honoured`)
	engine.Refuses(vpcType, object{"cidrBlock": "10.0.0.0/16", "assignGeneratedIpv6CidrBlock": true}, "assignGeneratedIpv6CidrBlock: is not honoured")
	engine.Refuses(subnetType, object{"vpcId": u, "cidrBlock": "10.0.0.0/29"}, "cidrBlock: InvalidSubnet.Range")
	engine.Refuses(subnetType, object{"vpcId": u, "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-east-1a"}, "availabilityZone: InvalidParameterValue")
	engine.Refuses(tableType, object{"vpcId": u, "routes": []any{object{"cidrBlock": "0.0.0.0/0"}}}, "routes: is not honoured")
	engine.Refuses(routeType, object{"routeTableId": u, "gatewayId": u, "destinationCidrBlock": "anywhere"}, "destinationCidrBlock: InvalidParameterValue")
	engine.Refuses(routeType, object{"routeTableId": u, "natGatewayId": u, "destinationCidrBlock": "0.0.0.0/0"}, "natGatewayId: is not honoured")
	engine.Refuses(groupType, object{"vpcId": "vpc-0", "name": "sg-x"}, "GroupName")
	engine.Refuses(groupType, object{"vpcId": u, "ingress": []any{object{"fromPort": 1, "toPort": 1, "protocol": "tcp"}}}, "ingress: is not honoured")
	engine.Refuses(ingressType, object{"securityGroupId": "sg-0", "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8"}, "Must specify both from and to ports")
	engine.Refuses(ingressType, object{"securityGroupId": "sg-0", "ipProtocol": "tcp", "fromPort": 1, "toPort": 1, "cidrIpv4": "10.0.0.1/8"}, "malformed")
	engine.Refuses(ingressType, object{"securityGroupId": u, "ipProtocol": "-1", "cidrIpv6": "::/0"}, "cidrIpv6: is not honoured")
	engine.Refuses(endpointType, object{"vpcId": u, "serviceName": "com.amazonaws.eu-central-1.sqs"}, "InvalidServiceName")
	engine.Refuses(endpointType, object{"vpcId": u, "serviceName": "com.amazonaws.eu-central-1.s3", "vpcEndpointType": "Interface"}, "Interface endpoints are not honoured")
}

func TestTheZonesAreTheRegions(t *testing.T) {
	engine, _ := world(t)
	got := engine.Invoke("aws:index/getAvailabilityZones:getAvailabilityZones", object{"state": "available"})
	if fmt.Sprint(got["names"]) != "[eu-central-1a eu-central-1b eu-central-1c]" || len(got["zoneIds"].([]any)) != 3 {
		t.Errorf("the zones are %v", got)
	}
	if got := engine.Invoke("aws:index/getAvailabilityZones:getAvailabilityZones", object{"state": "impaired"}); len(got["names"].([]any)) != 0 {
		t.Errorf("impaired zones are %v", got["names"])
	}
	for status, want := range map[string]int{"opt-in-not-required": 3, "opted-in": 0} {
		filters := []any{object{"name": "opt-in-status", "values": []any{status}}}
		if got := engine.Invoke("aws:index/getAvailabilityZones:getAvailabilityZones", object{"filters": filters}); len(got["names"].([]any)) != want {
			t.Errorf("zones of status %s are %v, want %d", status, got["names"], want)
		}
	}
}
