package network

import (
	"context"
	"fmt"
	"strings"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
)

type internetGatewayArgs struct {
	VPCID string            `pulumi:"vpcId,optional"`
	Tags  map[string]string `pulumi:"tags"`
}

func (r resources) internetGateway() provider.Resource[internetGatewayArgs] {
	return provider.Resource[internetGatewayArgs]{
		Token: "aws:ec2/internetGateway:InternetGateway",
		Create: func(_ context.Context, a internetGatewayArgs) (string, provider.Outputs, error) {
			g, err := r.plane.CreateInternetGateway(plane.InternetGateway{VPCID: a.VPCID, Tags: a.Tags})
			return g.ID, r.internetGatewayOutputs(g), err
		},
		Read: func(_ context.Context, id string, _ internetGatewayArgs) (provider.Outputs, provider.Outputs, bool, error) {
			g, err := r.plane.GetInternetGateway(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"vpcId": g.VPCID, "tags": g.Tags}, r.internetGatewayOutputs(g), ok, err
		},
		Update: func(_ context.Context, id string, _, a internetGatewayArgs) (provider.Outputs, error) {
			g, err := r.plane.UpdateInternetGateway(plane.InternetGateway{ID: id, VPCID: a.VPCID, Tags: a.Tags})
			return r.internetGatewayOutputs(g), err
		},
		Delete: func(_ context.Context, id string, _ internetGatewayArgs) error {
			return absent.Gone(r.plane.DeleteInternetGateway(id))
		},
	}
}

func (r resources) internetGatewayOutputs(g plane.InternetGateway) provider.Outputs {
	return provider.Outputs{"arn": g.ARN, "vpcId": g.VPCID, "ownerId": r.account}
}

type routeTableArgs struct {
	VPCID string            `pulumi:"vpcId"`
	Tags  map[string]string `pulumi:"tags"`
}

func (r resources) routeTable() provider.Resource[routeTableArgs] {
	return provider.Resource[routeTableArgs]{
		Token:     "aws:ec2/routeTable:RouteTable",
		ReplaceOn: []string{"vpcId"},
		Create: func(_ context.Context, a routeTableArgs) (string, provider.Outputs, error) {
			t, err := r.plane.CreateRouteTable(plane.RouteTable{VPCID: a.VPCID, Tags: a.Tags})
			return t.ID, r.routeTableOutputs(t), err
		},
		Read: func(_ context.Context, id string, _ routeTableArgs) (provider.Outputs, provider.Outputs, bool, error) {
			t, err := r.plane.GetRouteTable(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"vpcId": t.VPCID, "tags": t.Tags}, r.routeTableOutputs(t), ok, err
		},
		Update: func(_ context.Context, id string, _, a routeTableArgs) (provider.Outputs, error) {
			t, err := r.plane.TagRouteTable(id, a.Tags)
			return r.routeTableOutputs(t), err
		},
		Delete: func(_ context.Context, id string, _ routeTableArgs) error {
			return absent.Gone(r.plane.DeleteRouteTable(id))
		},
	}
}

func (r resources) routeTableOutputs(t plane.RouteTable) provider.Outputs {
	return provider.Outputs{"arn": t.ARN, "ownerId": r.account, "routes": []any{}, "propagatingVgws": []any{}}
}

type routeArgs struct {
	RouteTableID         string `pulumi:"routeTableId"`
	DestinationCidrBlock string `pulumi:"destinationCidrBlock"`
	GatewayID            string `pulumi:"gatewayId"`
}

func (a routeArgs) plane() plane.Route {
	return plane.Route{DestinationCIDR: a.DestinationCidrBlock, GatewayID: a.GatewayID}
}

// route's id is "table_destination", as for an import.
func (r resources) route() provider.Resource[routeArgs] {
	return provider.Resource[routeArgs]{
		Token:     "aws:ec2/route:Route",
		ReplaceOn: []string{"routeTableId", "destinationCidrBlock"},
		Rules: map[string]func(any) error{
			"destinationCidrBlock": func(v any) error { return plane.CheckDestination(v.(string)) },
		},
		Create: func(_ context.Context, a routeArgs) (string, provider.Outputs, error) {
			return a.RouteTableID + "_" + a.DestinationCidrBlock, routeOutputs(), r.plane.CreateRoute(a.RouteTableID, a.plane())
		},
		Read: func(_ context.Context, id string, _ routeArgs) (provider.Outputs, provider.Outputs, bool, error) {
			table, destination, ok := strings.Cut(id, "_")
			if !ok {
				return nil, nil, false, fmt.Errorf("id %q is not of the form table_destination", id)
			}
			route, err := r.plane.GetRoute(table, destination)
			ok, err = absent.Found(err)
			return provider.Outputs{"routeTableId": table, "destinationCidrBlock": destination, "gatewayId": route.GatewayID}, routeOutputs(), ok, err
		},
		Update: func(_ context.Context, _ string, _, a routeArgs) (provider.Outputs, error) {
			return routeOutputs(), r.plane.ReplaceRoute(a.RouteTableID, a.plane())
		},
		Delete: func(_ context.Context, _ string, a routeArgs) error {
			return absent.Gone(r.plane.DeleteRoute(a.RouteTableID, a.DestinationCidrBlock))
		},
	}
}

func routeOutputs() provider.Outputs {
	return provider.Outputs{"instanceId": "", "instanceOwnerId": "", "networkInterfaceId": "", "origin": "CreateRoute", "state": "active"}
}

type routeTableAssociationArgs struct {
	RouteTableID string `pulumi:"routeTableId"`
	SubnetID     string `pulumi:"subnetId"`
}

func (r resources) routeTableAssociation() provider.Resource[routeTableAssociationArgs] {
	return provider.Resource[routeTableAssociationArgs]{
		Token:     "aws:ec2/routeTableAssociation:RouteTableAssociation",
		ReplaceOn: []string{"subnetId"},
		Create: func(_ context.Context, a routeTableAssociationArgs) (string, provider.Outputs, error) {
			id, err := r.plane.Associate(a.RouteTableID, a.SubnetID)
			return id, nil, err
		},
		Import: r.importAssociation,
		Read: func(_ context.Context, id string, _ routeTableAssociationArgs) (provider.Outputs, provider.Outputs, bool, error) {
			a, t, err := r.plane.GetAssociation(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"routeTableId": t.ID, "subnetId": a.SubnetID}, nil, ok, err
		},
		Update: func(_ context.Context, id string, _, a routeTableAssociationArgs) (provider.Outputs, error) {
			return nil, r.plane.ReplaceAssociation(id, a.RouteTableID)
		},
		Delete: func(_ context.Context, id string, _ routeTableAssociationArgs) error {
			return absent.Gone(r.plane.Disassociate(id))
		},
	}
}

// importAssociation finds SUBNET-ID/ROUTE-TABLE-ID.
func (r resources) importAssociation(_ context.Context, written string) (string, provider.Outputs, bool, error) {
	subnet, table, _ := strings.Cut(written, "/")
	t, err := r.plane.GetRouteTable(table)
	if ok, err := absent.Found(err); !ok {
		return "", nil, false, err
	}
	for _, a := range t.Associations {
		if a.SubnetID == subnet {
			return a.ID, nil, true, nil
		}
	}
	return "", nil, false, nil
}
