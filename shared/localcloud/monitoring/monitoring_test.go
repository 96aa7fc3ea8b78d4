package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/store"
)

// watched is a Service whose clock stands still until a test moves it.
type watched struct {
	*Service
	at     time.Time
	denied error
}

func (w *watched) Authorize(context.Context, string, string, map[string]string) error {
	return w.denied
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &watched{at: time.Date(2026, 1, 2, 3, 4, 30, 0, time.UTC)}
	w.Service, err = New(st, w, "000000000000", "eu-central-1", func() time.Time { return w.at })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var success = Metric{"AWS/Firehose", "DeliveryToRedshift.Success", map[string]string{"DeliveryStreamName": "events"}}

// failing is an alarm on success, over periods of a minute.
func failing(periods int, missing string) Alarm {
	return Alarm{Name: "failing", Namespace: success.Namespace, MetricName: success.Name, Dimensions: success.Dimensions,
		Statistic: "Average", ComparisonOperator: "LessThanThreshold", Threshold: 1, PeriodSeconds: 60,
		EvaluationPeriods: periods, TreatMissingData: missing, ActionsEnabled: true}
}

func TestAnAlarmGoesOffWhileItsMetricBreachesAndNoLonger(t *testing.T) {
	w := newWatched(t)
	a := failing(1, "notBreaching")
	steps := []struct {
		values []float64
		want   string
	}{{nil, OK}, {[]float64{1}, OK}, {[]float64{1, 0}, InAlarm}, {[]float64{1}, OK}, {nil, OK}}
	for i, step := range steps {
		for _, value := range step.values {
			w.Put(success, value)
		}
		if got := w.State(a); got.Value != step.want {
			t.Errorf("after minute %d the alarm says %v, want %s", i, got, step.want)
		}
		w.at = w.at.Add(time.Minute)
	}
}

func TestAnAlarmNeedsAsManyPeriodsAsItSays(t *testing.T) {
	w := newWatched(t)
	for minute, want := range []string{OK, OK, InAlarm} {
		w.Put(success, 0)
		if got := w.State(failing(3, "notBreaching")); got.Value != want {
			t.Errorf("after %d breaching minutes the alarm over 3 says %v, want %s", minute+1, got, want)
		}
		w.at = w.at.Add(time.Minute)
	}
	some := failing(3, "notBreaching")
	some.DatapointsToAlarm = new(int)
	*some.DatapointsToAlarm = 2
	if got := w.State(some); got.Value != InAlarm {
		t.Errorf("with 2 of 3 datapoints breaching the alarm says %v", got)
	}
}

func TestMissingDataIsTreatedAsTheAlarmSays(t *testing.T) {
	w := newWatched(t)
	for missing, want := range map[string]string{"": InsufficientData, "missing": InsufficientData, "notBreaching": OK, "breaching": InAlarm} {
		if got := w.State(failing(1, missing)); got.Value != want {
			t.Errorf("treatMissingData %q: the alarm says %v, want %s", missing, got, want)
		}
	}
}

func TestMetricsOfOtherThingsDoNotCount(t *testing.T) {
	w := newWatched(t)
	w.Put(Metric{success.Namespace, success.Name, map[string]string{"DeliveryStreamName": "others"}}, 0)
	if got := w.State(failing(1, "notBreaching")); got.Value != OK {
		t.Errorf("the alarm says %v because of another stream", got)
	}
}

func TestARNsAreOfTheRegionsPartition(t *testing.T) {
	w := newWatched(t)
	w.region = "cn-north-1"
	a, err := w.PutMetricAlarm(failing(1, ""))
	d, failed := w.PutDashboard(Dashboard{Name: "events", Body: "{}"})
	topic, also := w.PutTopic(Topic{Name: "events"})
	if err := errors.Join(err, failed, also); err != nil {
		t.Fatal(err)
	}
	for _, arn := range []string{a.ARN, d.ARN, topic.ARN} {
		if !strings.HasPrefix(arn, "arn:aws-cn:") {
			t.Errorf("in cn-north-1 there is %s", arn)
		}
	}
}

func TestValuesAreKeptForADay(t *testing.T) {
	w := newWatched(t)
	for range 3000 {
		w.Put(success, 1)
		w.at = w.at.Add(time.Minute)
	}
	if got := len(w.metrics.series[success.key()].minutes); got > 1441 {
		t.Errorf("%d minutes are kept, want a day", got)
	}
}

func TestValuesCountNowAfterAClockThatWasAhead(t *testing.T) {
	w := newWatched(t)
	now := w.at
	for _, ahead := range []time.Duration{0, 48 * time.Hour, 0} {
		w.at = now.Add(ahead)
		w.Put(success, 0)
		if got := w.State(failing(1, "notBreaching")); got.Value != InAlarm {
			t.Errorf("%v ahead, a failure leaves the alarm at %v", ahead, got)
		}
	}
	if got := len(w.metrics.series[success.key()].minutes); got != 1 {
		t.Errorf("%d minutes are kept, want only that of now", got)
	}
}

func TestAlarmsThatCannotBeEvaluatedAreRefused(t *testing.T) {
	w := newWatched(t)
	for want, change := range map[string]func(*Alarm){
		"publishes no metrics in namespace AWS/SQS":   func(a *Alarm) { a.Namespace = "AWS/SQS" },
		"does not publish metric Nonsense":            func(a *Alarm) { a.MetricName = "Nonsense" },
		"'p99' at 'statistic'":                        func(a *Alarm) { a.Statistic = "p99" },
		"'ignore' at 'treatMissingData'":              func(a *Alarm) { a.TreatMissingData = "ignore" },
		"multiple of 60 seconds, not 10":              func(a *Alarm) { a.PeriodSeconds = 10 },
		"more than a day":                             func(a *Alarm) { a.EvaluationPeriods = 1441 },
		"DeliveryToRedshift.Success in unit Seconds":  func(a *Alarm) { a.Unit = "Seconds" },
		"IncomingBytes in unit Count":                 func(a *Alarm) { a.MetricName, a.Unit = "IncomingBytes", "Count" },
		"EvaluationPeriods * Period must be <= 86400": func(a *Alarm) { a.EvaluationPeriods = 307445734561825856 }, // times 60 is negative
	} {
		a := failing(1, "")
		change(&a)
		if _, err := w.PutMetricAlarm(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", a, err, want)
		}
	}
}

func TestAnAlarmMayNameTheUnitOfItsMetric(t *testing.T) {
	a := failing(1, "")
	a.MetricName, a.Unit = "IncomingBytes", "Bytes"
	if err := a.Check(); err != nil {
		t.Error(err)
	}
}

// call makes a call of CloudWatch's JSON protocol.
func (w *watched) call(t *testing.T, operation, body string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801."+operation)
	recorder := httptest.NewRecorder()
	w.Handler().ServeHTTP(recorder, r)
	var answer map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s answers %s: %v", operation, recorder.Body, err)
	}
	return recorder.Code, answer
}

