package monitoring

import (
	"cmp"
	"context"

	plane "pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/provider"
)

type alarmArgs struct {
	Name                    string            `pulumi:"name,optional"`
	Description             string            `pulumi:"alarmDescription,optional"`
	Namespace               string            `pulumi:"namespace,optional"`
	MetricName              string            `pulumi:"metricName,optional"`
	Dimensions              map[string]string `pulumi:"dimensions"`
	Statistic               string            `pulumi:"statistic,optional"`
	ComparisonOperator      string            `pulumi:"comparisonOperator"`
	Threshold               float64           `pulumi:"threshold,optional"`
	Period                  int               `pulumi:"period,optional"`
	EvaluationPeriods       int               `pulumi:"evaluationPeriods"`
	DatapointsToAlarm       *int              `pulumi:"datapointsToAlarm"`
	TreatMissingData        string            `pulumi:"treatMissingData,optional"`
	Unit                    string            `pulumi:"unit,optional"`
	ActionsEnabled          *bool             `pulumi:"actionsEnabled"`
	AlarmActions            []string          `pulumi:"alarmActions"`
	OKActions               []string          `pulumi:"okActions"`
	InsufficientDataActions []string          `pulumi:"insufficientDataActions"`
	Tags                    map[string]string `pulumi:"tags"`
}

func (a alarmArgs) plane() plane.Alarm {
	return plane.Alarm{Name: a.Name, Description: a.Description, Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions,
		Statistic: a.Statistic, ComparisonOperator: a.ComparisonOperator, Threshold: a.Threshold,
		PeriodSeconds: a.Period, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
		TreatMissingData: a.TreatMissingData, Unit: a.Unit, ActionsEnabled: a.ActionsEnabled == nil || *a.ActionsEnabled,
		AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.InsufficientDataActions, Tags: a.Tags}
}

func (r resources) metricAlarm() provider.Resource[alarmArgs] {
	return provider.Resource[alarmArgs]{
		Token:     "aws:cloudwatch/metricAlarm:MetricAlarm",
		Sets:      []string{"alarmActions", "okActions", "insufficientDataActions"},
		Defaults:  provider.Outputs{"actionsEnabled": true, "treatMissingData": "missing"},
		ReplaceOn: []string{"name"}, AutoName: "name",
		Validate: func(_ context.Context, a alarmArgs) error { return a.plane().Check() },
		Create: func(_ context.Context, a alarmArgs) (string, provider.Outputs, error) {
			alarm, err := r.plane.PutMetricAlarm(a.plane())
			return alarm.Name, alarmOutputs(alarm), err
		},
		Read: func(_ context.Context, id string, _ alarmArgs) (provider.Outputs, provider.Outputs, bool, error) {
			alarm, err := r.plane.Alarm(id)
			ok, err := absent.Found(err)
			return alarmInputs(alarm), alarmOutputs(alarm), ok, err
		},
		Update: func(_ context.Context, _ string, _, a alarmArgs) (provider.Outputs, error) {
			alarm, err := r.plane.PutMetricAlarm(a.plane())
			return alarmOutputs(alarm), err
		},
		Delete: func(_ context.Context, id string, _ alarmArgs) error { return r.plane.DeleteAlarm(id) },
	}
}

func alarmOutputs(a plane.Alarm) provider.Outputs {
	return provider.Outputs{"arn": a.ARN, "name": a.Name, "evaluateLowSampleCountPercentiles": ""}
}

func alarmInputs(a plane.Alarm) provider.Outputs {
	in := provider.Outputs{"name": a.Name, "alarmDescription": a.Description, "namespace": a.Namespace, "metricName": a.MetricName,
		"dimensions": provider.Object(a.Dimensions), "statistic": a.Statistic, "comparisonOperator": a.ComparisonOperator, "threshold": a.Threshold,
		"period": a.PeriodSeconds, "evaluationPeriods": a.EvaluationPeriods, "datapointsToAlarm": nil,
		"treatMissingData": cmp.Or(a.TreatMissingData, "missing"), "unit": a.Unit, "actionsEnabled": a.ActionsEnabled, "alarmActions": provider.List(a.AlarmActions),
		"okActions": provider.List(a.OKActions), "insufficientDataActions": provider.List(a.InsufficientDataActions), "tags": provider.Object(a.Tags)}
	if a.DatapointsToAlarm != nil {
		in["datapointsToAlarm"] = *a.DatapointsToAlarm
	}
	return in
}
