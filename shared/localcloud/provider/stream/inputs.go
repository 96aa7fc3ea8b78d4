package stream

import (
	"maps"

	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/provider"
)

// defaults are what AWS has where a program sets nothing.
func defaults() provider.Outputs {
	bucket := func(more provider.Outputs) provider.Outputs {
		return overlay(provider.Outputs{"compressionFormat": "UNCOMPRESSED", "bufferingInterval": 300, "bufferingSize": 5,
			"cloudwatchLoggingOptions": provider.Outputs{"enabled": false}}, more)
	}
	return provider.Outputs{
		"serverSideEncryption": provider.Outputs{"enabled": false, "keyType": "AWS_OWNED_CMK"},
		"extendedS3Configuration": bucket(provider.Outputs{"s3BackupMode": "Disabled", "s3BackupConfiguration": bucket(nil),
			"dynamicPartitioningConfiguration": provider.Outputs{"enabled": false, "retryDuration": 300}}),
		"redshiftConfiguration": provider.Outputs{"s3BackupMode": "Disabled", "retryDuration": 3600, "s3Configuration": bucket(nil),
			"s3BackupConfiguration": bucket(nil), "cloudwatchLoggingOptions": provider.Outputs{"enabled": false},
			"secretsManagerConfiguration": provider.Outputs{"roleArn": ""}},
	}
}

func overlay(in, more provider.Outputs) provider.Outputs {
	maps.Copy(in, more)
	return in
}

// inputs is a declaration as a program would write it.
func inputs(spec firehose.Spec, written streamArgs) provider.Outputs {
	in := provider.Outputs{"name": spec.DeliveryStreamName, "tags": spec.Tags,
		"serverSideEncryption": provider.Outputs{"enabled": spec.Encrypted, "keyType": "AWS_OWNED_CMK"}}
	if spec.Redshift != nil {
		in["destination"], in["redshiftConfiguration"] = "redshift", redshiftInputs(*spec.Redshift)
		return in
	}
	in["destination"], in["extendedS3Configuration"] = "extended_s3", extendedInputs(*spec.ExtendedS3, written.ExtendedS3)
	return in
}

func s3Inputs(s firehose.S3) provider.Outputs {
	return provider.Outputs{"bucketArn": s.BucketARN, "roleArn": s.RoleARN, "compressionFormat": s.CompressionFormat,
		"bufferingSize": *s.BufferingHints.SizeInMBs, "bufferingInterval": *s.BufferingHints.IntervalInSeconds,
		"prefix": s.Prefix, "errorOutputPrefix": s.ErrorOutputPrefix, "cloudwatchLoggingOptions": loggingInputs(s.CloudWatchLoggingOptions)}
}

// backupInputs is nil without a backup.
func backupInputs(s *firehose.S3) any {
	if s == nil {
		return nil
	}
	return s3Inputs(*s)
}

func loggingInputs(o firehose.LoggingOptions) provider.Outputs {
	return provider.Outputs{"enabled": o.Enabled, "logGroupName": o.LogGroupName, "logStreamName": o.LogStreamName}
}

func redshiftInputs(r firehose.Redshift) provider.Outputs {
	in := provider.Outputs{"clusterJdbcurl": r.ClusterJDBCURL, "roleArn": r.RoleARN, "dataTableName": r.CopyCommand.DataTableName,
		"dataTableColumns": r.CopyCommand.DataTableColumns, "copyOptions": r.CopyCommand.CopyOptions, "username": r.Username,
		"retryDuration": *r.RetryOptions.DurationInSeconds, "s3Configuration": s3Inputs(r.S3Configuration), "s3BackupMode": r.S3BackupMode,
		"s3BackupConfiguration": backupInputs(r.S3BackupConfiguration), "processingConfiguration": processingInputs(r.ProcessingConfiguration),
		"cloudwatchLoggingOptions": loggingInputs(r.CloudWatchLoggingOptions), "secretsManagerConfiguration": nil}
	if sm := r.SecretsManagerConfiguration; sm != nil {
		in["secretsManagerConfiguration"] = provider.Outputs{"enabled": sm.Enabled, "secretArn": sm.SecretARN, "roleArn": sm.RoleARN}
	}
	return in
}

// partitionedSize is the size hint of a partitioned stream that has none, in MB.
const partitionedSize = 128

func extendedInputs(e firehose.ExtendedS3, written *extendedS3Args) provider.Outputs {
	in := overlay(s3Inputs(e.S3), provider.Outputs{"fileExtension": e.FileExtension, "s3BackupMode": e.S3BackupMode,
		"s3BackupConfiguration": backupInputs(e.S3BackupConfiguration), "dynamicPartitioningConfiguration": nil,
		"processingConfiguration": processingInputs(e.ProcessingConfiguration)})
	p := e.DynamicPartitioningConfiguration
	if p == nil {
		return in
	}
	partitioning := provider.Outputs{"enabled": p.Enabled}
	if d := p.RetryOptions.DurationInSeconds; d != nil {
		partitioning["retryDuration"] = *d
	}
	in["dynamicPartitioningConfiguration"] = partitioning
	if written != nil && written.BufferingSize == nil && p.Enabled && in["bufferingSize"] == partitionedSize {
		delete(in, "bufferingSize")
	}
	return in
}

func processingInputs(p *firehose.Processing) any {
	if p == nil {
		return nil
	}
	steps := []any{}
	for _, step := range p.Processors {
		params := []any{}
		for _, q := range step.Parameters {
			params = append(params, provider.Outputs{"parameterName": q.ParameterName, "parameterValue": q.ParameterValue})
		}
		steps = append(steps, provider.Outputs{"type": step.Type, "parameters": params})
	}
	return provider.Outputs{"enabled": p.Enabled, "processors": steps}
}
