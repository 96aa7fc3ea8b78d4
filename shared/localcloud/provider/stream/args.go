package stream

import (
	"fmt"

	"pipeline/shared/localcloud/firehose"
)

// The arguments that are honoured, by the SDK's names.
type (
	streamArgs struct {
		Name        string            `pulumi:"name,optional"`
		Destination string            `pulumi:"destination"`
		ExtendedS3  *extendedS3Args   `pulumi:"extendedS3Configuration"`
		Redshift    *redshiftArgs     `pulumi:"redshiftConfiguration"`
		Encryption  *encryptionArgs   `pulumi:"serverSideEncryption"`
		Tags        map[string]string `pulumi:"tags"`
	}

	encryptionArgs struct {
		Enabled bool   `pulumi:"enabled,optional"`
		KeyType string `pulumi:"keyType,optional"`
	}

	loggingArgs struct {
		Enabled       bool   `pulumi:"enabled,optional"`
		LogGroupName  string `pulumi:"logGroupName,optional"`
		LogStreamName string `pulumi:"logStreamName,optional"`
	}

	s3Args struct {
		BucketARN         string       `pulumi:"bucketArn"`
		RoleARN           string       `pulumi:"roleArn"`
		BufferingInterval *int         `pulumi:"bufferingInterval"`
		BufferingSize     *int         `pulumi:"bufferingSize"`
		CompressionFormat string       `pulumi:"compressionFormat,optional"`
		Prefix            string       `pulumi:"prefix,optional"`
		ErrorOutputPrefix string       `pulumi:"errorOutputPrefix,optional"`
		Logging           *loggingArgs `pulumi:"cloudwatchLoggingOptions"`
	}

	// extendedS3Args begin with the fields of s3Args: the provider's reading of types
	// does not look into embedded structs.
	extendedS3Args struct {
		BucketARN         string            `pulumi:"bucketArn"`
		RoleARN           string            `pulumi:"roleArn"`
		BufferingInterval *int              `pulumi:"bufferingInterval"`
		BufferingSize     *int              `pulumi:"bufferingSize"`
		CompressionFormat string            `pulumi:"compressionFormat,optional"`
		Prefix            string            `pulumi:"prefix,optional"`
		ErrorOutputPrefix string            `pulumi:"errorOutputPrefix,optional"`
		Logging           *loggingArgs      `pulumi:"cloudwatchLoggingOptions"`
		FileExtension     string            `pulumi:"fileExtension,optional"`
		Partitioning      *partitioningArgs `pulumi:"dynamicPartitioningConfiguration"`
		Processing        *processingArgs   `pulumi:"processingConfiguration"`
		S3BackupMode      string            `pulumi:"s3BackupMode,optional"`
		S3Backup          *s3Args           `pulumi:"s3BackupConfiguration"`
	}

	partitioningArgs struct {
		Enabled       bool `pulumi:"enabled,optional"`
		RetryDuration *int `pulumi:"retryDuration"`
	}

	processingArgs struct {
		Enabled    bool            `pulumi:"enabled,optional"`
		Processors []processorArgs `pulumi:"processors"`
	}

	processorArgs struct {
		Type       string          `pulumi:"type"`
		Parameters []parameterArgs `pulumi:"parameters"`
	}

	parameterArgs struct {
		Name  string `pulumi:"parameterName"`
		Value string `pulumi:"parameterValue"`
	}

	redshiftArgs struct {
		ClusterJDBCURL   string          `pulumi:"clusterJdbcurl"`
		RoleARN          string          `pulumi:"roleArn"`
		DataTableName    string          `pulumi:"dataTableName"`
		DataTableColumns string          `pulumi:"dataTableColumns,optional"`
		CopyOptions      string          `pulumi:"copyOptions,optional"`
		Username         string          `pulumi:"username,optional"`
		Password         string          `pulumi:"password,optional"`
		Secret           *secretArgs     `pulumi:"secretsManagerConfiguration"`
		RetryDuration    *int            `pulumi:"retryDuration"`
		S3               s3Args          `pulumi:"s3Configuration"`
		S3BackupMode     string          `pulumi:"s3BackupMode,optional"`
		S3Backup         *s3Args         `pulumi:"s3BackupConfiguration"`
		Processing       *processingArgs `pulumi:"processingConfiguration"`
		Logging          *loggingArgs    `pulumi:"cloudwatchLoggingOptions"`
	}

	secretArgs struct {
		Enabled   bool   `pulumi:"enabled,optional"`
		SecretARN string `pulumi:"secretArn,optional"`
		RoleARN   string `pulumi:"roleArn,optional"`
	}
)

