package iam

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestWhatIAMRefusesIsRefusedWithItsCode(t *testing.T) {
	w := newWorld(t)
	w.gatewayRole(t)
	create := func(change func(*Role)) error {
		r := Role{Name: "other", TrustPolicy: byGateway}
		change(&r)
		_, err := w.CreateRole(r)
		return err
	}
	long := strings.Repeat("x", 3000)
	cases := []struct {
		rule string
		err  error
		code string
		text string
	}{
		{"a name in use, in any case", create(func(r *Role) { r.Name = "Gateway" }), "EntityAlreadyExists", "Role with name Gateway already exists."},
		{"no name", create(func(r *Role) { r.Name = "" }), "ValidationError", "greater than or equal to 1"},
		{"a name of 65", create(func(r *Role) { r.Name = long[:65] }), "ValidationError", "less than or equal to 64"},
		{"a name with a space", create(func(r *Role) { r.Name = "a b" }), "ValidationError", `Value 'a b' at 'roleName'`},
		{"a path without slashes", create(func(r *Role) { r.Path = "x" }), "ValidationError", "'path'"},
		{"a description with a Chinese character", create(func(r *Role) { r.Description = "\u4e16" }), "ValidationError", "'description'"},
		{"sessions of a minute", create(func(r *Role) { r.MaxSessionSeconds = 60 }), "ValidationError", "3600"},
		{"sessions of a day", create(func(r *Role) { r.MaxSessionSeconds = 86400 }), "ValidationError", "43200"},
		{"a trust policy that is no JSON", create(func(r *Role) { r.TrustPolicy = "x" }), "MalformedPolicyDocument", "invalid Json"},
		{"a long trust policy", create(func(r *Role) { r.TrustPolicy = `"` + long + `"` }), "LimitExceeded", "ACLSizePerRole: 2048"},
		{"a trust policy that names no role there is", create(func(r *Role) { r.TrustPolicy = byPrincipal("role/nobody") }), "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/nobody"`},
		{"a trust policy that names no user there is", create(func(r *Role) { r.TrustPolicy = byPrincipal("user/gateway") }), "MalformedPolicyDocument", "Invalid principal"},
		{"a trust policy that names a service that is not known", create(func(r *Role) { r.TrustPolicy = strings.Replace(byGateway, "apigateway.", "nowhere.", 1) }), "MalformedPolicyDocument", "the local cloud does not know this service"},
		{"a tag without a key", create(func(r *Role) { r.Tags = map[string]string{"": "x"} }), "ValidationError", "tags.member.key"},
		{"a policy for no role", w.PutRolePolicy("nobody", "p", allow("s3:*", "*")), "NoSuchEntity", "The role with name nobody cannot be found."},
		{"a policy that is no JSON", w.PutRolePolicy("gateway", "p", "x"), "MalformedPolicyDocument", "Syntax errors in policy."},
		{"a policy with a bad name", w.PutRolePolicy("gateway", "p p", allow("s3:*", "*")), "ValidationError", "'policyName'"},
		{"policies over the quota", w.PutRolePolicy("gateway", "p", allow("s3:"+strings.Repeat(long, 4), "*")), "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role gateway"},
		{"deleting a policy that is not there", w.DeleteRolePolicy("gateway", "p"), "NoSuchEntity", "The role policy with name p cannot be found."},
		{"attaching a policy that AWS does not have", w.AttachRolePolicy("gateway", "arn:aws:iam::aws:policy/Nope"), "NoSuchEntity", "does not exist or is not attachable. The local cloud has service-role/AmazonAPIGatewayPushToCloudWatchLogs only"},
		{"attaching a policy of another partition", w.AttachRolePolicy("gateway", "arn:aws-cn:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"), "NoSuchEntity", "not attachable"},
		{"detaching what is not attached", w.DetachRolePolicy("gateway", "arn:aws:iam::aws:policy/Nope"), "NoSuchEntity", "was not found"},
		{"deleting a role with a policy", w.DeleteRole("gateway"), "DeleteConflict", "must delete policies first"},
		{"deleting no role", w.DeleteRole("nobody"), "NoSuchEntity", "nobody"},
	}
	for _, c := range cases {
		var e *Error
		if !errors.As(c.err, &e) || e.Code != c.code || !strings.Contains(e.Message, c.text) || e.Status < 400 {
			t.Errorf("%s is answered %v, want %s: ...%s...", c.rule, c.err, c.code, c.text)
		}
	}
	if got := len(w.ListRoles()); got != 1 {
		t.Errorf("refused roles are there: %d roles, want 1", got)
	}
}

func byPrincipal(name string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:` + name + `"},"Action":"sts:AssumeRole"}}`
}

func TestATrustPolicyMayNameARoleThatIsThere(t *testing.T) {
	w := newWorld(t)
	w.gatewayRole(t)
	_, err := w.CreateRole(Role{Name: "other", TrustPolicy: byPrincipal("role/gateway")})
	must(t, err)
	if _, err := w.UpdateRole(Role{Name: "other", TrustPolicy: byPrincipal("role/nobody")}); err == nil {
		t.Error("an update may name a role that is not there")
	}
}

func TestADeletedRoleIsGoneOnceItsPoliciesAre(t *testing.T) {
	w := newWorld(t)
	w.gatewayRole(t)
	managed := "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
	must(t, w.AttachRolePolicy("gateway", managed))
	must(t, w.AttachRolePolicy("gateway", managed)) // twice is once
	must(t, w.DeleteRolePolicy("gateway", "put"))
	if err := w.DeleteRole("gateway"); err == nil {
		t.Error("a role is deleted with a managed policy attached")
	}
	must(t, w.DetachRolePolicy("gateway", managed))
	must(t, w.DeleteRole("gateway"))
	w.restart(t)
	if _, err := w.GetRole("gateway"); err == nil {
		t.Error("a deleted role is there after a restart")
	}
}

func TestAnUpdateKeepsWhatMakesARoleItself(t *testing.T) {
	w := newWorld(t)
	was := w.gatewayRole(t)
	trust := strings.Replace(byGateway, gateway, "firehose.amazonaws.com", 1)
	got, err := w.UpdateRole(Role{Name: "gateway", Path: "/other/", TrustPolicy: trust, Description: "d", Tags: map[string]string{"a": "b"}})
	must(t, err)
	want := was
	want.TrustPolicy, want.Description, want.Tags = trust, "d", map[string]string{"a": "b"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the role is %+v, want %+v", got, want)
	}
	if err := w.Assumable("firehose.amazonaws.com", got.ARN); err != nil {
		t.Errorf("the new trust policy does not count: %v", err)
	}
	if w.Assumable(gateway, got.ARN) == nil {
		t.Error("the old trust policy still counts")
	}
}

func TestLengthsAreInCharacters(t *testing.T) {
	w := newWorld(t)
	role := Role{Name: "umlauts", TrustPolicy: byGateway, Description: strings.Repeat("\u00e4", 1000), Tags: map[string]string{strings.Repeat("\u00e4", 128): strings.Repeat("\u00e4", 256)}}
	if _, err := w.CreateRole(role); err != nil {
		t.Error(err)
	}
}
