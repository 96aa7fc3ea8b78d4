package policy

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type none struct{}

func (none) NewResource(pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return "", nil, nil
}
func (none) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

// render is a document's JSON, once every output in it is known.
func render(t *testing.T, d Document) string {
	t.Helper()
	var text string
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		ctx.Export("policy", d.JSON().ApplyT(func(s string) string {
			text = s
			return s
		}))
		return nil
	}, pulumi.WithMocks("p", "s", none{}))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestADocumentIsAWSJSON(t *testing.T) {
	got := render(t, Document{{Sid: "Tls", Deny: true, Principal: Principal{Anyone: true}, Actions: []string{"s3:*"},
		Resources:  []pulumi.StringInput{pulumi.String("arn:b").ToStringOutput()},
		Conditions: map[string]pulumi.StringMap{"Bool": {"aws:SecureTransport": pulumi.String("false")}}}})
	want := `{"Statement":[{"Action":["s3:*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*","Resource":["arn:b"],"Sid":"Tls"}],"Version":"2012-10-17"}`
	if got != want {
		t.Errorf("the document is\n%s\nwant\n%s", got, want)
	}
}

func TestATrustPolicyPassesTheCheck(t *testing.T) {
	if err := Check(TrustPolicy, render(t, Trust("firehose.amazonaws.com"))); err != nil {
		t.Error(err)
	}
}

func trust(members string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + members + `}}`
}

func TestWhatTheGrammarHasPasses(t *testing.T) {
	for _, statement := range []string{
		`"Action":["s3:Get*","s3:PutObject"],"Resource":["arn:aws:s3:::b/*","arn:aws-cn:s3:::b"]`,
		`"Sid":"A1","NotAction":"iam:*","NotResource":"arn:aws:iam::111111111111:role/x"`,
		`"Action":"*","Resource":"*","Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a"]},"Null":{"k":"true"},"DateLessThan":{"aws:CurrentTime":"x"},"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`,
	} {
		if err := Check(PermissionPolicy, trust(statement)); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for _, statement := range []string{
		`"Principal":{"AWS":["arn:aws:iam::111111111111:root"],"Service":"lambda.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]`,
		`"Principal":{"Federated":"arn:aws:iam::111111111111:oidc-provider/x"},"Action":"sts:AssumeRoleWithWebIdentity"`,
	} {
		if err := Check(TrustPolicy, trust(statement)); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestAPolicyOutsideTheGrammarIsRefused(t *testing.T) {
	for rule, c := range map[string]struct {
		kind       Kind
		text, want string
	}{
		"no JSON":                     {PermissionPolicy, `{`, "unexpected EOF"},
		"an old version":              {PermissionPolicy, `{"Version":"2008-10-17","Statement":[]}`, `want "2012-10-17"`},
		"no statement":                {PermissionPolicy, `{"Version":"2012-10-17","Statement":[]}`, "Statement is no object"},
		"an unknown element":          {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Actions":"s3:*","Resource":"*"}}`, `unknown field "Actions"`},
		"an unknown effect":           {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"s3:*","Resource":"*"}}`, "want Allow or Deny"},
		"no action":                   {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}`, "one of Action and NotAction"},
		"no resource":                 {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}`, "names a Resource"},
		"no principal to trust":       {TrustPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`, "names a Principal"},
		"two principals":              {TrustPolicy, trust(`"Principal":"*","NotPrincipal":"*","Action":"sts:AssumeRole"`), "both Principal and NotPrincipal"},
		"a principal without a kind":  {TrustPolicy, trust(`"Principal":"lambda.amazonaws.com","Action":"sts:AssumeRole"`), `want "*" or an object of`},
		"a principal of another kind": {TrustPolicy, trust(`"Principal":{"Services":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"`), `unknown kind "Services"`},
		"a principal of no names":     {TrustPolicy, trust(`"Principal":{"Service":[]},"Action":"sts:AssumeRole"`), "Principal.Service is no text"},
		"trust in another action":     {TrustPolicy, trust(`"Principal":{"Service":"lambda.amazonaws.com"},"Action":"s3:GetObject"`), `Action has "s3:GetObject"`},
		"an action without a service": {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`, `Action has "GetObject"`},
		"a resource that is no ARN":   {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"bucket/*"}}`, `Resource has "bucket/*"`},
		"a Sid with a space":          {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"}}`, `Sid is "a b"`},
		"an unknown operator": {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringIs":{"a":"b"}}}}`,
			`unknown operator "StringIs"`},
		"more than a role may have":   {PermissionPolicy, `{"Version":"` + strings.Repeat("x", 10240) + `"}`, "want 10240 at most"},
		"a number for a resource":     {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":1}}`, "Resource is no text"},
		"something behind the policy": {PermissionPolicy, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}} x`, "behind the JSON"},
	} {
		t.Run(rule, func(t *testing.T) {
			if err := Check(c.kind, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", err, c.want)
			}
		})
	}
}
