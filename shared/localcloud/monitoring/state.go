package monitoring

import (
	"fmt"
	"time"
)

// What an alarm says (API model, StateValue).
const (
	OK               = "OK"
	InAlarm          = "ALARM"
	InsufficientData = "INSUFFICIENT_DATA"
)

// State is what an alarm says now, and why.
type State struct{ Value, Reason string }

// State evaluates an alarm on the last periods of its metric (CloudWatch user guide,
// "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data").
func (s *Service) State(a Alarm) State {
	var breaching, present int
	var newest summary
	for _, period := range s.periods(a.metric(), time.Duration(a.PeriodSeconds)*time.Second, a.EvaluationPeriods) {
		if period.count == 0 {
			if a.TreatMissingData == "breaching" {
				breaching++
			}
			continue
		}
		if present++; present == 1 {
			newest = period
		}
		if a.breached(period.statistic(a.Statistic)) {
			breaching++
		}
	}
	switch {
	case breaching >= a.datapoints():
		return State{InAlarm, "Threshold Crossed: " + a.why(newest, breaching)}
	case present == 0 && a.TreatMissingData != "notBreaching":
		return State{InsufficientData, "Insufficient Data: no datapoints were received"}
	case present == 0:
		return State{OK, "Threshold not crossed: no datapoints were received and missing datapoints were treated as [NonBreaching]"}
	}
	return State{OK, "Threshold not crossed: " + a.why(newest, breaching)}
}

func (a Alarm) metric() Metric { return Metric{a.Namespace, a.MetricName, a.Dimensions} }

// datapoints is how many periods of those evaluated have to breach.
func (a Alarm) datapoints() int {
	if a.DatapointsToAlarm != nil {
		return *a.DatapointsToAlarm
	}
	return a.EvaluationPeriods
}

func (a Alarm) breached(value float64) bool {
	switch a.ComparisonOperator {
	case "GreaterThanOrEqualToThreshold":
		return value >= a.Threshold
	case "GreaterThanThreshold":
		return value > a.Threshold
	case "LessThanThreshold":
		return value < a.Threshold
	case "LessThanOrEqualToThreshold":
		return value <= a.Threshold
	}
	panic("Check has passed comparison operator " + a.ComparisonOperator)
}

func (a Alarm) why(newest summary, breaching int) string {
	if newest.count == 0 {
		return "missing datapoints were treated as [Breaching]"
	}
	return fmt.Sprintf("%d of %d datapoints breach %s %g; the newest is %g",
		breaching, a.EvaluationPeriods, a.ComparisonOperator, a.Threshold, newest.statistic(a.Statistic))
}

// InAlarm are the names of the alarms that say so now.
func (s *Service) InAlarm() ([]string, error) {
	items, err := s.alarms.List()
	var names []string
	for _, item := range items {
		if s.State(item.Value).Value == InAlarm {
			names = append(names, item.Key)
		}
	}
	return names, err
}
