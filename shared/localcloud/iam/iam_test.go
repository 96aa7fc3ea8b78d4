package iam

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/iam/policy"
	"pipeline/shared/localcloud/store"
)

const (
	account   = "000000000000"
	stream    = "arn:aws:firehose:eu-central-1:000000000000:deliverystream/events"
	byGateway = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	gateway   = "apigateway.amazonaws.com"
)

// world is a Service with a clock that the test moves.
type world struct {
	*Service
	path string
	st   *store.Store
	now  time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{path: filepath.Join(t.TempDir(), "state.db"), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	w.open(t)
	t.Cleanup(func() { w.st.Close() })
	return w
}

func (w *world) open(t testing.TB) {
	t.Helper()
	st, err := store.Open(w.path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(st, account, "eu-central-1", func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	w.st, w.Service = st, s
}

func (w *world) restart(t testing.TB) {
	t.Helper()
	if err := w.st.Close(); err != nil {
		t.Fatal(err)
	}
	w.open(t)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gatewayRole makes the role that may put records on one stream.
func (w *world) gatewayRole(t testing.TB) Role {
	t.Helper()
	r, err := w.CreateRole(Role{Name: "gateway", TrustPolicy: byGateway})
	must(t, err)
	must(t, w.PutRolePolicy("gateway", "put", allow("firehose:PutRecord", stream)))
	return r
}

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)
}

func as(service, role string) context.Context {
	return WithCaller(context.Background(), Caller{Service: service, Role: role})
}

func TestACallWithoutACallerIsTheAdministrators(t *testing.T) {
	w := newWorld(t)
	if err := w.Authorize(context.Background(), "s3:DeleteBucket", "arn:aws:s3:::b", nil); err != nil {
		t.Errorf("the administrator is refused: %v", err)
	}
}

func TestARoleMayDoWhatItsPoliciesAllowAndNothingElse(t *testing.T) {
	w := newWorld(t)
	ctx := as(gateway, w.gatewayRole(t).ARN)
	for range 2 { // the second answer is a remembered one
		if err := w.Authorize(ctx, "firehose:PutRecord", stream, nil); err != nil {
			t.Errorf("what the policy allows is refused: %v", err)
		}
		if err := w.Authorize(ctx, "firehose:PutRecord", stream+"2", nil); err == nil {
			t.Error("a stream that the policy does not name is open")
		}
	}
	var denied *Denied
	err := w.Authorize(ctx, "firehose:DeleteDeliveryStream", stream, nil)
	if !errors.As(err, &denied) {
		t.Fatalf("an action that no policy allows is answered %v", err)
	}
	want := "User: arn:aws:sts::000000000000:assumed-role/gateway/BackplaneAssumeRoleSession is not authorized to perform: " +
		"firehose:DeleteDeliveryStream on resource: " + stream + " because no identity-based policy allows the firehose:DeleteDeliveryStream action"
	if denied.Error() != want {
		t.Errorf("the denial reads\n%s\nwant\n%s", denied, want)
	}
}

func TestARoleIsTakenOnOnlyByAServiceThatItTrusts(t *testing.T) {
	w := newWorld(t)
	arn := w.gatewayRole(t).ARN
	for caller, reason := range map[Caller]string{
		{"firehose.amazonaws.com", arn}:             "trust policy",
		{gateway, arn + "2"}:                        "does not exist",
		{gateway, "arn:aws:iam::1:role/gateway"}:    "does not exist",
		{gateway, "arn:aws:iam::1:role/x/" + "gat"}: "does not exist",
	} {
		err := w.Authorize(WithCaller(context.Background(), caller), "firehose:PutRecord", stream, nil)
		var denied *Denied
		if !errors.As(err, &denied) || denied.Action != "sts:AssumeRole" || !strings.Contains(denied.Error(), reason) {
			t.Errorf("%v is answered %v, want a denial of sts:AssumeRole with %q", caller, err, reason)
		}
		if _, err := w.AssumeRole(context.Background(), caller.Service, caller.Role); err == nil {
			t.Errorf("%v gets keys", caller)
		}
	}
}

func TestOnlyFirehoseGivesAnExternalID(t *testing.T) {
	for service, trusted := range map[string]bool{"firehose.amazonaws.com": true, gateway: false, "redshift.amazonaws.com": false} {
		w := newWorld(t)
		r, err := w.CreateRole(Role{Name: "r", TrustPolicy: fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":%q},
			"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":%q}}}}`, service, account)})
		must(t, err)
		if err := w.Assumable(service, r.ARN); (err == nil) != trusted {
			t.Errorf("%s, of whom an external id is asked, is answered %v", service, err)
		}
	}
}

func TestAChangedPolicyCountsAtOnce(t *testing.T) {
	w := newWorld(t)
	ctx := as(gateway, w.gatewayRole(t).ARN)
	put := func() error { return w.Authorize(ctx, "firehose:PutRecord", stream, nil) }
	must(t, put())
	must(t, w.PutRolePolicy("gateway", "no", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"firehose:*","Resource":"*"}]}`))
	if err := put(); err == nil || !strings.Contains(err.Error(), "with an explicit deny in an identity-based policy") {
		t.Errorf("after a Deny was added the answer is %v", err)
	}
	must(t, w.DeleteRolePolicy("gateway", "no"))
	must(t, put())
	must(t, w.DeleteRolePolicy("gateway", "put"))
	if put() == nil {
		t.Error("a deleted policy still allows")
	}
}

