package conventions

import (
	"encoding/json"
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

// violations break a rule each: resources as a golden has them, and what the rule says.
var violations = []struct{ rule, resources, says string }{
	{"no permission is wider than it has to be", policyOf(`{"Effect":"Allow","Action":"firehose:*","Resource":"arn:aws:firehose:::s"}`), "Action firehose:*"},
	{"no permission is wider than it has to be", policyOf(`{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}`), "Resource *"},
	{"no permission is wider than it has to be", policyOf(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::*/*"}`), "Resource arn:aws:s3:::*/*"},
	{"no permission is wider than it has to be", policyOf(`{"Effect":"Allow","NotAction":"s3:GetObject","Resource":"arn:aws:s3:::b"}`), "NotAction"},
	{"no permission is wider than it has to be", policyOf(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}`), "Principal *"},
	{"no permission is wider than it has to be", policyOf(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::1:root"}}`), "Principal.AWS"},
	{"no permission is wider than it has to be", one("iam/rolePolicyAttachment:RolePolicyAttachment", `{"policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`), "AdministratorAccess"},
	{"no bucket is public", one("s3/bucketV2:BucketV2", `{"bucket":"b"}`), "lacks a block of public access"},
	{"no bucket is public", one("s3/bucketV2:BucketV2", `{"bucket":"b"}`) + "," + one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		`{"bucket":"b","blockPublicAcls":true,"blockPublicPolicy":true,"ignorePublicAcls":true}`), "lacks a block of public access"},
	{"no bucket is public", one("s3/bucketV2:BucketV2", `{"bucket":"b"}`), "denies plain HTTP"},
	{"no bucket is public", one("s3/bucketAclV2:BucketAclV2", `{"bucket":"b","acl":"public-read"}`), "by an ACL"},
	{"no secret is in clear", one("redshift/cluster:Cluster", `{"masterPassword":"Hunter22"}`), "masterPassword is"},
	{"no secret is in clear", one("kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", `{"redshiftConfiguration":{"password":"x"}}`), "redshiftConfiguration.password"},
	{"no secret is in clear", one("secretsmanager/secretVersion:SecretVersion", `{"secretString":{"<json>":{"username":"u","password":"p"}}}`), "password is"},
	{"no secret is in clear", one("secretsmanager/secretVersion:SecretVersion", `{"secretString":{"<lines>":["first","second"]}}`), "secretString is"},
	{"no secret is in clear", one("redshiftdata/statement:Statement", `{"sql":"CREATE USER u PASSWORD '`+pulumitest.Password+`'"}`), "generated password"},
	{"what takes tags has them", one("s3/bucketV2:BucketV2", `{"tags":{"product":"events","layer":"storage","environment":"dev"}}`), "has no tag owner"},
	{"what takes tags has them", one("vpc/securityGroupIngressRule:SecurityGroupIngressRule", `{}`), "has no tag product"},
	{"nothing is open to the world", one("vpc/securityGroupIngressRule:SecurityGroupIngressRule", `{"cidrIpv4":"0.0.0.0/0"}`), "0.0.0.0/0"},
	{"nothing is open to the world", one("ec2/securityGroup:SecurityGroup", `{"ingress":[{"ipv6CidrBlocks":["::/0"]}]}`), "::/0"},
	{"nothing is open to the world", one("vpc/securityGroupIngressRule:SecurityGroupIngressRule", `{"cidrIpv4":"128.0.0.0/1"}`), "128.0.0.0/1"},
	{"nothing is open to the world", one("apigateway/method:Method", `{"authorization":"NONE"}`) + "," + one("apigateway/integration:Integration", `{"type":"AWS"}`), "asks for no token"},
	{"logs are kept for a while, and not for ever", one("cloudwatch/logGroup:LogGroup", `{"name":"g"}`), "has no retention"},
	{"what is stored and sent is encrypted", one("redshift/cluster:Cluster", `{}`), "is not encrypted"},
	{"what is stored and sent is encrypted", one("s3/bucketV2:BucketV2", `{"bucket":"b"}`), "is not encrypted"},
	{"what is stored and sent is encrypted", one("kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", `{}`), "is not encrypted"},
	{"what is stored and sent is encrypted", one("sqs/queue:Queue", `{}`), "no rule says how"},
	{"what is stored and sent is encrypted", one("redshift/parameterGroup:ParameterGroup", `{"parameters":[{"name":"require_ssl","value":"false"}]}`), "without TLS"},
	{"a protected environment loses nothing by itself", one("cognito/userPool:UserPool", `{"deletionProtection":"ACTIVE"}`), "can be deleted"},
	{"a protected environment loses nothing by itself", one("cognito/userPool:UserPool", `{"deletionProtection":"INACTIVE"}`), "deletionProtection"},
	{"a protected environment loses nothing by itself", one("redshift/cluster:Cluster", `{"skipFinalSnapshot":true}`), "skipFinalSnapshot"},
	{"a protected environment loses nothing by itself", one("s3/bucketV2:BucketV2", `{"forceDestroy":true}`), "forceDestroy"},
	{"a protected environment loses nothing by itself", one("secretsmanager/secret:Secret", `{"recoveryWindowInDays":0}`), "cannot be restored"},
}

func one(typ, inputs string) string {
	return `{"urn":"urn:pulumi:prod::events-x::aws:` + typ + `::thing","inputs":` + inputs + `}`
}

func policyOf(statement string) string {
	return one("iam/rolePolicy:RolePolicy", `{"policy":{"<json>":{"Version":"2012-10-17","Statement":`+statement+`}}}`)
}

func TestARuleFindsWhatBreaksIt(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range violations {
		tried[c.rule] = true
		v := variant{layer: "x", name: "prod", text: c.resources}
		if err := json.Unmarshal([]byte(`{"resources":[`+c.resources+`]}`), &v.Golden); err != nil {
			t.Fatalf("%s: %v", c.resources, err)
		}
		if got := strings.Join(rules[c.rule](t, v), "; "); !strings.Contains(got, c.says) {
			t.Errorf("%s: of %s it says %q, want %q", c.rule, c.resources, got, c.says)
		}
	}
	for name := range rules {
		if !tried[name] {
			t.Errorf("nothing shows that the rule %q can fail", name)
		}
	}
}
