package stream_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/logs"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/provider/stream"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	token  = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
	role   = "arn:aws:iam::000000000000:role/delivery"
	bucket = "arn:aws:s3:::staging"
	secret = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:loader-AbCdEf"
	group  = "/aws/kinesisfirehose/events"
)

// planes stand in for what Firehose meets; an empty role trusts nobody.
type planes struct{ secretErr error }

func (planes) Authorize(context.Context, string, string, map[string]string) error { return nil }
func (planes) AssumeRole(_ context.Context, _, arn string) (iam.Credentials, error) {
	if arn != role {
		return iam.Credentials{}, errors.New("no such role")
	}
	return iam.Credentials{}, nil
}
func (planes) PutObject(context.Context, string, string, []byte, string) error    { return nil }
func (planes) Exec(context.Context, string, string, string, string, string) error { return nil }
func (planes) Reach(context.Context, string, int, netip.Prefix) error             { return nil }
func (planes) PutLogEvents(context.Context, string, string, ...string) error      { return nil }
func (planes) PutStreamMetric(string, string, float64)                            {}
func (p *planes) SecretValue(context.Context, string) (string, error)             { return "", p.secretErr }

func world(t *testing.T) (*providertest.Engine, *firehose.Service, *planes) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	p := &planes{}
	log := slog.New(slog.DiscardHandler)
	events, err := logs.New(logs.Config{StateDir: filepath.Join(dir, "logs"), Store: st, Account: "000000000000", Region: "eu-central-1", IAM: p, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(events.CreateLogGroup(t.Context(), group), events.CreateLogStream(t.Context(), group, "S3Delivery"),
		events.CreateLogStream(t.Context(), group, "RedshiftDelivery")); err != nil {
		t.Fatal(err)
	}
	plane, err := firehose.New(firehose.Config{StateDir: filepath.Join(dir, "firehose"), Store: st, Account: "000000000000", Region: "eu-central-1",
		IAM: p, S3: p, Warehouse: p, Network: p, Secrets: p, Events: p, Metrics: p, Log: log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(plane.Close(), events.Close(), st.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return providertest.New(t, "events-stream", stream.Kinds(plane, events, p)), plane, p
}

func logTo(stream string) object {
	return object{"enabled": true, "logGroupName": group, "logStreamName": stream}
}

func redshift(changes object) object {
	r := object{
		"clusterJdbcurl": "jdbc:redshift://events.abc.eu-central-1.redshift.amazonaws.com:5439/events", "roleArn": role,
		"dataTableName": "analytics.events", "dataTableColumns": "game_name,event_data", "copyOptions": "FORMAT JSON 'auto' GZIP",
		"secretsManagerConfiguration": object{"enabled": true, "secretArn": secret}, "retryDuration": 3600,
		"cloudwatchLoggingOptions": logTo("RedshiftDelivery"),
		"s3Configuration": object{"bucketArn": bucket, "roleArn": role, "bufferingSize": 5, "bufferingInterval": 60,
			"compressionFormat": "GZIP", "prefix": "staging/", "cloudwatchLoggingOptions": logTo("S3Delivery")},
	}
	maps.Copy(r, changes)
	return object{"name": "events", "destination": "redshift", "redshiftConfiguration": r,
		"serverSideEncryption": object{"enabled": true, "keyType": "AWS_OWNED_CMK"}, "tags": object{"layer": "stream"}}
}

func s3(changes object) object {
	e := object{"bucketArn": bucket, "roleArn": role, "bufferingSize": 64, "bufferingInterval": 60, "cloudwatchLoggingOptions": logTo("S3Delivery")}
	maps.Copy(e, changes)
	return object{"name": "events", "destination": "extended_s3", "extendedS3Configuration": e}
}

var partitions = object{
	"prefix": "game=!{partitionKeyFromQuery:game_name}/", "errorOutputPrefix": "errors/!{firehose:error-output-type}/",
	"dynamicPartitioningConfiguration": object{"enabled": true},
	"processingConfiguration": object{"enabled": true, "processors": []any{
		object{"type": "MetadataExtraction", "parameters": []any{
			object{"parameterName": "JsonParsingEngine", "parameterValue": "JQ-1.6"},
			object{"parameterName": "MetadataExtractionQuery", "parameterValue": "{game_name:.game_name}"}}},
		object{"type": "AppendDelimiterToRecord", "parameters": []any{object{"parameterName": "Delimiter", "parameterValue": `\n`}}},
	}},
}

func TestAStreamLivesFromCreateToDelete(t *testing.T) {
	engine, plane, _ := world(t)
	made := engine.Create(token, redshift(nil))
	if want := "arn:aws:firehose:eu-central-1:000000000000:deliverystream/events"; made.ID != want || made.Outputs["arn"] != want || made.Outputs["versionId"] != "1" {
		t.Errorf("the stream is %s with %v", made.ID, made.Outputs)
	}
	info, err := plane.DescribeDeliveryStream(t.Context(), "events")
	if err != nil || !info.Encrypted || info.Tags["layer"] != "stream" || info.Redshift.CopyCommand.DataTableName != "analytics.events" ||
		*info.Redshift.S3Configuration.BufferingHints.IntervalInSeconds != 60 || info.Redshift.S3Configuration.Prefix != "staging/" {
		t.Errorf("the plane has %+v (%v)", info, err)
	}
	made = engine.Update(made, redshift(object{"retryDuration": 60}))
	if info, _ := plane.DescribeDeliveryStream(t.Context(), "events"); *info.Redshift.RetryOptions.DurationInSeconds != 60 || made.Outputs["versionId"] != "2" {
		t.Errorf("after the update the plane has %+v, the outputs are %v", info.Redshift, made.Outputs)
	}
	engine.Delete(made)
	if engine.Exists(made) {
		t.Error("the stream is there after its deletion")
	}
}

func TestEveryVariantIsMadeAndImported(t *testing.T) {
	for name, inputs := range map[string]object{
		"redshift":        redshift(nil),
		"redshift backup": redshift(object{"s3BackupMode": "Enabled", "s3BackupConfiguration": object{"bucketArn": bucket, "roleArn": role, "prefix": "backup/"}}),
		"s3":              s3(object{"prefix": "events/", "compressionFormat": "GZIP"}),
		"s3 partitioned":  s3(partitions),
	} {
		engine, _, _ := world(t)
		made := engine.Create(token, inputs)
		imported := engine.Import(token, made.ID)
		imported["name"] = "copy"
		engine.Create(token, imported)
		if t.Failed() {
			t.Fatalf("that was the variant %s", name)
		}
	}
}

func TestNameAndDestinationReplaceTheStream(t *testing.T) {
	engine, _, _ := world(t)
	made := engine.Create(token, redshift(nil))
	if got := engine.Replaces(made, object{"name": "other"}); got != "name" {
		t.Errorf("another name replaces for %q", got)
	}
	if got := engine.Replaces(made, object{"destination": "extended_s3"}); got != "destination" {
		t.Errorf("another destination replaces for %q", got)
	}
	if got := engine.Replaces(made, redshift(object{"retryDuration": 1})); got != "" {
		t.Errorf("another retry duration replaces for %q", got)
	}
}

func TestWhatIsNotHonouredIsRefused(t *testing.T) {
	engine, _, _ := world(t)
	for want, inputs := range map[string]object{
		"kinesisSourceConfiguration: is not honoured":             {"name": "x", "destination": "extended_s3", "kinesisSourceConfiguration": object{"kinesisStreamArn": "a", "roleArn": role}},
		"extendedS3Configuration.customTimeZone: is not honoured": s3(object{"customTimeZone": "Europe/Berlin"}),
		"extendedS3Configuration.kmsKeyArn: is not honoured":      s3(object{"kmsKeyArn": "arn:aws:kms:x"}),
		"BufferingHints.SizeInMBs must be at least 64":            s3(withSize(partitions, 63)),
		"Prefix must not contain expressions":                     redshift(object{"s3Configuration": object{"bucketArn": bucket, "roleArn": role, "prefix": "!{timestamp:yyyy}/"}}),
		`destination "splunk" is not honoured`:                    {"name": "x", "destination": "splunk"},
		"needs redshiftConfiguration":                             {"name": "x", "destination": "redshift"},
		"CUSTOMER_MANAGED_CMK is not honoured":                    withKey(s3(nil)),
	} {
		engine.Refuses(token, inputs, want)
	}
}

func withSize(e object, size int) object {
	e = maps.Clone(e)
	e["bufferingSize"] = size
	return e
}

func withKey(in object) object {
	in["serverSideEncryption"] = object{"enabled": true, "keyType": "CUSTOMER_MANAGED_CMK"}
	return in
}

func TestWhatDoesNotExistIsRefusedWhenTheStreamIsMade(t *testing.T) {
	for want, inputs := range map[string]object{
		"Firehose is unable to assume role arn:aws:iam::000000000000:role/none": s3(object{"roleArn": "arn:aws:iam::000000000000:role/none"}),
		"log group " + group + ", stream nowhere":                               s3(object{"cloudwatchLoggingOptions": logTo("nowhere")}),
		"its errors would be seen by nobody":                                    redshift(object{"cloudwatchLoggingOptions": object{"enabled": true, "logGroupName": "/no", "logStreamName": "x"}}),
	} {
		engine, _, _ := world(t)
		if _, err := engine.TryCreate(token, inputs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %s", err, want)
		}
	}
	engine, _, p := world(t)
	p.secretErr = errors.New("no permission")
	if _, err := engine.TryCreate(token, redshift(nil)); err == nil || !strings.Contains(err.Error(), "Firehose cannot read "+secret) {
		t.Errorf("a secret that cannot be read: got %v", err)
	}
}
