package network

import (
	"context"

	plane "pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
)

type securityGroupArgs struct {
	VPCID               string            `pulumi:"vpcId"`
	Name                string            `pulumi:"name,optional"`
	Description         string            `pulumi:"description,optional"`
	RevokeRulesOnDelete bool              `pulumi:"revokeRulesOnDelete,optional"` // the plane always does
	Tags                map[string]string `pulumi:"tags"`
}

// managed is what pulumi-aws describes a group with when the program does not.
const managed = "Managed by Pulumi"

func (a securityGroupArgs) plane() plane.SecurityGroup {
	g := plane.SecurityGroup{VPCID: a.VPCID, Name: a.Name, Description: a.Description, Tags: a.Tags}
	if g.Description == "" {
		g.Description = managed
	}
	return g
}

func (r resources) securityGroup() provider.Resource[securityGroupArgs] {
	return provider.Resource[securityGroupArgs]{
		Token:     "aws:ec2/securityGroup:SecurityGroup",
		ReplaceOn: []string{"name", "description", "vpcId"}, AutoName: "name",
		Validate: func(_ context.Context, a securityGroupArgs) error { return a.plane().Check() },
		Create: func(_ context.Context, a securityGroupArgs) (string, provider.Outputs, error) {
			g, err := r.plane.CreateSecurityGroup(a.plane())
			return g.ID, r.securityGroupOutputs(g), err
		},
		Defaults: provider.Outputs{"description": managed},
		Untold:   []string{"revokeRulesOnDelete"},
		Read: func(_ context.Context, id string, _ securityGroupArgs) (provider.Outputs, provider.Outputs, bool, error) {
			g, err := r.plane.GetSecurityGroup(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"vpcId": g.VPCID, "name": g.Name, "description": g.Description, "tags": g.Tags}, r.securityGroupOutputs(g), ok, err
		},
		Update: func(_ context.Context, id string, _, a securityGroupArgs) (provider.Outputs, error) {
			g, err := r.plane.TagSecurityGroup(id, a.Tags)
			return r.securityGroupOutputs(g), err
		},
		Delete: func(_ context.Context, id string, _ securityGroupArgs) error {
			return absent.Gone(r.plane.DeleteSecurityGroup(id))
		},
	}
}

func (r resources) securityGroupOutputs(g plane.SecurityGroup) provider.Outputs {
	return provider.Outputs{"arn": g.ARN, "description": g.Description, "namePrefix": "", "ownerId": r.account,
		"ingress": []any{}, "egress": []any{}}
}

type ruleArgs struct {
	SecurityGroupID           string            `pulumi:"securityGroupId"`
	IPProtocol                string            `pulumi:"ipProtocol"`
	FromPort                  *int              `pulumi:"fromPort"`
	ToPort                    *int              `pulumi:"toPort"`
	CidrIpv4                  string            `pulumi:"cidrIpv4,optional"`
	PrefixListID              string            `pulumi:"prefixListId,optional"`
	ReferencedSecurityGroupID string            `pulumi:"referencedSecurityGroupId,optional"`
	Description               string            `pulumi:"description,optional"`
	Tags                      map[string]string `pulumi:"tags"`
}

func (a ruleArgs) plane(id string, egress bool) plane.Rule {
	rule := plane.Rule{ID: id, GroupID: a.SecurityGroupID, Egress: egress, Protocol: a.IPProtocol, CIDR: a.CidrIpv4,
		PrefixListID: a.PrefixListID, ReferencedGroupID: a.ReferencedSecurityGroupID, Description: a.Description, Tags: a.Tags}
	if a.FromPort != nil {
		rule.FromPort = *a.FromPort
	}
	if a.ToPort != nil {
		rule.ToPort = *a.ToPort
	}
	return rule
}

func (a ruleArgs) check() error {
	rule := a.plane("", false)
	if (a.FromPort == nil || a.ToPort == nil) && a.IPProtocol != "-1" {
		return plane.MissingPorts(a.IPProtocol)
	}
	return rule.Check()
}

func (r resources) ingressRule() provider.Resource[ruleArgs] {
	return r.rule(false, provider.Resource[ruleArgs]{
		Token: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
	})
}

func (r resources) egressRule() provider.Resource[ruleArgs] {
	return r.rule(true, provider.Resource[ruleArgs]{
		Token: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
	})
}

// rule completes a rule's resource for one direction.
func (r resources) rule(egress bool, k provider.Resource[ruleArgs]) provider.Resource[ruleArgs] {
	k.ReplaceOn = []string{"securityGroupId"}
	k.Validate = func(_ context.Context, a ruleArgs) error { return a.check() }
	k.Create = func(_ context.Context, a ruleArgs) (string, provider.Outputs, error) {
		rule, err := r.plane.CreateRule(a.plane("", egress))
		return rule.ID, ruleOutputs(rule), err
	}
	k.Read = func(_ context.Context, id string, _ ruleArgs) (provider.Outputs, provider.Outputs, bool, error) {
		rule, err := r.plane.GetRule(id)
		ok, err := absent.Found(err)
		return ruleInputs(rule), ruleOutputs(rule), ok, err
	}
	k.Update = func(_ context.Context, id string, _, a ruleArgs) (provider.Outputs, error) {
		rule, err := r.plane.UpdateRule(a.plane(id, egress))
		return ruleOutputs(rule), err
	}
	k.Delete = func(_ context.Context, id string, _ ruleArgs) error {
		return absent.Gone(r.plane.DeleteRule(id))
	}
	return k
}

func ruleInputs(rule plane.Rule) provider.Outputs {
	in := provider.Outputs{"securityGroupId": rule.GroupID, "ipProtocol": rule.Protocol, "cidrIpv4": rule.CIDR, "prefixListId": rule.PrefixListID,
		"referencedSecurityGroupId": rule.ReferencedGroupID, "description": rule.Description, "tags": rule.Tags}
	if rule.Protocol != "-1" {
		in["fromPort"], in["toPort"] = rule.FromPort, rule.ToPort
	}
	return in
}

func ruleOutputs(rule plane.Rule) provider.Outputs {
	return provider.Outputs{"arn": rule.ARN, "securityGroupRuleId": rule.ID}
}
