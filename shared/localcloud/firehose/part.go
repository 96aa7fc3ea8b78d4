package firehose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/firehose/prefix"
	"pipeline/shared/localcloud/journal"
)

const (
	// activePartitions is how many partitions a stream may buffer at once (developer
	// guide, "Quota").
	activePartitions = 500
	// failedPart is the buffer for records that go to the error prefix.
	failedPart = "\x00failed"
)

// part is an object being buffered.
type part struct {
	id      string
	keys    map[string]string
	failed  bool
	passing bool      // it holds records that may be good ones after a restart
	first   uint64    // index of its first record
	next    uint64    // one above the index of its last
	oldest  time.Time // arrival of its first record
	due     time.Time
	spool   spool
	key     string
}

// partFor returns the buffer for a piece, nil when the piece is delivered already. A
// piece for which there can be no buffer of its own is marked as failed. Of one whose
// failure is passing it is not known what it was before a restart: it is delivered again.
func (d *delivery) partFor(pc *piece, rec journal.Record) *part {
	for {
		id := failedPart
		if pc.failed == nil {
			id = partitionID(pc.keys)
		}
		passing := pc.failed != nil && pc.failed.passing
		if rec.Index < d.done[id] && !passing {
			return nil
		}
		p := d.parts[id]
		if p == nil {
			var failed *failure
			if p, failed = d.newPart(id, pc, rec); failed != nil {
				pc.failed = failed
				continue
			}
			d.parts[id] = p
		}
		p.passing = p.passing || passing
		return p
	}
}

func (d *delivery) newPart(id string, pc *piece, rec journal.Record) (*part, *failure) {
	exceeded := pc.failed == nil && len(d.parts) >= activePartitions
	if d.split && pc.failed == nil {
		d.st.metrics.partitions(exceeded)
	}
	if exceeded {
		return nil, &failure{code: "DynamicPartitioning.ActivePartitionsLimitExceeded", message: "Active partitions limit exceeded", passing: true}
	}
	now := d.st.svc.cfg.Now()
	age := max(0, now.Sub(rec.Arrived)) // a clock set back must not hold records for ever
	p := &part{id: id, keys: pc.keys, failed: pc.failed != nil, first: rec.Index, oldest: rec.Arrived,
		due:   now.Add(-age).Add(d.into.BufferingHints.interval()),
		spool: spool{dir: d.st.svc.spoolDir(d.st.rec), compress: d.into.CompressionFormat == "GZIP"}}
	key, err := d.keys.object(p)
	if err != nil && pc.failed == nil {
		return nil, &failure{code: "DynamicPartitioning.InvalidPrefix", message: err.Error()}
	}
	if err != nil { // a record that failed needs a key all the same
		key = d.keys.name(prefix.Stamp(p.oldest)) + d.keys.extension
	}
	p.key = key
	return p, nil
}

func partitionID(keys map[string]string) string {
	if len(keys) == 0 {
		return ""
	}
	var pairs []string
	for k, v := range keys {
		pairs = append(pairs, fmt.Sprintf("%q=%q", k, v))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}
