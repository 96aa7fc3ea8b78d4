package policy

import (
	"strings"
	"testing"
)

const role = "arn:aws:iam::000000000000:role/delivery"

func statement1(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }

func mustParse(t *testing.T, kind Kind, text string) *Document {
	t.Helper()
	d, err := Parse(kind, text)
	if err != nil {
		t.Fatalf("a valid policy is refused: %v\n%s", err, text)
	}
	return d
}

func TestAnExplicitDenyWinsOverAnyAllow(t *testing.T) {
	d := mustParse(t, Identity, statement1(`
		{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"},
		{"Effect":"Allow","Action":"s3:*","Resource":"*"}`))
	for action, want := range map[string]Decision{"s3:DeleteObject": Deny, "s3:GetObject": Allow, "firehose:PutRecord": None} {
		if got := d.Evaluate(Request{Action: action, Resource: "arn:aws:s3:::b/k"}); got != want {
			t.Errorf("%s is decided %d, want %d", action, got, want)
		}
	}
}

func TestActionsMatchInAnyCaseAndWithWildcards(t *testing.T) {
	cases := []struct {
		action, asked string
		allowed       bool
	}{
		{"firehose:PutRecord", "firehose:putrecord", true},
		{"FIREHOSE:Put*", "firehose:PutRecordBatch", true},
		{"firehose:PutRecord", "firehose:PutRecordBatch", false},
		{"firehose:PutRecor?", "firehose:PutRecord", true},
		{"*", "s3:GetObject", true},
	}
	for _, c := range cases {
		d := mustParse(t, Identity, statement1(`{"Effect":"Allow","Action":"`+c.action+`","Resource":"*"}`))
		if got := d.Evaluate(Request{Action: c.asked, Resource: "x"}) == Allow; got != c.allowed {
			t.Errorf("%s allows %s: %v, want %v", c.action, c.asked, got, c.allowed)
		}
	}
}

func TestNotActionAndNotResourceMatchWhatTheyDoNotList(t *testing.T) {
	d := mustParse(t, Identity, statement1(`{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"}`))
	cases := []struct {
		action, resource string
		want             Decision
	}{
		{"s3:GetObject", "arn:aws:s3:::open/k", Allow},
		{"s3:GetObject", "arn:aws:s3:::secret/k", None},
		{"iam:GetRole", "arn:aws:s3:::open/k", None},
	}
	for _, c := range cases {
		if got := d.Evaluate(Request{Action: c.action, Resource: c.resource}); got != c.want {
			t.Errorf("%s on %s is decided %d, want %d", c.action, c.resource, got, c.want)
		}
	}
}

func TestAWildcardKeepsToItsPartOfTheARN(t *testing.T) {
	cases := []struct {
		pattern, arn string
		want         bool
	}{
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/errors/x", true},
		{"arn:aws:s3:::b", "arn:aws:s3:::b/errors/x", false},
		{"arn:aws:s3:::b*", "arn:aws:s3:::bucket/key", true},
		{"arn:aws:logs:*:000000000000:log-group:/aws/*:log-stream:S3*", "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/x:log-stream:S3Delivery", true},
		{"arn:aws:firehose:eu*l-1:0:deliverystream/x", "arn:aws:firehose:eu:al-1:0:deliverystream/x", false},
		{"arn:aws:firehose:eu-*-1:0:deliverystream/x", "arn:aws:firehose:eu-central-1:0:deliverystream/x", true},
		{"arn:aws:firehose:e?:0:deliverystream/x", "arn:aws:firehose:e::0:deliverystream/x", false},
		{"arn:aws:s3:::a*b*c", "arn:aws:s3:::aXbYbZc", true},
		{"arn:aws:s3:::a*b*c", "arn:aws:s3:::aXbYbZ", false},
	}
	for _, c := range cases {
		p, err := compile(c.pattern, resourceARN)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.matches(c.arn, nil); got != c.want {
			t.Errorf("%s fits %s: %v, want %v", c.arn, c.pattern, got, c.want)
		}
	}
}

