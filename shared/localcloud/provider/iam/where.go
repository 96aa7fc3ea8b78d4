package iam

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider"
)

type getCallerIdentityArgs struct{}

func (r resources) getCallerIdentity() provider.Function[getCallerIdentityArgs] {
	return provider.Function[getCallerIdentityArgs]{
		Token: "aws:index/getCallerIdentity:getCallerIdentity",
		Call: func(ctx context.Context, _ getCallerIdentityArgs) (provider.Outputs, error) {
			id := r.plane.Identity(ctx)
			return provider.Outputs{"accountId": id.Account, "arn": id.ARN, "userId": id.UserID, "id": id.Account}, nil
		},
	}
}

type getRegionArgs struct {
	Name string `pulumi:"name,optional"`
}

func (r resources) getRegion() provider.Function[getRegionArgs] {
	return provider.Function[getRegionArgs]{
		Token: "aws:index/getRegion:getRegion",
		Call: func(_ context.Context, a getRegionArgs) (provider.Outputs, error) {
			if a.Name != "" && a.Name != r.region {
				return nil, fmt.Errorf("no region found matching name %q: the local cloud is in %s", a.Name, r.region)
			}
			return provider.Outputs{"id": r.region, "name": r.region, "description": "the local cloud",
				"endpoint": "ec2." + r.region + ".amazonaws.com"}, nil
		},
	}
}

type getPartitionArgs struct{}

func (r resources) getPartition() provider.Function[getPartitionArgs] {
	return provider.Function[getPartitionArgs]{
		Token: "aws:index/getPartition:getPartition",
		Call: func(context.Context, getPartitionArgs) (provider.Outputs, error) {
			partition, suffix, reverse := plane.Partition(r.region), "amazonaws.com", "com.amazonaws"
			if partition == "aws-cn" {
				suffix, reverse = "amazonaws.com.cn", "cn.com.amazonaws"
			}
			return provider.Outputs{"id": partition, "partition": partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}, nil
		},
	}
}
