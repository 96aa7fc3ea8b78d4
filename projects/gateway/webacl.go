package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newWebACL turns away an address that sends more than the limit in five minutes. It
// answers before throttle and authorizer do, so a flood costs neither.
func (a *api) newWebACL(stage *apigateway.Stage) error {
	if a.cfg.WAFLimit == 0 {
		return nil
	}
	name := a.stack.API()
	acl, err := wafv2.NewWebAcl(a.ctx, "guard", &wafv2.WebAclArgs{
		Name:          pulumi.String(name),
		Scope:         pulumi.String("REGIONAL"),
		DefaultAction: &wafv2.WebAclDefaultActionArgs{Allow: &wafv2.WebAclDefaultActionAllowArgs{}},
		Rules: wafv2.WebAclRuleArray{&wafv2.WebAclRuleArgs{
			Name:     pulumi.String("one-address"),
			Priority: pulumi.Int(1),
			Action:   &wafv2.WebAclRuleActionArgs{Block: &wafv2.WebAclRuleActionBlockArgs{}},
			Statement: &wafv2.WebAclRuleStatementArgs{RateBasedStatement: &wafv2.WebAclRuleStatementRateBasedStatementArgs{
				Limit:               pulumi.Int(a.cfg.WAFLimit),
				AggregateKeyType:    pulumi.String("IP"),
				EvaluationWindowSec: pulumi.Int(300),
			}},
			VisibilityConfig: &wafv2.WebAclRuleVisibilityConfigArgs{CloudwatchMetricsEnabled: pulumi.Bool(true),
				MetricName: pulumi.String(name + "-one-address"), SampledRequestsEnabled: pulumi.Bool(false)},
		}},
		VisibilityConfig: &wafv2.WebAclVisibilityConfigArgs{CloudwatchMetricsEnabled: pulumi.Bool(true),
			MetricName: pulumi.String(name), SampledRequestsEnabled: pulumi.Bool(false)},
		Tags: a.stack.Tags(),
	})
	if err != nil {
		return err
	}
	_, err = wafv2.NewWebAclAssociation(a.ctx, "guard", &wafv2.WebAclAssociationArgs{ResourceArn: stage.Arn, WebAclArn: acl.Arn})
	return err
}