// spec is what the Firehose plane is asked for.
func (a streamArgs) spec() (firehose.Spec, error) {
	spec := firehose.Spec{DeliveryStreamName: a.Name, Tags: a.Tags}
	if e := a.Encryption; e != nil && e.Enabled {
		if e.KeyType != "" && e.KeyType != "AWS_OWNED_CMK" {
			return spec, fmt.Errorf("serverSideEncryption.keyType %s is not honoured by the local cloud: it has AWS_OWNED_CMK only", e.KeyType)
		}
		spec.Encrypted = true
	}
	switch a.Destination {
	case "extended_s3":
		if a.ExtendedS3 == nil || a.Redshift != nil {
			return spec, fmt.Errorf("destination extended_s3 needs extendedS3Configuration and no other configuration")
		}
		spec.ExtendedS3 = a.ExtendedS3.plane()
	case "redshift":
		if a.Redshift == nil || a.ExtendedS3 != nil {
			return spec, fmt.Errorf("destination redshift needs redshiftConfiguration and no other configuration")
		}
		spec.Redshift = a.Redshift.plane()
	default:
		return spec, fmt.Errorf("destination %q is not honoured by the local cloud: it has extended_s3 and redshift", a.Destination)
	}
	return spec, nil
}

func (l *loggingArgs) plane() firehose.LoggingOptions {
	if l == nil {
		return firehose.LoggingOptions{}
	}
	return firehose.LoggingOptions{Enabled: l.Enabled, LogGroupName: l.LogGroupName, LogStreamName: l.LogStreamName}
}

func (a *s3Args) plane() *firehose.S3 {
	if a == nil {
		return nil
	}
	return &firehose.S3{RoleARN: a.RoleARN, BucketARN: a.BucketARN, Prefix: a.Prefix, ErrorOutputPrefix: a.ErrorOutputPrefix,
		BufferingHints:    firehose.BufferingHints{SizeInMBs: a.BufferingSize, IntervalInSeconds: a.BufferingInterval},
		CompressionFormat: a.CompressionFormat, CloudWatchLoggingOptions: a.Logging.plane()}
}

func (a extendedS3Args) plane() *firehose.ExtendedS3 {
	bucket := s3Args{a.BucketARN, a.RoleARN, a.BufferingInterval, a.BufferingSize, a.CompressionFormat, a.Prefix, a.ErrorOutputPrefix, a.Logging}
	e := &firehose.ExtendedS3{S3: *bucket.plane(), FileExtension: a.FileExtension, ProcessingConfiguration: a.Processing.plane(),
		S3BackupMode: a.S3BackupMode, S3BackupConfiguration: a.S3Backup.plane()}
	if p := a.Partitioning; p != nil {
		e.DynamicPartitioningConfiguration = &firehose.DynamicPartitioning{Enabled: p.Enabled,
			RetryOptions: firehose.RetryOptions{DurationInSeconds: p.RetryDuration}}
	}
	return e
}

func (a *processingArgs) plane() *firehose.Processing {
	if a == nil {
		return nil
	}
	p := &firehose.Processing{Enabled: a.Enabled}
	for _, step := range a.Processors {
		processor := firehose.Processor{Type: step.Type}
		for _, q := range step.Parameters {
			processor.Parameters = append(processor.Parameters, firehose.ProcessorParameter{ParameterName: q.Name, ParameterValue: q.Value})
		}
		p.Processors = append(p.Processors, processor)
	}
	return p
}

func (a redshiftArgs) plane() *firehose.Redshift {
	r := &firehose.Redshift{RoleARN: a.RoleARN, ClusterJDBCURL: a.ClusterJDBCURL,
		CopyCommand: firehose.CopyCommand{DataTableName: a.DataTableName, DataTableColumns: a.DataTableColumns, CopyOptions: a.CopyOptions},
		Username:    a.Username, Password: a.Password, RetryOptions: firehose.RetryOptions{DurationInSeconds: a.RetryDuration},
		S3Configuration: *a.S3.plane(), S3BackupMode: a.S3BackupMode, S3BackupConfiguration: a.S3Backup.plane(),
		ProcessingConfiguration: a.Processing.plane(), CloudWatchLoggingOptions: a.Logging.plane()}
	if a.Secret != nil {
		r.SecretsManagerConfiguration = &firehose.SecretsManager{Enabled: a.Secret.Enabled, SecretARN: a.Secret.SecretARN, RoleARN: a.Secret.RoleARN}
	}
	return r
}
