package network

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
)

type vpcArgs struct {
	CidrBlock          string            `pulumi:"cidrBlock"`
	EnableDNSHostnames bool              `pulumi:"enableDnsHostnames,optional"`
	EnableDNSSupport   *bool             `pulumi:"enableDnsSupport"`
	InstanceTenancy    string            `pulumi:"instanceTenancy,optional"`
	Tags               map[string]string `pulumi:"tags"`
}

func (a vpcArgs) dnsSupport() bool { return a.EnableDNSSupport == nil || *a.EnableDNSSupport }

func (a vpcArgs) plane(id string) plane.VPC {
	return plane.VPC{ID: id, CIDR: a.CidrBlock, EnableDNSHostnames: a.EnableDNSHostnames, EnableDNSSupport: a.dnsSupport(), Tags: a.Tags}
}

func (a vpcArgs) check() error {
	if a.InstanceTenancy != "" && a.InstanceTenancy != "default" {
		return fmt.Errorf("instanceTenancy: %q is not honoured by the local cloud", a.InstanceTenancy)
	}
	return plane.CheckVPC(a.CidrBlock)
}

func (r resources) vpc() provider.Resource[vpcArgs] {
	return provider.Resource[vpcArgs]{
		Token:     "aws:ec2/vpc:Vpc",
		ReplaceOn: []string{"cidrBlock", "instanceTenancy"},
		Validate:  func(_ context.Context, a vpcArgs) error { return a.check() },
		Create: func(_ context.Context, a vpcArgs) (string, provider.Outputs, error) {
			v, err := r.plane.CreateVPC(a.plane(""))
			return v.ID, r.vpcOutputs(v), err
		},
		Defaults: provider.Outputs{"enableDnsSupport": true, "instanceTenancy": "default"},
		Read: func(_ context.Context, id string, _ vpcArgs) (provider.Outputs, provider.Outputs, bool, error) {
			v, err := r.plane.GetVPC(id)
			ok, err := absent.Found(err)
			return vpcInputs(v), r.vpcOutputs(v), ok, err
		},
		Update: func(_ context.Context, id string, _, a vpcArgs) (provider.Outputs, error) {
			v, err := r.plane.UpdateVPC(a.plane(id))
			return r.vpcOutputs(v), err
		},
		Delete: func(_ context.Context, id string, _ vpcArgs) error {
			return absent.Gone(r.plane.DeleteVPC(id))
		},
	}
}

func vpcInputs(v plane.VPC) provider.Outputs {
	return provider.Outputs{"cidrBlock": v.CIDR, "enableDnsHostnames": v.EnableDNSHostnames, "enableDnsSupport": v.EnableDNSSupport,
		"instanceTenancy": "default", "tags": v.Tags}
}

func (r resources) vpcOutputs(v plane.VPC) provider.Outputs {
	return provider.Outputs{
		"arn":                              v.ARN,
		"defaultNetworkAclId":              v.DefaultNetworkACLID,
		"defaultRouteTableId":              v.MainRouteTableID,
		"defaultSecurityGroupId":           v.DefaultSecurityGroupID,
		"dhcpOptionsId":                    "default",
		"enableDnsHostnames":               v.EnableDNSHostnames,
		"enableDnsSupport":                 v.EnableDNSSupport,
		"enableNetworkAddressUsageMetrics": false,
		"instanceTenancy":                  "default",
		"ipv6AssociationId":                "",
		"ipv6CidrBlock":                    "",
		"ipv6CidrBlockNetworkBorderGroup":  "",
		"mainRouteTableId":                 v.MainRouteTableID,
		"ownerId":                          r.account,
	}
}
