package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/names"
	"pipeline/shared/stack"
)

// newDeliveryStream makes the stream. Its name is fixed, so a replacement begins with
// the deletion of the old one.
func newDeliveryStream(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, up upstream, logs *deliveryLogs) (*kinesis.FirehoseDeliveryStream, error) {
	args := &kinesis.FirehoseDeliveryStreamArgs{
		Name:                 pulumi.String(s.DeliveryStream()),
		ServerSideEncryption: encryption(cfg),
		Tags:                 s.Tags(),
	}
	if cfg.Destination == toRedshift {
		args.Destination = pulumi.String("redshift")
		args.RedshiftConfiguration = redshift(cfg, up, logs)
	} else {
		args.Destination = pulumi.String("extended_s3")
		args.ExtendedS3Configuration = extendedS3(cfg, up, logs)
	}
	return kinesis.NewFirehoseDeliveryStream(ctx, name, args, pulumi.DeleteBeforeReplace(true))
}

func encryption(cfg config) *kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs {
	args := &kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs{Enabled: pulumi.Bool(true), KeyType: pulumi.String("AWS_OWNED_CMK")}
	if cfg.EncryptionKeyARN != "" {
		args.KeyType, args.KeyArn = pulumi.String("CUSTOMER_MANAGED_CMK"), pulumi.String(cfg.EncryptionKeyARN)
	}
	return args
}

// redshift loads the warehouse's events table as its loader user. Firehose stages with
// its own role; the cluster needs none.
func redshift(cfg config, up upstream, logs *deliveryLogs) *kinesis.FirehoseDeliveryStreamRedshiftConfigurationArgs {
	args := &kinesis.FirehoseDeliveryStreamRedshiftConfigurationArgs{
		ClusterJdbcurl:   up.warehouse.JDBCURL,
		RoleArn:          up.iam.DeliveryRoleARN,
		DataTableName:    up.warehouse.Table,
		DataTableColumns: up.warehouse.Columns,
		CopyOptions:      pulumi.String(cfg.copyOptions()),
		RetryDuration:    pulumi.Int(cfg.RetrySeconds),
		SecretsManagerConfiguration: kinesis.FirehoseDeliveryStreamRedshiftConfigurationSecretsManagerConfigurationArgs{
			Enabled:   pulumi.Bool(true),
			SecretArn: up.warehouse.LoaderSecretARN,
		},
		CloudwatchLoggingOptions: kinesis.FirehoseDeliveryStreamRedshiftConfigurationCloudwatchLoggingOptionsArgs{
			Enabled:       pulumi.Bool(true),
			LogGroupName:  logs.group,
			LogStreamName: logs.streams[names.RedshiftDeliveryLogStream],
		},
		S3Configuration: kinesis.FirehoseDeliveryStreamRedshiftConfigurationS3ConfigurationArgs{
			BucketArn:         up.storage.BucketARN,
			RoleArn:           up.iam.DeliveryRoleARN,
			Prefix:            pulumi.String(names.StagingPrefix),
			BufferingInterval: pulumi.Int(cfg.BufferIntervalSeconds),
			BufferingSize:     pulumi.Int(cfg.BufferSizeMiB),
			CompressionFormat: pulumi.String(cfg.Compression),
			CloudwatchLoggingOptions: kinesis.FirehoseDeliveryStreamRedshiftConfigurationS3ConfigurationCloudwatchLoggingOptionsArgs{
				Enabled:       pulumi.Bool(true),
				LogGroupName:  logs.group,
				LogStreamName: logs.streams[names.S3DeliveryLogStream],
			},
		},
	}
	if cfg.Backup {
		args.S3BackupMode = pulumi.String("Enabled")
		args.S3BackupConfiguration = redshiftBackup(cfg, up, logs)
	}
	return args
}

func redshiftBackup(cfg config, up upstream, logs *deliveryLogs) kinesis.FirehoseDeliveryStreamRedshiftConfigurationS3BackupConfigurationArgs {
	return kinesis.FirehoseDeliveryStreamRedshiftConfigurationS3BackupConfigurationArgs{
		BucketArn:         up.storage.BucketARN,
		RoleArn:           up.iam.DeliveryRoleARN,
		Prefix:            pulumi.String(names.BackupPrefix),
		BufferingInterval: pulumi.Int(cfg.BackupIntervalSeconds),
		BufferingSize:     pulumi.Int(cfg.BackupSizeMiB),
		CompressionFormat: pulumi.String(cfg.Compression),
		CloudwatchLoggingOptions: kinesis.FirehoseDeliveryStreamRedshiftConfigurationS3BackupConfigurationCloudwatchLoggingOptionsArgs{
			Enabled:       pulumi.Bool(true),
			LogGroupName:  logs.group,
			LogStreamName: logs.streams[names.BackupDeliveryLogStream],
		},
	}
}
