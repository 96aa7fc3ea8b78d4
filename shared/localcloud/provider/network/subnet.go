package network

import (
	"context"
	"fmt"
	"slices"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
)

type subnetArgs struct {
	VPCID               string            `pulumi:"vpcId"`
	CidrBlock           string            `pulumi:"cidrBlock"`
	AvailabilityZone    string            `pulumi:"availabilityZone,optional"`
	MapPublicIPOnLaunch bool              `pulumi:"mapPublicIpOnLaunch,optional"`
	Tags                map[string]string `pulumi:"tags"`
}

func (a subnetArgs) plane(id string) plane.Subnet {
	return plane.Subnet{ID: id, VPCID: a.VPCID, CIDR: a.CidrBlock, AvailabilityZone: a.AvailabilityZone,
		MapPublicIPOnLaunch: a.MapPublicIPOnLaunch, Tags: a.Tags}
}

func (r resources) subnet() provider.Resource[subnetArgs] {
	return provider.Resource[subnetArgs]{
		Token:     "aws:ec2/subnet:Subnet",
		ReplaceOn: []string{"vpcId", "cidrBlock", "availabilityZone"}, Kept: []string{"availabilityZone"},
		Rules: map[string]func(any) error{
			"cidrBlock":        func(v any) error { return plane.CheckSubnet(v.(string)) },
			"availabilityZone": func(v any) error { return r.plane.CheckZone(v.(string)) },
		},
		Create: func(_ context.Context, a subnetArgs) (string, provider.Outputs, error) {
			n, err := r.plane.CreateSubnet(a.plane(""))
			return n.ID, r.subnetOutputs(n), err
		},
		Read: func(_ context.Context, id string, a subnetArgs) (provider.Outputs, provider.Outputs, bool, error) {
			n, err := r.plane.GetSubnet(id)
			ok, err := absent.Found(err)
			return subnetInputs(n, a), r.subnetOutputs(n), ok, err
		},
		Update: func(_ context.Context, id string, _, a subnetArgs) (provider.Outputs, error) {
			n, err := r.plane.UpdateSubnet(a.plane(id))
			return r.subnetOutputs(n), err
		},
		Delete: func(_ context.Context, id string, _ subnetArgs) error {
			return absent.Gone(r.plane.DeleteSubnet(id))
		},
	}
}

func subnetInputs(n plane.Subnet, written subnetArgs) provider.Outputs {
	in := provider.Outputs{"vpcId": n.VPCID, "cidrBlock": n.CIDR, "mapPublicIpOnLaunch": n.MapPublicIPOnLaunch, "tags": n.Tags}
	if written.VPCID == "" || written.AvailabilityZone != "" { // imported, or written: else EC2 chose it
		in["availabilityZone"] = n.AvailabilityZone
	}
	return in
}

func (r resources) subnetOutputs(n plane.Subnet) provider.Outputs {
	return provider.Outputs{"arn": n.ARN, "availabilityZone": n.AvailabilityZone, "availabilityZoneId": r.zoneID(n.AvailabilityZone),
		"ipv6CidrBlockAssociationId": "", "ownerId": r.account, "privateDnsHostnameTypeOnLaunch": "ip-name"}
}

// zoneID is the id of a zone, which on AWS is the same for all accounts.
func (r resources) zoneID(zone string) string {
	if i := slices.Index(r.plane.AvailabilityZones(), zone); i >= 0 {
		return "local-az" + string(rune('1'+i))
	}
	return ""
}

type getAvailabilityZonesArgs struct {
	State   string       `pulumi:"state,optional"`
	Filters []zoneFilter `pulumi:"filters,optional"`
}

type zoneFilter struct {
	Name   string   `pulumi:"name"`
	Values []string `pulumi:"values"`
}

// matches says whether a zone of the region itself passes, as all here are: their opt-in status
// is always the same (EC2 API reference, AvailabilityZone).
func (f zoneFilter) matches() (bool, error) {
	if f.Name != "opt-in-status" {
		return false, fmt.Errorf("InvalidParameterValue: filter %q of availability zones is not honoured; there is opt-in-status", f.Name)
	}
	return slices.Contains(f.Values, "opt-in-not-required"), nil
}

// getAvailabilityZones knows zones that are available, and none in any other state.
func (r resources) getAvailabilityZones() provider.Function[getAvailabilityZonesArgs] {
	return provider.Function[getAvailabilityZonesArgs]{
		Token: "aws:index/getAvailabilityZones:getAvailabilityZones",
		Call: func(_ context.Context, a getAvailabilityZonesArgs) (provider.Outputs, error) {
			wanted := a.State == "" || a.State == "available"
			for _, f := range a.Filters {
				ok, err := f.matches()
				if err != nil {
					return nil, err
				}
				wanted = wanted && ok
			}
			names, ids := []any{}, []any{}
			for _, zone := range r.plane.AvailabilityZones() {
				if wanted {
					names, ids = append(names, zone), append(ids, r.zoneID(zone))
				}
			}
			return provider.Outputs{"id": r.plane.Region(), "names": names, "zoneIds": ids,
				"groupNames": []any{r.plane.Region()}, "state": a.State}, nil
		},
	}
}
