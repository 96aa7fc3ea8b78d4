package firehose

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// Spec is what a delivery stream is asked to be: AWS's CreateDeliveryStream for type
// DirectPut, with AWS's member names (botocore service model firehose). Exactly one
// destination is set. Members that are not here are not honoured.
type Spec struct {
	DeliveryStreamName string
	Encrypted          bool // server-side encryption with AWS's own key
	ExtendedS3         *ExtendedS3
	Redshift           *Redshift
	Tags               map[string]string `json:",omitempty"`
}

// S3 is a bucket as destination, intermediate or backup.
type S3 struct {
	RoleARN                  string
	BucketARN                string
	Prefix                   string         `json:",omitempty"`
	ErrorOutputPrefix        string         `json:",omitempty"`
	BufferingHints           BufferingHints // zero means AWS's defaults
	CompressionFormat        string         // UNCOMPRESSED or GZIP; empty means UNCOMPRESSED
	CloudWatchLoggingOptions LoggingOptions
}

// BufferingHints say when what is buffered is delivered: at whichever comes first.
type BufferingHints struct {
	SizeInMBs         *int `json:",omitempty"` // MiB before compression
	IntervalInSeconds *int `json:",omitempty"`
}

func (h BufferingHints) bytes() int64 { return int64(*h.SizeInMBs) << 20 }

func (h BufferingHints) interval() time.Duration {
	return time.Duration(*h.IntervalInSeconds) * time.Second
}

// LoggingOptions say where delivery errors are told.
type LoggingOptions struct {
	Enabled       bool
	LogGroupName  string `json:",omitempty"`
	LogStreamName string `json:",omitempty"`
}

// ExtendedS3 is destination S3 with what only it has.
type ExtendedS3 struct {
	S3
	FileExtension                    string `json:",omitempty"`
	DynamicPartitioningConfiguration *DynamicPartitioning
	ProcessingConfiguration          *Processing
	S3BackupMode                     string // Disabled or Enabled
	S3BackupConfiguration            *S3
}

// DynamicPartitioning gives every combination of partition keys its own objects.
type DynamicPartitioning struct {
	Enabled      bool
	RetryOptions RetryOptions
}

// Processing is what happens to records before delivery: de-aggregation, extraction of
// keys and delimiter, in whichever order they are declared.
type Processing struct {
	Enabled    bool
	Processors []Processor `json:",omitempty"`
}

// Processor is one step.
type Processor struct {
	Type       string
	Parameters []ProcessorParameter `json:",omitempty"`
}

// ProcessorParameter is one setting of a step.
type ProcessorParameter struct{ ParameterName, ParameterValue string }

// param returns a parameter's value, or empty.
func (p Processor) param(name string) string {
	for _, q := range p.Parameters {
		if q.ParameterName == name {
			return q.ParameterValue
		}
	}
	return ""
}

// Redshift is a warehouse, loaded by COPY from an intermediate bucket.
type Redshift struct {
	RoleARN                     string
	ClusterJDBCURL              string
	CopyCommand                 CopyCommand
	Username                    string `json:",omitempty"`
	Password                    string `json:",omitempty"`
	SecretsManagerConfiguration *SecretsManager
	RetryOptions                RetryOptions
	S3Configuration             S3
	S3BackupMode                string // Disabled or Enabled
	S3BackupConfiguration       *S3
	ProcessingConfiguration     *Processing
	CloudWatchLoggingOptions    LoggingOptions
}

// CopyCommand is the part of COPY that the declaration chooses.
type CopyCommand struct {
	DataTableName    string
	DataTableColumns string `json:",omitempty"`
	CopyOptions      string `json:",omitempty"`
}

// SecretsManager names the secret that holds {"username", "password"}.
type SecretsManager struct {
	Enabled   bool
	SecretARN string `json:",omitempty"`
	RoleARN   string `json:",omitempty"` // empty means the destination's role
}

