package warehouse

import (
	"errors"
	"fmt"

	plane "pipeline/shared/localcloud/redshift"
)

// checkPlace refuses security groups that do not exist or are of another VPC than the
// cluster, and a public cluster without a way to the internet.
func (r resources) checkPlace(a clusterArgs) error {
	var group plane.SubnetGroup
	if a.ClusterSubnetGroupName != "" {
		var err error
		if group, err = r.plane.GetSubnetGroup(a.ClusterSubnetGroupName); err != nil {
			return err
		}
	}
	vpc, err := r.vpcOf(group.SubnetIDs)
	if err != nil {
		return err
	}
	if err := r.checkSecurity("vpcSecurityGroupIds", a.VpcSecurityGroupIDs, vpc); err != nil || !a.plane().PubliclyAccessible {
		return err
	}
	return r.checkPublic(group.SubnetIDs)
}

func (r resources) checkPublic(subnets []string) error {
	for _, id := range subnets {
		public, err := r.network.Public(id)
		if err != nil {
			return err
		}
		if !public {
			return &plane.APIError{Code: "InvalidVPCNetworkStateFault",
				Message: fmt.Sprintf("The cluster is publicly accessible, and subnet %s has no route to an internet gateway", id)}
		}
	}
	return nil
}

// checkSecurity refuses security groups that do not exist, or not in the VPC if that is
// known.
func (r resources) checkSecurity(property string, ids []string, vpc string) error {
	for _, id := range ids {
		group, err := r.network.GetSecurityGroup(id)
		if err != nil {
			return fmt.Errorf("%s: %w", property, err)
		}
		if vpc != "" && group.VPCID != vpc {
			return &plane.APIError{Code: "InvalidParameterValue", Message: fmt.Sprintf("VPC Security group %s does not exist in VPC %s", id, vpc)}
		}
	}
	return nil
}

// vpcOf is the VPC of subnets, empty of none. It refuses subnets that do not exist, or that
// are of several VPCs.
func (r resources) vpcOf(ids []string) (string, error) {
	vpc := ""
	for _, id := range ids {
		subnet, err := r.network.GetSubnet(id)
		if err != nil {
			return "", fmt.Errorf("subnetIds: %w", err)
		}
		if vpc != "" && subnet.VPCID != vpc {
			return "", &plane.APIError{Code: "InvalidSubnet", Message: "Subnets must all be in the same VPC"}
		}
		vpc = subnet.VPCID
	}
	return vpc, nil
}

// checkMove refuses subnets in another VPC than those that a subnet group has: no API moves
// one, and its cluster stays where it is.
func (r resources) checkMove(group string, ids []string) error {
	now, err := r.plane.GetSubnetGroup(group)
	if err != nil {
		return err
	}
	vpc, err := r.vpcOf(ids)
	if was, lost := r.vpcOf(now.SubnetIDs); err == nil && lost == nil && was != vpc {
		return &plane.APIError{Code: "InvalidParameterValue", Message: "The new Subnets are not in the same Vpc as the existing subnet group"}
	}
	return err
}

// checkZones refuses subnets in fewer than three availability zones, which a workgroup
// needs, and security groups that do not exist in their VPC.
func (r resources) checkZones(a workgroupArgs) error {
	vpc, err := r.vpcOf(a.SubnetIDs)
	if err != nil {
		return err
	}
	zones := map[string]bool{}
	for _, id := range a.SubnetIDs {
		subnet, err := r.network.GetSubnet(id)
		if err != nil {
			return err
		}
		zones[subnet.AvailabilityZone] = true
	}
	if len(zones) < 3 {
		return errors.New("ValidationException: subnetIds must be in at least three availability zones")
	}
	return r.checkSecurity("securityGroupIds", a.SecurityGroupIDs, vpc)
}
