package firehose

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestACallIsReadAsItIsSpelt(t *testing.T) {
	c := newCloud()
	s, _ := c.service(t, t.TempDir(), nil)
	create(t, s, toS3(nil))
	for _, call := range []struct{ operation, body, want string }{
		{"PutRecord", `{"deliveryStreamName":"events","Record":{"Data":"YQ=="}}`, `SerializationException`},
		{"PutRecord", `{"DeliveryStreamName":"events","Record":{"data":"YQ=="}}`, `SerializationException`},
		{"PutRecordBatch", `{"DeliveryStreamName":"events","Records":[{"data":"YQ=="}]}`, `SerializationException`},
		{"PutRecord", `{"DeliveryStreamName":"events","Record":{"Data":"YQ=="}} {}`, `SerializationException`},
		{"PutRecord", `{"DeliveryStreamName":"events","Record":{"Data":"YQ=="}}}`, `SerializationException`},
		{"DescribeDeliveryStream", `{"DeliveryStreamName":"events","Limit":0}`, `ValidationException`},
		{"DescribeDeliveryStream", `{"DeliveryStreamName":"events","Limit":10001}`, `ValidationException`},
		{"DescribeDeliveryStream", `{"DeliveryStreamName":"events","ExclusiveStartDestinationId":"d"}`, `InvalidArgumentException`},
		{"ListDeliveryStreams", `{"DeliveryStreamType":"Direct"}`, `ValidationException`},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(call.body))
		r.Header.Set("X-Amz-Target", "Firehose_20150804."+call.operation)
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, r)
		if rec.Code != 400 || !strings.Contains(rec.Body.String(), call.want) {
			t.Errorf("%s %s is answered %d %s, want %s", call.operation, call.body, rec.Code, rec.Body, call.want)
		}
	}
	if next := s.streams["events"].journal.Next(); next != 0 {
		t.Errorf("%d records of refused calls are in the journal", next)
	}
}
