package firehose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/smithy-go"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
)

// client returns AWS's own client for a service that has one stream to S3.
func client(t *testing.T, c *cloud, spec Spec, change func(*Config)) (*firehose.Client, *Service) {
	t.Helper()
	s, _ := c.service(t, t.TempDir(), change)
	create(t, s, spec)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return firehose.New(firehose.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.AnonymousCredentials{}}), s
}

func soon() Spec { return toS3(func(e *ExtendedS3) { e.BufferingHints = hints(1, 0) }) }

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return fmt.Sprint(err)
}

func TestAPutRecordIsDelivered(t *testing.T) {
	c := newCloud()
	api, _ := client(t, c, soon(), nil)
	out, err := api.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: aws.String("events"), Record: &types.Record{Data: []byte("a")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(*out.RecordId) != 224 {
		t.Errorf("the record ID has %d characters, AWS's have 224", len(*out.RecordId))
	}
	eventually(t, "the record is in the bucket", func() bool { return len(c.keys("")) == 1 })
}

func records(n, size int) []types.Record {
	all := make([]types.Record, n)
	for i := range all {
		all[i].Data = bytes.Repeat([]byte("x"), size)
	}
	return all
}

func TestAWSLimitsOfABatch(t *testing.T) {
	api, _ := client(t, newCloud(), soon(), nil)
	for name, row := range map[string]struct {
		records []types.Record
		want    string
	}{
		"500 records":                  {records(500, 1), ""},
		"501 records":                  {records(501, 1), "ValidationException"},
		"no record":                    {[]types.Record{}, "ValidationException"},
		"4 MiB":                        {records(8, 512<<10), ""},
		"4 MiB and a byte":             {append(records(8, 512<<10), records(1, 1)...), "InvalidArgumentException"},
		"a record of 1000 KiB":         {records(1, 1000<<10), ""},
		"a record of 1000 KiB and 1 B": {records(1, 1000<<10+1), "ValidationException"},
		"an empty record":              {records(1, 0), ""},
	} {
		out, err := api.PutRecordBatch(t.Context(), &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("events"), Records: row.records})
		switch {
		case row.want != "" && code(err) != row.want:
			t.Errorf("%s: got %v, want %s", name, err, row.want)
		case row.want == "" && err != nil:
			t.Errorf("%s: got %v, want it accepted", name, err)
		case row.want == "" && (len(out.RequestResponses) != len(row.records) || *out.FailedPutCount != 0):
			t.Errorf("%s: %d results, %d failed", name, len(out.RequestResponses), *out.FailedPutCount)
		}
	}
}

func TestRequestsThatAWSRefusesAreRefused(t *testing.T) {
	api, _ := client(t, newCloud(), soon(), nil)
	for name, want := range map[string]string{
		"other":                     "ResourceNotFoundException: Firehose other under account 000000000000 not found.",
		"arn:aws:firehose:a:b:ds/x": "ValidationException: 1 validation error detected: Value 'arn:aws:firehose:a:b:ds/x' at 'deliveryStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
		strings.Repeat("x", 65):     "length less than or equal to 64",
	} {
		_, err := api.PutRecord(t.Context(), &firehose.PutRecordInput{DeliveryStreamName: &name, Record: &types.Record{Data: []byte("a")}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stream %s: got %v, want %s", name, err, want)
		}
	}
	if _, err := api.CreateDeliveryStream(t.Context(), &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String("x")}); code(err) != "UnknownOperationException" {
		t.Errorf("an operation that is not served: got %v", err)
	}
}

func TestACallerWithoutPermissionIsDenied(t *testing.T) {
	c := newCloud()
	c.authorize = func(action, resource string) error {
		if action == "firehose:PutRecord" && resource == "arn:aws:firehose:eu-central-1:000000000000:deliverystream/events" {
			return nil
		}
		return &iam.Denied{Action: action, Resource: resource, Role: role}
	}
	s, _ := c.service(t, t.TempDir(), nil)
	allowed := c.authorize
	c.authorize = nil
	create(t, s, soon())
	c.authorize = allowed
	if _, _, err := s.PutRecord(t.Context(), "events", []byte("a")); err != nil {
		t.Errorf("the permitted call is denied: %v", err)
	}
	_, _, err := s.PutRecordBatch(t.Context(), "events", [][]byte{[]byte("a")})
	if codeOf(err) != "AccessDeniedException" || !strings.Contains(err.Error(), "firehose:PutRecordBatch") {
		t.Errorf("a call without permission: got %v", err)
	}
	if _, _, err := s.PutRecord(t.Context(), "nothing", []byte("a")); codeOf(err) != "AccessDeniedException" {
		t.Errorf("a stream that is not there: got %v, want the denial first", err)
	}
}

