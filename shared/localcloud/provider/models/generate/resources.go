package main

// resources says, for each resource type, which operation's input has its properties.
// Properties and members that have the same name, but for case and a final s, need no
// word here.
var resources = map[string]resource{
	"aws:apigateway/account:Account":                         {"apigateway", "UpdateAccount", nil}, // patch operations: no shapes
	"aws:apigateway/authorizer:Authorizer":                   {"apigateway", "CreateAuthorizer", restAPI},
	"aws:apigateway/deployment:Deployment":                   {"apigateway", "CreateDeployment", restAPI},
	"aws:apigateway/integration:Integration":                 {"apigateway", "PutIntegration", renamed(restAPI, "timeoutMilliseconds", "timeoutInMillis")},
	"aws:apigateway/integrationResponse:IntegrationResponse": {"apigateway", "PutIntegrationResponse", restAPI},
	"aws:apigateway/method:Method":                           {"apigateway", "PutMethod", renamed(restAPI, "authorization", "authorizationType")},
	"aws:apigateway/methodResponse:MethodResponse":           {"apigateway", "PutMethodResponse", restAPI},
	"aws:apigateway/methodSettings:MethodSettings":           {"apigateway", "UpdateStage", restAPI}, // patch operations: no shapes
	"aws:apigateway/model:Model":                             {"apigateway", "CreateModel", restAPI},
	"aws:apigateway/requestValidator:RequestValidator":       {"apigateway", "CreateRequestValidator", restAPI},
	"aws:apigateway/resource:Resource":                       {"apigateway", "CreateResource", restAPI},
	"aws:apigateway/response:Response":                       {"apigateway", "PutGatewayResponse", nil},
	"aws:apigateway/restApi:RestApi":                         {"apigateway", "CreateRestApi", map[string]string{"minimumCompressionSize": ""}}, // a text in the SDK
	"aws:apigateway/stage:Stage":                             {"apigateway", "CreateStage", renamed(restAPI, "deployment", "deploymentId")},

	"aws:cloudwatch/dashboard:Dashboard": {"monitoring", "PutDashboard", nil},
	"aws:cloudwatch/logGroup:LogGroup": {"logs", "CreateLogGroup", map[string]string{
		"name": "logGroupName", "retentionInDays": "PutRetentionPolicy:retentionInDays"}},
	"aws:cloudwatch/logStream:LogStream":     {"logs", "CreateLogStream", map[string]string{"name": "logStreamName"}},
	"aws:cloudwatch/metricAlarm:MetricAlarm": {"monitoring", "PutMetricAlarm", map[string]string{"name": "AlarmName"}},

	"aws:cognito/resourceServer:ResourceServer": {"cognito-idp", "CreateResourceServer", nil},
	"aws:cognito/user:User": {"cognito-idp", "AdminCreateUser", map[string]string{
		"password": "AdminSetUserPassword:Password", "attributes": "UserAttributes"}},
	"aws:cognito/userPool:UserPool": {"cognito-idp", "CreateUserPool", map[string]string{
		"name": "PoolName", "tags": "UserPoolTags", "passwordPolicy": "Policies.PasswordPolicy"}},
	"aws:cognito/userPoolClient:UserPoolClient": {"cognito-idp", "CreateUserPoolClient", map[string]string{"name": "ClientName"}},
	"aws:cognito/userPoolDomain:UserPoolDomain": {"cognito-idp", "CreateUserPoolDomain", nil},

	"aws:ec2/internetGateway:InternetGateway":             {"ec2", "CreateInternetGateway", ec2Tags},
	"aws:ec2/route:Route":                                 {"ec2", "CreateRoute", nil},
	"aws:ec2/routeTable:RouteTable":                       {"ec2", "CreateRouteTable", ec2Tags},
	"aws:ec2/routeTableAssociation:RouteTableAssociation": {"ec2", "AssociateRouteTable", nil},
	"aws:ec2/securityGroup:SecurityGroup":                 {"ec2", "CreateSecurityGroup", renamed(ec2Tags, "name", "GroupName")},
	"aws:ec2/subnet:Subnet":                               {"ec2", "CreateSubnet", ec2Tags},
	"aws:ec2/vpc:Vpc":                                     {"ec2", "CreateVpc", ec2Tags},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                     {"ec2", "CreateVpcEndpoint", ec2Tags},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"ec2", "AuthorizeSecurityGroupEgress",
		renamed(ec2Tags, "cidrIpv4", "IpPermissions.IpRanges.CidrIp", "description", "IpPermissions.IpRanges.Description", "securityGroupId", "GroupId")},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"ec2", "AuthorizeSecurityGroupIngress",
		renamed(ec2Tags, "cidrIpv4", "IpPermissions.IpRanges.CidrIp", "description", "IpPermissions.IpRanges.Description", "securityGroupId", "GroupId")},

	"aws:iam/role:Role":                                 {"iam", "CreateRole", map[string]string{"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}},
	"aws:iam/rolePolicy:RolePolicy":                     {"iam", "PutRolePolicy", map[string]string{"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"}},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"iam", "AttachRolePolicy", map[string]string{"role": "RoleName"}},

	"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {"firehose", "CreateDeliveryStream", map[string]string{
		"name": "DeliveryStreamName", "serverSideEncryption": "DeliveryStreamEncryptionConfigurationInput",
		"extendedS3Configuration": "ExtendedS3DestinationConfiguration", "redshiftConfiguration": "RedshiftDestinationConfiguration",
		"*.bufferingInterval": "BufferingHints.IntervalInSeconds", "*.bufferingSize": "BufferingHints.SizeInMBs",
		"*.retryDuration": "RetryOptions.DurationInSeconds", "*.copyOptions": "CopyCommand.CopyOptions",
		"*.dataTableName": "CopyCommand.DataTableName", "*.dataTableColumns": "CopyCommand.DataTableColumns"}},

	"aws:redshift/cluster:Cluster": {"redshift", "CreateCluster", map[string]string{
		"databaseName": "DBName", "masterPassword": "MasterUserPassword"}},
	"aws:redshift/parameterGroup:ParameterGroup": {"redshift", "CreateClusterParameterGroup", map[string]string{
		"name": "ParameterGroupName", "family": "ParameterGroupFamily", "parameters": "ModifyClusterParameterGroup:Parameters",
		"parameters[].name": "ParameterName", "parameters[].value": "ParameterValue"}},
	"aws:redshift/subnetGroup:SubnetGroup":       {"redshift", "CreateClusterSubnetGroup", map[string]string{"name": "ClusterSubnetGroupName"}},
	"aws:redshiftdata/statement:Statement":       {"redshift-data", "ExecuteStatement", nil},
	"aws:redshiftserverless/namespace:Namespace": {"redshift-serverless", "CreateNamespace", nil},
	"aws:redshiftserverless/workgroup:Workgroup": {"redshift-serverless", "CreateWorkgroup", nil},

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {"s3", "PutBucketLifecycleConfiguration", map[string]string{
		"rules": "LifecycleConfiguration.Rules"}},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"s3", "PutBucketOwnershipControls", map[string]string{"rule": "OwnershipControls.Rules"}},
	"aws:s3/bucketPolicy:BucketPolicy":                       {"s3", "PutBucketPolicy", nil},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {"s3", "PutPublicAccessBlock", nil}, // booleans
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {"s3", "PutBucketEncryption", map[string]string{
		"rules": "ServerSideEncryptionConfiguration.Rules"}},
	"aws:s3/bucketV2:BucketV2": {"s3", "CreateBucket", map[string]string{"tags": "PutBucketTagging:Tagging.TagSet"}},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {"s3", "PutBucketVersioning", map[string]string{
		"versioningConfiguration.status": ""}}, // Disabled is the SDK's own: never enabled

	"aws:secretsmanager/secret:Secret": {"secretsmanager", "CreateSecret", map[string]string{
		"recoveryWindowInDays": "DeleteSecret:RecoveryWindowInDays"}},
	"aws:secretsmanager/secretVersion:SecretVersion": {"secretsmanager", "PutSecretValue", nil},

	"aws:sns/topic:Topic":                         {"sns", "CreateTopic", nil},
	"aws:sns/topicSubscription:TopicSubscription": {"sns", "Subscribe", map[string]string{"topic": "TopicArn"}},

	"aws:wafv2/webAcl:WebAcl": {"wafv2", "CreateWebACL", map[string]string{
		"customResponseBodies":                       "",   // a list in the SDK
		"rules[].statement.rateBasedStatement.limit": ""}}, // 10 and up since August 2024, the model says 100

	"aws:wafv2/webAclAssociation:WebAclAssociation": {"wafv2", "AssociateWebACL", nil},
}

var (
	restAPI = map[string]string{"restApi": "restApiId"}
	ec2Tags = map[string]string{"tags": "TagSpecifications.Tags"}
)

// renamed adds pairs of property and member to names.
func renamed(names map[string]string, pairs ...string) map[string]string {
	all := map[string]string{}
	for name, member := range names {
		all[name] = member
	}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}
