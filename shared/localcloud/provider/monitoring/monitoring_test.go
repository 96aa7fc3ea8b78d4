package monitoring_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/logs"
	plane "pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/provider/monitoring"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	groupType        = "aws:cloudwatch/logGroup:LogGroup"
	streamType       = "aws:cloudwatch/logStream:LogStream"
	alarmType        = "aws:cloudwatch/metricAlarm:MetricAlarm"
	dashboardType    = "aws:cloudwatch/dashboard:Dashboard"
	topicType        = "aws:sns/topic:Topic"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"
)

type everyone struct{}

func (everyone) Authorize(context.Context, string, string, map[string]string) error { return nil }

func world(t *testing.T) (*providertest.Engine, *logs.Service, *plane.Service) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := logs.New(logs.Config{StateDir: filepath.Join(dir, "logs"), Store: st, Account: "000000000000", Region: "eu-central-1",
		IAM: everyone{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	watch, err := plane.New(st, everyone{}, "000000000000", "eu-central-1", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(events.Close(), st.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return providertest.New(t, "events-stream", monitoring.Kinds(events, watch)), events, watch
}

func alarm(changes object) object {
	a := object{"name": "late", "namespace": "AWS/Firehose", "metricName": "DeliveryToS3.DataFreshness", "dimensions": object{"DeliveryStreamName": "events"},
		"statistic": "Maximum", "comparisonOperator": "GreaterThanThreshold", "threshold": 120, "period": 60, "evaluationPeriods": 5,
		"treatMissingData": "notBreaching"}
	for k, v := range changes {
		a[k] = v
	}
	return a
}

const body = `{"widgets":[{"type":"metric","properties":{"metrics":[["AWS/Firehose","IncomingRecords"]]}}]}`

func TestALogGroupAndItsStreamLiveFromCreateToDelete(t *testing.T) {
	engine, events, _ := world(t)
	group := engine.Create(groupType, object{"name": "/aws/kinesisfirehose/events", "retentionInDays": 30, "tags": object{"layer": "stream"}})
	stream := engine.Create(streamType, object{"logGroupName": group.ID, "name": "S3Delivery"})
	if got := stream.Outputs["arn"]; got != "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/kinesisfirehose/events:log-stream:S3Delivery" {
		t.Errorf("the stream's ARN is %v", got)
	}
	group = engine.Update(group, object{"retentionInDays": 7})
	if got, err := events.Group(t.Context(), group.ID); err != nil || got.RetentionInDays != 7 || got.Tags["layer"] != "stream" {
		t.Errorf("after the update the group is %+v (%v)", got, err)
	}
	if got := engine.Replaces(group, object{"name": "/other"}); got != "name" {
		t.Errorf("another name replaces for %q", got)
	}
	if got := engine.Import(streamType, group.ID+":S3Delivery"); got["name"] != "S3Delivery" || got["logGroupName"] != group.ID {
		t.Errorf("the import finds %v", got)
	}
	if got := engine.Import(groupType, group.ID); got["retentionInDays"] != 7.0 {
		t.Errorf("the import finds %v", got)
	}
	engine.Delete(stream)
	engine.Delete(group)
	if engine.Exists(group) || engine.Exists(stream) {
		t.Error("they are there after their deletion")
	}
}

func TestAnAlarmLivesFromCreateToDelete(t *testing.T) {
	engine, _, watch := world(t)
	made := engine.Create(alarmType, alarm(nil))
	if made.Outputs["arn"] != "arn:aws:cloudwatch:eu-central-1:000000000000:alarm:late" {
		t.Errorf("the outputs are %v", made.Outputs)
	}
	made = engine.Update(made, object{"threshold": 300, "alarmActions": []any{"arn:aws:sns:eu-central-1:000000000000:t"}})
	if got, err := watch.Alarm("late"); err != nil || got.Threshold != 300 || len(got.AlarmActions) != 1 || !got.ActionsEnabled {
		t.Errorf("after the update the alarm is %+v (%v)", got, err)
	}
	again := engine.Import(alarmType, "late")
	again["name"] = "copy"
	engine.Create(alarmType, again)
	engine.Delete(made)
	if engine.Exists(made) {
		t.Error("it is there after its deletion")
	}
}

func TestADashboardLivesFromCreateToDelete(t *testing.T) {
	engine, _, watch := world(t)
	made := engine.Create(dashboardType, object{"dashboardName": "events", "dashboardBody": body})
	if made.Outputs["dashboardArn"] != "arn:aws:cloudwatch::000000000000:dashboard/events" {
		t.Errorf("the outputs are %v", made.Outputs)
	}
	made = engine.Update(made, object{"dashboardBody": `{"widgets":[]}`})
	if got, err := watch.Dashboard("events"); err != nil || got.Body != `{"widgets":[]}` {
		t.Errorf("after the update the dashboard is %+v (%v)", got, err)
	}
	engine.Delete(made)
	if engine.Exists(made) {
		t.Error("it is there after its deletion")
	}
}

func TestATopicTakesItsSubscriptionsAlong(t *testing.T) {
	engine, _, _ := world(t)
	topic := engine.Create(topicType, object{"name": "alarms", "kmsMasterKeyId": "alias/aws/sns"})
	sub := engine.Create(subscriptionType, object{"topic": topic.ID, "protocol": "email", "endpoint": "ada@example.com"})
	if topic.ID != "arn:aws:sns:eu-central-1:000000000000:alarms" || !strings.HasPrefix(sub.ID, topic.ID+":") {
		t.Errorf("the ids are %s and %s", topic.ID, sub.ID)
	}
	engine.Delete(topic)
	if engine.Exists(sub) {
		t.Error("a subscription outlives its topic")
	}
	engine.Delete(sub)
}

func TestWhatAWSRefusesIsRefused(t *testing.T) {
	engine, _, _ := world(t)
	for _, row := range []struct {
		token, want string
		inputs      object
	}{
		{groupType, "retentionInDays", object{"name": "g", "retentionInDays": 8}},
		{groupType, `[\.\-_/#A-Za-z0-9]+`, object{"name": "a b"}},
		{groupType, "kmsKeyId: is not honoured", object{"name": "g", "kmsKeyId": "arn:aws:kms:x"}},
		{groupType, "STANDARD only", object{"name": "g", "logGroupClass": "INFREQUENT_ACCESS"}},
		{streamType, "regular expression pattern: [^:*]*", object{"logGroupName": "g", "name": "a:b"}},
		{alarmType, "Period must be", alarm(object{"period": 61})},
		{alarmType, "more than a day", alarm(object{"period": 300, "evaluationPeriods": 289})},
		{alarmType, "statistic: \"Most\"", alarm(object{"statistic": "Most"})},
		{alarmType, "comparisonOperator: \"Above\"", alarm(object{"comparisonOperator": "Above"})},
		{alarmType, "Invalid arn syntax", alarm(object{"alarmActions": []any{"mail"}})},
		{alarmType, "metricQueries: is not honoured", alarm(object{"metricQueries": []any{}})},
		{dashboardType, "valid JSON", object{"dashboardName": "d", "dashboardBody": "{"}},
		{dashboardType, "/widgets/0", object{"dashboardName": "d", "dashboardBody": `{"widgets":[{"type":"pie"}]}`}},
		{dashboardType, "DashboardName", object{"dashboardName": "a b", "dashboardBody": body}},
		{topicType, "fifoTopic: is not honoured", object{"name": "t", "fifoTopic": true}},
		{topicType, "KMS key", object{"name": "t", "kmsMasterKeyId": "key"}},
		{subscriptionType, `protocol "lambda" is not honoured`, object{"topic": "arn:aws:sns:x", "protocol": "lambda", "endpoint": "x"}},
		{subscriptionType, "address", object{"topic": "arn:aws:sns:x", "protocol": "email", "endpoint": "x"}},
	} {
		engine.Refuses(row.token, row.inputs, row.want)
	}
	if _, err := engine.TryCreate(streamType, object{"logGroupName": "/no", "name": "s"}); err == nil {
		t.Error("a stream in a group that is not there is made")
	}
}