func TestAPolicyVariableStandsForItsValueAndNotForAPattern(t *testing.T) {
	d := mustParse(t, Identity, statement1(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${s3:prefix}/${*}"}`))
	ask := func(prefix, resource string) Decision {
		vars := map[string]string{}
		if prefix != "" {
			vars["s3:prefix"] = prefix
		}
		return d.Evaluate(Request{Action: "s3:GetObject", Resource: resource, Context: vars})
	}
	if ask("home", "arn:aws:s3:::b/home/*") != Allow {
		t.Error("the variable's value does not match itself")
	}
	if ask("*", "arn:aws:s3:::b/home/*") == Allow {
		t.Error("a * in a variable's value is taken for a wildcard")
	}
	if ask("", "arn:aws:s3:::b//*") == Allow {
		t.Error("a variable without a value matches")
	}
}

func TestConditionsHoldAsTheirOperatorsSay(t *testing.T) {
	cases := []struct {
		condition string
		context   map[string]string
		want      bool
	}{
		{`{"StringEquals":{"s3:prefix":["a","b"]}}`, map[string]string{"s3:prefix": "b"}, true},
		{`{"StringEquals":{"s3:prefix":"a*"}}`, map[string]string{"s3:prefix": "ab"}, false},
		{`{"StringEquals":{"s3:prefix":"a"}}`, nil, false},
		{`{"StringEqualsIfExists":{"s3:prefix":"a"}}`, nil, true},
		{`{"StringEqualsIgnoreCase":{"s3:prefix":"A"}}`, map[string]string{"s3:prefix": "a"}, true},
		{`{"StringEquals":{"s3:prefix":"prüfung/"}}`, map[string]string{"s3:prefix": "prüfung/"}, true},
		{`{"StringEqualsIgnoreCase":{"s3:prefix":"PRÜFUNG/"}}`, map[string]string{"s3:prefix": "prüfung/"}, true},
		{`{"StringEqualsIgnoreCase":{"s3:prefix":"${s3:delimiter}"}}`, map[string]string{"s3:prefix": "A", "s3:delimiter": "A"}, true},
		{`{"StringNotEquals":{"s3:prefix":["a","b"]}}`, map[string]string{"s3:prefix": "b"}, false},
		{`{"StringNotEquals":{"s3:prefix":"a"}}`, nil, true},
		{`{"StringLike":{"s3:prefix":"errors/*"}}`, map[string]string{"s3:prefix": "errors/x"}, true},
		{`{"StringNotLike":{"s3:prefix":"errors/*"}}`, map[string]string{"s3:prefix": "errors/x"}, false},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/d*"}}`, map[string]string{"aws:principalarn": role}, true},
		{`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::1*:role/d*"}}`, map[string]string{"aws:principalarn": role}, false},
		{`{"Bool":{"aws:SecureTransport":false}}`, map[string]string{"aws:securetransport": "false"}, true},
		{`{"Bool":{"aws:SecureTransport":"false"}}`, map[string]string{"aws:securetransport": "true"}, false},
		{`{"Null":{"s3:prefix":"true"}}`, nil, true},
		{`{"Null":{"s3:prefix":"true"}}`, map[string]string{"s3:prefix": ""}, false},
		{`{"NumericLessThanEquals":{"s3:max-keys":10}}`, map[string]string{"s3:max-keys": "10"}, true},
		{`{"NumericGreaterThan":{"s3:max-keys":"10"}}`, map[string]string{"s3:max-keys": "9"}, false},
		{`{"NumericEquals":{"s3:max-keys":"10"}}`, map[string]string{"s3:max-keys": "NaN"}, false},
		{`{"NumericEquals":{"s3:max-keys":"10"}}`, map[string]string{"s3:max-keys": "ten"}, false},
		{`{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}`, map[string]string{"aws:currenttime": "2026-01-01T00:00:00Z"}, true},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01"}}`, map[string]string{"aws:currenttime": "2026-01-01T00:00:00Z"}, false},
		{`{"StringEquals":{"s3:prefix":"a"},"Bool":{"aws:SecureTransport":"true"}}`, map[string]string{"s3:prefix": "a"}, false},
	}
	for _, c := range cases {
		d := mustParse(t, Identity, statement1(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":`+c.condition+`}`))
		got := d.Evaluate(Request{Action: "s3:ListBucket", Resource: "arn:aws:s3:::b", Context: c.context}) == Allow
		if got != c.want {
			t.Errorf("%s with %v holds: %v, want %v", c.condition, c.context, got, c.want)
		}
	}
}

func TestATrustPolicyNamesTheService(t *testing.T) {
	d := mustParse(t, Trust, statement1(`{"Effect":"Allow","Principal":{"Service":["firehose.amazonaws.com"]},"Action":"sts:AssumeRole",
		"Condition":{"StringEquals":{"sts:ExternalId":"000000000000"}}}`))
	ask := func(service, externalID string) Decision {
		return d.Evaluate(Request{Principal: Principal{Service: service}, Action: "sts:AssumeRole", Resource: role,
			Context: map[string]string{"sts:externalid": externalID}})
	}
	if ask("firehose.amazonaws.com", "000000000000") != Allow {
		t.Error("the service that the policy names cannot take the role on")
	}
	if ask("apigateway.amazonaws.com", "000000000000") == Allow || ask("firehose.amazonaws.com", "111111111111") == Allow {
		t.Error("another service, or another external id, can take the role on")
	}
}

func TestAnAllowForTheAccountReachesItsAdministratorAndNotItsRoles(t *testing.T) {
	policy := func(effect, principal string) *Document {
		return mustParse(t, Resource, statement1(`{"Effect":"`+effect+`","Principal":`+principal+`,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`))
	}
	admin := Principal{Account: "000000000000"}
	session := Principal{Account: "000000000000", Role: role, Session: "arn:aws:sts::000000000000:assumed-role/delivery/s"}
	cases := []struct {
		effect, principal string
		who               Principal
		want              Decision
	}{
		{"Allow", `{"AWS":"arn:aws:iam::000000000000:root"}`, admin, Allow},
		{"Allow", `{"AWS":"000000000000"}`, session, None},
		{"Deny", `{"AWS":"000000000000"}`, session, Deny},
		{"Allow", `{"AWS":"` + role + `"}`, session, Allow},
		{"Allow", `{"AWS":"arn:aws:sts::000000000000:assumed-role/delivery/s"}`, session, Allow},
		{"Allow", `{"AWS":"000000000000"}`, Principal{}, None},
		{"Allow", `"*"`, Principal{}, Allow},
		{"Allow", `{"AWS":"*"}`, session, Allow},
		{"Allow", `{"Service":"firehose.amazonaws.com"}`, session, None},
		{"Allow", `{"Service":"firehose.amazonaws.com"}`, Principal{Service: "firehose.amazonaws.com"}, Allow},
	}
	for _, c := range cases {
		got := policy(c.effect, c.principal).Evaluate(Request{Principal: c.who, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
		if got != c.want {
			t.Errorf("%s %s for %+v is decided %d, want %d", c.effect, c.principal, c.who, got, c.want)
		}
	}
}

func TestAPolicyIsPublicWhenNothingTiesItsStar(t *testing.T) {
	cases := map[string]bool{
		`"Principal":"*"`:                    true,
		`"Principal":{"AWS":"000000000000"}`: false,
		`"Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}`:                            false,
		`"Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:firehose:*:000000000000:deliverystream/*"}}`: false,
		`"Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:firehose:*:*:deliverystream/*"}}`:            true,
		`"Principal":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"000000000000"}}`:                         true,
		`"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`:                                          true,
	}
	for part, want := range cases {
		d := mustParse(t, Resource, statement1(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",`+part+`}`))
		if got := d.Public(); got != want {
			t.Errorf("%s is public: %v, want %v", part, got, want)
		}
	}
	deny := mustParse(t, Resource, statement1(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`))
	if deny.Public() {
		t.Error("a policy that only denies counts as public")
	}
}

func TestADecisionByTheClockIsNotToBeRemembered(t *testing.T) {
	by := func(condition string) bool {
		return mustParse(t, Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":`+condition+`}`)).TimeDependent()
	}
	if !by(`{"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}`) || by(`{"Bool":{"aws:SecureTransport":"true"}}`) {
		t.Error("only a condition on the time makes a decision depend on it")
	}
}

func TestWhatIsNotGrammarIsRefusedInAWSsWords(t *testing.T) {
	ok := `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`
	trust := `"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"firehose.amazonaws.com"}`
	cases := []struct {
		kind Kind
		text string
		want string
	}{
		{Identity, `{`, "Syntax errors in policy."},
		{Identity, `[]`, "Syntax errors in policy."},
		{Trust, `nope`, "This policy contains invalid Json"},
		{Resource, ``, "Policies must be valid JSON"},
		{Identity, `{"Statement":[{` + ok + `}]}`, "must be version 2012-10-17"},
		{Identity, `{"Version":"2021-10-17","Statement":[{` + ok + `}]}`, "Syntax errors"},
		{Identity, `{"Version":"2012-10-17"}`, "Syntax errors"},
		{Identity, `{"Version":"2012-10-17","Statement":[]}`, "Syntax errors"},
		{Identity, statement1(`{`+ok+`}`) + `{}`, "Syntax errors"},
		{Identity, statement1(`{`+ok+`}`) + `}`, "Syntax errors"},
		{Trust, statement1(`{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":[]}}`), "Invalid principal"},
		{Identity, `{"Version":"2012-10-17","Statment":[{` + ok + `}]}`, "Unknown field Statment"},
		{Identity, statement1(`{` + ok + `,"Principal":"*"}`), "should not specify a principal"},
		{Identity, statement1(`{` + ok + `,"Conditions":{}}`), "Unknown field Conditions"},
		{Identity, statement1(`{` + ok + `,"Effect":"Deny"}`), "Duplicate field Effect"},
		{Identity, statement1(`{"Effect":"allow","Action":"s3:*","Resource":"*"}`), "Syntax errors"},
		{Identity, statement1(`{"Effect":"Allow","Resource":"*"}`), "must contain actions"},
		{Identity, statement1(`{"Effect":"Allow","Action":[],"Resource":"*"}`), "must contain actions"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*"}`), "must contain resources"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","NotAction":"s3:Get*","Resource":"*"}`), "must contain actions"},
		{Identity, statement1(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`), "prefaced by a vendor"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:Get:Object","Resource":"*"}`), "only one colon"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s*:GetObject","Resource":"*"}`), "Vendor s* is not valid"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}`), `Resource bucket must be in ARN format or "*".`},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:asw:s3:::b"}`), `Partition "asw" is not valid`},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:*:::b"}`), "vendor must be fully qualified"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:iam:eu:1:role/x"}`), "cannot contain region"},
		{Identity, statement1(`{"Sid":"a b",` + ok + `}`), "must be alpha-numeric"},
		{Identity, statement1(`{"Sid":"a",` + ok + `},{"Sid":"a",` + ok + `}`), "must be unique"},
		{Identity, statement1(`{` + ok + `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`), `condition operator "IpAddress"`},
		{Identity, statement1(`{` + ok + `,"Condition":{"ForAllValues:StringEquals":{"s3:prefix":"x"}}}`), "ForAllValues"},
		{Identity, statement1(`{` + ok + `,"Condition":{"StringEquals":{"aws:PrincipalTag/x":"y"}}}`), `condition key "aws:PrincipalTag/x"`},
		{Identity, statement1(`{` + ok + `,"Condition":{"StringEquals":{"sts:ExternalId":"y"}}}`), "in an identity policy"},
		{Identity, statement1(`{` + ok + `,"Condition":{"StringEquals":{"prefix":"y"}}}`), "prefaced by a vendor"},
		{Identity, statement1(`{` + ok + `,"Condition":{"Bool":{"aws:SecureTransport":"no"}}}`), "Syntax errors"},
		{Identity, statement1(`{` + ok + `,"Condition":{"NumericEquals":{"s3:max-keys":"ten"}}}`), "Syntax errors"},
		{Identity, statement1(`{` + ok + `,"Condition":{"NumericEquals":{"s3:max-keys":"NaN"}}}`), "Syntax errors"},
		{Identity, statement1(`{` + ok + `,"Condition":{"DateLessThan":{"aws:CurrentTime":"Inf"}}}`), "Syntax errors"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}`), "${aws:username}"},
		{Identity, statement1(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${x"}`), "not closed"},
		{Trust, statement1(`{` + trust + `,"Resource":"*"}`), "Has prohibited field Resource"},
		{Trust, statement1(`{"Effect":"Allow","Action":"sts:AssumeRole"}`), "Missing required field Principal"},
		{Trust, statement1(`{"Effect":"Allow","Action":"s3:GetObject","Principal":{"Service":"firehose.amazonaws.com"}}`), "may only specify STS AssumeRole"},
		{Trust, statement1(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"firehoze.amazonaws.com"}}`), `"SERVICE":"firehoze.amazonaws.com"`},
		{Trust, statement1(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Federated":"x"}}`), `kind "Federated"`},
		{Trust, statement1(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::1:role/x"}}`), `"AWS":"arn:aws:iam::1:role/x"`},
		{Resource, statement1(`{` + ok + `,"NotPrincipal":"*"}`), "NotPrincipal"},
		{Resource, statement1(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"b"}`), "invalid resource"},
	}
	for _, c := range cases {
		_, err := Parse(c.kind, c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n is answered %v, want %q", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(statement1(`{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::b/${s3:prefix}*","Condition":{"StringLike":{"s3:prefix":"a?*"}}}`))
	f.Add(statement1(`{"Effect":"Deny","Principal":{"AWS":["*"]},"Action":"*","Resource":"*"}`))
	f.Add(statement1(`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}`))
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []Kind{Identity, Trust, Resource} {
			d, err := Parse(kind, text)
			if err != nil {
				continue
			}
			d.Evaluate(Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: map[string]string{"s3:prefix": "a"}})
		}
	})
}

// slowGlob is the definition of a match, without the clever part.
func slowGlob(tokens []token, s string) bool {
	if len(tokens) == 0 {
		return s == ""
	}
	switch t := tokens[0]; t.kind {
	case anyChars, anyButColon:
		return slowGlob(tokens[1:], s) || s != "" && (t.kind == anyChars || s[0] != ':') && slowGlob(tokens, s[1:])
	default:
		return s != "" && takes(t, s[0]) && slowGlob(tokens[1:], s[1:])
	}
}

func FuzzGlobIsItsDefinition(f *testing.F) {
	f.Add("arn:a*b:c*:?:x*y*:*z", "arn:aXb:cd:e:f:xxyy:z:z")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 24 || len(s) > 24 {
			t.Skip("the definition is exponential")
		}
		for _, d := range []dialect{plain, resourceARN, arnLike} {
			p, err := compile(pattern, d)
			if err != nil {
				return
			}
			tokens, ok := p.expand(nil)
			if ok && glob(tokens, s) != slowGlob(tokens, s) {
				t.Fatalf("glob(%q, %q) in dialect %d is %v", pattern, s, d, !slowGlob(tokens, s))
			}
		}
	})
}
