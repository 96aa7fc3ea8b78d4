package firehose

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
)

// The members of an answer are those of AWS's model, in JSON that encoding/json reads.
func TestAnAnswerIsWhatAWSsModelSays(t *testing.T) {
	for _, encrypted := range []bool{true, false} {
		var single firehose.PutRecordOutput
		decodeAnswer(t, &putRecordOutput{"id", encrypted}, &single)
		if *single.RecordId != "id" || *single.Encrypted != encrypted {
			t.Errorf("PutRecord answers %s and %t, want id and %t", *single.RecordId, *single.Encrypted, encrypted)
		}
		var batch firehose.PutRecordBatchOutput
		decodeAnswer(t, &putRecordBatchOutput{2, encrypted, results(5, 1, 7, 3)}, &batch)
		if *batch.FailedPutCount != 2 || *batch.Encrypted != encrypted || len(batch.RequestResponses) != 5 {
			t.Errorf("PutRecordBatch answers %d failed of %d, encrypted %t", *batch.FailedPutCount, len(batch.RequestResponses), *batch.Encrypted)
		}
		for i, r := range batch.RequestResponses {
			if taken := i >= 1 && i < 4; taken != (len(aws.ToString(r.RecordId)) == 224) || taken == (aws.ToString(r.ErrorCode) == "ServiceUnavailableException") {
				t.Errorf("record %d of a batch of which 1 to 3 were taken: ID %q, code %q", i, aws.ToString(r.RecordId), aws.ToString(r.ErrorCode))
			}
		}
	}
	if empty := (&putRecordBatchOutput{}).appendJSON(nil); !json.Valid(empty) {
		t.Errorf("the answer to no record is %s", empty)
	}
}

func decodeAnswer(t *testing.T, from answer, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(from.appendJSON(nil))))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", from.appendJSON(nil), err)
	}
}

func TestEveryRecordHasAnIDOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for index := range uint64(1000) {
		id := string(appendRecordID(nil, index))
		if len(id) != 224 || seen[id] {
			t.Fatalf("the ID %q has %d characters or is there twice; AWS's have 224", id, len(id))
		}
		seen[id] = true
	}
}
