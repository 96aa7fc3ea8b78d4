package monitoring

import (
	"fmt"

	"pipeline/shared/localcloud/iam"
)

// Alarm is a CloudWatch alarm on one metric. Name identifies it.
type Alarm struct {
	Name, ARN, Description  string
	Namespace, MetricName   string
	Dimensions              map[string]string
	Statistic               string
	ComparisonOperator      string
	Threshold               float64
	PeriodSeconds           int
	EvaluationPeriods       int
	DatapointsToAlarm       *int
	TreatMissingData        string
	Unit                    string
	ActionsEnabled          bool
	AlarmActions, OKActions []string
	InsufficientDataActions []string
	Tags                    map[string]string
}

// Dashboard is a CloudWatch dashboard. Name identifies it.
type Dashboard struct {
	Name string
	ARN  string
	Body string // JSON
}

// PutMetricAlarm makes or changes an alarm.
func (s *Service) PutMetricAlarm(a Alarm) (Alarm, error) {
	if err := a.Check(); err != nil {
		return Alarm{}, err
	}
	a.ARN = fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:%s", iam.Partition(s.region), s.region, s.account, a.Name)
	return a, s.alarms.Put(a.Name, a)
}

// Alarm returns an alarm.
func (s *Service) Alarm(name string) (Alarm, error) {
	a, found, err := s.alarms.Get(name)
	if err == nil && !found {
		err = errNotFound("Alarm", name)
	}
	return a, err
}

// DeleteAlarm removes an alarm.
func (s *Service) DeleteAlarm(name string) error { return s.alarms.Delete(name) }

// PutDashboard makes or changes a dashboard.
func (s *Service) PutDashboard(d Dashboard) (Dashboard, error) {
	if err := d.Check(); err != nil {
		return Dashboard{}, err
	}
	d.ARN = fmt.Sprintf("arn:%s:cloudwatch::%s:dashboard/%s", iam.Partition(s.region), s.account, d.Name)
	return d, s.dashboards.Put(d.Name, d)
}

// Dashboard returns a dashboard.
func (s *Service) Dashboard(name string) (Dashboard, error) {
	d, found, err := s.dashboards.Get(name)
	if err == nil && !found {
		err = errNotFound("Dashboard", name)
	}
	return d, err
}

// DeleteDashboard removes a dashboard.
func (s *Service) DeleteDashboard(name string) error { return s.dashboards.Delete(name) }
