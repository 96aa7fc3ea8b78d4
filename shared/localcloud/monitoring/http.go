package monitoring

import (
	"context"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/awscbor"
	"pipeline/shared/localcloud/awsjson"
)

// Handler serves the JSON protocol of CloudWatch, target prefix GraniteServiceVersion20100801,
// which the AWS CLI speaks (botocore service model cloudwatch).
func (s *Service) Handler() http.Handler {
	return awsjson.Handler("cloudwatch", map[string]awsjson.Operation{
		"DescribeAlarms":      awsjson.Op(allowed(s, "DescribeAlarms", s.describeAlarms)),
		"GetMetricStatistics": awsjson.Op(allowed(s, "GetMetricStatistics", s.getMetricStatistics)),
		"ListMetrics":         awsjson.Op(allowed(s, "ListMetrics", s.listMetrics)),
	})
}

// CBOR serves the same in the protocol that the AWS SDKs speak.
func (s *Service) CBOR() *awscbor.Service {
	return &awscbor.Service{Name: "cloudwatch", Shapes: shapes, Operations: map[string]awscbor.Operation{
		"DescribeAlarms":      awscbor.Op(allowed(s, "DescribeAlarms", s.describeAlarms)),
		"GetMetricStatistics": awscbor.Op(allowed(s, "GetMetricStatistics", s.getMetricStatistics)),
		"ListMetrics":         awscbor.Op(allowed(s, "ListMetrics", s.listMetrics)),
	}}
}

// shapes are the errors of the API's model (botocore service model cloudwatch).
var shapes = map[string]string{
	"InvalidParameterCombination": "InvalidParameterCombinationException",
	"InvalidParameterValue":       "InvalidParameterValueException",
	"MissingParameter":            "MissingRequiredParameterException",
}

// allowed asks IAM first. Of the three operations only DescribeAlarms could name a
// resource, and here too a policy has to allow it on all.
func allowed[In, Out any](s *Service, action string, f func(*In) (*Out, error)) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		if err := s.iam.Authorize(ctx, "cloudwatch:"+action, "*", nil); err != nil {
			return nil, &awsjson.Error{Code: "AccessDenied", Message: err.Error(), Status: http.StatusForbidden}
		}
		return f(in)
	}
}

type describeAlarmsInput struct {
	AlarmNames      []string
	AlarmNamePrefix string
	StateValue      string
}

func (in *describeAlarmsInput) check() error {
	if len(in.AlarmNames) > 0 && in.AlarmNamePrefix != "" {
		return errInvalid("AlarmNamePrefix and AlarmNames cannot be specified together")
	}
	return enum("stateValue", in.StateValue, []string{"", OK, InAlarm, InsufficientData})
}

type describeAlarmsOutput struct {
	MetricAlarms    []metricAlarm
	CompositeAlarms []struct{}
}

// metricAlarm is the API's MetricAlarm.
type metricAlarm struct {
	AlarmName, AlarmArn                              string
	AlarmDescription                                 string `json:",omitempty"`
	ActionsEnabled                                   bool
	OKActions, AlarmActions, InsufficientDataActions []string
	StateValue, StateReason                          string
	MetricName, Namespace, Statistic                 string
	Dimensions                                       []dimension
	Period, EvaluationPeriods                        int
	DatapointsToAlarm                                *int   `json:",omitempty"`
	Unit                                             string `json:",omitempty"`
	Threshold                                        float64
	ComparisonOperator                               string
	TreatMissingData                                 string `json:",omitempty"`
}

type dimension struct{ Name, Value string }

func (s *Service) describeAlarms(in *describeAlarmsInput) (*describeAlarmsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	items, err := s.alarms.List()
	if err != nil {
		return nil, err
	}
	out := &describeAlarmsOutput{MetricAlarms: []metricAlarm{}, CompositeAlarms: []struct{}{}}
	for _, item := range items {
		a, state := item.Value, s.State(item.Value)
		if len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, a.Name) ||
			!strings.HasPrefix(a.Name, in.AlarmNamePrefix) || in.StateValue != "" && in.StateValue != state.Value {
			continue
		}
		out.MetricAlarms = append(out.MetricAlarms, describe(a, state))
	}
	return out, nil
}

