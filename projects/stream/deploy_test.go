package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

const (
	streamType    = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
	groupType     = "aws:cloudwatch/logGroup:LogGroup"
	logStreamType = "aws:cloudwatch/logStream:LogStream"
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	dashboardType = "aws:cloudwatch/dashboard:Dashboard"
	topicType     = "aws:sns/topic:Topic"

	role   = "arn:aws:iam::000000000000:role/events-local-delivery"
	bucket = "arn:aws:s3:::events-local-staging"
	secret = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:events-local/loader-AbCdEf"
	jdbc   = "jdbc:redshift://events-local.abc.eu-central-1.redshift.amazonaws.com:5439/events"
)

type object = map[string]any

func world(set object) pulumitest.World {
	return pulumitest.World{Project: "events-stream", Settings: set, Upstream: map[string]map[string]string{
		"events-iam":     {"gatewayRoleArn": "-", "gatewayLogsRoleArn": "-", "deliveryRoleArn": role, "warehouseRoleArn": "-"},
		"events-storage": {"bucketName": "events-local-staging", "bucketArn": bucket},
		"events-warehouse": {"jdbcUrl": jdbc, "database": "events", "table": "analytics.events", "columns": "event_id,game_name,event_data",
			"loaderSecretArn": secret, "adminSecretArn": "-", "clusterIdentifier": "events-local", "workgroupName": ""},
	}}
}

