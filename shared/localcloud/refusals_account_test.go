package main

import (
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider/providertest"
)

type object = providertest.Object

const (
	roleType   = "aws:iam/role:Role"
	streamType = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"

	password = "Analytical-Engine-1"
	event    = `{"game_name":"chess","event_name":"move"}`
)

// furnish makes one of everything, as the six layers do.
func (a *account) furnish() {
	a.t.Helper()
	a.roles()
	a.bucketAndStream()
	a.users()
	a.secretsAndLogs()
	a.warehouse()
	a.api()
}

func trust(service string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`, service)
}

func allow(action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)
}

func (a *account) roles() {
	for name, service := range map[string]string{"delivery": "firehose.amazonaws.com", "caller": "apigateway.amazonaws.com", "nobody": "apigateway.amazonaws.com"} {
		a.make(name, roleType, object{"name": name, "assumeRolePolicy": trust(service)})
	}
	policy := "aws:iam/rolePolicy:RolePolicy"
	a.engine.Create(policy, object{"role": "delivery", "name": "staging", "policy": allow("s3:*", "*")})
	a.engine.Create(policy, object{"role": "caller", "name": "put", "policy": allow("firehose:PutRecord", "arn:aws:firehose:eu-central-1:000000000000:deliverystream/events")})
	keys, err := a.cloud.roles.AssumeRole(a.t.Context(), "apigateway.amazonaws.com", roleARN("nobody"))
	if err != nil {
		a.t.Fatal(err)
	}
	delivery, err := a.cloud.roles.AssumeRole(a.t.Context(), "firehose.amazonaws.com", roleARN("delivery"))
	if err != nil {
		a.t.Fatal(err)
	}
	for name, k := range map[string]iam.Credentials{"delivery keys": delivery, "nobody's keys": keys} {
		a.names[name] = "aws_access_key_id=" + k.AccessKeyID + ";aws_secret_access_key=" + k.SecretAccessKey + ";token=" + k.SessionToken
	}
	a.nobody = a.config(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)
	who, err := sts.NewFromConfig(a.nobody).GetCallerIdentity(a.t.Context(), nil)
	if err != nil {
		a.t.Fatal(err)
	}
	a.names["session"] = aws.ToString(who.Arn)
}

func roleARN(name string) string { return "arn:aws:iam::" + accountID + ":role/" + name }

func (a *account) bucketAndStream() {
	a.make("bucket", "aws:s3/bucketV2:BucketV2", object{"bucket": "events-staging", "forceDestroy": true})
	a.engine.Create("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", object{"bucket": "events-staging", "blockPublicAcls": true,
		"blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true})
	a.make("stream", streamType, stream("events", nil))
	if _, err := a.s3().PutObject(a.t.Context(), &s3.PutObjectInput{Bucket: aws.String("events-staging"), Key: aws.String("there"), Body: strings.NewReader("x")}); err != nil {
		a.t.Fatal(err)
	}
}

// stream is a delivery stream to S3, with changes.
func stream(name string, changes object) object {
	destination := object{"bucketArn": "arn:aws:s3:::events-staging", "roleArn": roleARN("delivery"), "bufferingSize": 5, "bufferingInterval": 900}
	maps.Copy(destination, changes)
	return object{"name": name, "destination": "extended_s3", "extendedS3Configuration": destination}
}

func (a *account) users() {
	const clientType = "aws:cognito/userPoolClient:UserPoolClient"
	pool := a.make("pool", "aws:cognito/userPool:UserPool", object{"name": "events", "adminCreateUserConfig": object{"allowAdminCreateUserOnly": true},
		"passwordPolicy": object{"minimumLength": 12, "requireNumbers": true}})
	a.pool = pool
	a.names["poolArn"] = pool.Outputs["arn"].(string)
	a.make("domain", "aws:cognito/userPoolDomain:UserPoolDomain", object{"userPoolId": pool.ID, "domain": "events-local"})
	a.engine.Create("aws:cognito/resourceServer:ResourceServer", object{"userPoolId": pool.ID, "identifier": "events", "name": "events",
		"scopes": []any{object{"scopeName": "write", "scopeDescription": "Post"}, object{"scopeName": "read", "scopeDescription": "Read"}}})
	for name, more := range map[string]object{"ada": {"password": password}, "new": {"temporaryPassword": password}, "gone": {"password": password, "enabled": false}} {
		user := object{"userPoolId": pool.ID, "username": name, "messageAction": "SUPPRESS"}
		maps.Copy(user, more)
		a.engine.Create("aws:cognito/user:User", user)
	}
	flows := []any{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
	client := func(name string, more object) providertest.Made {
		inputs := object{"userPoolId": pool.ID, "name": name, "explicitAuthFlows": flows, "preventUserExistenceErrors": "ENABLED"}
		maps.Copy(inputs, more)
		return a.make(name, clientType, inputs)
	}
	client("public", object{"allowedOauthFlowsUserPoolClient": true, "allowedOauthFlows": []any{"code"}, "allowedOauthScopes": []any{"openid"},
		"callbackUrls": []any{"https://localhost:3000/"}, "supportedIdentityProviders": []any{"COGNITO"}})
	client("legacy", object{"preventUserExistenceErrors": "LEGACY"})
	client("refreshing", object{"explicitAuthFlows": []any{"ALLOW_REFRESH_TOKEN_AUTH"}})
	client("secretive", object{"generateSecret": true})
	machine := client("machine", object{"generateSecret": true, "allowedOauthFlowsUserPoolClient": true,
		"allowedOauthFlows": []any{"client_credentials"}, "allowedOauthScopes": []any{"events/write"}})
	a.names["machineSecret"] = machine.Outputs["clientSecret"].(string)
	a.signIn()
}

// signIn gets ada's tokens.
func (a *account) signIn() {
	a.t.Helper()
	answer, err := cognitoidentityprovider.NewFromConfig(a.aws).InitiateAuth(a.t.Context(), &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: aws.String(a.names["public"]),
		AuthParameters: map[string]string{"USERNAME": "ada", "PASSWORD": password}})
	if err != nil {
		a.t.Fatal(err)
	}
	a.names["idToken"], a.names["accessToken"] = *answer.AuthenticationResult.IdToken, *answer.AuthenticationResult.AccessToken
}

func (a *account) secretsAndLogs() {
	vault := secretsmanager.NewFromConfig(a.aws)
	a.make("secret", "aws:secretsmanager/secret:Secret", object{"name": "events/full"})
	a.engine.Create("aws:secretsmanager/secretVersion:SecretVersion", object{"secretId": a.names["secret"], "secretString": "s"})
	a.make("empty", "aws:secretsmanager/secret:Secret", object{"name": "events/empty"})
	a.make("deleted", "aws:secretsmanager/secret:Secret", object{"name": "events/deleted"})
	if _, err := vault.DeleteSecret(a.t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("events/deleted")}); err != nil {
		a.t.Fatal(err)
	}
	a.engine.Create("aws:cloudwatch/logGroup:LogGroup", object{"name": "/events", "retentionInDays": 7})
	a.engine.Create("aws:cloudwatch/logStream:LogStream", object{"logGroupName": "/events", "name": "delivery"})
}

func (a *account) warehouse() {
	vpc := a.make("vpc", "aws:ec2/vpc:Vpc", object{"cidrBlock": "10.0.0.0/16"})
	subnet := a.make("subnet", "aws:ec2/subnet:Subnet", object{"vpcId": vpc.ID, "cidrBlock": "10.0.0.0/24", "availabilityZone": region + "a"})
	a.engine.Create("aws:redshift/subnetGroup:SubnetGroup", object{"name": "events", "subnetIds": []any{subnet.ID}})
	a.engine.Create("aws:redshift/parameterGroup:ParameterGroup", object{"name": "events", "family": "redshift-2.0",
		"parameters": []any{object{"name": "require_ssl", "value": "true"}}})
	cluster := a.engine.Create("aws:redshift/cluster:Cluster", object{"clusterIdentifier": "events", "databaseName": "events", "masterUsername": "awsadmin",
		"manageMasterPassword": true, "nodeType": "ra3.large", "encrypted": true, "publiclyAccessible": false, "skipFinalSnapshot": true,
		"clusterSubnetGroupName": "events", "clusterParameterGroupName": "events"})
	a.names["adminSecret"] = cluster.Outputs["masterPasswordSecretArn"].(string)
	a.names["host"], _, _ = strings.Cut(cluster.Outputs["endpoint"].(string), ":")
	for _, statement := range []string{"create table events (game_name varchar(3) not null, points int)", "create user loader password 'Loader-1-password'"} {
		if err := a.sql(a.t.Context(), "awsadmin", statement); err != nil {
			a.t.Fatal(err)
		}
	}
}

// api is POST /events for id tokens, /scoped for access tokens, /busy, which takes no
// requests, /untrusted, whose role API Gateway may not take on, and /denied, whose role
// may not put records.
func (a *account) api() {
	const prefix = "aws:apigateway/"
	api := a.make("api", prefix+"restApi:RestApi", object{"name": "events", "endpointConfiguration": object{"types": "REGIONAL"}})
	a.names["root"] = api.Outputs["rootResourceId"].(string)
	authorizer := a.engine.Create(prefix+"authorizer:Authorizer", object{"restApi": api.ID, "name": "users", "type": "COGNITO_USER_POOLS",
		"providerArns": []any{a.names["poolArn"]}})
	validator := a.engine.Create(prefix+"requestValidator:RequestValidator", object{"restApi": api.ID, "name": "body", "validateRequestBody": true})
	a.engine.Create(prefix+"model:Model", object{"restApi": api.ID, "name": "Event", "contentType": "application/json",
		"schema": `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["game_name"]}`})
	users := object{"authorization": "COGNITO_USER_POOLS", "authorizerId": authorizer.ID}
	for path, method := range map[string]object{
		"events": users, "scoped": merge(users, object{"authorizationScopes": []any{"events/write"}}),
		"busy": {"authorization": "NONE"}, "untrusted": {"authorization": "NONE"}, "denied": {"authorization": "NONE"},
	} {
		role := map[string]string{"untrusted": roleARN("delivery"), "denied": roleARN("nobody")}[path]
		if role == "" {
			role = roleARN("caller")
		}
		a.post(path, role, merge(method, object{"requestValidatorId": validator.ID, "requestModels": object{"application/json": "Event"}}))
	}
	deployment := a.engine.Create(prefix+"deployment:Deployment", object{"restApi": api.ID})
	a.engine.Create(prefix+"stage:Stage", object{"restApi": api.ID, "stageName": "dev", "deployment": deployment.ID})
	a.engine.Create(prefix+"methodSettings:MethodSettings", object{"restApi": api.ID, "stageName": "dev", "methodPath": "busy/POST",
		"settings": object{"throttlingRateLimit": 0, "throttlingBurstLimit": 0}})
	guarded := a.engine.Create(prefix+"stage:Stage", object{"restApi": api.ID, "stageName": "guarded", "deployment": deployment.ID})
	guard := a.engine.Create("aws:wafv2/webAcl:WebAcl", object{"name": "nobody", "scope": "REGIONAL", "defaultAction": object{"block": object{}},
		"visibilityConfig": object{"cloudwatchMetricsEnabled": false, "metricName": "nobody", "sampledRequestsEnabled": false}})
	a.engine.Create("aws:wafv2/webAclAssociation:WebAclAssociation", object{"resourceArn": guarded.Outputs["arn"], "webAclArn": guard.Outputs["arn"]})
	a.names["stage"] = a.url + "/_aws/execute-api/" + api.ID + "/dev"
}

func merge(one, other object) object {
	both := maps.Clone(one)
	maps.Copy(both, other)
	return both
}

// post makes POST below a path, which puts the body as a record.
func (a *account) post(path, role string, method object) {
	const prefix = "aws:apigateway/"
	resource := a.engine.Create(prefix+"resource:Resource", object{"restApi": a.names["api"], "parentId": a.names["root"], "pathPart": path})
	key := object{"restApi": a.names["api"], "resourceId": resource.ID, "httpMethod": "POST"}
	a.engine.Create(prefix+"method:Method", merge(key, method))
	a.engine.Create(prefix+"methodResponse:MethodResponse", merge(key, object{"statusCode": "200"}))
	a.engine.Create(prefix+"integration:Integration", merge(key, object{"type": "AWS", "integrationHttpMethod": "POST",
		"uri": "arn:aws:apigateway:eu-central-1:firehose:action/PutRecord", "credentials": role, "passthroughBehavior": "NEVER",
		"requestTemplates": object{"application/json": `{"DeliveryStreamName":"events","Record":{"Data":"$util.base64Encode($input.body)"}}`}}))
	a.engine.Create(prefix+"integrationResponse:IntegrationResponse", merge(key, object{"statusCode": "200"}))
}
