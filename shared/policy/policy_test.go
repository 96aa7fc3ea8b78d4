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
