package mapping_test

import (
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
	event := `{"game_name":"myfirstgame","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"}}`
	r.Body = []byte(`{"events":[` + strings.Repeat(event+",", 499) + event + `]}`)
	run(b, c.Template, r)
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
