package names

import "testing"

var long = Names{Product: "abcdefghijkl", Environment: "abcdefghijkl", Partition: "aws", Region: "ap-southeast-1", Account: "111111111111"}

func TestTheLongestNamesFitAWSLimits(t *testing.T) {
	for what, c := range map[string]struct {
		name  string
		limit int
	}{
		"a bucket (S3)":                         {long.StagingBucket(), 63},
		"a delivery stream (Firehose)":          {long.DeliveryStream(), 64},
		"a role (IAM)":                          {long.GatewayLogsRole(), 64},
		"a cluster (Redshift)":                  {long.Cluster(), 63},
		"a workgroup (Redshift Serverless)":     {long.Workgroup(), 64},
		"a domain prefix (Cognito)":             {long.SignInDomain(), 63},
		"a log group (CloudWatch Logs)":         {long.DeliveryLogGroup(), 512},
		"a secret (Secrets Manager), with user": {long.UserSecret("somebody"), 512},
	} {
		if len(c.name) > c.limit {
			t.Errorf("%s is %q: %d characters, at most %d", what, c.name, len(c.name), c.limit)
		}
	}
}

func TestARNsHaveAWSShape(t *testing.T) {
	n := Names{"events", "dev", "aws", "eu-central-1", "111111111111"}
	for got, want := range map[string]string{
		n.StagingBucketARN():                       "arn:aws:s3:::events-dev-staging-111111111111-eu-central-1",
		n.DeliveryStreamARN():                      "arn:aws:firehose:eu-central-1:111111111111:deliverystream/events-dev-delivery",
		n.DeliveryLogStreamARN("S3Delivery"):       "arn:aws:logs:eu-central-1:111111111111:log-group:/aws/kinesisfirehose/events-dev-delivery:log-stream:S3Delivery",
		n.SecretARNPattern(n.LoaderSecret()):       "arn:aws:secretsmanager:eu-central-1:111111111111:secret:events-dev/loader-??????",
		n.IntegrationURI("firehose", "PutRecord"):  "arn:aws:apigateway:eu-central-1:firehose:action/PutRecord",
		n.ManagedPolicyARN("service-role/Example"): "arn:aws:iam::aws:policy/service-role/Example",
	} {
		if got != want {
			t.Errorf("ARN is %s, want %s", got, want)
		}
	}
}
