package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

// webACLArgs are regional web ACLs with rules by rate.
type webACLArgs struct {
	Name             string             `pulumi:"name"`
	Description      string             `pulumi:"description,optional"`
	Scope            string             `pulumi:"scope"`
	DefaultAction    *defaultActionArgs `pulumi:"defaultAction"`
	Rules            []ruleArgs         `pulumi:"rules"`
	VisibilityConfig *visibilityArgs    `pulumi:"visibilityConfig"`
	Tags             map[string]string  `pulumi:"tags"`
}

// defaultActionArgs and actionArgs have one action, which has no settings here.
type (
	defaultActionArgs struct {
		Allow *struct{} `pulumi:"allow"`
		Block *struct{} `pulumi:"block"`
	}

	actionArgs struct {
		Block *struct{} `pulumi:"block"`
		Count *struct{} `pulumi:"count"`
	}
)

type ruleArgs struct {
	Name             string          `pulumi:"name"`
	Priority         int             `pulumi:"priority"`
	Action           *actionArgs     `pulumi:"action"`
	Statement        *statementArgs  `pulumi:"statement"`
	VisibilityConfig *visibilityArgs `pulumi:"visibilityConfig"`
}

type statementArgs struct {
	RateBasedStatement *rateArgs `pulumi:"rateBasedStatement"`
}

type rateArgs struct {
	Limit               int    `pulumi:"limit"`
	AggregateKeyType    string `pulumi:"aggregateKeyType,optional"`
	EvaluationWindowSec int    `pulumi:"evaluationWindowSec,optional"`
}

// visibilityArgs are where CloudWatch and the console would show what a rule did.
type visibilityArgs struct {
	CloudwatchMetricsEnabled bool   `pulumi:"cloudwatchMetricsEnabled"`
	MetricName               string `pulumi:"metricName"`
	SampledRequestsEnabled   bool   `pulumi:"sampledRequestsEnabled"`
}

func (v *visibilityArgs) plane() plane.Visibility {
	if v == nil {
		return plane.Visibility{}
	}
	return plane.Visibility{Metrics: v.CloudwatchMetricsEnabled, MetricName: v.MetricName, Samples: v.SampledRequestsEnabled}
}

func (a webACLArgs) plane(arn string) (plane.WebACL, error) {
	out := plane.WebACL{ARN: arn, Name: a.Name, Description: a.Description, Tags: a.Tags, Visibility: a.VisibilityConfig.plane()}
	if a.Scope != "REGIONAL" {
		return out, fmt.Errorf("the local cloud does not serve web ACLs of scope %s", a.Scope)
	}
	if a.DefaultAction == nil || (a.DefaultAction.Allow == nil) == (a.DefaultAction.Block == nil) {
		return out, errors.New("WAFInvalidParameterException: defaultAction wants either allow or block")
	}
	out.DefaultBlock = a.DefaultAction.Block != nil
	for _, r := range a.Rules {
		rule, err := r.plane()
		if err != nil {
			return out, fmt.Errorf("rule %s: %w", r.Name, err)
		}
		out.Rules = append(out.Rules, rule)
	}
	return out, plane.CheckWebACL(out)
}

func (r ruleArgs) plane() (plane.RateRule, error) {
	out := plane.RateRule{Name: r.Name, Priority: r.Priority, WindowSeconds: 300, Visibility: r.VisibilityConfig.plane()}
	if r.Statement == nil || r.Statement.RateBasedStatement == nil {
		return out, errors.New("WAFInvalidParameterException: statement wants a rateBasedStatement")
	}
	if r.Action == nil || (r.Action.Block == nil) == (r.Action.Count == nil) {
		return out, errors.New("a rule by rate blocks or counts: action wants either block or count")
	}
	rate := r.Statement.RateBasedStatement
	if rate.AggregateKeyType != "" && rate.AggregateKeyType != "IP" {
		return out, fmt.Errorf("the local cloud does not count by %s, only by IP", rate.AggregateKeyType)
	}
	if rate.EvaluationWindowSec != 0 {
		out.WindowSeconds = rate.EvaluationWindowSec
	}
	out.Limit, out.Block = rate.Limit, r.Action.Block != nil
	return out, nil
}

