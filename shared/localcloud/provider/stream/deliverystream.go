package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider"
)

func (r resources) deliveryStream() provider.Resource[streamArgs] {
	return provider.Resource[streamArgs]{
		Token:    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
		Sets:     []string{"extendedS3Configuration.processingConfiguration.processors.parameters", "redshiftConfiguration.processingConfiguration.processors.parameters"},
		Defaults: defaults(),
		Untold:   []string{"redshiftConfiguration.password"},
		ReplaceOn: []string{"name", "destination", "extendedS3Configuration.dynamicPartitioningConfiguration.enabled",
			"redshiftConfiguration.secretsManagerConfiguration.enabled"}, AutoName: "name",
		Validate: func(_ context.Context, a streamArgs) error {
			spec, err := a.spec()
			if err != nil {
				return err
			}
			return firehose.Check(spec)
		},
		Create: func(ctx context.Context, a streamArgs) (string, provider.Outputs, error) {
			spec, err := r.checked(ctx, a)
			if err != nil {
				return "", nil, err
			}
			info, err := r.plane.CreateDeliveryStream(ctx, spec)
			return info.ARN, outputs(info), err
		},
		Read: r.read,
		Update: func(ctx context.Context, _ string, _, a streamArgs) (provider.Outputs, error) {
			spec, err := r.checked(ctx, a)
			if err != nil {
				return nil, err
			}
			info, err := r.plane.UpdateDestination(ctx, spec)
			return outputs(info), err
		},
		Delete: func(ctx context.Context, id string, _ streamArgs) error {
			return absent.Gone(r.plane.DeleteDeliveryStream(ctx, nameOf(id)))
		},
	}
}

// checked is the declaration, with what it refers to looked up: that is possible only
// when the rest of the program has been deployed.
func (r resources) checked(ctx context.Context, a streamArgs) (firehose.Spec, error) {
	spec, err := a.spec()
	if err != nil {
		return spec, err
	}
	for _, o := range logging(spec) {
		if !o.Enabled {
			continue
		}
		if _, err := r.logs.Stream(ctx, o.LogGroupName, o.LogStreamName); err != nil {
			return spec, fmt.Errorf("cloudwatchLoggingOptions: log group %s, stream %s: %w (Firehose does not make them, and its errors would be seen by nobody)",
				o.LogGroupName, o.LogStreamName, err)
		}
	}
	return spec, r.secret(ctx, spec.Redshift)
}

func logging(spec firehose.Spec) []firehose.LoggingOptions {
	if e := spec.ExtendedS3; e != nil {
		return append([]firehose.LoggingOptions{e.CloudWatchLoggingOptions}, backup(e.S3BackupConfiguration)...)
	}
	all := []firehose.LoggingOptions{spec.Redshift.CloudWatchLoggingOptions, spec.Redshift.S3Configuration.CloudWatchLoggingOptions}
	return append(all, backup(spec.Redshift.S3BackupConfiguration)...)
}

func backup(s *firehose.S3) []firehose.LoggingOptions {
	if s == nil {
		return nil
	}
	return []firehose.LoggingOptions{s.CloudWatchLoggingOptions}
}

// secret checks that Firehose's role can read the secret.
func (r resources) secret(ctx context.Context, to *firehose.Redshift) error {
	if to == nil || to.SecretsManagerConfiguration == nil || !to.SecretsManagerConfiguration.Enabled {
		return nil
	}
	role := to.SecretsManagerConfiguration.RoleARN
	if role == "" {
		role = to.RoleARN
	}
	ctx = iam.WithCaller(ctx, iam.Caller{Service: "firehose.amazonaws.com", Role: role})
	if _, err := r.secrets.SecretValue(ctx, to.SecretsManagerConfiguration.SecretARN); err != nil {
		return fmt.Errorf("secretsManagerConfiguration: Firehose cannot read %s: %w", to.SecretsManagerConfiguration.SecretARN, err)
	}
	return nil
}

// read finds the stream by its ARN. It tells the whole declaration, without the password,
// which AWS does not tell either.
func (r resources) read(ctx context.Context, id string, a streamArgs) (provider.Outputs, provider.Outputs, bool, error) {
	info, err := r.plane.DescribeDeliveryStream(ctx, nameOf(id))
	if err != nil {
		return nil, nil, false, absent.Gone(err)
	}
	return inputs(info.Spec, a), outputs(info), true, nil
}

func outputs(info firehose.Info) provider.Outputs {
	return provider.Outputs{"arn": info.ARN, "name": info.DeliveryStreamName, "destinationId": "destinationId-000000000001",
		"versionId": strconv.Itoa(info.Version)}
}

// nameOf is the last part of a delivery stream's ARN.
func nameOf(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// absent are the errors that say that a thing is not there.
var absent provider.Absent = func(err error) bool {
	var e *awsjson.Error
	return errors.As(err, &e) && e.Code == "ResourceNotFoundException"
}
