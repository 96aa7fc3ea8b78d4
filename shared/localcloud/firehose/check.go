package firehose

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pipeline/shared/localcloud/firehose/prefix"
)

var (
	namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	extPattern  = regexp.MustCompile(`^(\.[0-9a-z!\-_.*'()]+)?$`)
)

// Check refuses what AWS would, with AWS's code. It looks at the declaration alone: not
// at whether roles, buckets and tables exist.
func Check(spec Spec) error {
	if err := checkName(spec.DeliveryStreamName); err != nil {
		return err
	}
	if (spec.ExtendedS3 == nil) == (spec.Redshift == nil) {
		return errInvalid("Exactly one destination configuration is supported for a Firehose.")
	}
	spec = spec.withDefaults()
	if spec.Redshift != nil {
		return checkRedshift(*spec.Redshift)
	}
	return checkExtendedS3(*spec.ExtendedS3)
}

func checkName(name string) error {
	if !namePattern.MatchString(name) {
		if len(name) > 64 {
			return errConstraint(name, "deliveryStreamName", "Member must have length less than or equal to 64")
		}
		return errConstraint(name, "deliveryStreamName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	return nil
}

func checkRange(value, low, high int, path ...string) error {
	if value < low {
		return errConstraint(strconv.Itoa(value), member(path...), fmt.Sprintf("Member must have value greater than or equal to %d", low))
	}
	if value > high {
		return errConstraint(strconv.Itoa(value), member(path...), fmt.Sprintf("Member must have value less than or equal to %d", high))
	}
	return nil
}

func checkLength(value string, low, high int, path ...string) error {
	if len(value) < low {
		return errConstraint(value, member(path...), fmt.Sprintf("Member must have length greater than or equal to %d", low))
	}
	if len(value) > high {
		return errConstraint(value, member(path...), fmt.Sprintf("Member must have length less than or equal to %d", high))
	}
	return nil
}

func checkEnum(value string, allowed []string, path ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return errConstraint(value, member(path...), fmt.Sprintf("Member must satisfy enum value set: [%s]", strings.Join(allowed, ", ")))
}

func checkS3(s S3, at string) error {
	return cmp.Or(
		checkARN(s.RoleARN, at, "RoleARN"),
		checkARN(s.BucketARN, at, "BucketARN"),
		checkRange(*s.BufferingHints.SizeInMBs, 1, 128, at, "BufferingHints", "SizeInMBs"),
		checkRange(*s.BufferingHints.IntervalInSeconds, 0, 900, at, "BufferingHints", "IntervalInSeconds"),
		checkLength(s.Prefix, 0, 1024, at, "Prefix"),
		checkLength(s.ErrorOutputPrefix, 0, 1024, at, "ErrorOutputPrefix"),
		checkEvaluated(s),
		checkCompression(s.CompressionFormat, at),
		checkLogging(s.CloudWatchLoggingOptions),
	)
}

// checkEvaluated refuses prefixes that are too long whatever the partition keys are: no
// object could be named.
func checkEvaluated(s S3) error {
	k, err := newKeys(ExtendedS3{S3: s}, "", 1)
	if err != nil {
		return nil // checkPrefixes says what is wrong
	}
	shortest := map[string]string{}
	for _, key := range append(k.normal.Keys(), k.failed.Keys()...) {
		shortest[key] = ""
	}
	if _, err := k.object(&part{keys: shortest}); err != nil {
		return errInvalid("Prefix: %v", err)
	}
	if _, err := k.object(&part{keys: shortest, failed: true}); err != nil && s.ErrorOutputPrefix != "" {
		return errInvalid("ErrorOutputPrefix: %v", err)
	}
	return nil
}

func checkARN(arn string, path ...string) error {
	if !strings.HasPrefix(arn, "arn:") {
		return errConstraint(arn, member(path...), "Member must satisfy regular expression pattern: arn:.*")
	}
	return nil
}

func checkCompression(format, at string) error {
	err := checkEnum(format, []string{"UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"}, at, "CompressionFormat")
	if err == nil && format != "UNCOMPRESSED" && format != "GZIP" {
		return errInvalid("CompressionFormat %s is not honoured by the local cloud: it compresses with GZIP only", format)
	}
	return err
}

func checkLogging(o LoggingOptions) error {
	if o.Enabled && (o.LogGroupName == "" || o.LogStreamName == "") {
		return errInvalid("LogGroupName and LogStreamName must be provided when CloudWatchLoggingOptions are enabled.")
	}
	return nil
}

func checkBackup(mode string, backup *S3, at string) error {
	if err := checkEnum(mode, []string{"Disabled", "Enabled"}, at, "S3BackupMode"); err != nil {
		return err
	}
	if mode == "Enabled" && backup == nil {
		return errInvalid("S3BackupConfiguration must be provided when S3BackupMode is Enabled.")
	}
	if backup == nil {
		return nil
	}
	return cmp.Or(checkS3(*backup, at+".s3BackupConfiguration"), checkPlainPrefix(*backup, "an S3 backup"))
}

// checkPlainPrefix is the rule for every bucket but that of destination S3 (developer
// guide, "Custom prefixes": "If the destination is Amazon Redshift, Prefix must not
// contain expressions and ErrorOutputPrefix must be null").
func checkPlainPrefix(s S3, where string) error {
	if strings.Contains(s.Prefix, "!{") {
		return errInvalid("Prefix must not contain expressions for %s.", where)
	}
	if s.ErrorOutputPrefix != "" {
		return errInvalid("ErrorOutputPrefix must be null for %s.", where)
	}
	return nil
}

func checkRedshift(r Redshift) error {
	at := "redshiftDestinationConfiguration"
	err := cmp.Or(
		checkARN(r.RoleARN, at, "RoleARN"),
		checkJDBC(r.ClusterJDBCURL, at),
		checkLength(r.CopyCommand.DataTableName, 1, 512, at, "CopyCommand", "DataTableName"),
		checkLength(r.CopyCommand.CopyOptions, 0, 204800, at, "CopyCommand", "CopyOptions"),
		checkLength(r.CopyCommand.DataTableColumns, 0, 204800, at, "CopyCommand", "DataTableColumns"),
		checkRange(*r.RetryOptions.DurationInSeconds, 0, 7200, at, "RetryOptions", "DurationInSeconds"),
		checkS3(r.S3Configuration, at+".s3Configuration"),
		checkPlainPrefix(r.S3Configuration, "destination Amazon Redshift"),
		checkBackup(r.S3BackupMode, r.S3BackupConfiguration, at),
		checkLogging(r.CloudWatchLoggingOptions),
		checkSignIn(r, at),
	)
	if err == nil && r.ProcessingConfiguration != nil && r.ProcessingConfiguration.Enabled {
		return errInvalid("ProcessingConfiguration of a Redshift destination takes Lambda processors only, and the local cloud runs no Lambda")
	}
	return err
}

func checkSignIn(r Redshift, at string) error {
	if sm := r.SecretsManagerConfiguration; sm != nil && sm.Enabled {
		if r.Username != "" || r.Password != "" {
			return errInvalid("Username and Password must not be provided when SecretsManagerConfiguration is enabled.")
		}
		return checkARN(sm.SecretARN, at, "SecretsManagerConfiguration", "SecretARN")
	}
	if r.Username == "" || r.Password == "" {
		return errInvalid("Username and Password must be provided when SecretsManagerConfiguration is not enabled.")
	}
	return cmp.Or(checkLength(r.Username, 1, 512, at, "Username"), checkLength(r.Password, 6, 512, at, "Password"))
}

func checkExtendedS3(e ExtendedS3) error {
	at := "extendedS3DestinationConfiguration"
	if err := cmp.Or(checkS3(e.S3, at), checkBackup(e.S3BackupMode, e.S3BackupConfiguration, at)); err != nil {
		return err
	}
	if !extPattern.MatchString(e.FileExtension) || len(e.FileExtension) > 128 {
		return errConstraint(e.FileExtension, at+".fileExtension", `Member must satisfy regular expression pattern: ^$|\.[0-9a-z!\-_.*'()]+`)
	}
	process, err := newProcess(e)
	if err != nil {
		return err
	}
	if process.beyondJQ != "" { // a stream that was made is read again without this
		return errInvalid("MetadataExtractionQuery uses %s, which JQ 1.6 does not have.", process.beyondJQ)
	}
	return cmp.Or(checkPrefixes(e), checkPartitioning(e))
}

// checkPrefixes are the developer guide's semantic rules for destination S3.
func checkPrefixes(e ExtendedS3) error {
	p, err := prefix.Parse(e.Prefix)
	if err != nil {
		return errInvalid("Prefix: %v", err)
	}
	ep, err := prefix.Parse(e.ErrorOutputPrefix)
	if err != nil {
		return errInvalid("ErrorOutputPrefix: %v", err)
	}
	switch {
	case p.Has("firehose", "error-output-type"):
		return errInvalid("Prefix cannot contain !{firehose:error-output-type}.")
	case p.Expressions() && e.ErrorOutputPrefix == "":
		return errInvalid("ErrorOutputPrefix can't be null or empty when Prefix contains expressions.")
	case ep.Expressions() && !ep.Has("firehose", "error-output-type"):
		return errInvalid("ErrorOutputPrefix must contain !{firehose:error-output-type} when it contains expressions.")
	case ep.Has("partitionKeyFromQuery", ""):
		return errInvalid("ErrorOutputPrefix cannot contain partition keys.")
	}
	return nil
}

// checkPartitioning are the rules of dynamic partitioning (developer guide, "Dynamic
// partitioning"; the buffer's least size is AWS's answer to a smaller one).
func checkPartitioning(e ExtendedS3) error {
	p, err := prefix.Parse(e.Prefix)
	if err != nil {
		return err
	}
	keys := p.Keys()
	if !e.partitioned() {
		if len(keys) > 0 {
			return errInvalid("Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.")
		}
		return nil
	}
	process, err := newProcess(e)
	switch {
	case err != nil:
		return err
	case *e.BufferingHints.SizeInMBs < 64:
		return errInvalid("BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.")
	case *e.BufferingHints.IntervalInSeconds < 60:
		return errInvalid("BufferingHints.IntervalInSeconds must be at least 60 when Dynamic Partitioning is enabled.")
	case process.query == nil:
		return errInvalid("MetadataExtraction or Lambda processor must be provided when Dynamic Partitioning is enabled.")
	case len(keys) == 0:
		return errInvalid("Prefix must contain !{partitionKeyFromQuery:keyID} when Dynamic Partitioning is enabled.")
	case e.ErrorOutputPrefix == "":
		return errInvalid("ErrorOutputPrefix can't be null or empty when Dynamic Partitioning is enabled.")
	case len(keys) > 50:
		return errInvalid("Prefix contains %d partition keys, at most 50 are allowed.", len(keys))
	}
	return process.checkKeys(keys)
}
