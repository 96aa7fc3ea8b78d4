package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"pipeline/shared/localcloud/provider/providertest"
)

// What a program sets, and what AWS's model of that property says to it. Each value is
// refused in a preview, although the rest of the inputs is not known yet.
func TestValuesThatAWSsModelsExcludeAreRefused(t *testing.T) {
	type object = providertest.Object
	const (
		alarm    = "aws:cloudwatch/metricAlarm:MetricAlarm"
		stream   = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
		client   = "aws:cognito/userPoolClient:UserPoolClient"
		pool     = "aws:cognito/userPool:UserPool"
		role     = "aws:iam/role:Role"
		group    = "aws:cloudwatch/logGroup:LogGroup"
		secret   = "aws:secretsmanager/secret:Secret"
		response = "aws:apigateway/response:Response"
	)
	extended := func(values object) object {
		values["bucketArn"], values["roleArn"] = providertest.Unknown, providertest.Unknown
		return object{"destination": "extended_s3", "extendedS3Configuration": values}
	}
	long := strings.Repeat("x", 2049)
	for _, c := range []struct {
		token    string
		inputs   object
		property string
		reason   string
		shape    string
	}{
		{stream, extended(object{"bufferingInterval": 901}), "extendedS3Configuration.bufferingInterval", "901 failed to satisfy constraint: Member must have value less than or equal to 900", "IntervalInSeconds"},
		{stream, extended(object{"bufferingSize": 0}), "extendedS3Configuration.bufferingSize", "greater than or equal to 1", "SizeInMBs"},
		{stream, extended(object{"compressionFormat": "gzip"}), "extendedS3Configuration.compressionFormat", `"gzip" failed to satisfy constraint: Member must satisfy enum value set: [UNCOMPRESSED, GZIP, ZIP, Snappy, HADOOP_SNAPPY]`, "CompressionFormat"},
		{stream, extended(object{"prefix": strings.Repeat("p", 1025)}), "extendedS3Configuration.prefix", "length less than or equal to 1024", "Prefix"},
		{stream, extended(object{"processingConfiguration": object{"enabled": true, "processors": []any{object{"type": "Lambada"}}}}), "extendedS3Configuration.processingConfiguration.processors[0].type", "enum value set: [RecordDeAggregation", "ProcessorType"},
		{stream, extended(object{"dynamicPartitioningConfiguration": object{"enabled": true, "retryDuration": 7201}}), "extendedS3Configuration.dynamicPartitioningConfiguration.retryDuration", "less than or equal to 7200", "RetryDurationInSeconds"},
		{stream, object{"destination": "redshift", "redshiftConfiguration": object{"clusterJdbcurl": "jdbc:mysql://a.b.redshift.amazonaws.com:5439/events", "roleArn": providertest.Unknown, "dataTableName": "t", "s3Configuration": object{"bucketArn": providertest.Unknown, "roleArn": providertest.Unknown}}},
			"redshiftConfiguration.clusterJdbcurl", "regular expression pattern: jdbc:(redshift|postgresql)://", "ClusterJDBCURL"},
		{stream, object{"destination": "extended_s3", "tags": object{"aws:x": "y"}}, "tags.aws:x", `pattern: ^(?!aws:)`, "TagKey"},
		{stream, object{"name": "a b", "destination": "extended_s3"}, "name", "[a-zA-Z0-9_.-]+", "DeliveryStreamName"},
		{role, object{"assumeRolePolicy": providertest.Unknown, "maxSessionDuration": 60}, "maxSessionDuration", "greater than or equal to 3600", "roleMaxSessionDurationType"},
		{role, object{"assumeRolePolicy": providertest.Unknown, "path": "x"}, "path", `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "pathType"},
		{role, object{"assumeRolePolicy": providertest.Unknown, "name": strings.Repeat("r", 65)}, "name", "length less than or equal to 64", "roleNameType"},
		{role, object{"assumeRolePolicy": providertest.Unknown, "description": "a\u2028b"}, "description", "[\\u0009\\u000A", "roleDescriptionType"},
		{role, object{"assumeRolePolicy": providertest.Unknown, "tags": object{"a": strings.Repeat("v", 257)}}, "tags.a", "length less than or equal to 256", "tagValueType"},
		{pool, object{"mfaConfiguration": "MAYBE"}, "mfaConfiguration", "[OFF, ON, OPTIONAL]", "UserPoolMfaType"},
		{pool, object{"passwordPolicy": object{"minimumLength": 100}}, "passwordPolicy.minimumLength", "less than or equal to 99", "PasswordPolicyMinLengthType"},
		{pool, object{"accountRecoverySetting": object{"recoveryMechanisms": []any{object{"name": "owl", "priority": 1}}}}, "accountRecoverySetting.recoveryMechanisms[0].name", "[verified_email", "RecoveryOptionNameType"},
		{client, object{"userPoolId": providertest.Unknown, "allowedOauthFlows": []any{"code", "password"}}, "allowedOauthFlows[1]", `"password" failed`, "OAuthFlowType"},
		{client, object{"userPoolId": providertest.Unknown, "accessTokenValidity": 86401}, "accessTokenValidity", "86400", "AccessTokenValidityType"},
		{client, object{"userPoolId": "nonsense"}, "userPoolId", `[\w-]+_[0-9a-zA-Z]+`, "UserPoolIdType"},
		{client, object{"userPoolId": providertest.Unknown, "tokenValidityUnits": object{"idToken": "weeks"}}, "tokenValidityUnits.idToken", "[seconds, minutes, hours, days]", "TimeUnitsType"},
		{"aws:cognito/userPoolDomain:UserPoolDomain", object{"userPoolId": providertest.Unknown, "domain": "Events"}, "domain", "^[a-z0-9]", "DomainType"},
		{alarm, object{"comparisonOperator": "Above", "evaluationPeriods": 1}, "comparisonOperator", "GreaterThanThreshold", "ComparisonOperator"},
		{alarm, object{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 0}, "evaluationPeriods", "greater than or equal to 1", "EvaluationPeriods"},
		{alarm, object{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "alarmActions": []any{"1", "2", "3", "4", "5", "6"}}, "alarmActions", "a list of 6 failed to satisfy constraint: Member must have length less than or equal to 5", "ResourceList"},
		{group, object{"name": "a:b"}, "name", `[\.\-_/#A-Za-z0-9]+`, "LogGroupName"},
		{secret, object{"description": long}, "description", "length less than or equal to 2048", "DescriptionType"},
		{response, object{"restApiId": providertest.Unknown, "responseType": "TEAPOT"}, "responseType", "DEFAULT_4XX", "GatewayResponseType"},
		{"aws:apigateway/methodResponse:MethodResponse", object{"restApi": providertest.Unknown, "resourceId": providertest.Unknown, "httpMethod": "POST", "statusCode": "600"}, "statusCode", `[1-5]\d\d`, "StatusCode"},
		{"aws:ec2/vpc:Vpc", object{"cidrBlock": providertest.Unknown, "instanceTenancy": "shared"}, "instanceTenancy", "[default, dedicated, host]", "Tenancy"},
		{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", object{"bucket": providertest.Unknown, "rule": object{"objectOwnership": "Nobody"}}, "rule.objectOwnership", "BucketOwnerEnforced", "ObjectOwnership"},
		{"aws:redshiftserverless/workgroup:Workgroup", object{"namespaceName": providertest.Unknown, "workgroupName": "ab"}, "workgroupName", "length greater than or equal to 3", "WorkgroupName"},
		{"aws:wafv2/webAcl:WebAcl", object{"scope": "GLOBAL", "defaultAction": object{"allow": object{}}, "visibilityConfig": object{"cloudwatchMetricsEnabled": true, "metricName": "m", "sampledRequestsEnabled": true}}, "scope", "[CLOUDFRONT, REGIONAL]", "Scope"},
	} {
		t.Run(c.token+" "+c.property, func(t *testing.T) {
			_, refused := providertest.New(t, "events", slices.Concat(anyCloud(t).kinds...)).Check(c.token, c.inputs)
			for _, part := range []string{c.property + ": ", c.reason, " (AWS's model as of aws-sdk-go v", " " + c.shape + ") (" + c.token} {
				if !strings.Contains(refused, part) {
					t.Errorf("the refusal is %q, want %q in it", refused, part)
				}
			}
		})
	}
}

func TestASecretThatIsRefusedIsNotShown(t *testing.T) {
	password := resource.MakeSecret(resource.NewStringProperty("hunter 2"))
	inputs, err := plugin.MarshalProperties(resource.PropertyMap{"userPoolId": resource.NewStringProperty("eu-central-1_abc"),
		"username": resource.NewStringProperty("ann"), "password": password}, plugin.MarshalOptions{KeepSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := anyCloud(t).provider.Check(t.Context(), &pulumirpc.CheckRequest{Urn: "urn:pulumi:local::events-auth::aws:cognito/user:User::ann", News: inputs})
	if err != nil || len(got.Failures) != 1 {
		t.Fatalf("check answers %v (%v), want the password refused", got.GetFailures(), err)
	}
	if reason := got.Failures[0].Reason; strings.Contains(reason, "hunter") || !strings.Contains(reason, "the secret value failed") {
		t.Errorf("the reason is %q, want it without the password", reason)
	}
}

// The module of the models is large, so it is looked at only where it has been downloaded.
func TestTheTableOfModelsIsUpToDate(t *testing.T) {
	run := func(args ...string) (string, error) {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir = filepath.Join("provider", "models", "generate")
		command.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=readonly")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		out, err := command.Output()
		if err != nil {
			t.Logf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
		}
		return string(out), err
	}
	if dir, err := run("list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go"); err != nil || strings.TrimSpace(dir) == "" {
		t.Skip("the module with AWS's models is not in the module cache: go mod download in provider/models/generate brings it")
	}
	want, err := run("run", ".")
	if err != nil {
		t.Fatal("the table of AWS's models cannot be made")
	}
	got, err := os.ReadFile(filepath.Join("provider", "models", "models.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("provider/models/models.json is old: provider/models/generate says how it is made")
	}
}