func TestABatchThatIsPartlyRefusedSaysWhichRecords(t *testing.T) {
	c := newCloud()
	api, s := client(t, c, soon(), nil)
	if err := s.RefuseRecords(t.Context(), "events", 2); err != nil {
		t.Fatal(err)
	}
	out, err := api.PutRecordBatch(t.Context(), &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("events"), Records: records(3, 1)})
	if err != nil || *out.FailedPutCount != 2 {
		t.Fatalf("%v failed (%v), want 2 of 3", out, err)
	}
	for i, r := range out.RequestResponses {
		failed := r.RecordId == nil && *r.ErrorCode == "ServiceUnavailableException" && *r.ErrorMessage == "Slow down."
		if failed != (i < 2) {
			t.Errorf("record %d: %+v", i, r)
		}
	}
}

func TestAJournalWithoutRoomAcceptsOnlyWhatFits(t *testing.T) {
	c := newCloud()
	c.putObject = func(string) error { return errors.New("InternalError") }
	_, s := client(t, c, soon(), func(cfg *Config) { cfg.MaxJournalBytes = 100 })
	puts, _, err := s.PutRecordBatch(t.Context(), "events", [][]byte{make([]byte, 40), make([]byte, 40)})
	if err != nil || puts[0].ErrorCode != "" || puts[1].ErrorCode != "ServiceUnavailableException" {
		t.Fatalf("the batch is answered with %+v (%v), want the first accepted and the second refused", puts, err)
	}
	if _, _, err := s.PutRecord(t.Context(), "events", make([]byte, 40)); codeOf(err) != "ServiceUnavailableException" {
		t.Errorf("a full journal answers %v, want ServiceUnavailableException", err)
	}
}

func TestAStreamDescribesItselfWithoutItsPassword(t *testing.T) {
	spec := toRedshift(func(r *Redshift) {
		r.SecretsManagerConfiguration, r.Username, r.Password = nil, "firehose", "Secret-123"
	})
	spec.Encrypted, spec.Tags = true, map[string]string{"b": "2", "a": "1"}
	api, s := client(t, newCloud(), spec, nil)
	out, err := api.DescribeDeliveryStream(t.Context(), &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("events")})
	if err != nil {
		t.Fatal(err)
	}
	d := out.DeliveryStreamDescription
	r := d.Destinations[0].RedshiftDestinationDescription
	if d.DeliveryStreamStatus != types.DeliveryStreamStatusActive || *d.VersionId != "1" || r == nil ||
		*r.ClusterJDBCURL != jdbcURL || *r.Username != "firehose" || *r.S3DestinationDescription.BufferingHints.IntervalInSeconds != 60 ||
		d.DeliveryStreamEncryptionConfiguration.Status != types.DeliveryStreamEncryptionStatusEnabled {
		t.Errorf("the description is %+v, %+v", d, r)
	}
	rec := httptest.NewRecorder()
	req := httptest.NewRequest("POST", "/", strings.NewReader(`{"DeliveryStreamName":"events"}`))
	req.Header.Set("X-Amz-Target", "Firehose_20150804.DescribeDeliveryStream")
	s.Handler().ServeHTTP(rec, req)
	if strings.Contains(rec.Body.String(), "Secret-123") {
		t.Error("the description holds the password")
	}
	tags, err := api.ListTagsForDeliveryStream(t.Context(), &firehose.ListTagsForDeliveryStreamInput{DeliveryStreamName: aws.String("events")})
	if err != nil || len(tags.Tags) != 2 || *tags.Tags[0].Key != "a" {
		t.Errorf("the tags are %+v (%v)", tags, err)
	}
}

func TestAStreamIsInThePartitionOfItsRegion(t *testing.T) {
	c := newCloud()
	asked := ""
	c.authorize = func(_, resource string) error { asked = resource; return nil }
	s, _ := c.service(t, t.TempDir(), func(cfg *Config) { cfg.Region = "cn-north-1" })
	create(t, s, toS3(nil))
	put(t, s, "a")
	if want := "arn:aws-cn:firehose:cn-north-1:000000000000:deliverystream/events"; asked != want {
		t.Errorf("IAM is asked about %s, want %s", asked, want)
	}
}

func TestStreamsAreListedInPages(t *testing.T) {
	api, s := client(t, newCloud(), soon(), nil)
	for _, name := range []string{"a", "b"} {
		spec := soon()
		spec.DeliveryStreamName = name
		create(t, s, spec)
	}
	page, err := api.ListDeliveryStreams(t.Context(), &firehose.ListDeliveryStreamsInput{Limit: aws.Int32(2)})
	if err != nil || !slices.Equal(page.DeliveryStreamNames, []string{"a", "b"}) || !*page.HasMoreDeliveryStreams {
		t.Fatalf("the first page is %+v (%v)", page, err)
	}
	page, err = api.ListDeliveryStreams(t.Context(), &firehose.ListDeliveryStreamsInput{ExclusiveStartDeliveryStreamName: aws.String("b")})
	if err != nil || !slices.Equal(page.DeliveryStreamNames, []string{"events"}) || *page.HasMoreDeliveryStreams {
		t.Errorf("the second page is %+v (%v)", page, err)
	}
}

