package iam_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	plane "pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider/iam"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	roleType       = "aws:iam/role:Role"
	policyType     = "aws:iam/rolePolicy:RolePolicy"
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	gatewayLogs    = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
	trust          = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allow          = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`
)

func world(t *testing.T) (*providertest.Engine, *plane.Service) {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	service, err := plane.New(st, "000000000000", "eu-central-1", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return providertest.New(t, "events-iam", iam.Kinds(service, "eu-central-1")), service
}

func TestARoleLivesFromCreateToDelete(t *testing.T) {
	engine, service := world(t)
	role := engine.Create(roleType, object{"name": "delivery", "assumeRolePolicy": trust, "tags": object{"layer": "iam"}})
	if role.ID != "delivery" || role.Outputs["arn"] != "arn:aws:iam::000000000000:role/delivery" {
		t.Errorf("the role is %s, %v", role.ID, role.Outputs)
	}
	policy := engine.Create(policyType, object{"name": "p", "role": "delivery", "policy": allow})
	attachment := engine.Create(attachmentType, object{"role": "delivery", "policyArn": gatewayLogs})
	role = engine.Update(role, object{"description": "of Firehose", "maxSessionDuration": 7200})
	if got, err := service.GetRole("delivery"); err != nil || got.Description != "of Firehose" || got.MaxSessionSeconds != 7200 || got.Tags["layer"] != "iam" {
		t.Errorf("after the update: %+v (%v)", got, err)
	}
	policy = engine.Update(policy, object{"policy": strings.Replace(allow, "GetObject", "PutObject", 1)})
	if got, err := service.GetRolePolicy("delivery", "p"); err != nil || !strings.Contains(got, "PutObject") {
		t.Errorf("after the update: %s (%v)", got, err)
	}
	if err := engine.TryDelete(role); err == nil || !strings.Contains(err.Error(), "DeleteConflict") {
		t.Errorf("deleting a role with policies is answered %v", err)
	}
	engine.Delete(attachment)
	engine.Delete(policy)
	engine.Delete(role)
	if engine.Exists(role) || engine.Exists(policy) || engine.Exists(attachment) {
		t.Error("something is there after its deletion")
	}
}

func TestForceDetachTakesOthersPoliciesAway(t *testing.T) {
	engine, service := world(t)
	role := engine.Create(roleType, object{"name": "r", "assumeRolePolicy": trust, "forceDetachPolicies": true})
	for _, err := range []error{service.PutRolePolicy("r", "somebodys", allow), service.AttachRolePolicy("r", gatewayLogs)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	engine.Delete(role)
}

func TestARefreshShowsWhatSomebodyChanged(t *testing.T) {
	engine, service := world(t)
	role := engine.Create(roleType, object{"name": "r", "assumeRolePolicy": trust})
	policy := engine.Create(policyType, object{"name": "p", "role": "r", "policy": allow})
	if in, _, _ := engine.Read(role); len(in) != len(role.Inputs) {
		t.Errorf("a refresh without a change finds inputs %v", in)
	}
	other := strings.Replace(trust, "firehose", "redshift", 1)
	if _, err := service.UpdateRole(plane.Role{Name: "r", TrustPolicy: other, Description: "mine"}); err != nil {
		t.Fatal(err)
	}
	if in, _, _ := engine.Read(role); in["assumeRolePolicy"] != other || in["description"] != "mine" {
		t.Errorf("a refresh finds %v", in)
	}
	if err := service.PutRolePolicy("r", "p", strings.Replace(allow, "GetObject", "*", 1)); err != nil {
		t.Fatal(err)
	}
	if in, _, _ := engine.Read(policy); !strings.Contains(in["policy"].(string), "s3:*") {
		t.Errorf("a refresh finds %v", in)
	}
}

func TestRolesAndPoliciesAreImported(t *testing.T) {
	engine, _ := world(t)
	role := engine.Create(roleType, object{"name": "r", "assumeRolePolicy": trust, "path": "/x/"})
	policy := engine.Create(policyType, object{"name": "p", "role": "r", "policy": allow})
	attachment := engine.Create(attachmentType, object{"role": "r", "policyArn": gatewayLogs})
	if got := engine.Import(roleType, role.ID); got["assumeRolePolicy"] != trust || got["path"] != "/x/" {
		t.Errorf("the imported role is %v", got)
	}
	if got := engine.Import(policyType, policy.ID); got["role"] != "r" || got["policy"] != allow {
		t.Errorf("the imported policy is %v", got)
	}
	if got := engine.Import(attachmentType, attachment.ID); got["role"] != "r" || got["policyArn"] != gatewayLogs {
		t.Errorf("the imported attachment is %v", got)
	}
}

func TestWhatReplacesIsWhatIAMCannotChange(t *testing.T) {
	engine, _ := world(t)
	role := engine.Create(roleType, object{"name": "r", "assumeRolePolicy": trust})
	policy := engine.Create(policyType, object{"name": "p", "role": "r", "policy": allow})
	for _, c := range []struct {
		made    providertest.Made
		changed object
		want    string
	}{
		{role, object{"name": "s"}, "name"},
		{role, object{"path": "/x/"}, "path"},
		{role, object{"assumeRolePolicy": allow}, ""},
		{role, object{"tags": object{"a": "b"}}, ""},
		{policy, object{"name": "q"}, "name"},
		{policy, object{"policy": trust}, ""},
	} {
		if got := engine.Replaces(c.made, c.changed); got != c.want {
			t.Errorf("changing %v replaces for %q, want %q", c.changed, got, c.want)
		}
	}
}

func TestAPreviewRefusesWhatIAMWould(t *testing.T) {
	engine, _ := world(t)
	engine.Refuses(roleType, object{"assumeRolePolicy": "{}"}, "assumeRolePolicy: MalformedPolicyDocument: ")
	engine.Refuses(roleType, object{"assumeRolePolicy": strings.Replace(trust, "firehose", "fierhose", 1)}, `Invalid principal in policy: "SERVICE":"fierhose.amazonaws.com"`)
	engine.Refuses(roleType, object{"name": "a b", "assumeRolePolicy": trust}, `name: "a b" failed to satisfy constraint`)
	engine.Refuses(roleType, object{"assumeRolePolicy": trust, "maxSessionDuration": 60}, "greater than or equal to 3600")
	engine.Refuses(roleType, object{"assumeRolePolicy": trust, "inlinePolicies": []any{}}, "inlinePolicies: is not honoured")
	engine.Refuses(roleType, object{"assumeRolePolicy": trust, "permissionsBoundary": "arn:aws:iam::aws:policy/x"}, "permissionsBoundary: is not honoured")
	engine.Refuses(policyType, object{"role": providertest.Unknown, "policy": trust}, "should not specify a principal")
	engine.Refuses(policyType, object{"role": "r", "name": "a b", "policy": allow}, `name: "a b" failed to satisfy constraint`)
	engine.Refuses(attachmentType, object{"role": "r", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, "does not exist or is not attachable")
}

func TestTheProgramLearnsWhoAndWhereItIs(t *testing.T) {
	engine, _ := world(t)
	for token, want := range map[string]object{
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "000000000000", "arn": "arn:aws:iam::000000000000:root"},
		"aws:index/getRegion:getRegion":                 {"name": "eu-central-1"},
		"aws:index/getPartition:getPartition":           {"partition": "aws", "dnsSuffix": "amazonaws.com"},
	} {
		got := engine.Invoke(token, object{})
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s answers %v, want %s %v", token, got, key, value)
			}
		}
	}
}
