package main

import (
	"encoding/json"
	"strings"
	"testing"

	"pipeline/shared/policy"
	"pipeline/shared/pulumitest"
)

const (
	roleType       = "aws:iam/role:Role"
	rolePolicyType = "aws:iam/rolePolicy:RolePolicy"
)

func world(roles ...any) pulumitest.World {
	w := pulumitest.World{Project: "events-iam"}
	if len(roles) > 0 {
		w.Settings = map[string]any{"roles": roles}
	}
	return w
}

func deployed(t *testing.T, w pulumitest.World) pulumitest.Result {
	t.Helper()
	r := w.Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

func TestEveryRoleTrustsServicesAndNobodyElse(t *testing.T) {
	for _, role := range deployed(t, world()).All(roleType) {
		trust := role.Inputs["assumeRolePolicy"].StringValue()
		if err := policy.Check(policy.TrustPolicy, trust); err != nil {
			t.Errorf("role %s: %v", role.Name, err)
		}
		if strings.Contains(trust, `"AWS"`) || strings.Contains(trust, `"*"`) {
			t.Errorf("role %s trusts more than services: %s", role.Name, trust)
		}
	}
}

func TestNoPolicyHasAWildcardActionOrResource(t *testing.T) {
	r := deployed(t, world())
	if n := len(r.All(rolePolicyType)); n != 3 {
		t.Errorf("there are %d role policies, want 3: gateway, delivery, warehouse", n)
	}
	for _, p := range r.All(rolePolicyType) {
		var d struct {
			Statement []struct{ Action, Resource []string }
		}
		if err := json.Unmarshal([]byte(p.Inputs["policy"].StringValue()), &d); err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Statement {
			for _, action := range s.Action {
				if strings.Contains(action, "*") {
					t.Errorf("%s allows %s", p.Name, action)
				}
			}
			for _, resource := range s.Resource {
				if !strings.HasPrefix(resource, "arn:aws:") || strings.HasSuffix(resource, ":*") {
					t.Errorf("%s reaches %s", p.Name, resource)
				}
			}
		}
	}
}

func TestTheGatewayMayOnlyPutRecordsOnTheOneStream(t *testing.T) {
	p := deployed(t, world()).Named(t, rolePolicyType, "gateway")
	want := `{"Statement":[{"Action":["firehose:PutRecord","firehose:PutRecordBatch"],"Effect":"Allow",` +
		`"Resource":["arn:aws:firehose:eu-central-1:000000000000:deliverystream/events-local-delivery"],"Sid":"PutRecords"}],"Version":"2012-10-17"}`
	if got := p.Inputs["policy"].StringValue(); got != want {
		t.Errorf("the gateway may\n%s\nwant\n%s", got, want)
	}
}

func TestARoleFromTheSettingsHasItsPolicies(t *testing.T) {
	r := deployed(t, world(map[string]any{
		"name":                "lambda",
		"assumePolicy":        `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`,
		"inlinePolicy":        `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}`,
		"forceDetachPolicies": true,
	}))
	if role := r.Named(t, roleType, "lambda"); !role.Inputs["forceDetachPolicies"].BoolValue() {
		t.Error("the role does not detach policies by force, though its settings say so")
	}
	if p := r.Named(t, rolePolicyType, "lambda"); p.Inputs["name"].StringValue() != "lambda-inline-role" {
		t.Errorf("the inline policy is named %s, want lambda-inline-role", p.Inputs["name"].StringValue())
	}
}

func TestARoleWithABrokenPolicyIsRefusedBeforeAnythingIsMade(t *testing.T) {
	r := world(map[string]any{"name": "lambda", "assumePolicy": `{"Version":"2012-10-17"}`}).Run(t, deploy)
	if r.Err == nil || !strings.Contains(r.Err.Error(), `roles[0] "lambda": assumePolicy: trust policy`) {
		t.Errorf("the error is %v, want role and policy named", r.Err)
	}
	if len(r.Resources) > 0 {
		t.Errorf("%d resources were made", len(r.Resources))
	}
}

func TestARoleThatIAMOrThePipelineHasNoPlaceForIsRefused(t *testing.T) {
	const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	for want, roles := range map[string][]any{
		`roles[0].name is "a b", want 1 to 64`:              {map[string]any{"name": "a b", "assumePolicy": trust}},
		`roles[1].name "Replay" is there twice`:             {map[string]any{"name": "replay", "assumePolicy": trust}, map[string]any{"name": "Replay", "assumePolicy": trust}},
		`"delivery" is the name of a role of the pipeline`:  {map[string]any{"name": "delivery", "assumePolicy": trust}},
		`"events-local-gateway" is the name of a role`:      {map[string]any{"name": "events-local-gateway", "assumePolicy": trust}},
		`"Events-local-Gateway" is the name of a role`:      {map[string]any{"name": "Events-local-Gateway", "assumePolicy": trust}}, // to IAM the same
		`inlinePolicy: permission policy: statement 1`:      {map[string]any{"name": "x", "assumePolicy": trust, "inlinePolicy": trust}},
		`unknown setting events-iam:roles[0].policy; there`: {map[string]any{"name": "x", "policy": trust}},
	} {
		if r := world(roles...).Run(t, deploy); r.Err == nil || !strings.Contains(r.Err.Error(), want) || len(r.Resources) > 0 {
			t.Errorf("the error is %v with %d resources made, want it to hold %q", r.Err, len(r.Resources), want)
		}
	}
}

func TestEveryRoleIsTagged(t *testing.T) {
	for _, role := range deployed(t, world()).All(roleType) {
		if role.Inputs["tags"].ObjectValue()["layer"].StringValue() != "iam" {
			t.Errorf("role %s has the tags %v", role.Name, role.Inputs["tags"])
		}
	}
}