func describe(a Alarm, state State) metricAlarm {
	return metricAlarm{AlarmName: a.Name, AlarmArn: a.ARN, AlarmDescription: a.Description, ActionsEnabled: a.ActionsEnabled,
		OKActions: a.OKActions, AlarmActions: a.AlarmActions, InsufficientDataActions: a.InsufficientDataActions,
		StateValue: state.Value, StateReason: state.Reason,
		MetricName: a.MetricName, Namespace: a.Namespace, Statistic: a.Statistic, Dimensions: dimensions(a.Dimensions),
		Period: a.PeriodSeconds, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, Unit: a.Unit,
		Threshold: a.Threshold, ComparisonOperator: a.ComparisonOperator, TreatMissingData: a.TreatMissingData}
}

func dimensions(m map[string]string) []dimension {
	list := []dimension{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, dimension{name, m[name]})
	}
	return list
}

type getMetricStatisticsInput struct {
	Namespace, MetricName string
	Dimensions            []dimension
	StartTime, EndTime    awscbor.Seconds
	Period                int32 // seconds; the API's Integer
	Statistics            []string
}

type getMetricStatisticsOutput struct {
	Label      string
	Datapoints []map[string]any
}

// maxPoints is the most that GetMetricStatistics returns (its API reference).
const maxPoints = 1440

func (s *Service) getMetricStatistics(in *getMetricStatisticsInput) (*getMetricStatisticsOutput, error) {
	if in.Period < 60 || in.Period%60 != 0 {
		return nil, errValue("The parameter Period must be a multiple of 60 seconds, not %d", in.Period)
	}
	if len(in.Statistics) == 0 {
		return nil, awsjson.Errorf("MissingParameter", "The parameter Statistics is required.")
	}
	for i, name := range in.Statistics {
		if !slices.Contains(statistics, name) {
			return nil, errValue("The parameter Statistics.member.%d must be a value in the set [ %s ].", i+1, strings.Join(statistics, ", "))
		}
	}
	switch from, to := epoch(in.StartTime), epoch(in.EndTime); {
	case from.Equal(to):
		return nil, errValue("The parameter StartTime must not equal parameter EndTime.")
	case from.After(to):
		return nil, errValue("The parameter StartTime must be less than the parameter EndTime.")
	}
	if points := math.Ceil(float64(in.EndTime-in.StartTime) / float64(in.Period)); points > maxPoints {
		return nil, awsjson.Errorf("InvalidParameterCombination", "You have requested up to %.0f datapoints, which exceeds the limit of 1,440. "+
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.", points)
	}
	m := Metric{in.Namespace, in.MetricName, map[string]string{}}
	for _, d := range in.Dimensions {
		m.Dimensions[d.Name] = d.Value
	}
	out := &getMetricStatisticsOutput{Label: in.MetricName, Datapoints: []map[string]any{}}
	for start, period := range s.since(m, epoch(in.StartTime), epoch(in.EndTime), time.Duration(in.Period)*time.Second) {
		point := map[string]any{"Timestamp": awscbor.Seconds(start.Unix())}
		for _, name := range in.Statistics {
			point[name] = period.statistic(name)
		}
		out.Datapoints = append(out.Datapoints, point)
	}
	return out, nil
}

func epoch(seconds awscbor.Seconds) time.Time { return time.UnixMilli(int64(seconds * 1000)) }

type listMetricsInput struct{ Namespace, MetricName string }

type listMetricsOutput struct{ Metrics []listedMetric }

type listedMetric struct {
	Namespace, MetricName string
	Dimensions            []dimension
}

func (s *Service) listMetrics(in *listMetricsInput) (*listMetricsOutput, error) {
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	out := &listMetricsOutput{Metrics: []listedMetric{}}
	for _, key := range slices.Sorted(maps.Keys(s.metrics.series)) {
		m := s.metrics.series[key].metric
		if (in.Namespace == "" || in.Namespace == m.Namespace) && (in.MetricName == "" || in.MetricName == m.Name) {
			out.Metrics = append(out.Metrics, listedMetric{m.Namespace, m.Name, dimensions(m.Dimensions)})
		}
	}
	return out, nil
}
