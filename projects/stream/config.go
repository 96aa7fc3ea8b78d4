package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/names"
	"pipeline/shared/settings"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	Destination           string        `json:"destination" help:"Where events go: redshift, or s3, which needs no layer warehouse. A change replaces the stream: drain it first, for AWS does not say what becomes of its buffer."`
	BufferIntervalSeconds int           `json:"bufferIntervalSeconds" help:"Deliver at the latest after so many seconds. Below 60 each COPY loads a handful of events." limit:"0-900; 60-900 with partitioning. AWS's quota page says 60-900 for Redshift"`
	BufferSizeMiB         int           `json:"bufferSizeMiB" help:"Deliver at the latest when so much has come, before compression. 0: 5, and 128 with partitioning." limit:"1-128; 64-128 with partitioning"`
	Compression           string        `json:"compression" help:"GZIP or UNCOMPRESSED. COPY is told by itself."`
	CopyOptions           string        `json:"copyOptions" help:"Options of the COPY into Redshift, without GZIP. Rows that cannot be loaded are skipped and are in STL_LOAD_ERRORS; with MAXERROR of them, 100,000 at most, the whole COPY fails."`
	RetrySeconds          int           `json:"retrySeconds" help:"How long a failed COPY is tried again, every 5 minutes, before its objects are skipped and listed below errors/manifests/." limit:"0-7,200"`
	Backup                bool          `json:"backup" help:"Keep every source record below backup/. AWS cannot turn it off again."`
	BackupIntervalSeconds int           `json:"backupIntervalSeconds" help:"Write the backup at the latest after so many seconds." limit:"0-900"`
	BackupSizeMiB         int           `json:"backupSizeMiB" help:"Write the backup at the latest when so much has come." limit:"1-128"`
	Prefix                string        `json:"prefix" help:"For destination s3: begins the objects' keys, with Firehose's expressions. Layer storage never expires what is below events/." limit:"512 characters when evaluated"`
	ErrorPrefix           string        `json:"errorPrefix" help:"For destination s3: begins the keys of what could not be processed." limit:"512 characters when evaluated; with !{firehose:error-output-type}"`
	Partitioning          *partitioning `json:"partitioning" help:"For destination s3: objects by values in the events. AWS can neither turn it on for a stream that is there nor off: a change replaces the stream."`
	EncryptionKeyARN      string        `json:"encryptionKeyArn" help:"KMS key for what is buffered. Empty: a key of AWS's own, which costs nothing."`
	LogRetentionDays      int           `json:"logRetentionDays" help:"Days that delivery errors are kept." limit:"1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and more of CloudWatch Logs' periods"`
	AlarmEmails           []string      `json:"alarmEmails" help:"Who is told of alarms; each has to confirm once."`
	AlarmTopicARN         string        `json:"alarmTopicArn" help:"An SNS topic of yours that is told of alarms."`
	Dashboard             bool          `json:"dashboard" help:"A CloudWatch dashboard of the path from the API to the table." limit:"three are free for an account"`
}

// partitioning is dynamic partitioning by a JQ query.
type partitioning struct {
	Query        string `json:"query" help:"JQ query that makes an object of partition keys." limit:"50 keys"`
	Prefix       string `json:"prefix" help:"Begins the objects' keys; uses every key as !{partitionKeyFromQuery:key}." limit:"512 characters when evaluated; 500 active partitions"`
	RetrySeconds int    `json:"retrySeconds" help:"How long a failed delivery of a partition is tried again." limit:"0-7,200"`
}

const (
	toRedshift = "redshift"
	toS3       = "s3"

	gzip         = "GZIP"
	uncompressed = "UNCOMPRESSED"

	// byHour is the origin's layout of a bucket.
	byHour = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"
)

