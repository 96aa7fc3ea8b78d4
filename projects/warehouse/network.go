package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/policy"
	"pipeline/shared/stack"
)

// clusterNetwork is a VPC that Firehose can deliver into: Firehose connects from outside
// and only to a cluster with a public address, so the subnets are public, and the
// security group is what keeps everybody else out.
type clusterNetwork struct {
	pulumi.ResourceState
	SubnetIDs       pulumi.StringArray
	SecurityGroupID pulumi.StringOutput

	parts []pulumi.Resource // that the cluster waits for and refers to through none of its inputs
}

func newClusterNetwork(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, bucketARN pulumi.StringOutput) (*clusterNetwork, error) {
	admitted, err := admittedBlocks(s.Region, cfg)
	if err != nil {
		return nil, err
	}
	c := &clusterNetwork{}
	if err := ctx.RegisterComponentResource("pipeline:warehouse:ClusterNetwork", name, c); err != nil {
		return nil, err
	}
	net, err := ec2.NewVpc(ctx, name, &ec2.VpcArgs{
		CidrBlock:          pulumi.String(cfg.VPCCIDR),
		EnableDnsHostnames: pulumi.Bool(true), // a public cluster's endpoint needs them
		EnableDnsSupport:   pulumi.Bool(true),
		Tags:               s.Tags(),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	table, err := c.routeOut(ctx, s, name, net)
	if err != nil {
		return nil, err
	}
	if err := c.addSubnets(ctx, s, name, cfg, net, table); err != nil {
		return nil, err
	}
	if err := c.admit(ctx, s, name, net, admitted); err != nil {
		return nil, err
	}
	if cfg.EnhancedVPCRouting {
		if err := c.endpointForS3(ctx, s, name, net, table, bucketARN); err != nil {
			return nil, err
		}
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"subnetIds": c.SubnetIDs, "securityGroupId": c.SecurityGroupID})
}

// routeOut makes the way to the internet.
func (c *clusterNetwork) routeOut(ctx *pulumi.Context, s *stack.Stack, name string, net *ec2.Vpc) (*ec2.RouteTable, error) {
	gateway, err := ec2.NewInternetGateway(ctx, name, &ec2.InternetGatewayArgs{VpcId: net.ID(), Tags: s.Tags()}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	table, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: net.ID(), Tags: s.Tags()}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	route, err := ec2.NewRoute(ctx, name+"-out", &ec2.RouteArgs{
		RouteTableId:         table.ID(),
		DestinationCidrBlock: pulumi.String("0.0.0.0/0"),
		GatewayId:            gateway.ID(),
	}, pulumi.Parent(c))
	c.parts = append(c.parts, route)
	return table, err
}

// regionsOwn leaves out Local Zones, which are available too where an account has opted in, and
// come first by name (EC2 API reference, DescribeAvailabilityZones).
var regionsOwn = []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}}

// addSubnets makes a public subnet in each of the first zones of the region.
func (c *clusterNetwork) addSubnets(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, net *ec2.Vpc, table *ec2.RouteTable) error {
	available := "available"
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{State: &available, Filters: regionsOwn})
	if err != nil {
		return fmt.Errorf("ask AWS for availability zones: %w", err)
	}
	if len(zones.Names) < cfg.Zones {
		return fmt.Errorf("zones is %d, but region %s has %d", cfg.Zones, s.Region, len(zones.Names))
	}
	for i, block := range subnetBlocks(cfg.VPCCIDR, cfg.Zones) {
		subnet := fmt.Sprintf("%s-%d", name, i+1)
		made, err := ec2.NewSubnet(ctx, subnet, &ec2.SubnetArgs{
			VpcId:            net.ID(),
			CidrBlock:        pulumi.String(block),
			AvailabilityZone: pulumi.String(zones.Names[i]),
			Tags:             s.Tags(),
		}, pulumi.Parent(c))
		if err != nil {
			return err
		}
		association, err := ec2.NewRouteTableAssociation(ctx, subnet, &ec2.RouteTableAssociationArgs{SubnetId: made.ID(), RouteTableId: table.ID()}, pulumi.Parent(c))
		if err != nil {
			return err
		}
		// The subnet is public, as the cluster needs it, only once it has its routes.
		c.SubnetIDs = append(c.SubnetIDs, association.SubnetId.Elem())
		c.parts = append(c.parts, association)
	}
	return nil
}

