// Package names is every name and ARN that is known before its resource exists. Layer
// iam grants on single resources that later layers make; both sides take the name here.
package names

import "fmt"

// Names are the names of one environment in one account and region.
type Names struct {
	Product     string // the manifest's name
	Environment string
	Partition   string // "aws", "aws-cn", "aws-us-gov"
	Region      string
	Account     string // 12 digits
}

// Prefix begins every name: "<product>-<environment>".
func (n Names) Prefix() string { return n.Product + "-" + n.Environment }

// StagingBucket is where Firehose puts objects for COPY. S3's names are global, so it
// holds account and region; 63 characters at most, which the manifest's limits ensure.
func (n Names) StagingBucket() string {
	return fmt.Sprintf("%s-staging-%s-%s", n.Prefix(), n.Account, n.Region)
}

// StagingBucketARN has neither region nor account, as all bucket ARNs.
func (n Names) StagingBucketARN() string { return n.arn("s3", "", "", n.StagingBucket()) }

// Where things are in the staging bucket. Layer storage expires what is below
// StagingPrefix and ManifestsPrefix, keeps ErrorsPrefix longer, and never touches
// EventsPrefix.
const (
	StagingPrefix   = "staging/"   // objects on their way to Redshift
	ManifestsPrefix = "manifests/" // what Firehose hands to COPY
	ErrorsPrefix    = "errors/"    // what could not be delivered, and its manifests
	EventsPrefix    = "events/"    // events for good, when the destination is S3
	BackupPrefix    = "backup/"    // every source record, when the stream keeps a backup
)

// DeliveryStream is the Firehose stream that events go to.
func (n Names) DeliveryStream() string { return n.Prefix() + "-delivery" }

func (n Names) DeliveryStreamARN() string {
	return n.regional("firehose", "deliverystream/"+n.DeliveryStream())
}

// DeliveryLogGroup follows Firehose's convention, with one stream for each destination.
func (n Names) DeliveryLogGroup() string { return "/aws/kinesisfirehose/" + n.DeliveryStream() }

const (
	RedshiftDeliveryLogStream = "RedshiftDelivery"
	S3DeliveryLogStream       = "S3Delivery"
	BackupDeliveryLogStream   = "BackupDelivery"
)

// DeliveryLogStreamARN is the ARN of one of the streams above.
func (n Names) DeliveryLogStreamARN(stream string) string {
	return n.regional("logs", "log-group:"+n.DeliveryLogGroup()+":log-stream:"+stream)
}

// GatewayRole is assumed by API Gateway to put records.
func (n Names) GatewayRole() string { return n.Prefix() + "-gateway" }

// GatewayLogsRole is assumed by API Gateway to write its logs; one for an account and region.
func (n Names) GatewayLogsRole() string { return n.Prefix() + "-gateway-logs" }

// DeliveryRole is assumed by Firehose.
func (n Names) DeliveryRole() string { return n.Prefix() + "-delivery" }

// WarehouseRole is assumed by Redshift for a COPY by hand (backfill).
func (n Names) WarehouseRole() string { return n.Prefix() + "-warehouse" }

// LoaderSecret holds the user name and password that Firehose signs in to Redshift with.
func (n Names) LoaderSecret() string { return n.Prefix() + "/loader" }

// UserSecret holds the password of a user of the user pool.
func (n Names) UserSecret(user string) string { return n.Prefix() + "/user/" + user }

// SecretARNPattern matches a secret's ARN, which ends in six characters of Secrets
// Manager's own (Secrets Manager user guide, "Secret ARN").
func (n Names) SecretARNPattern(secret string) string {
	return n.regional("secretsmanager", "secret:"+secret+"-??????")
}

// Cluster is the identifier of the Redshift cluster.
func (n Names) Cluster() string { return n.Prefix() }

// Workgroup is the name of a serverless workgroup and its namespace. It is not the
// cluster's: both name the secret that Redshift manages after themselves, and a change
// from one to the other has both for a while.
func (n Names) Workgroup() string { return n.Prefix() + "-serverless" }

// API is the name of the REST API.
func (n Names) API() string { return n.Prefix() }

// APILogGroup is where the API's stage writes its access log.
func (n Names) APILogGroup() string { return "/aws/apigateway/" + n.API() }

// SignInDomain is the prefix of the user pool's domain, unique in a region.
func (n Names) SignInDomain() string { return n.Prefix() + "-" + n.Account }

// IntegrationURI is an API Gateway integration with an action of an AWS service.
func (n Names) IntegrationURI(service, action string) string {
	return fmt.Sprintf("arn:%s:apigateway:%s:%s:action/%s", n.Partition, n.Region, service, action)
}

// ManagedPolicyARN is the ARN of a policy that AWS keeps.
func (n Names) ManagedPolicyARN(path string) string { return n.arn("iam", "", "aws", "policy/"+path) }

func (n Names) regional(service, resource string) string {
	return n.arn(service, n.Region, n.Account, resource)
}

func (n Names) arn(service, region, account, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", n.Partition, service, region, account, resource)
}