func defaults() config {
	return config{
		Destination:           toRedshift,
		BufferIntervalSeconds: 60,
		Compression:           gzip,
		CopyOptions:           "FORMAT JSON 'auto ignorecase' TIMEFORMAT 'auto' TRUNCATECOLUMNS ACCEPTINVCHARS MAXERROR 100",
		RetrySeconds:          3600,
		BackupIntervalSeconds: 300,
		BackupSizeMiB:         5,
		Prefix:                names.EventsPrefix + byHour,
		ErrorPrefix:           names.ErrorsPrefix + byHour + "!{firehose:error-output-type}/",
		LogRetentionDays:      30,
		Dashboard:             true,
	}
}

func loadConfig(ctx *pulumi.Context) (config, error) {
	c, err := settings.Load(ctx, defaults())
	if c.BufferSizeMiB == 0 {
		c.BufferSizeMiB = 5
		if c.Partitioning != nil {
			c.BufferSizeMiB = 128
		}
	}
	return c, err
}

// Defaults are by the game, as the origin has it.
func (partitioning) Defaults() partitioning {
	return partitioning{
		Query:        "{game_name:.game_name}",
		Prefix:       names.EventsPrefix + "game_name=!{partitionKeyFromQuery:game_name}/" + byHour,
		RetrySeconds: 300,
	}
}

// Validate checks what AWS would refuse, and what it would accept to nobody's good.
func (c config) Validate() error {
	if c.Destination != toRedshift && c.Destination != toS3 {
		return fmt.Errorf("destination is %q, want %s or %s", c.Destination, toRedshift, toS3)
	}
	if c.Compression != gzip && c.Compression != uncompressed {
		return fmt.Errorf("compression is %q, want %s or %s", c.Compression, gzip, uncompressed)
	}
	if len(c.AlarmEmails) > 0 && c.AlarmTopicARN != "" {
		return errors.New("alarmEmails and alarmTopicArn are both set: the e-mail addresses belong to your topic then")
	}
	if err := c.validateCopy(); err != nil {
		return err
	}
	return errors.Join(
		settings.InRange("bufferIntervalSeconds", c.BufferIntervalSeconds, 0, 900),
		settings.InRange("bufferSizeMiB", c.BufferSizeMiB, 0, 128), // 0: not set
		settings.InRange("retrySeconds", c.RetrySeconds, 0, 7200),
		settings.InRange("backupIntervalSeconds", c.BackupIntervalSeconds, 0, 900),
		settings.InRange("backupSizeMiB", c.BackupSizeMiB, 1, 128),
		settings.CheckLogRetention("logRetentionDays", c.LogRetentionDays),
		c.validatePrefixes(),
		c.validatePartitioning(),
	)
}

// notWithJSON are COPY options that FORMAT JSON excludes (Redshift developer guide, "Data
// format parameters").
var notWithJSON = []string{"CSV", "DELIMITER", "ESCAPE", "FILLRECORD", "FIXEDWIDTH", "IGNOREBLANKLINES", "NULL", "READRATIO", "REMOVEQUOTES"}

func (c config) validateCopy() error {
	words := strings.Fields(strings.ToUpper(c.CopyOptions))
	switch {
	case slices.Contains(words, "GZIP"):
		return fmt.Errorf("copyOptions has GZIP: leave it to compression (%s), or the two can disagree", c.Compression)
	case slices.Contains(words, "MANIFEST"):
		return errors.New("copyOptions has MANIFEST, which Firehose adds itself")
	case slices.Contains(words, "CREDENTIALS") || slices.Contains(words, "IAM_ROLE"):
		return errors.New("copyOptions has credentials, which Firehose adds itself")
	case !slices.Contains(words, "JSON"):
		return errors.New("copyOptions lacks FORMAT JSON: events are JSON")
	}
	for _, word := range words {
		if slices.Contains(notWithJSON, word) {
			return fmt.Errorf("copyOptions has %s, which cannot be together with FORMAT JSON", word)
		}
	}
	return nil
}

// copyOptions are the options for COPY, which has to know of the compression.
func (c config) copyOptions() string {
	if c.Compression == gzip {
		return c.CopyOptions + " GZIP"
	}
	return c.CopyOptions
}
