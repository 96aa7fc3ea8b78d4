package firehose

import (
	"strings"
	"testing"
)

func TestDeclarationsThatAWSRefusesAreRefused(t *testing.T) {
	for want, spec := range map[string]Spec{
		"ValidationException: 1 validation error detected: Value '' at 'deliveryStreamName'": {ExtendedS3: toS3(nil).ExtendedS3},
		"Exactly one destination": {DeliveryStreamName: "x"},
		"'129' at 'extendedS3DestinationConfiguration.bufferingHints.sizeInMBs' failed to satisfy constraint: Member must have value less than or equal to 128": toS3(func(e *ExtendedS3) { e.BufferingHints = hints(129, 60) }),
		"'0' at 'extendedS3DestinationConfiguration.bufferingHints.sizeInMBs'":                                                                                  toS3(func(e *ExtendedS3) { e.BufferingHints = hints(0, 60) }),
		"'901' at 'redshiftDestinationConfiguration.s3Configuration.bufferingHints.intervalInSeconds'":                                                          toRedshift(func(r *Redshift) { r.S3Configuration.BufferingHints = hints(1, 901) }),
		"'7201' at 'redshiftDestinationConfiguration.retryOptions.durationInSeconds'":                                                                           toRedshift(func(r *Redshift) { r.RetryOptions.DurationInSeconds = ptr(7201) }),
		"'jdbc:redshift://localhost:5439/events' at 'redshiftDestinationConfiguration.clusterJDBCURL'":                                                          toRedshift(func(r *Redshift) { r.ClusterJDBCURL = "jdbc:redshift://localhost:5439/events" }),
		"?ssl=true' at": toRedshift(func(r *Redshift) { r.ClusterJDBCURL = jdbcURL + "?ssl=true" }),
		"Prefix must not contain expressions for destination Amazon Redshift":             toRedshift(func(r *Redshift) { r.S3Configuration.Prefix = "!{timestamp:yyyy}/" }),
		"ErrorOutputPrefix must be null for destination Amazon Redshift":                  toRedshift(func(r *Redshift) { r.S3Configuration.ErrorOutputPrefix = "errors/" }),
		"SNAPPY' at 'redshiftDestinationConfiguration.s3Configuration.compressionFormat'": toRedshift(func(r *Redshift) { r.S3Configuration.CompressionFormat = "SNAPPY" }),
		"Snappy is not honoured by the local cloud":                                       toRedshift(func(r *Redshift) { r.S3Configuration.CompressionFormat = "Snappy" }),
		"Username and Password must not be provided":                                      toRedshift(func(r *Redshift) { r.Username = "x" }),
		"Username and Password must be provided":                                          toRedshift(func(r *Redshift) { r.SecretsManagerConfiguration = nil }),
		"'12345' at 'redshiftDestinationConfiguration.password'":                          toRedshift(func(r *Redshift) { r.SecretsManagerConfiguration, r.Username, r.Password = nil, "u", "12345" }),
		"Lambda processors only":                                                          toRedshift(func(r *Redshift) { r.ProcessingConfiguration = &Processing{Enabled: true} }),
		"S3BackupConfiguration must be provided":                                          toRedshift(func(r *Redshift) { r.S3BackupMode = "Enabled" }),
		"'FailedDataOnly' at":                                                             toRedshift(func(r *Redshift) { r.S3BackupMode = "FailedDataOnly" }),
		"'' at 'redshiftDestinationConfiguration.copyCommand.dataTableName'":              toRedshift(func(r *Redshift) { r.CopyCommand.DataTableName = "" }),
		"LogGroupName and LogStreamName must be provided":                                 toS3(func(e *ExtendedS3) { e.CloudWatchLoggingOptions.LogStreamName = "" }),
		"ErrorOutputPrefix can't be null or empty when Prefix contains expressions":       toS3(func(e *ExtendedS3) { e.Prefix = "!{timestamp:yyyy}/" }),
		"ErrorOutputPrefix must contain !{firehose:error-output-type}":                    toS3(func(e *ExtendedS3) { e.ErrorOutputPrefix = "e/!{timestamp:yyyy}/" }),
		"Prefix cannot contain !{firehose:error-output-type}":                             toS3(func(e *ExtendedS3) { e.Prefix = "!{firehose:error-output-type}/" }),
		"the pattern letter Y is not honoured":                                            toS3(func(e *ExtendedS3) { e.Prefix = "!{timestamp:YYYY}/" }),
		"Prefix: name an object: the evaluated prefix has 514 characters":                 toRedshift(func(r *Redshift) { r.S3Configuration.Prefix = strings.Repeat("p", 500) }),
		"ErrorOutputPrefix: name an object: the evaluated prefix has 513 characters":      toS3(func(e *ExtendedS3) { e.ErrorOutputPrefix = strings.Repeat("e", 513) }),
		"Namespaces can only be part of a prefix expression when": toS3(func(e *ExtendedS3) {
			e.Prefix, e.ErrorOutputPrefix = "!{partitionKeyFromQuery:k}/", "e/!{firehose:error-output-type}/"
		}),
		"Processor type Lambda is not honoured":                                                               toS3(func(e *ExtendedS3) { e.ProcessingConfiguration = &Processing{true, []Processor{{Type: "Lambda"}}} }),
		"BufferingHints.SizeInMBs must be at least 64":                                                        partitioned(func(e *ExtendedS3) { e.BufferingHints = hints(63, 60) }),
		"BufferingHints.IntervalInSeconds must be at least 60":                                                partitioned(func(e *ExtendedS3) { e.BufferingHints = hints(64, 59) }),
		"ErrorOutputPrefix can't be null or empty":                                                            partitioned(func(e *ExtendedS3) { e.ErrorOutputPrefix = "" }),
		"Prefix must contain !{partitionKeyFromQuery:keyID}":                                                  partitioned(func(e *ExtendedS3) { e.Prefix = "x/" }),
		"uses the partition key team, which MetadataExtractionQuery does not extract (it extracts game_name)": partitioned(func(e *ExtendedS3) { e.Prefix = "!{partitionKeyFromQuery:team}/" }),
		"MetadataExtraction or Lambda processor must be provided":                                             partitioned(func(e *ExtendedS3) { e.ProcessingConfiguration = nil }),
		"MetadataExtractionQuery is no JQ query":                                                              partitioned(func(e *ExtendedS3) { e.ProcessingConfiguration.Processors[2].Parameters[1].ParameterValue = "{" }),
		"JsonParsingEngine JQ-1.6":                                                                            partitioned(func(e *ExtendedS3) { e.ProcessingConfiguration.Processors[2].Parameters[0].ParameterValue = "JQ-1.7" }),
	} {
		if err := Check(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant an error that says %s", err, want)
		}
	}
}

