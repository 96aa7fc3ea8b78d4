package firehose

import (
	"net/http"
	"slices"
	"strconv"

	"pipeline/shared/localcloud/awsjson"
)

// answer is an output that is written without reflection, which takes several times as
// long for a batch.
type answer interface {
	appendJSON(b []byte) []byte
}

// servePut answers a call whose output is an answer.
func servePut(w http.ResponseWriter, r *http.Request, put awsjson.Operation, body []byte) {
	out, err := put(r.Context(), body)
	if err != nil {
		awsjson.WriteError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	// A client that went away is the only error.
	_, _ = w.Write(out.(answer).appendJSON(nil))
}

func (o *putRecordOutput) appendJSON(b []byte) []byte {
	b = append(append(append(slices.Grow(b, putBytes+100), `{"RecordId":"`...), o.RecordId...), `","Encrypted":`...)
	return append(strconv.AppendBool(b, o.Encrypted), "}\n"...)
}

// putBytes is what a record takes in the answer, in bytes.
const putBytes = 240

func (o *putRecordBatchOutput) appendJSON(b []byte) []byte {
	b = slices.Grow(b, 100+putBytes*len(o.puts))
	b = strconv.AppendInt(append(b, `{"FailedPutCount":`...), int64(o.failed), 10)
	b = strconv.AppendBool(append(b, `,"Encrypted":`...), o.encrypted)
	b = append(b, `,"RequestResponses":[`...)
	for i, p := range o.puts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPut(b, p)
	}
	return append(b, "]}\n"...)
}

// appendPut writes what became of a record. Nothing in it needs to be escaped.
func appendPut(b []byte, p Put) []byte {
	if p.ErrorCode != "" {
		b = append(append(b, `{"ErrorCode":"`...), p.ErrorCode...)
		b = append(append(b, `","ErrorMessage":"`...), p.ErrorMessage...)
	} else {
		b = appendRecordID(append(b, `{"RecordId":"`...), p.Index)
	}
	return append(b, `"}`...)
}