// RetryOptions say for how long a failed load is tried again. Nil means AWS's default.
type RetryOptions struct {
	DurationInSeconds *int `json:",omitempty"`
}

// Info is a delivery stream as it is.
type Info struct {
	Spec
	ARN     string
	Version int // 1, and one more with each update
	Created time.Time
	Updated time.Time
}

// record is what is stored of a stream. ID tells it from an earlier one of its name.
type record struct {
	Info
	ID string
}

// withDefaults fills in what AWS fills in.
func (s Spec) withDefaults() Spec {
	if s.ExtendedS3 != nil {
		e := *s.ExtendedS3
		size := 5
		if e.partitioned() {
			size = 128
		}
		e.S3 = e.S3.withDefaults(size)
		e.S3BackupMode, e.S3BackupConfiguration = backupDefaults(e.S3BackupMode, e.S3BackupConfiguration)
		s.ExtendedS3 = &e
	}
	if s.Redshift != nil {
		r := *s.Redshift
		r.S3Configuration = r.S3Configuration.withDefaults(5)
		r.S3BackupMode, r.S3BackupConfiguration = backupDefaults(r.S3BackupMode, r.S3BackupConfiguration)
		if r.RetryOptions.DurationInSeconds == nil {
			r.RetryOptions.DurationInSeconds = new(int)
			*r.RetryOptions.DurationInSeconds = 3600
		}
		s.Redshift = &r
	}
	return s
}

func backupDefaults(mode string, backup *S3) (string, *S3) {
	if mode == "" {
		mode = "Disabled"
	}
	if backup != nil {
		b := backup.withDefaults(5)
		backup = &b
	}
	return mode, backup
}

func (s S3) withDefaults(sizeInMBs int) S3 {
	if s.BufferingHints.SizeInMBs == nil {
		s.BufferingHints.SizeInMBs = &sizeInMBs
	}
	if s.BufferingHints.IntervalInSeconds == nil {
		interval := 300
		s.BufferingHints.IntervalInSeconds = &interval
	}
	if s.CompressionFormat == "" {
		s.CompressionFormat = "UNCOMPRESSED"
	}
	return s
}

func (e ExtendedS3) partitioned() bool {
	return e.DynamicPartitioningConfiguration != nil && e.DynamicPartitioningConfiguration.Enabled
}

// parting is the destination's.
func (s Spec) parting() string {
	if s.ExtendedS3 == nil {
		return ExtendedS3{}.parting()
	}
	return s.ExtendedS3.parting()
}

// parting is what decides in which partition a record goes, in short. Where the prefix has
// no partition keys it changes only the names of objects.
func (e ExtendedS3) parting() string {
	decides := []any{e.processors(), e.partitioned()}
	if e.partitioned() {
		decides = append(decides, e.Prefix)
	}
	data, err := json.Marshal(decides)
	if err != nil {
		panic(err) // strings and a truth value
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))[:16]
}

// processors are the steps that are switched on.
func (e ExtendedS3) processors() []Processor {
	if e.ProcessingConfiguration == nil || !e.ProcessingConfiguration.Enabled {
		return nil
	}
	return e.ProcessingConfiguration.Processors
}

// intermediate is the bucket that records go to first, with its role.
func (s Spec) intermediate() S3 {
	if s.Redshift != nil {
		return s.Redshift.S3Configuration
	}
	return s.ExtendedS3.S3
}

// backup is the bucket for the source records, nil when they are not kept.
func (s Spec) backup() *S3 {
	mode, config := "", (*S3)(nil)
	if s.Redshift != nil {
		mode, config = s.Redshift.S3BackupMode, s.Redshift.S3BackupConfiguration
	} else {
		mode, config = s.ExtendedS3.S3BackupMode, s.ExtendedS3.S3BackupConfiguration
	}
	if mode != "Enabled" {
		return nil
	}
	return config
}
