package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/redshiftserverless"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// newWorkgroup makes a namespace, which keeps the data, and a workgroup, which computes.
// Firehose needs it to be public as it does a cluster.
func newWorkgroup(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, net *clusterNetwork, roleARN pulumi.StringOutput) (warehouse, error) {
	namespace, err := redshiftserverless.NewNamespace(ctx, name, &redshiftserverless.NamespaceArgs{
		NamespaceName:       pulumi.String(s.Workgroup()),
		DbName:              pulumi.String(cfg.Database),
		AdminUsername:       pulumi.String(cfg.AdminUser),
		ManageAdminPassword: pulumi.Bool(true),
		IamRoles:            pulumi.StringArray{roleARN}, // COPY by hand: Firehose uses its own
		Tags:                s.Tags(),
	}, keep(s))
	if err != nil {
		return warehouse{}, err
	}
	args := &redshiftserverless.WorkgroupArgs{
		WorkgroupName:      pulumi.String(s.Workgroup()),
		NamespaceName:      namespace.NamespaceName,
		BaseCapacity:       pulumi.Int(cfg.Serverless.BaseCapacity),
		PubliclyAccessible: pulumi.Bool(true),
		EnhancedVpcRouting: pulumi.Bool(cfg.EnhancedVPCRouting),
		SubnetIds:          net.SubnetIDs,
		SecurityGroupIds:   pulumi.StringArray{net.SecurityGroupID},
		ConfigParameters: redshiftserverless.WorkgroupConfigParameterArray{redshiftserverless.WorkgroupConfigParameterArgs{
			ParameterKey: pulumi.String("require_ssl"), ParameterValue: pulumi.Sprintf("%t", cfg.RequireSSL),
		}},
		Port: pulumi.Int(port),
		Tags: s.Tags(),
	}
	if cfg.Serverless.MaxCapacity != 0 {
		args.MaxCapacity = pulumi.Int(cfg.Serverless.MaxCapacity)
	}
	group, err := redshiftserverless.NewWorkgroup(ctx, name, args, inside(net), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return warehouse{}, err
	}
	endpoint := group.Endpoints.ApplyT(func(all []redshiftserverless.WorkgroupEndpoint) (string, error) {
		if len(all) == 0 || all[0].Address == nil || all[0].Port == nil {
			return "", fmt.Errorf("workgroup %s has no endpoint", s.Workgroup())
		}
		return fmt.Sprintf("%s:%d", *all[0].Address, *all[0].Port), nil
	}).(pulumi.StringOutput)
	return warehouse{Endpoint: endpoint, Database: namespace.DbName, AdminSecretARN: namespace.AdminPasswordSecretArn,
		WorkgroupName: group.WorkgroupName, made: group}, nil
}