// subnetBlocks divides a block, which config has checked, into eight and takes the first n.
func subnetBlocks(block string, n int) []string {
	whole := netip.MustParsePrefix(block)
	bits := whole.Bits() + 3
	start := whole.Addr().As4()
	base := uint32(start[0])<<24 | uint32(start[1])<<16 | uint32(start[2])<<8 | uint32(start[3])
	var blocks []string
	for i := range n {
		at := base + uint32(i)<<(32-bits)
		addr := netip.AddrFrom4([4]byte{byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at)})
		blocks = append(blocks, netip.PrefixFrom(addr, bits).String())
	}
	return blocks
}

// admit makes the security group: these blocks, the first of them Firehose's, this port, and no
// way out. A rule is named by its block: named by its place, one that moves up would be changed to
// a block whose old rule is still there, which AWS refuses (InvalidPermission.Duplicate).
func (c *clusterNetwork) admit(ctx *pulumi.Context, s *stack.Stack, name string, net *ec2.Vpc, blocks []string) error {
	group, err := ec2.NewSecurityGroup(ctx, name, &ec2.SecurityGroupArgs{
		VpcId:       net.ID(),
		Description: pulumi.String("Redshift: Firehose and the configured blocks"),
		Tags:        s.Tags(),
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	for i, block := range blocks {
		who := "firehose"
		if i > 0 {
			who = "admin-" + strings.NewReplacer(".", "-", "/", "-").Replace(block)
		}
		rule, err := vpc.NewSecurityGroupIngressRule(ctx, name+"-"+who, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(),
			Description:     pulumi.String("SQL from " + who),
			CidrIpv4:        pulumi.String(block),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(port),
			ToPort:          pulumi.Int(port),
			Tags:            s.Tags(),
		}, pulumi.Parent(c))
		if err != nil {
			return err
		}
		c.parts = append(c.parts, rule)
	}
	c.SecurityGroupID = group.ID().ToStringOutput()
	return nil
}

// endpointForS3 leads COPY to S3 inside of AWS, to the staging bucket and no other; to S3
// is then all that the security group lets out.
func (c *clusterNetwork) endpointForS3(ctx *pulumi.Context, s *stack.Stack, name string, net *ec2.Vpc, table *ec2.RouteTable, bucketARN pulumi.StringOutput) error {
	endpoint, err := ec2.NewVpcEndpoint(ctx, name+"-s3", &ec2.VpcEndpointArgs{
		VpcId:         net.ID(),
		ServiceName:   pulumi.String("com.amazonaws." + s.Region + ".s3"),
		RouteTableIds: pulumi.StringArray{table.ID()},
		Policy: policy.Document{{
			Principal: policy.Principal{Anyone: true},
			Actions:   []string{"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"},
			Resources: []pulumi.StringInput{bucketARN, pulumi.Sprintf("%s/*", bucketARN)},
		}}.JSON(),
		Tags: s.Tags(),
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	rule, err := vpc.NewSecurityGroupEgressRule(ctx, name+"-to-s3", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: c.SecurityGroupID,
		Description:     pulumi.String("COPY reads S3"),
		PrefixListId:    endpoint.PrefixListId,
		IpProtocol:      pulumi.String("tcp"),
		FromPort:        pulumi.Int(443),
		ToPort:          pulumi.Int(443),
		Tags:            s.Tags(),
	}, pulumi.Parent(c))
	c.parts = append(c.parts, endpoint, rule)
	return err
}