func TestAConditionOnTheTimeIsAskedEveryTime(t *testing.T) {
	w := newWorld(t)
	ctx := as(gateway, w.gatewayRole(t).ARN)
	must(t, w.PutRolePolicy("gateway", "put", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"firehose:*","Resource":"*",
		"Condition":{"DateLessThan":{"aws:CurrentTime":"2026-11-22T13:00:00Z"}}}]}`))
	must(t, w.Authorize(ctx, "firehose:PutRecord", stream, nil))
	w.now = w.now.Add(2 * time.Hour)
	if w.Authorize(ctx, "firehose:PutRecord", stream, nil) == nil {
		t.Error("the policy allows after its time")
	}
}

func TestConditionsOfTheRequestAreTakenIntoAccount(t *testing.T) {
	w := newWorld(t)
	ctx := as(gateway, w.gatewayRole(t).ARN)
	must(t, w.PutRolePolicy("gateway", "list", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",
		"Condition":{"StringLike":{"s3:prefix":"errors/*"}}}]}`))
	must(t, w.Authorize(ctx, "s3:ListBucket", "arn:aws:s3:::b", map[string]string{"s3:Prefix": "errors/2026"}))
	if w.Authorize(ctx, "s3:ListBucket", "arn:aws:s3:::b", map[string]string{"s3:Prefix": "raw"}) == nil {
		t.Error("another prefix is open")
	}
}

