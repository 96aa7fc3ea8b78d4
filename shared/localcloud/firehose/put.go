package firehose

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"

	"pipeline/shared/localcloud/journal"
)

// AWS's limits (developer guide, "Quota"; botocore service model firehose).
const (
	maxRecord       = 1_024_000 // bytes of one record, before base64
	maxBatchRecords = 500
	maxBatch        = 4 << 20 // bytes of all records, before base64
)

// Put is what became of one record: a place in the journal, or an error's code and text.
type Put struct {
	Index                   uint64
	ErrorCode, ErrorMessage string
}

// PutRecord accepts one record: when it returns without an error the record is on disk.
func (s *Service) PutRecord(ctx context.Context, name string, data []byte) (id string, encrypted bool, err error) {
	st, err := s.find(ctx, "PutRecord", name)
	if err != nil {
		return "", false, err
	}
	if err := checkData(data, "record.data"); err != nil {
		return "", false, err
	}
	puts, err := st.put(ctx, [][]byte{data})
	if err != nil {
		return "", false, err
	}
	return string(appendRecordID(nil, puts[0].Index)), st.rec.Encrypted, nil
}

// PutRecordBatch accepts up to 500 records. The records that it could not accept are in
// the result with an error; the rest is on disk.
func (s *Service) PutRecordBatch(ctx context.Context, name string, records [][]byte) (puts []Put, encrypted bool, err error) {
	st, err := s.find(ctx, "PutRecordBatch", name)
	if err != nil {
		return nil, false, err
	}
	if err := checkBatch(records); err != nil {
		return nil, false, err
	}
	puts, err = st.put(ctx, records)
	return puts, st.rec.Encrypted, err
}

func checkData(data []byte, at string) error {
	if data == nil {
		return errConstraint("null", at, "Member must not be null")
	}
	if len(data) > maxRecord {
		return errConstraint(fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", len(data), len(data)), at,
			fmt.Sprintf("Member must have length less than or equal to %d", maxRecord))
	}
	return nil
}

func checkBatch(records [][]byte) error {
	if len(records) == 0 {
		return errConstraint("[]", "records", "Member must have length greater than or equal to 1")
	}
	if len(records) > maxBatchRecords {
		return errConstraint(fmt.Sprintf("[%d records]", len(records)), "records",
			fmt.Sprintf("Member must have length less than or equal to %d", maxBatchRecords))
	}
	for i, r := range records {
		if r == nil || len(r) > maxRecord {
			return checkData(r, fmt.Sprintf("records.%d.member.data", i+1))
		}
	}
	if size(records) > maxBatch {
		return errInvalid("Records size exceeds 4 MB limit")
	}
	return nil
}

func size(records [][]byte) int64 {
	var bytes int64
	for _, r := range records {
		bytes += int64(len(r))
	}
	return bytes
}

// put writes what there is room for. It fails when that is nothing.
func (st *stream) put(ctx context.Context, records [][]byte) ([]Put, error) {
	if !st.kept.Load() {
		st.refusedAll(len(records), nil)
		return nil, errUnavailable()
	}
	refused := st.drills.refusals.take(len(records))
	take := records[refused:]
	first, err := st.journal.Append(ctx, take...)
	if errors.Is(err, journal.ErrFull) {
		take = fitting(take, st.svc.cfg.MaxJournalBytes-st.journal.Size())
		first, err = st.journal.Append(ctx, take...)
	}
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || len(take) == 0 {
		st.refusedAll(len(records), err)
		return nil, errUnavailable()
	}
	st.metrics.put(len(take), size(take), len(records)-len(take))
	return results(len(records), refused, first, len(take)), nil
}

// refusedAll tells the operator why callers are asked to slow down.
func (st *stream) refusedAll(records int, err error) {
	st.metrics.put(0, 0, records)
	if err != nil {
		st.svc.cfg.Log.Error("records are refused: the journal does not take them", "stream", st.name(), "error", err)
	}
}

// fitting returns the records from the front that need at most room bytes.
func fitting(records [][]byte, room int64) [][]byte {
	for i, r := range records {
		room -= int64(len(r)) + journal.Overhead
		if room < 0 {
			return records[:i]
		}
	}
	return records
}

// results are the answers for a batch of which taken records, from the one at index
// from on, are on disk.
func results(n, from int, first uint64, taken int) []Put {
	puts := make([]Put, n)
	for i := range puts {
		if i < from || i >= from+taken {
			puts[i] = Put{ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down."}
			continue
		}
		puts[i].Index = first + uint64(i-from)
	}
	return puts
}

// appendRecordID writes an ID in AWS's form: 168 bytes in base64. The first eight are the
// record's place in the journal, which makes it the only one; the others are noise.
func appendRecordID(b []byte, index uint64) []byte {
	var id [168]byte
	binary.BigEndian.PutUint64(id[:], index)
	noise := rand.NewPCG(index, 0)
	for at := 8; at < len(id); at += 8 {
		binary.BigEndian.PutUint64(id[at:], noise.Uint64())
	}
	return base64.StdEncoding.AppendEncode(b, id[:])
}
