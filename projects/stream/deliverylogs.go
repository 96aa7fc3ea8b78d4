package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/names"
	"pipeline/shared/stack"
)

// deliveryLogs is where Firehose tells its errors. It makes neither group nor streams
// itself, and says nothing when they are not there.
type deliveryLogs struct {
	pulumi.ResourceState
	group   pulumi.StringOutput
	streams map[string]pulumi.StringOutput // by name; the output waits until the stream is there
}

func newDeliveryLogs(ctx *pulumi.Context, s *stack.Stack, name string, cfg config) (*deliveryLogs, error) {
	c := &deliveryLogs{streams: map[string]pulumi.StringOutput{}}
	if err := ctx.RegisterComponentResource("pipeline:stream:DeliveryLogs", name, c); err != nil {
		return nil, err
	}
	group, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(s.DeliveryLogGroup()),
		RetentionInDays: pulumi.Int(cfg.LogRetentionDays),
		Tags:            s.Tags(),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	for _, stream := range cfg.logStreams() {
		made, err := cloudwatch.NewLogStream(ctx, name+"-"+stream, &cloudwatch.LogStreamArgs{
			LogGroupName: group.Name,
			Name:         pulumi.String(stream),
		}, pulumi.Parent(c))
		if err != nil {
			return nil, err
		}
		c.streams[stream] = made.Name
	}
	c.group = group.Name
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"group": c.group})
}

// logStreams are the log streams that the declaration writes to. Layer iam grants on
// these names.
func (c config) logStreams() []string {
	streams := []string{names.S3DeliveryLogStream}
	if c.Destination == toRedshift {
		streams = append(streams, names.RedshiftDeliveryLogStream)
	}
	if c.Backup {
		streams = append(streams, names.BackupDeliveryLogStream)
	}
	return streams
}
