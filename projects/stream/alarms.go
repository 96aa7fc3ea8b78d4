package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// alarms tell when events are not delivered, late, or refused.
type alarms struct{ pulumi.ResourceState }

// alarm is one metric of the stream and what is wrong about it.
type alarm struct {
	name, description, metric string
	statistic, comparison     string
	threshold                 float64
	periodSeconds, periods    int
}

func newAlarms(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, stream *kinesis.FirehoseDeliveryStream) error {
	c := &alarms{}
	if err := ctx.RegisterComponentResource("pipeline:stream:Alarms", name, c); err != nil {
		return err
	}
	actions, err := newActions(ctx, s, name, cfg, c)
	if err != nil {
		return err
	}
	for _, a := range cfg.alarms() {
		_, err := cloudwatch.NewMetricAlarm(ctx, name+"-"+a.name, &cloudwatch.MetricAlarmArgs{
			Name:               pulumi.String(s.DeliveryStream() + "-" + a.name),
			AlarmDescription:   pulumi.String(a.description),
			Namespace:          pulumi.String("AWS/Firehose"),
			MetricName:         pulumi.String(a.metric),
			Dimensions:         pulumi.StringMap{"DeliveryStreamName": stream.Name},
			Statistic:          pulumi.String(a.statistic),
			ComparisonOperator: pulumi.String(a.comparison),
			Threshold:          pulumi.Float64(a.threshold),
			Period:             pulumi.Int(a.periodSeconds),
			EvaluationPeriods:  pulumi.Int(a.periods),
			TreatMissingData:   pulumi.String("notBreaching"), // a stream without events has no metrics
			AlarmActions:       actions,
			OkActions:          actions,
			Tags:               s.Tags(),
		}, pulumi.Parent(c))
		if err != nil {
			return err
		}
	}
	return ctx.RegisterResourceOutputs(c, pulumi.Map{})
}

// alarms are what the settings make worth an alarm. The metrics' names are Firehose's
// (developer guide, "Monitoring with CloudWatch metrics").
func (c config) alarms() []alarm {
	const below, above = "LessThanThreshold", "GreaterThanThreshold"
	// Twice the interval, and a minute for the delivery itself.
	late := float64(2*c.BufferIntervalSeconds + 60)
	list := []alarm{
		{"late", "The oldest undelivered event is older than twice the buffer interval and a minute", "DeliveryToS3.DataFreshness", "Maximum", above, late, 60, 5},
		{"s3-failing", "Firehose cannot write to the bucket: see log stream S3Delivery", "DeliveryToS3.Success", "Average", below, 1, 300, 1},
		{"throttled", "Firehose refuses events: ask AWS for a higher quota of the stream", "ThrottledRecords", "Sum", above, 0, 60, 1},
	}
	if c.Destination == toRedshift {
		list = append(list, alarm{"redshift-failing", "COPY fails: see log stream RedshiftDelivery, and STL_LOAD_ERRORS; what is skipped is listed below errors/manifests/", "DeliveryToRedshift.Success", "Average", below, 1, 300, 1})
	}
	if c.Partitioning != nil {
		list = append(list, alarm{"partitions-exceeded", "More than the active partitions that the stream may have: events go to the error prefix", "PartitionCountExceeded", "Maximum", above, 0, 60, 1})
	}
	if c.Backup {
		list = append(list, alarm{"backup-failing", "Firehose cannot write the backup: see log stream BackupDelivery", "BackupToS3.Success", "Average", below, 1, 300, 1})
	}
	return list
}

// newActions is who is told: nobody, a topic of the settings, or one made for the
// addresses in them.
func newActions(ctx *pulumi.Context, s *stack.Stack, name string, cfg config, c pulumi.Resource) (pulumi.Array, error) {
	if cfg.AlarmTopicARN != "" {
		return pulumi.Array{pulumi.String(cfg.AlarmTopicARN)}, nil
	}
	if len(cfg.AlarmEmails) == 0 {
		return nil, nil
	}
	topic, err := sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{
		Name: pulumi.String(s.DeliveryStream() + "-alarms"),
		Tags: s.Tags(),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	for _, address := range cfg.AlarmEmails {
		_, err := sns.NewTopicSubscription(ctx, name+"-to-"+address, &sns.TopicSubscriptionArgs{
			Topic:    topic.Arn,
			Protocol: pulumi.String("email"),
			Endpoint: pulumi.String(address),
		}, pulumi.Parent(c))
		if err != nil {
			return nil, err
		}
	}
	return pulumi.Array{topic.Arn}, nil
}