func TestDeclarationsThatAWSAcceptsAreAccepted(t *testing.T) {
	for name, spec := range map[string]Spec{"s3": toS3(nil), "redshift": toRedshift(nil), "partitioned": partitioned(nil),
		"serverless": toRedshift(func(r *Redshift) {
			r.ClusterJDBCURL = "jdbc:redshift://events.000000000000.eu-central-1.redshift-serverless.amazonaws.com:5439/events"
		}),
	} {
		if err := Check(spec); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
}

func TestARoleThatFirehoseCannotAssumeIsRefused(t *testing.T) {
	c := newCloud()
	s, _ := c.service(t, t.TempDir(), nil)
	c.assume = func(role string) error { return errRole(role) }
	want := "InvalidArgumentException: Firehose is unable to assume role " + role + ". Please check the role provided."
	if _, err := s.CreateDeliveryStream(t.Context(), toS3(nil)); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestARegionWhoseAddressesAreUnknownHasNoRedshiftDestination(t *testing.T) {
	s, _ := newCloud().service(t, t.TempDir(), func(c *Config) { c.Region = "ap-southeast-6" })
	if _, err := s.CreateDeliveryStream(t.Context(), toRedshift(nil)); err == nil || !strings.Contains(err.Error(), "ap-southeast-6") {
		t.Errorf("got %v, want an error that names the region", err)
	}
}

func TestWhatAStreamCannotChangeIsRefused(t *testing.T) {
	backup := func(e *ExtendedS3) {
		e.S3BackupMode, e.S3BackupConfiguration = "Enabled", &S3{RoleARN: role, BucketARN: bucket}
	}
	for want, row := range map[string]struct{ old, new Spec }{
		"Changing the destination type":            {toS3(nil), toRedshift(nil)},
		"S3BackupMode cannot be disabled":          {toS3(backup), toS3(nil)},
		"Dynamic Partitioning can only be enabled": {toS3(nil), partitioned(nil)},
	} {
		s, _ := newCloud().service(t, t.TempDir(), nil)
		create(t, s, row.old)
		if _, err := s.UpdateDestination(t.Context(), row.new); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %s", err, want)
		}
		if _, err := s.CreateDeliveryStream(t.Context(), row.old); codeOf(err) != "ResourceInUseException" {
			t.Errorf("a second stream of the name: got %v", err)
		}
	}
}