// silent is a body that does not come.
type silent struct{ asked, end chan struct{} }

func (s silent) Read([]byte) (int, error) {
	s.asked <- struct{}{}
	<-s.end
	return 0, io.EOF
}

// Slow clients keep what they sent, and nobody else waiting: not with a length that they
// only announce.
func TestRequestsBeyondTheBoundOnMemoryAreAskedToSlowDown(t *testing.T) {
	handler := &bounded{Service: awsjson.Handler("firehose", map[string]awsjson.Operation{
		"Do": func(_ context.Context, body []byte) (any, error) { return len(body), nil },
	}), inFlight: awsjson.Budget{Limit: maxInFlight}}
	call := func(length int64, body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/", body)
		r.ContentLength = length
		r.Header.Set("X-Amz-Target", "Firehose_20150804.Do")
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		return rec
	}
	slow := silent{make(chan struct{}), make(chan struct{})}
	var clients sync.WaitGroup
	for i := range maxInFlight / awsjson.MaxBody {
		clients.Go(func() { call([]int64{-1, awsjson.MaxBody}[i%2], slow) })
	}
	for range maxInFlight / awsjson.MaxBody {
		<-slow.asked
	}
	text := strings.Repeat(" ", smallBody+1)
	for _, c := range []struct {
		what   string
		taken  int64 // by other requests, in bytes
		length int64
		body   string
		status int
	}{
		{"a small body beside slow clients", 0, 2, "{}", 200},
		{"a large body beside slow clients", 0, smallBody + 1, text, 200},
		{"a body of unknown length beside slow clients", 0, -1, text, 200},
		{"a small body beyond the bound", maxInFlight - 1, 2, "{}", 503},
		{"a large body beyond the bound", maxInFlight - smallBody, smallBody + 1, text, 503},
		{"a body of unknown length beyond the bound", maxInFlight - smallBody, -1, text, 503},
		{"a body longer than any may be", 0, -1, strings.Repeat(" ", awsjson.MaxBody+1), 413},
	} {
		handler.inFlight.Take(c.taken)
		rec := call(c.length, strings.NewReader(c.body))
		if rec.Code != c.status || c.status == 200 && strings.TrimSpace(rec.Body.String()) != strconv.Itoa(len(c.body)) {
			t.Errorf("%s is answered %d %s, want %d", c.what, rec.Code, rec.Body, c.status)
		}
		handler.inFlight.GiveBack(c.taken)
	}
	close(slow.end)
	clients.Wait()
	if n := handler.inFlight.Used(); n != 0 {
		t.Errorf("%d bytes are held when no request is served", n)
	}
}

func TestAClosedServiceAcknowledgesNothing(t *testing.T) {
	c := newCloud()
	s, closeAll := c.service(t, t.TempDir(), nil)
	create(t, s, toS3(nil))
	st, err := s.find(t.Context(), "PutRecord", "events")
	if err != nil {
		t.Fatal(err)
	}
	closeAll()
	if _, err := st.put(t.Context(), [][]byte{[]byte("a")}); codeOf(err) != "ServiceUnavailableException" {
		t.Errorf("a closed stream answers %v", err)
	}
}

// BenchmarkPutRecord puts single records from many callers: what is measured is the
// group commit and the answer, without HTTP.
func BenchmarkPutRecord(b *testing.B) {
	s := benchService(b)
	data := bytes.Repeat([]byte("x"), 300)
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := s.PutRecord(b.Context(), "events", data); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkPutRecordBatch puts batches of 500 over the JSON protocol, from the request's
// bytes to the answer's.
func BenchmarkPutRecordBatch(b *testing.B) {
	s := benchService(b)
	record := `{"Data":"` + strings.Repeat("eHh4", 100) + `"}`
	body := `{"DeliveryStreamName":"events","Records":[` + strings.Repeat(record+",", 499) + record + `]}`
	handler := s.Handler()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req := httptest.NewRequest("POST", "/", strings.NewReader(body))
			req.Header.Set("X-Amz-Target", "Firehose_20150804.PutRecordBatch")
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, req)
			if rec.Code != 200 {
				b.Error(rec.Body)
			}
		}
	})
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func benchService(b *testing.B) *Service {
	b.Helper()
	c := newCloud()
	s, _ := c.service(b, b.TempDir(), nil)
	create(b, s, toRedshift(nil))
	b.ResetTimer()
	return s
}