func webACLInputs(a plane.WebACL) provider.Outputs {
	rules := []any{}
	for _, r := range a.Rules {
		rules = append(rules, provider.Outputs{"name": r.Name, "priority": r.Priority, "action": either("block", "count", r.Block),
			"statement":        provider.Outputs{"rateBasedStatement": provider.Outputs{"limit": r.Limit, "aggregateKeyType": "IP", "evaluationWindowSec": r.WindowSeconds}},
			"visibilityConfig": visibilityInputs(r.Visibility)})
	}
	return provider.Outputs{"name": a.Name, "description": a.Description, "scope": "REGIONAL", "defaultAction": either("block", "allow", a.DefaultBlock),
		"rules": rules, "visibilityConfig": visibilityInputs(a.Visibility), "tags": provider.Object(a.Tags)}
}

// either is the one action or the other.
func either(action, other string, is bool) provider.Outputs {
	if !is {
		action, other = other, action
	}
	return provider.Outputs{action: provider.Outputs{}, other: nil}
}

func visibilityInputs(v plane.Visibility) provider.Outputs {
	return provider.Outputs{"cloudwatchMetricsEnabled": v.Metrics, "metricName": v.MetricName, "sampledRequestsEnabled": v.Samples}
}

// rateRuleUnits is the capacity that a rule by rate takes (WAF developer guide).
const rateRuleUnits = 2

func webACLOutputs(a plane.WebACL) provider.Outputs {
	return provider.Outputs{"arn": a.ARN, "capacity": rateRuleUnits * len(a.Rules), "lockToken": a.LockToken,
		"applicationIntegrationUrl": "", "namePrefix": ""}
}

func (r resources) webACL() provider.Resource[webACLArgs] {
	return provider.Resource[webACLArgs]{
		Token:     "aws:wafv2/webAcl:WebAcl",
		ReplaceOn: []string{"name", "scope"}, AutoName: "name",
		Validate: func(_ context.Context, a webACLArgs) error {
			_, err := a.plane("")
			return err
		},
		Create: func(_ context.Context, a webACLArgs) (string, provider.Outputs, error) {
			acl, err := a.plane("")
			if err != nil {
				return "", nil, err
			}
			made, err := r.plane.CreateWebACL(acl)
			return made.ID, webACLOutputs(made), err
		},
		Defaults: provider.Outputs{"rules": []any{provider.Outputs{"statement": provider.Outputs{
			"rateBasedStatement": provider.Outputs{"aggregateKeyType": "IP", "evaluationWindowSec": 300}}}}},
		Import: func(_ context.Context, written string) (string, provider.Outputs, bool, error) {
			id, _, _ := strings.Cut(written, "/") // ID/NAME/SCOPE
			return id, nil, true, nil
		},
		Read: func(_ context.Context, id string, _ webACLArgs) (provider.Outputs, provider.Outputs, bool, error) {
			acl, err := r.plane.WebACLByID(id)
			ok, err := absent.Found(err)
			return webACLInputs(acl), webACLOutputs(acl), ok, err
		},
		Update: func(_ context.Context, id string, _, a webACLArgs) (provider.Outputs, error) {
			old, err := r.plane.WebACLByID(id)
			if err != nil {
				return nil, err
			}
			acl, err := a.plane(old.ARN)
			if err != nil {
				return nil, err
			}
			updated, err := r.plane.UpdateWebACL(acl)
			return webACLOutputs(updated), err
		},
		Delete: func(_ context.Context, id string, _ webACLArgs) error {
			acl, err := r.plane.WebACLByID(id)
			if err != nil {
				return absent.Gone(err)
			}
			return absent.Gone(r.plane.DeleteWebACL(acl.ARN))
		},
	}
}

type associationArgs struct {
	ResourceARN string `pulumi:"resourceArn"`
	WebACLARN   string `pulumi:"webAclArn"`
}

func (r resources) webACLAssociation() provider.Resource[associationArgs] {
	return provider.Resource[associationArgs]{
		Token:     "aws:wafv2/webAclAssociation:WebAclAssociation",
		ReplaceOn: []string{"resourceArn", "webAclArn"}, DeleteBeforeReplace: true,
		Create: func(_ context.Context, a associationArgs) (string, provider.Outputs, error) {
			return a.WebACLARN + "," + a.ResourceARN, nil, r.plane.AssociateWebACL(a.WebACLARN, a.ResourceARN)
		},
		Import: r.importAssociation,
		Read: func(_ context.Context, _ string, a associationArgs) (provider.Outputs, provider.Outputs, bool, error) {
			arn, err := r.plane.WebACLOf(a.ResourceARN)
			ok, err := absent.Found(err)
			return nil, nil, ok && arn == a.WebACLARN, err
		},
		Delete: func(_ context.Context, _ string, a associationArgs) error {
			return absent.Gone(r.plane.DisassociateWebACL(a.ResourceARN))
		},
	}
}
