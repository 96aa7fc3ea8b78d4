package main

import (
	"cmp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/redshift"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// warehouse is what takes the schema and the events: a cluster, or a serverless workgroup.
type warehouse struct {
	Endpoint          pulumi.StringOutput // host:port
	Database          pulumi.StringOutput
	AdminSecretARN    pulumi.StringOutput
	ClusterIdentifier pulumi.StringPtrInput // nil when serverless
	WorkgroupName     pulumi.StringPtrInput // nil when provisioned
	made              pulumi.Resource
}

func newWarehouse(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, net *clusterNetwork, roleARN pulumi.StringOutput) (warehouse, error) {
	if cfg.Serverless != nil {
		return newWorkgroup(ctx, s, name, cfg, net, roleARN)
	}
	cluster, err := newCluster(ctx, s, name, cfg, net, roleARN)
	if err != nil {
		return warehouse{}, err
	}
	return warehouse{Endpoint: cluster.Endpoint, Database: cluster.DatabaseName, AdminSecretARN: cluster.MasterPasswordSecretArn,
		ClusterIdentifier: cluster.ClusterIdentifier, made: cluster}, nil
}

// keep has Pulumi refuse what would delete or replace the events of a protected environment.
// Elsewhere a replacement begins with the deletion of the old one: its name is fixed.
func keep(s *stack.Stack) pulumi.ResourceOption {
	return pulumi.Composite(pulumi.Protect(s.Environment.Protected), pulumi.DeleteBeforeReplace(true))
}

// inside waits for the whole network: AWS refuses a public cluster in a network that has no
// way to the internet yet (InvalidVPCNetworkStateFault). It names the parts: a component
// stands for those children that have begun to register, which may not be all.
func inside(net *clusterNetwork) pulumi.ResourceOption {
	return pulumi.DependsOn(net.parts)
}

// newCluster makes the cluster in the network. Everything that AWS and pulumi-aws
// default differently is set: since January 2025 AWS makes private, encrypted clusters,
// and pulumi-aws v6 still believes otherwise.
func newCluster(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, net *clusterNetwork, roleARN pulumi.StringOutput) (*redshift.Cluster, error) {
	subnets, err := redshift.NewSubnetGroup(ctx, name, &redshift.SubnetGroupArgs{
		Name:        pulumi.String(s.Cluster()),
		Description: pulumi.String("Public subnets, which Firehose needs"),
		SubnetIds:   net.SubnetIDs,
		Tags:        s.Tags(),
	})
	if err != nil {
		return nil, err
	}
	parameters, err := redshift.NewParameterGroup(ctx, name, &redshift.ParameterGroupArgs{
		Name:        pulumi.String(s.Cluster()),
		Family:      pulumi.String("redshift-2.0"),
		Description: pulumi.String("Connections with TLS"),
		Parameters: redshift.ParameterGroupParameterArray{redshift.ParameterGroupParameterArgs{
			Name: pulumi.String("require_ssl"), Value: pulumi.Sprintf("%t", cfg.RequireSSL),
		}},
		Tags: s.Tags(),
	})
	if err != nil {
		return nil, err
	}
	args := &redshift.ClusterArgs{
		ClusterIdentifier:                pulumi.String(s.Cluster()),
		DatabaseName:                     pulumi.String(cfg.Database),
		MasterUsername:                   pulumi.String(cfg.AdminUser),
		ManageMasterPassword:             pulumi.Bool(true),
		NodeType:                         pulumi.String(cfg.NodeType),
		NumberOfNodes:                    pulumi.Int(cfg.Nodes),
		Port:                             pulumi.Int(port),
		Encrypted:                        pulumi.Bool(true),
		PubliclyAccessible:               pulumi.Bool(true),
		EnhancedVpcRouting:               pulumi.Bool(cfg.EnhancedVPCRouting),
		ClusterSubnetGroupName:           subnets.Name,
		ClusterParameterGroupName:        parameters.Name,
		VpcSecurityGroupIds:              pulumi.StringArray{net.SecurityGroupID},
		IamRoles:                         pulumi.StringArray{roleARN}, // COPY by hand: Firehose uses its own
		AutomatedSnapshotRetentionPeriod: pulumi.Int(cfg.SnapshotDays),
		SkipFinalSnapshot:                pulumi.Bool(cfg.SkipFinalSnapshot),
		Tags:                             s.Tags(),
	}
	if !cfg.SkipFinalSnapshot {
		args.FinalSnapshotIdentifier = pulumi.String(cmp.Or(cfg.FinalSnapshot, s.Cluster()+"-final"))
	}
	return redshift.NewCluster(ctx, name, args, keep(s), inside(net))
}
