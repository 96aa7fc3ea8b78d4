package network

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
)

type vpcEndpointArgs struct {
	VPCID           string            `pulumi:"vpcId"`
	ServiceName     string            `pulumi:"serviceName"`
	VPCEndpointType string            `pulumi:"vpcEndpointType,optional"`
	RouteTableIDs   []string          `pulumi:"routeTableIds"`
	Policy          string            `pulumi:"policy,optional"`
	Tags            map[string]string `pulumi:"tags"`
}

func (a vpcEndpointArgs) plane(id string) plane.Endpoint {
	return plane.Endpoint{ID: id, VPCID: a.VPCID, ServiceName: a.ServiceName, RouteTableIDs: a.RouteTableIDs, Policy: a.Policy, Tags: a.Tags}
}

func (r resources) vpcEndpoint() provider.Resource[vpcEndpointArgs] {
	return provider.Resource[vpcEndpointArgs]{
		Token:     "aws:ec2/vpcEndpoint:VpcEndpoint",
		Sets:      []string{"routeTableIds"},
		Defaults:  provider.Outputs{"vpcEndpointType": "Gateway", "policy": plane.OpenPolicy},
		ReplaceOn: []string{"vpcId", "serviceName", "vpcEndpointType"}, Kept: []string{"policy", "routeTableIds"},
		Rules: map[string]func(any) error{
			"policy":      func(v any) error { return plane.CheckEndpointPolicy(v.(string)) },
			"serviceName": func(v any) error { return r.plane.CheckEndpointService(v.(string)) },
			"vpcEndpointType": func(v any) error {
				if v != "Gateway" {
					return fmt.Errorf("%v endpoints are not honoured by the local cloud", v)
				}
				return nil
			},
		},
		Create: func(_ context.Context, a vpcEndpointArgs) (string, provider.Outputs, error) {
			e, err := r.plane.CreateEndpoint(a.plane(""))
			return e.ID, r.vpcEndpointOutputs(e), err
		},
		Read: func(_ context.Context, id string, _ vpcEndpointArgs) (provider.Outputs, provider.Outputs, bool, error) {
			e, err := r.plane.GetEndpoint(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"vpcId": e.VPCID, "serviceName": e.ServiceName, "vpcEndpointType": "Gateway",
				"routeTableIds": e.RouteTableIDs, "policy": e.Policy, "tags": e.Tags}, r.vpcEndpointOutputs(e), ok, err
		},
		Update: func(_ context.Context, id string, _, a vpcEndpointArgs) (provider.Outputs, error) {
			e, err := r.plane.UpdateEndpoint(a.plane(id))
			return r.vpcEndpointOutputs(e), err
		},
		Delete: func(_ context.Context, id string, _ vpcEndpointArgs) error {
			return absent.Gone(r.plane.DeleteEndpoint(id))
		},
	}
}

func (r resources) vpcEndpointOutputs(e plane.Endpoint) provider.Outputs {
	return provider.Outputs{
		"arn":               e.ARN,
		"dnsOptions":        map[string]any{},
		"ipAddressType":     "",
		"ownerId":           r.account,
		"policy":            e.Policy,
		"prefixListId":      plane.S3PrefixListID,
		"privateDnsEnabled": false,
		"requesterManaged":  false,
		"serviceRegion":     r.plane.Region(),
		"state":             "available",
	}
}
