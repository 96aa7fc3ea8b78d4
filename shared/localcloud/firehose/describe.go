package firehose

import (
	"context"
	"strconv"
)

type describeInput struct {
	DeliveryStreamName          string
	Limit                       *int
	ExclusiveStartDestinationId string
}

type describeOutput struct{ DeliveryStreamDescription description }

type description struct {
	DeliveryStreamName                    string
	DeliveryStreamARN                     string
	DeliveryStreamStatus                  string
	DeliveryStreamEncryptionConfiguration encryption
	DeliveryStreamType                    string
	VersionId                             string
	CreateTimestamp                       float64
	LastUpdateTimestamp                   float64
	Destinations                          []destination
	HasMoreDestinations                   bool
}

type encryption struct {
	KeyType string `json:",omitempty"`
	Status  string
}

type destination struct {
	DestinationId                    string
	ExtendedS3DestinationDescription *s3Description       `json:",omitempty"`
	S3DestinationDescription         *s3Description       `json:",omitempty"`
	RedshiftDestinationDescription   *redshiftDescription `json:",omitempty"`
}

// s3Description describes destination S3, and any other bucket.
type s3Description struct {
	S3
	EncryptionConfiguration          map[string]string
	FileExtension                    string               `json:",omitempty"`
	DynamicPartitioningConfiguration *DynamicPartitioning `json:",omitempty"`
	ProcessingConfiguration          *Processing          `json:",omitempty"`
	S3BackupMode                     string               `json:",omitempty"`
	S3BackupDescription              *s3Description       `json:",omitempty"`
}

type redshiftDescription struct {
	RoleARN                     string
	ClusterJDBCURL              string
	CopyCommand                 CopyCommand
	Username                    string          `json:",omitempty"`
	SecretsManagerConfiguration *SecretsManager `json:",omitempty"`
	RetryOptions                RetryOptions
	S3DestinationDescription    *s3Description
	S3BackupMode                string
	S3BackupDescription         *s3Description `json:",omitempty"`
	ProcessingConfiguration     *Processing    `json:",omitempty"`
	CloudWatchLoggingOptions    LoggingOptions
}

func (s *Service) describeOp(ctx context.Context, in *describeInput) (*describeOutput, error) {
	if in.Limit != nil {
		if err := checkRange(*in.Limit, 1, 10000, "limit"); err != nil {
			return nil, err
		}
	}
	info, err := s.DescribeDeliveryStream(ctx, in.DeliveryStreamName)
	if err != nil {
		return nil, err
	}
	if in.ExclusiveStartDestinationId != "" {
		return nil, errInvalid("DescribeDeliveryStream: a stream has one destination, and the local cloud takes no ExclusiveStartDestinationId")
	}
	return &describeOutput{describe(info)}, nil
}

func describe(info Info) description {
	d := description{
		DeliveryStreamName:   info.DeliveryStreamName,
		DeliveryStreamARN:    info.ARN,
		DeliveryStreamStatus: "ACTIVE",
		DeliveryStreamType:   "DirectPut",
		VersionId:            strconv.Itoa(info.Version),
		CreateTimestamp:      float64(info.Created.UnixMilli()) / 1000,
		LastUpdateTimestamp:  float64(info.Updated.UnixMilli()) / 1000,
		Destinations:         []destination{describeDestination(info.Spec)},
	}
	d.DeliveryStreamEncryptionConfiguration = encryption{Status: "DISABLED"}
	if info.Encrypted {
		d.DeliveryStreamEncryptionConfiguration = encryption{KeyType: "AWS_OWNED_CMK", Status: "ENABLED"}
	}
	return d
}

func describeDestination(spec Spec) destination {
	d := destination{DestinationId: "destinationId-000000000001"}
	if r := spec.Redshift; r != nil {
		d.RedshiftDestinationDescription = &redshiftDescription{
			RoleARN: r.RoleARN, ClusterJDBCURL: r.ClusterJDBCURL, CopyCommand: r.CopyCommand, Username: r.Username,
			SecretsManagerConfiguration: r.SecretsManagerConfiguration, RetryOptions: r.RetryOptions,
			S3DestinationDescription: describeS3(&r.S3Configuration), S3BackupMode: r.S3BackupMode,
			S3BackupDescription: describeS3(r.S3BackupConfiguration), ProcessingConfiguration: r.ProcessingConfiguration,
			CloudWatchLoggingOptions: r.CloudWatchLoggingOptions}
		return d
	}
	e := spec.ExtendedS3
	extended := describeS3(&e.S3)
	extended.FileExtension, extended.DynamicPartitioningConfiguration = e.FileExtension, e.DynamicPartitioningConfiguration
	extended.ProcessingConfiguration, extended.S3BackupMode = e.ProcessingConfiguration, e.S3BackupMode
	extended.S3BackupDescription = describeS3(e.S3BackupConfiguration)
	d.ExtendedS3DestinationDescription, d.S3DestinationDescription = extended, describeS3(&e.S3)
	return d
}

func describeS3(s *S3) *s3Description {
	if s == nil {
		return nil
	}
	return &s3Description{S3: *s, EncryptionConfiguration: map[string]string{"NoEncryptionConfig": "NoEncryption"}}
}
