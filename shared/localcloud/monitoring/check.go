package monitoring

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"pipeline/shared/localcloud/awsjson"
)

// What AWS allows (botocore service models cloudwatch and sns).
var (
	operators  = []string{"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"}
	statistics = []string{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
	missing    = []string{"", "breaching", "notBreaching", "missing"} // and "ignore", which is not honoured
	protocols  = []string{"email", "email-json", "https", "sms"}

	topicPattern     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	dashboardPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
)

func errInvalid(format string, args ...any) error {
	return awsjson.Errorf("ValidationError", format, args...)
}

// errValue is the answer to a parameter of GetMetricStatistics.
func errValue(format string, args ...any) error {
	return awsjson.Errorf("InvalidParameterValue", format, args...)
}

func enum(member, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return errInvalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
		value, member, strings.Join(allowed, ", "))
}

// Check refuses what AWS would, and what State could not evaluate.
func (a Alarm) Check() error {
	switch {
	case a.Name == "" || utf8.RuneCountInString(a.Name) > 255:
		return errInvalid("1 validation error detected: Value '%s' at 'alarmName' failed to satisfy constraint: Member must have length between 1 and 255", a.Name)
	case a.MetricName == "" || a.Namespace == "":
		return errInvalid("MetricName and Namespace are required: the local cloud honours alarms on one metric only")
	case strings.HasPrefix(a.Namespace, ":"):
		return errInvalid("Namespace must not begin with a colon")
	case a.EvaluationPeriods < 1:
		return errInvalid("1 validation error detected: Value '%d' at 'evaluationPeriods' failed to satisfy constraint: Member must have value greater than or equal to 1", a.EvaluationPeriods)
	case a.DatapointsToAlarm != nil && (*a.DatapointsToAlarm < 1 || *a.DatapointsToAlarm > a.EvaluationPeriods):
		return errInvalid("DatapointsToAlarm must be between 1 and EvaluationPeriods")
	case len(a.Dimensions) > 30:
		return errInvalid("At most 30 dimensions are allowed")
	}
	if err := a.checkPublished(); err != nil {
		return err
	}
	if err := enum("statistic", a.Statistic, statistics); err != nil {
		return err
	}
	if err := enum("comparisonOperator", a.ComparisonOperator, operators); err != nil {
		return err
	}
	if err := enum("treatMissingData", a.TreatMissingData, missing); err != nil {
		return err
	}
	if err := a.checkPeriod(); err != nil {
		return err
	}
	return a.checkActions()
}

func (a Alarm) checkPeriod() error {
	p := a.PeriodSeconds
	if p < 60 || p%60 != 0 { // 10, 20 and 30 are for custom metrics
		return errInvalid("The parameter Period must be a multiple of 60 seconds, not %d", p)
	}
	if day := int(kept.Seconds()); p > day || a.EvaluationPeriods > day/p { // AWS: 7 days from a period of an hour on
		return errInvalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).")
	}
	return nil
}

func (a Alarm) checkActions() error {
	for _, actions := range [][]string{a.AlarmActions, a.OKActions, a.InsufficientDataActions} {
		if len(actions) > 5 {
			return errInvalid("At most 5 actions are allowed for a state")
		}
		for _, action := range actions {
			if !strings.HasPrefix(action, "arn:") {
				return errInvalid("Invalid arn syntax: %s", action)
			}
		}
	}
	return nil
}

// Check refuses what AWS would.
func (d Dashboard) Check() error {
	if !dashboardPattern.MatchString(d.Name) {
		return awsjson.Errorf("InvalidParameterInput", "The value %s for field DashboardName is invalid. It must have 1 to 255 characters of A-Z, a-z, 0-9, - and _.", d.Name)
	}
	var body struct {
		Widgets []struct {
			Type       string         `json:"type"`
			Properties map[string]any `json:"properties"`
		} `json:"widgets"`
	}
	if err := json.Unmarshal([]byte(d.Body), &body); err != nil {
		return awsjson.Errorf("InvalidParameterInput", "The field DashboardBody must be a valid JSON object: %v", err)
	}
	for i, w := range body.Widgets {
		if !slices.Contains([]string{"metric", "text", "log", "alarm", "explorer"}, w.Type) || w.Properties == nil {
			return awsjson.Errorf("InvalidParameterInput", "The dashboard body is invalid: /widgets/%d needs a known type and properties", i)
		}
	}
	return nil
}

// Check refuses what AWS would, and FIFO topics, which are not honoured.
func (t Topic) Check() error {
	if !topicPattern.MatchString(t.Name) {
		return awsjson.Errorf("InvalidParameter", "Invalid parameter: Topic Name")
	}
	if utf8.RuneCountInString(t.DisplayName) > 100 {
		return awsjson.Errorf("InvalidParameter", "Invalid parameter: DisplayName must have at most 100 characters")
	}
	if t.KMSKeyID != "" && t.KMSKeyID != "alias/aws/sns" {
		return awsjson.Errorf("InvalidParameter", "KMS key %s is not honoured by the local cloud: it has alias/aws/sns only", t.KMSKeyID)
	}
	return nil
}

// Check refuses what AWS would, and protocols that are not honoured.
func (s Subscription) Check() error {
	if !slices.Contains(protocols, s.Protocol) {
		return awsjson.Errorf("InvalidParameter", "protocol %q is not honoured by the local cloud: it has %s", s.Protocol, strings.Join(protocols, ", "))
	}
	if s.Endpoint == "" || strings.HasPrefix(s.Protocol, "email") && !strings.Contains(s.Endpoint, "@") {
		return awsjson.Errorf("InvalidParameter", "Invalid parameter: %s address %q", s.Protocol, s.Endpoint)
	}
	return nil
}
