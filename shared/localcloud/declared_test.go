package main

import (
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider/providertest"
)

// declaration is one resource of a program that has every resource type.
type declaration struct {
	name, token string
	inputs      func(w world) object
	// changed is an update in place; nil where everything replaces.
	changed object
	// importID is what a person writes to import it; the resource's id where it is nil.
	importID func(w world) string
}

// world is what has been made, by the name in the program.
type world map[string]providertest.Made

func (w world) id(name string) string { return w[name].ID }

func (w world) out(name, output string) string { return w[name].Outputs[output].(string) }

const (
	aTrust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["firehose.amazonaws.com","redshift.amazonaws.com","apigateway.amazonaws.com"]},"Action":"sts:AssumeRole"}]}`
	aGrant  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","logs:*","secretsmanager:GetSecretValue"],"Resource":"*"}]}`
	aSecret = `{"username":"loader","password":"Generated0Generated1"}`
)

func just(in object) func(world) object { return func(world) object { return in } }

// declarations are in the order of what they need.
var declarations = []declaration{
	{"role", "aws:iam/role:Role", just(object{"name": "all", "assumeRolePolicy": aTrust}), object{"description": "changed"}, nil},
	{"grant", "aws:iam/rolePolicy:RolePolicy", func(w world) object {
		return object{"name": "all", "role": w.id("role"), "policy": aGrant}
	}, object{"policy": strings.Replace(aGrant, "logs:*", "logs:PutLogEvents", 1)}, nil},
	{"attached", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", func(w world) object {
		return object{"role": w.id("role"), "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
	}, nil, nil},

	{"bucket", "aws:s3/bucketV2:BucketV2", just(object{"bucket": "staging"}), object{"tags": object{"a": "b"}}, nil},
	{"ownership", "aws:s3/bucketOwnershipControls:BucketOwnershipControls", inBucket(object{"rule": object{"objectOwnership": "BucketOwnerEnforced"}}), nil, nil},
	{"blocked", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", inBucket(object{"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true}),
		object{"blockPublicAcls": false}, nil},
	{"encrypted", "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		inBucket(object{"rules": []any{object{"applyServerSideEncryptionByDefault": object{"sseAlgorithm": "AES256"}}}}), nil, nil},
	{"lifecycle", "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		inBucket(object{"rules": []any{object{"id": "old", "status": "Enabled", "filter": object{"prefix": "p/"}, "expiration": object{"days": 14}}}}),
		object{"rules": []any{object{"id": "old", "status": "Enabled", "filter": object{"prefix": "p/"}, "expiration": object{"days": 15}}}}, nil},
	{"versioning", "aws:s3/bucketVersioningV2:BucketVersioningV2", inBucket(object{"versioningConfiguration": object{"status": "Disabled"}}), nil, nil},
	{"policy", "aws:s3/bucketPolicy:BucketPolicy", inBucket(object{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::staging"}]}`}),
		object{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"arn:aws:s3:::staging"}]}`}, nil},

	{"secret", "aws:secretsmanager/secret:Secret", just(object{"name": "events/loader", "recoveryWindowInDays": 0}), object{"description": "changed"}, nil},
	{"value", "aws:secretsmanager/secretVersion:SecretVersion", func(w world) object {
		return object{"secretId": w.id("secret"), "secretString": aSecret}
	}, nil, nil},

	{"logs", "aws:cloudwatch/logGroup:LogGroup", just(object{"name": "/events", "retentionInDays": 30}), object{"retentionInDays": 60}, nil},
	{"log", "aws:cloudwatch/logStream:LogStream", func(w world) object { return object{"logGroupName": w.id("logs"), "name": "errors"} }, nil,
		func(w world) string { return w.id("logs") + ":errors" }},
	{"dashboard", "aws:cloudwatch/dashboard:Dashboard", just(object{"dashboardName": "events", "dashboardBody": `{"widgets":[]}`}),
		object{"dashboardBody": `{"start":"-PT1H","widgets":[]}`}, nil},
	{"topic", "aws:sns/topic:Topic", just(object{"name": "alarms"}), object{"displayName": "Alarms"}, nil},
	{"subscription", "aws:sns/topicSubscription:TopicSubscription", func(w world) object {
		return object{"topic": w.id("topic"), "protocol": "email", "endpoint": "ada@example.com"}
	}, nil, nil},
	{"alarm", "aws:cloudwatch/metricAlarm:MetricAlarm", just(object{"name": "late", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1,
		"metricName": "DeliveryToS3.DataFreshness", "namespace": "AWS/Firehose", "period": 60, "statistic": "Maximum", "threshold": 120}), object{"threshold": 240}, nil},

	{"vpc", "aws:ec2/vpc:Vpc", just(object{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true}), object{"tags": object{"a": "b"}}, nil},
	{"subnet-a", "aws:ec2/subnet:Subnet", inNetwork(object{"cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"}), object{"tags": object{"a": "b"}}, nil},
	{"subnet-b", "aws:ec2/subnet:Subnet", inNetwork(object{"cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1b"}), object{"tags": object{"a": "b"}}, nil},
	{"subnet-c", "aws:ec2/subnet:Subnet", inNetwork(object{"cidrBlock": "10.0.2.0/24", "availabilityZone": "eu-central-1c"}), object{"tags": object{"a": "b"}}, nil},
	{"gateway", "aws:ec2/internetGateway:InternetGateway", inNetwork(object{}), object{"tags": object{"a": "b"}}, nil},
	{"routes", "aws:ec2/routeTable:RouteTable", inNetwork(object{}), object{"tags": object{"a": "b"}}, nil},
	{"route", "aws:ec2/route:Route", func(w world) object {
		return object{"routeTableId": w.id("routes"), "destinationCidrBlock": "0.0.0.0/0", "gatewayId": w.id("gateway")}
	}, nil, nil},
	{"association", "aws:ec2/routeTableAssociation:RouteTableAssociation", func(w world) object {
		return object{"routeTableId": w.id("routes"), "subnetId": w.id("subnet-a")}
	}, nil, func(w world) string { return w.id("subnet-a") + "/" + w.id("routes") }},
	{"endpoint", "aws:ec2/vpcEndpoint:VpcEndpoint", inNetwork(object{"serviceName": "com.amazonaws.eu-central-1.s3", "vpcEndpointType": "Gateway"}), object{"tags": object{"a": "b"}}, nil},
	{"security", "aws:ec2/securityGroup:SecurityGroup", inNetwork(object{"name": "firehose", "description": "Firehose only"}), object{"tags": object{"a": "b"}}, nil},
	{"ingress", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", func(w world) object {
		return object{"securityGroupId": w.id("security"), "ipProtocol": "tcp", "fromPort": 5439, "toPort": 5439, "cidrIpv4": "35.158.127.160/27"}
	}, object{"description": "changed"}, nil},
	{"egress", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", func(w world) object {
		return object{"securityGroupId": w.id("security"), "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/8"}
	}, object{"description": "changed"}, nil},

	{"subnets", "aws:redshift/subnetGroup:SubnetGroup", func(w world) object {
		return object{"name": "events", "subnetIds": []any{w.id("subnet-a")}}
	}, object{"description": "changed"}, nil},
	{"parameters", "aws:redshift/parameterGroup:ParameterGroup", just(object{"name": "events", "family": "redshift-2.0",
		"parameters": []any{object{"name": "require_ssl", "value": "true"}}}), object{"tags": object{"a": "b"}}, nil},
	{"cluster", "aws:redshift/cluster:Cluster", func(w world) object {
		return object{"clusterIdentifier": "events", "databaseName": "events", "masterUsername": "awsadmin", "manageMasterPassword": true,
			"nodeType": "ra3.large", "encrypted": true, "publiclyAccessible": true, "skipFinalSnapshot": true,
			"clusterSubnetGroupName": w.id("subnets"), "clusterParameterGroupName": w.id("parameters"), "vpcSecurityGroupIds": []any{w.id("security")}}
	}, object{"automatedSnapshotRetentionPeriod": 7}, nil},
	{"table", "aws:redshiftdata/statement:Statement", func(w world) object {
		return object{"clusterIdentifier": w.id("cluster"), "database": "events", "secretArn": w.out("cluster", "masterPasswordSecretArn"),
			"sql": "CREATE TABLE IF NOT EXISTS public.events (event_id VARCHAR(128))"}
	}, nil, nil},
	{"namespace", "aws:redshiftserverless/namespace:Namespace", just(object{"namespaceName": "events-serverless", "dbName": "events", "adminUsername": "awsadmin", "manageAdminPassword": true}),
		object{"tags": object{"a": "b"}}, nil},
	{"workgroup", "aws:redshiftserverless/workgroup:Workgroup", func(w world) object {
		return object{"workgroupName": "events", "namespaceName": w.id("namespace"), "baseCapacity": 8, "publiclyAccessible": true,
			"subnetIds": []any{w.id("subnet-a"), w.id("subnet-b"), w.id("subnet-c")}, "securityGroupIds": []any{w.id("security")}}
	}, object{"baseCapacity": 16}, nil},

	{"stream", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", func(w world) object {
		return object{"name": "events", "destination": "extended_s3", "extendedS3Configuration": object{"bucketArn": w.out("bucket", "arn"), "roleArn": w.out("role", "arn"),
			"bufferingInterval": 60, "bufferingSize": 5, "compressionFormat": "GZIP",
			"cloudwatchLoggingOptions": object{"enabled": true, "logGroupName": w.id("logs"), "logStreamName": w.id("log")}}}
	}, object{"tags": object{"a": "b"}}, nil},

	{"users", "aws:cognito/userPool:UserPool", just(object{"name": "events", "adminCreateUserConfig": object{"allowAdminCreateUserOnly": true}}), object{"tags": object{"a": "b"}}, nil},
	{"user", "aws:cognito/user:User", inPool(object{"username": "ada", "password": "Correct-Horse-1", "messageAction": "SUPPRESS"}), object{"attributes": object{"name": "Ada"}}, nil},
	{"api-scopes", "aws:cognito/resourceServer:ResourceServer", inPool(object{"identifier": "events", "name": "Events",
		"scopes": []any{object{"scopeName": "write", "scopeDescription": "Post events"}}}), object{"scopes": []any{object{"scopeName": "write", "scopeDescription": "changed"}}}, nil},
	{"client", "aws:cognito/userPoolClient:UserPoolClient", inPool(object{"name": "public", "explicitAuthFlows": []any{"ALLOW_REFRESH_TOKEN_AUTH"}}), object{"accessTokenValidity": 2},
		func(w world) string { return w.id("users") + "/" + w.id("client") }},
	{"domain", "aws:cognito/userPoolDomain:UserPoolDomain", inPool(object{"domain": "events-ada"}), nil, nil},

	{"api", "aws:apigateway/restApi:RestApi", just(object{"name": "events", "endpointConfiguration": object{"types": "REGIONAL"}}), object{"description": "changed"}, nil},
	{"model", "aws:apigateway/model:Model", inAPI(object{"name": "Event", "contentType": "application/json", "schema": `{"type":"object"}`}), object{"description": "changed"},
		func(w world) string { return w.id("api") + "/Event" }},
	{"validator", "aws:apigateway/requestValidator:RequestValidator", inAPI(object{"name": "all", "validateRequestBody": true}), object{"validateRequestParameters": true}, below("api", "validator")},
	{"authorizer", "aws:apigateway/authorizer:Authorizer", func(w world) object {
		return object{"restApi": w.id("api"), "name": "users", "type": "COGNITO_USER_POOLS", "providerArns": []any{w.out("users", "arn")}}
	}, object{"authorizerResultTtlInSeconds": 60}, below("api", "authorizer")},
	{"path", "aws:apigateway/resource:Resource", func(w world) object {
		return object{"restApi": w.id("api"), "parentId": w.out("api", "rootResourceId"), "pathPart": "events"}
	}, object{"pathPart": "changed"}, below("api", "path")},
	{"method", "aws:apigateway/method:Method", onPath(object{"authorization": "NONE"}), object{"operationName": "changed"}, ofMethod("")},
	{"answer", "aws:apigateway/methodResponse:MethodResponse", onPath(object{"statusCode": "200"}), object{"responseModels": object{"application/json": "Empty"}}, ofMethod("/200")},
	{"integration", "aws:apigateway/integration:Integration", onPath(object{"type": "MOCK", "passthroughBehavior": "NEVER", "requestTemplates": object{"application/json": `{"statusCode": 200}`}}),
		object{"timeoutMilliseconds": 1000}, ofMethod("")},
	{"mapped", "aws:apigateway/integrationResponse:IntegrationResponse", onPath(object{"statusCode": "200"}), object{"responseTemplates": object{"application/json": "{}"}}, ofMethod("/200")},
	{"refusal", "aws:apigateway/response:Response", func(w world) object {
		return object{"restApiId": w.id("api"), "responseType": "UNAUTHORIZED", "responseTemplates": object{"application/json": "{}"}}
	}, object{"statusCode": "403"}, func(w world) string { return w.id("api") + "/UNAUTHORIZED" }},
	{"account", "aws:apigateway/account:Account", func(w world) object { return object{"cloudwatchRoleArn": w.out("role", "arn")} }, nil, nil},
	{"deployment", "aws:apigateway/deployment:Deployment", inAPI(object{}), object{"description": "changed"}, below("api", "deployment")},
	{"stage", "aws:apigateway/stage:Stage", func(w world) object {
		return object{"restApi": w.id("api"), "deployment": w.id("deployment"), "stageName": "local"}
	}, object{"description": "changed"}, func(w world) string { return w.id("api") + "/local" }},
	{"settings", "aws:apigateway/methodSettings:MethodSettings", inAPI(object{"stageName": "local", "methodPath": "*/*", "settings": object{"metricsEnabled": true}}),
		object{"settings": object{"metricsEnabled": true, "throttlingBurstLimit": 10, "throttlingRateLimit": 5}}, func(w world) string { return w.id("api") + "/local/*/*" }},
	{"guard", "aws:wafv2/webAcl:WebAcl", just(object{"name": "guard", "scope": "REGIONAL", "defaultAction": object{"allow": object{}},
		"visibilityConfig": object{"cloudwatchMetricsEnabled": true, "metricName": "guard", "sampledRequestsEnabled": false}}), object{"description": "changed"},
		func(w world) string { return w.id("guard") + "/guard/REGIONAL" }},
	{"guarded", "aws:wafv2/webAclAssociation:WebAclAssociation", func(w world) object {
		return object{"resourceArn": w.out("stage", "arn"), "webAclArn": w.out("guard", "arn")}
	}, nil, nil},
}

// with adds a property to the inputs of all resources that belong to another.
func with(name, owner string, in object) func(world) object {
	return func(w world) object {
		all := object{name: w.id(owner)}
		for key, value := range in {
			all[key] = value
		}
		return all
	}
}

func inBucket(in object) func(world) object  { return with("bucket", "bucket", in) }
func inNetwork(in object) func(world) object { return with("vpcId", "vpc", in) }
func inPool(in object) func(world) object    { return with("userPoolId", "users", in) }
func inAPI(in object) func(world) object     { return with("restApi", "api", in) }

func onPath(in object) func(world) object {
	return func(w world) object {
		all := inAPI(in)(w)
		all["resourceId"], all["httpMethod"] = w.id("path"), "POST"
		return all
	}
}

func below(owner, name string) func(world) string {
	return func(w world) string { return w.id(owner) + "/" + w.id(name) }
}

func ofMethod(rest string) func(world) string {
	return func(w world) string { return w.id("api") + "/" + w.id("path") + "/POST" + rest }
}

func TestTheDeclarationsHaveEveryResourceType(t *testing.T) {
	declared := map[string]bool{}
	for _, d := range declarations {
		declared[d.token] = true
	}
	for token := range everyType(t) {
		if !declared[token] {
			t.Errorf("no declaration is of type %s", token)
		}
	}
}
