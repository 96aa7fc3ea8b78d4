package stream

import (
	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/provider"
)

// inputs is a declaration as a program would write it, for an import.
func inputs(spec firehose.Spec) provider.Outputs {
	in := provider.Outputs{"name": spec.DeliveryStreamName, "serverSideEncryption": provider.Outputs{"enabled": spec.Encrypted}}
	if len(spec.Tags) > 0 {
		tags := provider.Outputs{}
		for k, v := range spec.Tags {
			tags[k] = v
		}
		in["tags"] = tags
	}
	if spec.Redshift != nil {
		in["destination"], in["redshiftConfiguration"] = "redshift", redshiftInputs(*spec.Redshift)
		return in
	}
	in["destination"], in["extendedS3Configuration"] = "extended_s3", extendedInputs(*spec.ExtendedS3)
	return in
}

// set adds the texts that are not empty.
func set(in provider.Outputs, texts map[string]string) provider.Outputs {
	for k, v := range texts {
		if v != "" {
			in[k] = v
		}
	}
	return in
}

func s3Inputs(s firehose.S3) provider.Outputs {
	in := provider.Outputs{"bucketArn": s.BucketARN, "roleArn": s.RoleARN, "compressionFormat": s.CompressionFormat,
		"bufferingSize": *s.BufferingHints.SizeInMBs, "bufferingInterval": *s.BufferingHints.IntervalInSeconds,
		"cloudwatchLoggingOptions": loggingInputs(s.CloudWatchLoggingOptions)}
	return set(in, map[string]string{"prefix": s.Prefix, "errorOutputPrefix": s.ErrorOutputPrefix})
}

func loggingInputs(o firehose.LoggingOptions) provider.Outputs {
	return set(provider.Outputs{"enabled": o.Enabled}, map[string]string{"logGroupName": o.LogGroupName, "logStreamName": o.LogStreamName})
}

func redshiftInputs(r firehose.Redshift) provider.Outputs {
	in := provider.Outputs{"clusterJdbcurl": r.ClusterJDBCURL, "roleArn": r.RoleARN, "dataTableName": r.CopyCommand.DataTableName,
		"retryDuration": *r.RetryOptions.DurationInSeconds, "s3Configuration": s3Inputs(r.S3Configuration), "s3BackupMode": r.S3BackupMode,
		"cloudwatchLoggingOptions": loggingInputs(r.CloudWatchLoggingOptions)}
	if r.S3BackupConfiguration != nil {
		in["s3BackupConfiguration"] = s3Inputs(*r.S3BackupConfiguration)
	}
	if sm := r.SecretsManagerConfiguration; sm != nil {
		in["secretsManagerConfiguration"] = set(provider.Outputs{"enabled": sm.Enabled}, map[string]string{"secretArn": sm.SecretARN, "roleArn": sm.RoleARN})
	}
	return set(in, map[string]string{"dataTableColumns": r.CopyCommand.DataTableColumns, "copyOptions": r.CopyCommand.CopyOptions, "username": r.Username})
}

func extendedInputs(e firehose.ExtendedS3) provider.Outputs {
	in := set(s3Inputs(e.S3), map[string]string{"fileExtension": e.FileExtension, "s3BackupMode": e.S3BackupMode})
	if e.S3BackupConfiguration != nil {
		in["s3BackupConfiguration"] = s3Inputs(*e.S3BackupConfiguration)
	}
	if p := e.DynamicPartitioningConfiguration; p != nil {
		in["dynamicPartitioningConfiguration"] = provider.Outputs{"enabled": p.Enabled}
	}
	if p := e.ProcessingConfiguration; p != nil {
		steps := []any{}
		for _, step := range p.Processors {
			params := []any{}
			for _, q := range step.Parameters {
				params = append(params, provider.Outputs{"parameterName": q.ParameterName, "parameterValue": q.ParameterValue})
			}
			steps = append(steps, provider.Outputs{"type": step.Type, "parameters": params})
		}
		in["processingConfiguration"] = provider.Outputs{"enabled": p.Enabled, "processors": steps}
	}
	return in
}
