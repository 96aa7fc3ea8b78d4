package monitoring

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"pipeline/shared/localcloud/awsjson"
)

// client is the AWS SDK's, which speaks CBOR.
func (w *watched) client(t *testing.T) *cloudwatch.Client {
	t.Helper()
	server := httptest.NewServer(w.CBOR())
	t.Cleanup(server.Close)
	return cloudwatch.New(cloudwatch.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

func TestTheSDKReadsAlarmsMetricsAndStatistics(t *testing.T) {
	w := newWatched(t)
	client := w.client(t)
	if _, err := w.PutMetricAlarm(failing(2, "notBreaching")); err != nil {
		t.Fatal(err)
	}
	w.Put(success, 0)
	w.Put(success, 1)
	alarms, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"failing"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(alarms.MetricAlarms) != 1 {
		t.Fatalf("the alarms are %+v", alarms.MetricAlarms)
	}
	if a := alarms.MetricAlarms[0]; *a.AlarmName != "failing" || a.StateValue != types.StateValueOk || *a.Threshold != 1 || *a.EvaluationPeriods != 2 ||
		!*a.ActionsEnabled || *a.Dimensions[0].Value != "events" || a.DatapointsToAlarm != nil {
		t.Errorf("the alarm is %+v", a)
	}
	metrics, err := client.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/Firehose")})
	if err != nil || len(metrics.Metrics) != 1 || *metrics.Metrics[0].MetricName != success.Name {
		t.Errorf("the metrics are %+v: %v", metrics, err)
	}
	minute := w.at.Truncate(time.Minute)
	statistics, err := client.GetMetricStatistics(t.Context(), w.statistics())
	if err != nil {
		t.Fatal(err)
	}
	if points := statistics.Datapoints; len(points) != 1 || !points[0].Timestamp.Equal(minute) || *points[0].Average != 0.5 || *points[0].SampleCount != 2 {
		t.Errorf("the datapoints are %+v", points)
	}
}

// statistics asks for the average of the last ten minutes.
func (w *watched) statistics() *cloudwatch.GetMetricStatisticsInput {
	return &cloudwatch.GetMetricStatisticsInput{Namespace: &success.Namespace, MetricName: &success.Name, Period: aws.Int32(60),
		Dimensions: []types.Dimension{{Name: aws.String("DeliveryStreamName"), Value: aws.String("events")}},
		StartTime:  aws.Time(w.at.Add(-10 * time.Minute)), EndTime: aws.Time(w.at.Add(time.Minute)),
		Statistics: []types.Statistic{types.StatisticAverage, types.StatisticSampleCount}}
}

func TestTheSDKIsToldErrorsByTypeAndByCode(t *testing.T) {
	w := newWatched(t)
	client := w.client(t)
	wrong := w.statistics()
	wrong.Period = aws.Int32(7)
	_, err := client.GetMetricStatistics(t.Context(), wrong)
	var typed *types.InvalidParameterValueException
	if !errors.As(err, &typed) || typed.ErrorCode() != "InvalidParameterValue" || typed.ErrorFault() != smithy.FaultClient ||
		typed.ErrorMessage() != "The parameter Period must be a multiple of 60 seconds, not 7" {
		t.Errorf("a period of 7 seconds is answered %v", err)
	}
	for what, call := range map[string]func() error{
		"InvalidParameterCombination: You have requested up to 1441 datapoints, which exceeds the limit of 1,440.": func() error {
			long := w.statistics()
			long.StartTime = aws.Time(long.EndTime.Add(-24*time.Hour - time.Second))
			_, err := client.GetMetricStatistics(t.Context(), long)
			return err
		},
		"ValidationError: AlarmNamePrefix and AlarmNames": func() error {
			_, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"a"}, AlarmNamePrefix: aws.String("a")})
			return err
		},
		"at 'stateValue' failed to satisfy constraint": func() error {
			_, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{StateValue: "Alarm"})
			return err
		},
		"UnknownOperationException: the local cloud does not serve cloudwatch:ListDashboards": func() error {
			_, err := client.ListDashboards(t.Context(), nil)
			return err
		},
		`SerializationException: the local cloud does not honour the parameter ActionPrefix`: func() error {
			_, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:")})
			return err
		},
		"AccessDenied: not authorized": func() error {
			w.denied = errors.New("not authorized")
			defer func() { w.denied = nil }()
			_, err := client.ListMetrics(t.Context(), nil)
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %s", err, what)
		}
	}
}

func TestBothProtocolsServeTheSame(t *testing.T) {
	w := newWatched(t)
	var served []string
	for name := range w.CBOR().Operations {
		served = append(served, name)
	}
	slices.Sort(served)
	if json := w.Handler().(*awsjson.Service).Operations(); !slices.Equal(served, json) {
		t.Errorf("in CBOR there are %v, in JSON %v", served, json)
	}
}

// TestTheAWSCLIReadsAlarmsAndStatistics needs the AWS CLI, and is not run without it. Its
// version decides which of the protocols it speaks.
func TestTheAWSCLIReadsAlarmsAndStatistics(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	w := newWatched(t)
	if _, err := w.PutMetricAlarm(failing(1, "notBreaching")); err != nil {
		t.Fatal(err)
	}
	w.Put(success, 0)
	w.Put(success, 1)
	json, cbor := w.Handler(), w.CBOR()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			json.ServeHTTP(out, r)
			return
		}
		cbor.ServeHTTP(out, r)
	}))
	defer server.Close()
	for command, want := range map[string]string{
		"describe-alarms --query MetricAlarms[0].StateValue": `"ALARM"`,
		"get-metric-statistics --namespace AWS/Firehose --metric-name " + success.Name + " --dimensions Name=DeliveryStreamName,Value=events --period 60" +
			" --start-time 2026-01-02T03:00:00Z --end-time 2026-01-02T04:00:00Z --statistics Average --query Datapoints[0].Average": "0.5",
	} {
		c := exec.CommandContext(t.Context(), "aws", append([]string{"--endpoint-url", server.URL, "cloudwatch"}, strings.Fields(command)...)...)
		c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1",
			"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
		if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("aws cloudwatch %s: %s %v, want %s", command, out, err, want)
		}
	}
}
