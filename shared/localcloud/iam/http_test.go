package iam

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// query asks with keys; none leave the request unsigned.
func (w *world) query(t *testing.T, keys Credentials, form url.Values) (status int, body string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(form.Encode()))
	if keys.AccessKeyID != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+keys.AccessKeyID+"/20261122/eu-central-1/sts/aws4_request, SignedHeaders=host, Signature=00")
		r.Header.Set("X-Amz-Security-Token", keys.SessionToken)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	service := map[string]string{"2011-06-15": "sts", "2010-05-08": "iam", "2012-12-01": "redshift", "2016-11-15": "ec2"}[form.Get("Version")]
	w.Query(service).ServeHTTP(rec, r)
	data, err := io.ReadAll(rec.Result().Body)
	must(t, err)
	return rec.Code, string(data)
}

func TestTheQueryProtocolTellsWhoAsksAndWhichRolesThereAre(t *testing.T) {
	w := newWorld(t)
	role := w.gatewayRole(t)
	_, err := w.UpdateRole(Role{Name: "gateway", TrustPolicy: byGateway, Tags: map[string]string{"owner": "web", "layer": "iam"}})
	must(t, err)
	admin := Credentials{AccessKeyID: "test"}
	session, err := w.AssumeRole(context.Background(), gateway, role.ARN)
	must(t, err)
	_, err = w.CreateRole(Role{Name: "inside", Path: "/teams/", TrustPolicy: byGateway})
	must(t, err)
	looker, err := w.CreateRole(Role{Name: "looker", TrustPolicy: byGateway})
	must(t, err)
	must(t, w.PutRolePolicy("looker", "p", allow("iam:GetRole", "arn:aws:iam::000000000000:role/teams/inside")))
	looking, err := w.AssumeRole(context.Background(), gateway, looker.ARN)
	must(t, err)
	stale := session
	stale.SessionToken = "another"
	cases := []struct {
		rule   string
		keys   Credentials
		form   url.Values
		status int
		want   string
	}{
		{"the administrator is the root user", admin, url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, 200,
			"<GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:root</Arn><UserId>000000000000</UserId><Account>000000000000</Account></GetCallerIdentityResult>"},
		{"a role is its session", session, url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, 200,
			"<Arn>arn:aws:sts::000000000000:assumed-role/gateway/BackplaneAssumeRoleSession</Arn><UserId>" + role.ID + ":BackplaneAssumeRoleSession</UserId>"},
		{"a role by name", admin, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {"gateway"}}, 200,
			"<Arn>" + role.ARN + "</Arn><CreateDate>2026-11-22T12:00:00Z</CreateDate><AssumeRolePolicyDocument>%7B%22Version%22%3A"},
		{"a role's tags", admin, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {"gateway"}}, 200,
			"<Tags><member><Key>layer</Key><Value>iam</Value></member><member><Key>owner</Key><Value>web</Value></member></Tags></Role>"},
		{"all roles", admin, url.Values{"Action": {"ListRoles"}, "Version": {"2010-05-08"}}, 200,
			"<ListRolesResult><Roles><member><Path>/</Path><RoleName>gateway</RoleName>"},
		{"no such role", admin, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {"x"}}, http.StatusNotFound,
			"<Code>NoSuchEntity</Code><Message>The role with name x cannot be found.</Message>"},
		{"a role that may look at that path", looking, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {"inside"}}, 200, "<Path>/teams/</Path>"},
		{"a role that may not look", session, url.Values{"Action": {"GetRole"}, "Version": {"2010-05-08"}, "RoleName": {"gateway"}}, 403,
			"<Code>AccessDenied</Code><Message>User: arn:aws:sts::000000000000:assumed-role/gateway/BackplaneAssumeRoleSession is not authorized to perform: iam:GetRole"},
		{"keys that have expired", stale, url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, 403, "<Code>ExpiredToken</Code>"},
		{"no keys", Credentials{}, url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, 403, "<Code>MissingAuthenticationToken</Code>"},
		{"an action that is not served", admin, url.Values{"Action": {"CreateUser"}, "Version": {"2010-05-08"}}, http.StatusNotImplemented, "iam:CreateUser"},
		{"a service that is not served", admin, url.Values{"Action": {"DescribeClusters"}, "Version": {"2012-12-01"}}, http.StatusNotImplemented,
			"<Error><Type>Sender</Type><Code>InvalidAction</Code><Message>the local cloud does not serve redshift:DescribeClusters (version 2012-12-01)</Message></Error>"},
		{"EC2", admin, url.Values{"Action": {"DescribeVpcs"}, "Version": {"2016-11-15"}}, http.StatusNotImplemented,
			"<Response><Errors><Error><Code>InvalidAction</Code><Message>the local cloud does not serve ec2:DescribeVpcs (version 2016-11-15)</Message></Error></Errors>"},
	}
	for _, c := range cases {
		if status, body := w.query(t, c.keys, c.form); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: answered %d\n%s\nwant %d\n%s", c.rule, status, body, c.status, c.want)
		}
	}
}
