package main

import (
	"pipeline/shared/names"
	"pipeline/shared/policy"
	"pipeline/shared/stack"
)

// pipelineRoles are the roles that other layers read.
func pipelineRoles(s *stack.Stack) []role {
	return []role{gatewayRole(s), gatewayLogsRole(s), deliveryRole(s), warehouseRole(s)}
}

// gatewayRole lets API Gateway put records on the one delivery stream.
func gatewayRole(s *stack.Stack) role {
	return role{
		name:        "gateway",
		roleName:    s.GatewayRole(),
		description: "API Gateway puts records on the delivery stream",
		trust:       policy.Trust("apigateway.amazonaws.com"),
		permissions: policy.Document{{
			Sid:       "PutRecords",
			Actions:   []string{"firehose:PutRecord", "firehose:PutRecordBatch"},
			Resources: policy.ARNs(s.DeliveryStreamARN()),
		}},
	}
}

// gatewayLogsRole lets API Gateway write its logs. AWS takes one such role for an
// account and region, and asks for exactly this policy of its own (API Gateway
// developer guide, "Permissions for CloudWatch logging"); its resources are "*".
func gatewayLogsRole(s *stack.Stack) role {
	return role{
		name:        "gateway-logs",
		roleName:    s.GatewayLogsRole(),
		description: "API Gateway writes its logs to CloudWatch",
		trust:       policy.Trust("apigateway.amazonaws.com"),
		managed:     []string{s.ManagedPolicyARN("service-role/AmazonAPIGatewayPushToCloudWatchLogs")},
	}
}

// deliveryRole lets Firehose stage objects, read the loader's secret and log its
// errors (Firehose developer guide, "Grant Firehose access to a Redshift destination").
// It needs no permission on Redshift: there it signs in as a user.
func deliveryRole(s *stack.Stack) role {
	return role{
		name:        "delivery",
		roleName:    s.DeliveryRole(),
		description: "Firehose stages objects and loads them",
		trust:       policy.Trust("firehose.amazonaws.com"),
		permissions: policy.Document{
			{
				Sid:       "StageObjects",
				Actions:   []string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"},
				Resources: policy.ARNs(s.StagingBucketARN() + "/*"),
			},
			{
				Sid:       "FindObjects",
				Actions:   []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
				Resources: policy.ARNs(s.StagingBucketARN()),
			},
			{
				Sid:     "LogErrors",
				Actions: []string{"logs:PutLogEvents"},
				Resources: policy.ARNs(
					s.DeliveryLogStreamARN(names.RedshiftDeliveryLogStream),
					s.DeliveryLogStreamARN(names.S3DeliveryLogStream),
					s.DeliveryLogStreamARN(names.BackupDeliveryLogStream)),
			},
			{
				Sid:       "SignInToRedshift",
				Actions:   []string{"secretsmanager:GetSecretValue"},
				Resources: policy.ARNs(s.SecretARNPattern(s.LoaderSecret())),
			},
		},
	}
}

// warehouseRole lets a COPY by hand read the staging bucket, for a backfill.
func warehouseRole(s *stack.Stack) role {
	return role{
		name:        "warehouse",
		roleName:    s.WarehouseRole(),
		description: "Redshift reads staged objects in a COPY by hand",
		trust:       policy.Trust("redshift.amazonaws.com", "redshift-serverless.amazonaws.com"),
		permissions: policy.Document{
			{
				Sid:       "ReadObjects",
				Actions:   []string{"s3:GetObject"},
				Resources: policy.ARNs(s.StagingBucketARN() + "/*"),
			},
			{
				Sid:       "FindObjects",
				Actions:   []string{"s3:GetBucketLocation", "s3:ListBucket"},
				Resources: policy.ARNs(s.StagingBucketARN()),
			},
		},
	}
}
