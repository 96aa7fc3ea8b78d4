package mapping_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway/mapping"
	"pipeline/shared/localcloud/gateway/vtl/velocitytest"
)

// BenchmarkPutRecord is the request template of a single event.
func BenchmarkPutRecord(b *testing.B) {
	c := find(b, "firehose/put-record")
	run(b, c.Template, request(b, c))
}

// BenchmarkPutRecordBatch is the one of 500 events.
func BenchmarkPutRecordBatch(b *testing.B) {
	c := find(b, "firehose/put-record-batch")
	r := request(b, c)
	r.Body = []byte(`{"events":[` + strings.Repeat(event+",", 499) + event + `]}`)
	run(b, c.Template, r)
}

// layer is where the templates of layer gateway are.
const layer = "../../../../projects/gateway/templates"

const event = `{"game_name":"myfirstgame","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"}}`

// BenchmarkLayer runs the templates of layer gateway: of one event, and of 500.
func BenchmarkLayer(b *testing.B) {
	for name, body := range map[string]string{
		"single": event, "single.200": `{"RecordId":"r"}`,
		"batch":     `{"events":[` + strings.Repeat(event+",", 499) + event + `]}`,
		"batch.200": `{"FailedPutCount":0,"RequestResponses":[` + strings.Repeat(`{"RecordId":"r"},`, 499) + `{"RecordId":"r"}]}`,
	} {
		b.Run(name, func(b *testing.B) {
			template, err := os.ReadFile(filepath.Join(layer, name+".vtl"))
			if err != nil {
				b.Fatal(err)
			}
			run(b, string(template), mapping.Request{Body: []byte(body), Context: map[string]any{
				"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "requestTime": "22/Nov/2026:14:10:00 +0000", "requestTimeEpoch": int64(1795356600123),
				"authorizer": map[string]any{"claims": map[string]any{"sub": "0f5e4d3c-0000-4000-8000-000000000000"}},
			}})
		})
	}
}

func find(b *testing.B, name string) velocitytest.Case {
	for _, c := range velocitytest.Corpus(b) {
		if c.Name == name {
			return c
		}
	}
	b.Fatalf("no %s in the corpus", name)
	return velocitytest.Case{}
}

func run(b *testing.B, template string, r mapping.Request) {
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mapping.Render(b.Context(), template, r); err != nil {
			b.Fatal(err)
		}
	}
}