func TestAlarmsAreDescribedWithTheirState(t *testing.T) {
	w := newWatched(t)
	if _, err := w.PutMetricAlarm(failing(1, "notBreaching")); err != nil {
		t.Fatal(err)
	}
	w.Put(success, 0)
	_, answer := w.call(t, "DescribeAlarms", `{"StateValue": "ALARM", "AlarmNamePrefix": "fail"}`)
	alarms := answer["MetricAlarms"].([]any)
	if len(alarms) != 1 || alarms[0].(map[string]any)["StateReason"] != "Threshold Crossed: 1 of 1 datapoints breach LessThanThreshold 1; the newest is 0" {
		t.Errorf("the alarms are %v", answer)
	}
	if _, answer := w.call(t, "DescribeAlarms", `{"StateValue": "OK"}`); len(answer["MetricAlarms"].([]any)) != 0 {
		t.Errorf("the alarms that say OK are %v", answer)
	}
	if names, err := w.InAlarm(); err != nil || !slices.Equal(names, []string{"failing"}) {
		t.Errorf("in alarm are %v, %v", names, err)
	}
}

func TestStatisticsAreByPeriod(t *testing.T) {
	w := newWatched(t)
	start := w.at.Truncate(time.Minute).Unix()
	for _, value := range []float64{1, 0, 1, 1} {
		w.Put(success, value)
	}
	body, _ := json.Marshal(map[string]any{"Namespace": success.Namespace, "MetricName": success.Name, "Period": 60,
		"Dimensions": []map[string]string{{"Name": "DeliveryStreamName", "Value": "events"}}, "Statistics": []string{"Average", "SampleCount"},
		"StartTime": start - 600, "EndTime": start + 60})
	_, answer := w.call(t, "GetMetricStatistics", string(body))
	points := answer["Datapoints"].([]any)
	if len(points) != 1 {
		t.Fatalf("the datapoints are %v", answer)
	}
	if p := points[0].(map[string]any); p["Average"] != 0.75 || p["SampleCount"] != 4.0 || p["Timestamp"] != float64(start) {
		t.Errorf("the datapoint is %v", p)
	}
	if _, answer := w.call(t, "ListMetrics", `{"Namespace": "AWS/Firehose"}`); len(answer["Metrics"].([]any)) != 1 {
		t.Errorf("the metrics are %v", answer)
	}
}

func TestAPeriodBeyondTheAPIsIntegerIsRefused(t *testing.T) {
	w := newWatched(t)
	for _, period := range []string{"9223372080", "540431955284459520"} { // in nanoseconds negative, and 0
		status, answer := w.call(t, "GetMetricStatistics", `{"Namespace":"AWS/Firehose","MetricName":"DeliveryToRedshift.Success","Statistics":["Sum"],
			"StartTime":1767322800,"EndTime":1767322860,"Period":`+period+`}`)
		if status != http.StatusBadRequest || answer["__type"] != "SerializationException" {
			t.Errorf("a period of %s seconds is answered %d %v", period, status, answer)
		}
	}
}

func TestWhoMayNotReadMetricsIsDenied(t *testing.T) {
	w := newWatched(t)
	w.denied = errors.New("not authorized to perform: cloudwatch:ListMetrics")
	if status, answer := w.call(t, "ListMetrics", `{}`); status != http.StatusForbidden || answer["__type"] != "AccessDenied" {
		t.Errorf("the answer is %d %v", status, answer)
	}
}