func TestARolesPoliciesSurviveARestart(t *testing.T) {
	w := newWorld(t)
	role := w.gatewayRole(t)
	must(t, w.AttachRolePolicy("gateway", "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
	w.restart(t)
	must(t, w.Authorize(as(gateway, role.ARN), "firehose:PutRecord", stream, nil))
	must(t, w.Authorize(as(gateway, role.ARN), "logs:PutLogEvents", "arn:aws:logs:eu-central-1:000000000000:log-group:x:log-stream:y", nil))
	if got, err := w.GetRole("GATEWAY"); err != nil || got.ID != role.ID || !got.Created.Equal(role.Created) {
		t.Errorf("after a restart the role is %+v, %v, want %+v", got, err, role)
	}
}

func TestTemporaryKeysStandForTheRoleUntilTheyExpire(t *testing.T) {
	w := newWorld(t)
	role := w.gatewayRole(t)
	keys, err := w.AssumeRole(context.Background(), gateway, role.ARN)
	must(t, err)
	if c, ok := w.Caller(keys.AccessKeyID, keys.SessionToken); !ok || c != (Caller{gateway, role.ARN}) {
		t.Errorf("the keys stand for %v, %v", c, ok)
	}
	again, err := w.AssumeRole(context.Background(), gateway, role.ARN)
	must(t, err)
	if again != keys {
		t.Error("a second session within minutes makes new keys")
	}
	if _, ok := w.Caller(keys.AccessKeyID, "another token"); ok {
		t.Error("the keys count without their token")
	}
	w.now = w.now.Add(time.Hour)
	if _, ok := w.Caller(keys.AccessKeyID, keys.SessionToken); ok || !Temporary(keys.AccessKeyID) {
		t.Error("the keys count after they expired, or are taken for an administrator's")
	}
	if Temporary("ASIAIOSFODNN7EXAMPLE") || Temporary("test") {
		t.Error("a key of somebody else is taken for one of this plane")
	}
}

func TestAResourcePolicyAllowsAndDeniesBesideTheRole(t *testing.T) {
	w := newWorld(t)
	arn := w.gatewayRole(t).ARN
	bucketPolicy := func(effect, principal string) *policy.Document {
		d, err := policy.Parse(policy.Resource, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":%s,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`, effect, principal))
		must(t, err)
		return d
	}
	ask := func(ctx context.Context, p *policy.Document, anonymous bool) error {
		return w.Check(ctx, Access{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Policy: p, Anonymous: anonymous})
	}
	admin := context.Background()
	cases := []struct {
		rule string
		err  error
		want string
	}{
		{"a role that only the bucket allows", ask(as(gateway, arn), bucketPolicy("Allow", `{"AWS":"`+arn+`"}`), false), ""},
		{"a role of an account that the bucket allows", ask(as(gateway, arn), bucketPolicy("Allow", `{"AWS":"`+account+`"}`), false), "no identity-based policy"},
		{"an administrator whom the bucket denies", ask(admin, bucketPolicy("Deny", `"*"`), false), "explicit deny in a resource-based policy"},
		{"an administrator of whom the bucket says nothing", ask(admin, bucketPolicy("Allow", `{"AWS":"`+arn+`"}`), false), ""},
		{"anonymous where all are allowed", ask(admin, bucketPolicy("Allow", `"*"`), true), ""},
		{"anonymous where one role is", ask(admin, bucketPolicy("Allow", `{"AWS":"`+arn+`"}`), true), "User: anonymous is not authorized"},
		{"anonymous without a policy", ask(admin, nil, true), "no resource-based policy"},
		{"a service that the bucket names", ask(as("firehose.amazonaws.com", ""), bucketPolicy("Allow", `{"Service":"firehose.amazonaws.com"}`), false), ""},
		{"a service that it does not", ask(as("logs.amazonaws.com", ""), bucketPolicy("Allow", `{"Service":"firehose.amazonaws.com"}`), false), "User: logs.amazonaws.com"},
	}
	for _, c := range cases {
		if got := fmt.Sprint(c.err); c.want == "" && c.err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: answered %v, want %q", c.rule, c.err, c.want)
		}
	}
}

func TestAnEndpointPolicyOnlyTakesAway(t *testing.T) {
	w := newWorld(t)
	arn := w.gatewayRole(t).ARN
	endpoint := func(effect, principal, resource string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":%s,"Action":"s3:GetObject","Resource":%q}]}`, effect, principal, resource)
	}
	for _, c := range []struct {
		rule, policy, want string
		ctx                context.Context
	}{
		{"everybody may", endpoint("Allow", `"*"`, "arn:aws:s3:::b/*"), "", as(gateway, arn)},
		{"its role may", endpoint("Allow", `{"AWS":"`+arn+`"}`, "*"), "", as(gateway, arn)},
		{"another role may", endpoint("Allow", `{"AWS":"`+arn+`x"}`, "*"), "because no VPC endpoint policy allows the s3:GetObject action", as(gateway, arn)},
		{"another bucket", endpoint("Allow", `"*"`, "arn:aws:s3:::c/*"), "because no VPC endpoint policy allows the s3:GetObject action", as(gateway, arn)},
		{"nobody may", endpoint("Deny", `"*"`, "*"), "with an explicit deny in a VPC endpoint policy", as(gateway, arn)},
		{"nobody may, not even the administrator", endpoint("Deny", `"*"`, "*"), "with an explicit deny in a VPC endpoint policy", context.Background()},
		{"a role that is gone", endpoint("Allow", `"*"`, "*"), "the role does not exist", as(gateway, arn+"x")},
	} {
		err := w.Passes(c.ctx, "s3:GetObject", "arn:aws:s3:::b/k", c.policy)
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: answered %v, want %q", c.rule, err, c.want)
		}
	}
}

func TestADrillDeniesAsManyCallsAsItSays(t *testing.T) {
	w := newWorld(t)
	ctx := as(gateway, w.gatewayRole(t).ARN)
	put := func() error { return w.Authorize(ctx, "firehose:PutRecord", stream, nil) }
	w.DenyNext("firehose:putRecord", 2)
	for call := range 3 {
		if err := put(); (err != nil) != (call < 2) {
			t.Errorf("call %d is answered %v", call+1, err)
		}
	}
	w.DenyNext("firehose:PutRecord", 1)
	if err := w.Authorize(context.Background(), "firehose:PutRecord", stream, nil); err != nil {
		t.Errorf("a drill denies the administrator: %v", err)
	}
	w.DenyNext("firehose:PutRecord", 0)
	must(t, put())
}

func BenchmarkAuthorize(b *testing.B) {
	w := newWorld(b)
	ctx := as(gateway, w.gatewayRole(b).ARN)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Authorize(ctx, "firehose:PutRecord", stream, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthorizeAnObjectNeverSeen(b *testing.B) {
	w := newWorld(b)
	ctx := as(gateway, w.gatewayRole(b).ARN)
	must(b, w.PutRolePolicy("gateway", "s3", allow("s3:PutObject", "arn:aws:s3:::b/*")))
	for i := 0; b.Loop(); i++ {
		if err := w.Authorize(ctx, "s3:PutObject", fmt.Sprint("arn:aws:s3:::b/2026/11/22/12/", i), nil); err != nil {
			b.Fatal(err)
		}
	}
}
