package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/names"
)

// extendedS3 keeps events in the bucket, by time or by values in them.
func extendedS3(cfg config, up upstream, logs *deliveryLogs) *kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs {
	args := &kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs{
		BucketArn:         up.storage.BucketARN,
		RoleArn:           up.iam.DeliveryRoleARN,
		Prefix:            pulumi.String(cfg.Prefix),
		ErrorOutputPrefix: pulumi.String(cfg.ErrorPrefix),
		BufferingInterval: pulumi.Int(cfg.BufferIntervalSeconds),
		BufferingSize:     pulumi.Int(cfg.BufferSizeMiB),
		CompressionFormat: pulumi.String(cfg.Compression),
		CloudwatchLoggingOptions: kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptionsArgs{
			Enabled:       pulumi.Bool(true),
			LogGroupName:  logs.group,
			LogStreamName: logs.streams[names.S3DeliveryLogStream],
		},
	}
	if p := cfg.Partitioning; p != nil {
		args.Prefix = pulumi.String(p.Prefix)
		args.DynamicPartitioningConfiguration = kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationDynamicPartitioningConfigurationArgs{
			Enabled:       pulumi.Bool(true),
			RetryDuration: pulumi.Int(p.RetrySeconds),
		}
		args.ProcessingConfiguration = processing(*p)
	}
	if cfg.Backup {
		args.S3BackupMode = pulumi.String("Enabled")
		args.S3BackupConfiguration = s3Backup(cfg, up, logs)
	}
	return args
}

// processing takes records apart, which drops the line breaks between events; so they
// are added again. No parameter is set to its default: Firehose would not return it, and
// every preview would show a change.
func processing(p partitioning) kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationArgs {
	return kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationArgs{
		Enabled: pulumi.Bool(true),
		Processors: kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorArray{
			processor("RecordDeAggregation", "SubRecordType", "JSON"),
			processor("AppendDelimiterToRecord", "Delimiter", `\n`),
			processor("MetadataExtraction", "JsonParsingEngine", "JQ-1.6", "MetadataExtractionQuery", p.Query),
		},
	}
}

// processor is a step; its parameters are names and values in turn.
func processor(kind string, parameters ...string) kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorArgs {
	step := kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorArgs{Type: pulumi.String(kind)}
	list := kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorParameterArray{}
	for i := 0; i < len(parameters); i += 2 {
		list = append(list, kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationProcessingConfigurationProcessorParameterArgs{
			ParameterName:  pulumi.String(parameters[i]),
			ParameterValue: pulumi.String(parameters[i+1]),
		})
	}
	step.Parameters = list
	return step
}

func s3Backup(cfg config, up upstream, logs *deliveryLogs) kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfigurationArgs {
	return kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfigurationArgs{
		BucketArn:         up.storage.BucketARN,
		RoleArn:           up.iam.DeliveryRoleARN,
		Prefix:            pulumi.String(names.BackupPrefix),
		BufferingInterval: pulumi.Int(cfg.BackupIntervalSeconds),
		BufferingSize:     pulumi.Int(cfg.BackupSizeMiB),
		CompressionFormat: pulumi.String(cfg.Compression),
		CloudwatchLoggingOptions: kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationS3BackupConfigurationCloudwatchLoggingOptionsArgs{
			Enabled:       pulumi.Bool(true),
			LogGroupName:  logs.group,
			LogStreamName: logs.streams[names.BackupDeliveryLogStream],
		},
	}
}
