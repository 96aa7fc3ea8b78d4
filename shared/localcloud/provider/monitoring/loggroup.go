package monitoring

import (
	"context"
	"fmt"

	"pipeline/shared/localcloud/logs"
	"pipeline/shared/localcloud/provider"
)

type logGroupArgs struct {
	Name            string            `pulumi:"name,optional"`
	RetentionInDays int               `pulumi:"retentionInDays,optional"`
	SkipDestroy     bool              `pulumi:"skipDestroy,optional"`
	Class           string            `pulumi:"logGroupClass,optional"`
	Tags            map[string]string `pulumi:"tags"`
}

func (a logGroupArgs) group() logs.Group {
	return logs.Group{Name: a.Name, RetentionInDays: a.RetentionInDays, Tags: a.Tags}
}

func (r resources) logGroup() provider.Resource[logGroupArgs] {
	return provider.Resource[logGroupArgs]{
		Token:     "aws:cloudwatch/logGroup:LogGroup",
		ReplaceOn: []string{"name", "logGroupClass"}, AutoName: "name",
		Rules: map[string]func(any) error{
			"retentionInDays": func(v any) error { return logs.Group{Name: "any", RetentionInDays: int(v.(float64))}.Check() },
			"logGroupClass":   checkClass,
		},
		Create: func(ctx context.Context, a logGroupArgs) (string, provider.Outputs, error) {
			g, err := r.logs.CreateGroup(ctx, a.group())
			return g.Name, groupOutputs(g), err
		},
		Defaults: provider.Outputs{"logGroupClass": "STANDARD"},
		Untold:   []string{"skipDestroy"},
		Read: func(ctx context.Context, id string, _ logGroupArgs) (provider.Outputs, provider.Outputs, bool, error) {
			g, err := r.logs.Group(ctx, id)
			ok, err := absent.Found(err)
			return provider.Outputs{"name": g.Name, "retentionInDays": g.RetentionInDays, "logGroupClass": "STANDARD", "tags": provider.Object(g.Tags)},
				groupOutputs(g), ok, err
		},
		Update: func(ctx context.Context, _ string, _, a logGroupArgs) (provider.Outputs, error) {
			g, err := r.logs.UpdateGroup(ctx, a.group())
			return groupOutputs(g), err
		},
		Delete: func(ctx context.Context, id string, a logGroupArgs) error {
			if a.SkipDestroy {
				return nil
			}
			return absent.Gone(r.logs.DeleteLogGroup(ctx, id))
		},
	}
}

func checkClass(v any) error {
	if v != "STANDARD" {
		return fmt.Errorf("is %v; the local cloud has STANDARD only", v)
	}
	return nil
}

func groupOutputs(g logs.Group) provider.Outputs {
	return provider.Outputs{"arn": g.ARN, "name": g.Name, "namePrefix": "", "logGroupClass": "STANDARD"}
}
