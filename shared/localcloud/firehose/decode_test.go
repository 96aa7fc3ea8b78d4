package firehose

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

var calls = []string{
	`{"DeliveryStreamName":"events","Record":{"Data":"YQ=="}}`, `{"Record":{"Data":""},"DeliveryStreamName":"e\u0076ents"}`, `{"Record":{}}`,
	`{"DeliveryStreamName":"events","Records":[{"Data":"YQ=="},{"Data":"Yg=="}, {}]}`, `{"Records":[]}`, `{}`,
	`{"deliverystreamname":"events"}`, `{"Record":null}`, `{"Records":[null]}`, `{"Record":{"Data":"?"}}`, `{"Record":{"Data":"YQ==","More":1}}`,
	`{"More":1}`, `{"Record":{"Data":"YQ=="},"Record":{}}`, `{"Records":[{"Data":"YQ=="}],"Records":[]}`, `{"Record":{"Data":"YQ==","Data":"Yg=="}}`,
	`{"Record":{"Data":7}}`, "{\"DeliveryStreamName\":\"\x82\"}", `{"Record"`, `{} {}`, `[]`, ``,
}

func TestAPlainCallIsReadAsAnyOperationIs(t *testing.T) {
	for _, body := range calls {
		compareReading(t, body)
	}
	if _, err := readPutRecord([]byte(calls[0])); err != nil {
		t.Errorf("a plain PutRecord goes the slow way: %v", err)
	}
	if _, err := readPutRecordBatch([]byte(calls[3])); err != nil {
		t.Errorf("a plain PutRecordBatch goes the slow way: %v", err)
	}
}

// compareReading compares what is read the quick way, where it can be, with what
// encoding/json makes of it.
func compareReading(t *testing.T, body string) {
	t.Helper()
	single, err := readPutRecord([]byte(body))
	sameReading(t, body, single, err, &putRecordInput{})
	batch, err := readPutRecordBatch([]byte(body))
	sameReading(t, body, batch, err, &putRecordBatchInput{Records: []data{}})
}

func sameReading(t *testing.T, body string, got any, err error, want any) {
	t.Helper()
	if err != nil {
		return
	}
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(want); err != nil {
		t.Fatalf("%q is read as %+v, and is an error: %v", body, got, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q is read as %+v, want %+v", body, got, want)
	}
}

func FuzzReadCall(f *testing.F) {
	for _, body := range calls {
		f.Add(body)
	}
	f.Fuzz(compareReading)
}
