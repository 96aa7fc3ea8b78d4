// Package stack is what a program knows of the stack that it deploys: environment,
// names, tags. Every project's deploy begins with Load.
package stack

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/manifest"
	"pipeline/shared/names"
)

// Stack is one layer in one environment.
type Stack struct {
	names.Names
	Manifest    *manifest.Manifest
	Layer       manifest.Layer
	Environment manifest.Environment
}

// Load finds the manifest above the program's folder and asks AWS who is calling. It
// fails before anything is made when account or region are not the manifest's.
func Load(ctx *pulumi.Context) (*Stack, error) {
	m, err := manifest.Find(".")
	if err != nil {
		return nil, err
	}
	layer, err := m.LayerOfProject(ctx.Project())
	if err != nil {
		return nil, fmt.Errorf("project %s: %w", ctx.Project(), err)
	}
	env, err := m.Environment(ctx.Stack())
	if err != nil {
		return nil, err
	}
	n, err := whereAmI(ctx, env)
	if err != nil {
		return nil, err
	}
	n.Product = m.Name
	return &Stack{Names: n, Manifest: m, Layer: layer, Environment: env}, nil
}

func whereAmI(ctx *pulumi.Context, env manifest.Environment) (names.Names, error) {
	region, err := aws.GetRegion(ctx, nil)
	if err != nil {
		return names.Names{}, fmt.Errorf("ask AWS for the region: %w", err)
	}
	if region.Name != env.Region {
		return names.Names{}, fmt.Errorf("stack %s is for region %s, but the provider is in %s: set AWS_REGION=%s or mend %s",
			env.Name, env.Region, region.Name, env.Region, manifest.FileName)
	}
	caller, err := aws.GetCallerIdentity(ctx, nil)
	if err != nil {
		return names.Names{}, fmt.Errorf("ask AWS who is calling: %w", err)
	}
	if caller.AccountId != env.AccountID {
		return names.Names{}, fmt.Errorf("stack %s is for account %s, but the credentials are for %s: set AWS_PROFILE or mend %s",
			env.Name, env.AccountID, caller.AccountId, manifest.FileName)
	}
	partition, err := aws.GetPartition(ctx, nil)
	if err != nil {
		return names.Names{}, fmt.Errorf("ask AWS for the partition: %w", err)
	}
	return names.Names{Environment: env.Name, Partition: partition.Partition, Region: region.Name, Account: caller.AccountId}, nil
}

// Tags go on every resource that takes tags: the environment's, and who answers for it.
func (s *Stack) Tags() pulumi.StringMap {
	tags := pulumi.StringMap{
		"product": pulumi.String(s.Product),
		"layer":   pulumi.String(s.Layer.Name),
		"owner":   pulumi.String(s.Layer.Owner),
	}
	for key, value := range s.Environment.Tags {
		tags[key] = pulumi.String(value)
	}
	return tags
}