func deployed(t *testing.T, set object) pulumitest.Result {
	t.Helper()
	r := world(set).Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

// at returns the value at a path of properties.
func at(t *testing.T, in object, path ...string) any {
	t.Helper()
	var value any = in
	for _, p := range path {
		m, ok := value.(object)
		if !ok {
			t.Fatalf("there is nothing at %s", strings.Join(path, "."))
		}
		value = m[p]
	}
	return value
}

func redshiftInputs(t *testing.T, set object) object {
	t.Helper()
	in := deployed(t, set).One(t, streamType).Plain()
	if in["destination"] != "redshift" {
		t.Fatalf("the destination is %v, want redshift", in["destination"])
	}
	return in["redshiftConfiguration"].(object)
}

func s3Inputs(t *testing.T, set object) object {
	t.Helper()
	in := deployed(t, set).One(t, streamType).Plain()
	if in["destination"] != "extended_s3" {
		t.Fatalf("the destination is %v, want extended_s3", in["destination"])
	}
	return in["extendedS3Configuration"].(object)
}

func TestEventsAreLoadedIntoTheWarehousesTable(t *testing.T) {
	r := redshiftInputs(t, nil)
	for property, want := range map[string]any{"clusterJdbcurl": jdbc, "dataTableName": "analytics.events",
		"dataTableColumns": "event_id,game_name,event_data", "roleArn": role, "retryDuration": 3600.0,
		"copyOptions": "FORMAT JSON 'auto ignorecase' TIMEFORMAT 'auto' TRUNCATECOLUMNS ACCEPTINVCHARS MAXERROR 100 GZIP"} {
		if r[property] != want {
			t.Errorf("%s is %v, want %v", property, r[property], want)
		}
	}
	for property, want := range map[string]any{"bucketArn": bucket, "roleArn": role, "prefix": "staging/",
		"bufferingInterval": 60.0, "bufferingSize": 5.0, "compressionFormat": "GZIP"} {
		if got := at(t, r, "s3Configuration", property); got != want {
			t.Errorf("s3Configuration.%s is %v, want %v", property, got, want)
		}
	}
}

func TestFirehoseSignsInWithASecretAndNoPasswordIsDeclared(t *testing.T) {
	r := redshiftInputs(t, nil)
	if at(t, r, "secretsManagerConfiguration", "enabled") != true || at(t, r, "secretsManagerConfiguration", "secretArn") != secret {
		t.Errorf("the secret is declared as %v", r["secretsManagerConfiguration"])
	}
	for _, property := range []string{"username", "password"} {
		if _, set := r[property]; set {
			t.Errorf("%s is declared", property)
		}
	}
}

func TestCopyIsToldOfTheCompressionThatObjectsHave(t *testing.T) {
	for compression, told := range map[string]bool{"GZIP": true, "UNCOMPRESSED": false} {
		r := redshiftInputs(t, object{"compression": compression})
		if got := at(t, r, "s3Configuration", "compressionFormat"); got != compression {
			t.Errorf("the objects are %v, want %s", got, compression)
		}
		if got := strings.Contains(r["copyOptions"].(string), "GZIP"); got != told {
			t.Errorf("with %s COPY has the options %v", compression, r["copyOptions"])
		}
	}
}

func TestDeliveryErrorsGoToLogStreamsThatAreMadeFirst(t *testing.T) {
	for name, row := range map[string]struct {
		set  object
		want []string
	}{
		"redshift":        {nil, []string{"RedshiftDelivery", "S3Delivery"}},
		"redshift backup": {object{"backup": true}, []string{"BackupDelivery", "RedshiftDelivery", "S3Delivery"}},
		"s3":              {object{"destination": "s3"}, []string{"S3Delivery"}},
	} {
		r := deployed(t, row.set)
		group := r.One(t, groupType).Plain()
		if group["name"] != "/aws/kinesisfirehose/events-local-delivery" || group["retentionInDays"] != 30.0 {
			t.Errorf("%s: the log group is %v", name, group)
		}
		var made []string
		for _, s := range r.All(logStreamType) {
			made = append(made, s.Plain()["name"].(string))
		}
		slices.Sort(made)
		if !slices.Equal(made, row.want) {
			t.Errorf("%s: the log streams are %q, want %q", name, made, row.want)
		}
		for _, o := range loggingOptions(r.One(t, streamType).Plain()) {
			if o["enabled"] != true || o["logGroupName"] != group["name"] || !slices.Contains(made, fmt.Sprint(o["logStreamName"])) {
				t.Errorf("%s: the stream logs to %v", name, o)
			}
		}
	}
}

// loggingOptions finds every cloudwatchLoggingOptions below a value.
func loggingOptions(value any) []object {
	m, ok := value.(object)
	if !ok {
		return nil
	}
	var found []object
	for key, v := range m {
		if key == "cloudwatchLoggingOptions" {
			found = append(found, v.(object))
		}
		found = append(found, loggingOptions(v)...)
	}
	return found
}

func TestABackupKeepsSourceRecordsWhereNothingExpires(t *testing.T) {
	for _, r := range []object{redshiftInputs(t, object{"backup": true}), s3Inputs(t, object{"backup": true, "destination": "s3"})} {
		if r["s3BackupMode"] != "Enabled" || at(t, r, "s3BackupConfiguration", "prefix") != "backup/" {
			t.Errorf("the backup is %v, %v", r["s3BackupMode"], r["s3BackupConfiguration"])
		}
	}
	if r := redshiftInputs(t, nil); r["s3BackupMode"] != nil {
		t.Errorf("without the setting the backup is %v", r["s3BackupMode"])
	}
}

func TestBuffersAreEncrypted(t *testing.T) {
	in := deployed(t, nil).One(t, streamType).Plain()
	if at(t, in, "serverSideEncryption", "enabled") != true || at(t, in, "serverSideEncryption", "keyType") != "AWS_OWNED_CMK" {
		t.Errorf("the encryption is %v", in["serverSideEncryption"])
	}
	in = deployed(t, object{"encryptionKeyArn": "arn:aws:kms:eu-central-1:000000000000:key/k"}).One(t, streamType).Plain()
	if at(t, in, "serverSideEncryption", "keyType") != "CUSTOMER_MANAGED_CMK" || at(t, in, "serverSideEncryption", "keyArn") == nil {
		t.Errorf("with a key the encryption is %v", in["serverSideEncryption"])
	}
}

func TestDestinationS3NeedsNoWarehouse(t *testing.T) {
	w := world(object{"destination": "s3"})
	delete(w.Upstream, "events-warehouse")
	r := w.Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	e := r.One(t, streamType).Plain()["extendedS3Configuration"].(object)
	if e["prefix"] != "events/"+byHour || e["errorOutputPrefix"] != "errors/"+byHour+"!{firehose:error-output-type}/" {
		t.Errorf("the prefixes are %v and %v", e["prefix"], e["errorOutputPrefix"])
	}
	if e["processingConfiguration"] != nil || e["dynamicPartitioningConfiguration"] != nil {
		t.Error("without partitioning records are processed")
	}
}

func TestPartitioningHasWhatAWSDemandsOfIt(t *testing.T) {
	e := s3Inputs(t, object{"destination": "s3", "partitioning": object{}})
	if e["bufferingSize"] != 128.0 || e["prefix"] != "events/game_name=!{partitionKeyFromQuery:game_name}/"+byHour ||
		at(t, e, "dynamicPartitioningConfiguration", "enabled") != true {
		t.Errorf("partitioning is declared as %v", e)
	}
	var steps []string
	for _, p := range at(t, e, "processingConfiguration", "processors").([]any) {
		step := p.(object)
		steps = append(steps, fmt.Sprint(step["type"]))
		for _, q := range step["parameters"].([]any) {
			steps = append(steps, fmt.Sprintf("%v=%v", q.(object)["parameterName"], q.(object)["parameterValue"]))
		}
	}
	want := `RecordDeAggregation SubRecordType=JSON AppendDelimiterToRecord Delimiter=\n MetadataExtraction JsonParsingEngine=JQ-1.6 MetadataExtractionQuery={game_name:.game_name}`
	if got := strings.Join(steps, " "); got != want {
		t.Errorf("the processors are %s\nwant %s", got, want)
	}
}

func TestAlarmsTellOfFailingAndLateDeliveries(t *testing.T) {
	for name, row := range map[string]struct {
		set  object
		want []string
	}{
		"redshift":       {object{"backup": true}, []string{"backup-failing", "late", "redshift-failing", "s3-failing", "throttled"}},
		"s3 partitioned": {object{"destination": "s3", "partitioning": object{}}, []string{"late", "partitions-exceeded", "s3-failing", "throttled"}},
	} {
		var got []string
		for _, a := range deployed(t, row.set).All(alarmType) {
			in := a.Plain()
			got = append(got, strings.TrimPrefix(in["name"].(string), "events-local-delivery-"))
			if at(t, in, "dimensions", "DeliveryStreamName") != "events-local-delivery" {
				t.Errorf("%s watches %v", a.Name, in["dimensions"])
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: the alarms are %q, want %q", name, got, row.want)
		}
	}
	late := deployed(t, object{"bufferIntervalSeconds": 300}).Named(t, alarmType, "alarms-late").Plain()
	if late["threshold"] != 660.0 {
		t.Errorf("an event is late after %v seconds, want twice the interval and a minute", late["threshold"])
	}
}

func TestAlarmsTellWhomTheSettingsName(t *testing.T) {
	r := deployed(t, object{"alarmEmails": []string{"ada@example.com"}})
	r.One(t, topicType)
	sub := r.One(t, "aws:sns/topicSubscription:TopicSubscription").Plain()
	if sub["endpoint"] != "ada@example.com" || sub["protocol"] != "email" {
		t.Errorf("the subscription is %v", sub)
	}
	if actions := r.All(alarmType)[0].Plain()["alarmActions"].([]any); len(actions) != 1 {
		t.Errorf("an alarm's actions are %v, want the topic", actions)
	}
	own := deployed(t, object{"alarmTopicArn": "arn:aws:sns:eu-central-1:000000000000:ours"})
	if len(own.All(topicType)) != 0 || own.All(alarmType)[0].Plain()["alarmActions"].([]any)[0] != "arn:aws:sns:eu-central-1:000000000000:ours" {
		t.Error("a topic of the settings is not what alarms tell")
	}
	if actions := deployed(t, nil).All(alarmType)[0].Plain()["alarmActions"]; actions != nil {
		t.Errorf("without a setting the actions are %v", actions)
	}
}

func TestTheDashboardShowsThePath(t *testing.T) {
	in := deployed(t, nil).One(t, dashboardType).Plain()
	text := in["dashboardBody"].(string)
	if !json.Valid([]byte(text)) {
		t.Fatalf("the body is no JSON: %s", text)
	}
	for _, metric := range []string{"AWS/ApiGateway", "IncomingRecords", "DeliveryToS3.DataFreshness", "DeliveryToRedshift.Success", "AWS/Redshift"} {
		if !strings.Contains(text, metric) {
			t.Errorf("the dashboard lacks %s", metric)
		}
	}
	serverless := world(nil)
	serverless.Upstream["events-warehouse"]["workgroupName"] = "events-local"
	body := serverless.Run(t, deploy).One(t, dashboardType).Plain()["dashboardBody"].(string)
	if !strings.Contains(body, `"AWS/Redshift-Serverless","ComputeSeconds","Workgroup","events-local"`) || strings.Contains(body, "ClusterIdentifier") {
		t.Errorf("the dashboard of a serverless warehouse is %s", body)
	}
	if toBucket := deployed(t, object{"destination": "s3"}).One(t, dashboardType).Plain()["dashboardBody"].(string); strings.Contains(toBucket, "edshift") {
		t.Error("the dashboard of a stack without a warehouse shows one")
	}
	if n := len(deployed(t, object{"dashboard": false}).All(dashboardType)); n != 0 {
		t.Errorf("with dashboard off there are %d", n)
	}
}

func TestEverythingThatTakesTagsHasThem(t *testing.T) {
	for _, r := range deployed(t, object{"alarmEmails": []string{"ada@example.com"}}).Resources {
		if !slices.Contains([]string{streamType, groupType, alarmType, topicType}, r.Type) {
			continue
		}
		if tags, ok := r.Plain()["tags"].(object); !ok || tags["layer"] != "stream" || tags["owner"] != "@owners/stream" {
			t.Errorf("%s %s has the tags %v", r.Type, r.Name, r.Plain()["tags"])
		}
	}
}

func TestSettingsThatAWSRefusesAreRefusedBeforeAnythingIsMade(t *testing.T) {
	for want, set := range map[string]object{
		`destination is "splunk"`:                             {"destination": "splunk"},
		`compression is "Snappy"`:                             {"compression": "Snappy"},
		"bufferIntervalSeconds is 901, want 0 to 900":         {"bufferIntervalSeconds": 901},
		"bufferSizeMiB is 129, want 0 to 128":                 {"bufferSizeMiB": 129},
		"retrySeconds is 7201":                                {"retrySeconds": 7201},
		"copyOptions has GZIP":                                {"copyOptions": "FORMAT JSON 'auto' GZIP"},
		"copyOptions has MANIFEST":                            {"copyOptions": "FORMAT JSON 'auto' MANIFEST"},
		"copyOptions has credentials":                         {"copyOptions": "FORMAT JSON 'auto' IAM_ROLE default"},
		"copyOptions has FILLRECORD":                          {"copyOptions": "FORMAT JSON 'auto' FILLRECORD"},
		"copyOptions lacks FORMAT JSON":                       {"copyOptions": "MAXERROR 10"},
		"prefix has !{firehose:error-output-type}":            {"destination": "s3", "prefix": "a/!{firehose:error-output-type}/"},
		"errorPrefix must be set":                             {"destination": "s3", "errorPrefix": ""},
		"errorPrefix has expressions and lacks":               {"destination": "s3", "errorPrefix": "e/!{timestamp:yyyy}/"},
		"prefix has partition keys":                           {"destination": "s3", "prefix": "!{partitionKeyFromQuery:k}/"},
		"partitioning is for destination s3":                  {"partitioning": object{}},
		"bufferIntervalSeconds is 59":                         {"destination": "s3", "partitioning": object{}, "bufferIntervalSeconds": 59},
		"bufferSizeMiB is 63":                                 {"destination": "s3", "partitioning": object{}, "bufferSizeMiB": 63},
		"prefix has the expression !{timestamp, want":         {"destination": "s3", "prefix": "a/!{timestamp"},
		"prefix has the namespace time, want one of":          {"destination": "s3", "prefix": "a/!{time:yyyy}/"},
		"prefix has firehose:uuid":                            {"destination": "s3", "prefix": "a/!{firehose:uuid}/"},
		"errorPrefix has the namespace partitionKeyFromQuery": {"destination": "s3", "errorPrefix": "e/!{firehose:error-output-type}/!{partitionKeyFromQuery:a}/"},
		"the key level, which partitioning.query does not":    {"destination": "s3", "partitioning": object{"prefix": "!{partitionKeyFromQuery:level}/"}},
		"partitioning.prefix uses no key":                     {"destination": "s3", "partitioning": object{"prefix": "x/"}},
		"alarmEmails and alarmTopicArn are both set":          {"alarmEmails": []string{"a@b"}, "alarmTopicArn": "arn:aws:sns:x"},
		"logRetentionDays is 8; CloudWatch Logs takes":        {"logRetentionDays": 8},
		"unknown setting events-stream:interval":              {"interval": 5},
	} {
		r := world(set).Run(t, deploy)
		if r.Err == nil || !strings.Contains(r.Err.Error(), want) {
			t.Errorf("the error is %v, want it to hold %q", r.Err, want)
		}
		if len(r.Resources) > 0 {
			t.Errorf("%s: %d resources were made", want, len(r.Resources))
		}
	}
}

func TestWithoutTheWarehouseTheErrorSaysHowToDeployIt(t *testing.T) {
	w := world(nil)
	delete(w.Upstream, "events-warehouse")
	if r := w.Run(t, deploy); r.Err == nil || !strings.Contains(r.Err.Error(), "deploy:warehouse") {
		t.Errorf("the error is %v", r.Err)
	}
}
