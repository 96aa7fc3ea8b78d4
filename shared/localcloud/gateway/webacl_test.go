package gateway_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
)

func (e *events) arn() string { return e.w.ARN(e.id) + "/stages/dev" }

func TestAWebACLBlocksAClientThatIsTooFast(t *testing.T) {
	w := newWorld(t)
	w.now = time.Unix(1_800_000_000, 0)
	e := w.newEvents()
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	w.must(w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "WAF_FILTERED", Parameters: map[string]string{"gatewayresponse.header.X-Waf": "context.wafResponseCode"}}))
	e.deploy(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: groupARN + logGroup, Format: "$context.requestId|$context.webaclArn|$context.wafResponseCode"}
	})
	e.send(`{}`)
	acl := value[gateway.WebACL](t)(w.CreateWebACL(gateway.WebACL{Name: "guard", Rules: []gateway.RateRule{{Name: "rate", Limit: 10, WindowSeconds: 60, Block: true}}}))
	w.must(w.AssociateWebACL(acl.ARN, e.arn()))
	w.close()
	w.open() // the association is kept
	for i := range 10 {
		if r := e.send(`{}`); r.status != 200 {
			t.Fatalf("request %d answers %v, want 200", i, r)
		}
	}
	blocked := e.send(`{}`)
	blocked.want(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
	if got := blocked.header.Get("X-Waf"); got != "WAF_BLOCK" {
		t.Errorf("the gateway response has the code %q", got)
	}
	lines := w.logs.wait(t, logGroup, 12)
	for line, want := range map[int]string{0: "-|-", 1: acl.ARN + "|WAF_ALLOW", 11: acl.ARN + "|WAF_BLOCK"} {
		if _, got, _ := strings.Cut(lines[line], "|"); got != want {
			t.Errorf("line %d of the access log has %s, want %s", line, got, want)
		}
	}
	w.later(-time.Hour)
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("after the clock was set back a client answers %v: it is held against it until the clock has caught up", r)
	}
	for range 10 {
		e.send(`{}`)
	}
	w.later(50 * time.Second)
	e.send(`{}`).want(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
	w.later(20 * time.Second)
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("a client that slowed down answers %v, want 200", r)
	}
	acl.Rules[0].Block, acl.Rules[0].Limit = false, 10
	_, err := w.UpdateWebACL(acl)
	w.must(err)
	for range 20 {
		if r := e.send(`{}`); r.status != 200 {
			t.Fatalf("a rule that only counts answers %v", r)
		}
	}
	w.must(w.DisassociateWebACL(e.arn()))
	w.must(w.DeleteWebACL(acl.ARN))
}

func TestAWebACLIsRefusedAsAWSRefusesIt(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	acl := value[gateway.WebACL](t)(w.CreateWebACL(gateway.WebACL{Name: "guard"}))
	w.must(w.AssociateWebACL(acl.ARN, e.arn()))
	create := func(a gateway.WebACL) error {
		_, err := w.CreateWebACL(a)
		return err
	}
	rule := func(r gateway.RateRule) gateway.WebACL {
		return gateway.WebACL{Name: "x", Rules: []gateway.RateRule{r}}
	}
	for what, c := range map[string]struct {
		err  error
		code string
	}{
		"a name twice":            {create(gateway.WebACL{Name: "guard"}), "WAFDuplicateItemException"},
		"no name":                 {create(gateway.WebACL{}), "WAFInvalidParameterException"},
		"a limit below 10":        {create(rule(gateway.RateRule{Limit: 9, WindowSeconds: 300})), "WAFInvalidParameterException"},
		"another window":          {create(rule(gateway.RateRule{Limit: 10, WindowSeconds: 90})), "WAFInvalidParameterException"},
		"deleting one in use":     {w.DeleteWebACL(acl.ARN), "WAFAssociatedItemException"},
		"associating none":        {w.AssociateWebACL("arn", e.arn()), "WAFNonexistentItemException"},
		"associating with no ARN": {w.AssociateWebACL(acl.ARN, "stage"), "WAFInvalidParameterException"},
		"associating with a stage that is not there": {w.AssociateWebACL(acl.ARN, e.arn()+"x"), "NotFoundException"},
	} {
		var e *gateway.Error
		if !errors.As(c.err, &e) || e.Code != c.code {
			t.Errorf("%s: error is %v, want %s", what, c.err, c.code)
		}
	}
}
