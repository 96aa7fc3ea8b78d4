package firehose

import (
	"maps"
	"sync"
	"time"
)

// progress is what a stream has delivered, as it is stored.
type progress struct {
	Deliveries map[string]position // by delivery
	Staged     []object            `json:",omitempty"` // in S3, and in no COPY yet
	Loading    *loading            `json:",omitempty"` // the COPY under way
}

// position is how far a delivery has read the journal.
type position struct {
	Low  uint64            // all records below are delivered
	Done map[string]uint64 `json:",omitempty"` // by partition: all of its records below are
	// Parting is what decides which partition a record is of; empty in what an older build
	// stored. Done is true under the same one only.
	Parting string `json:",omitempty"`
}

func (p position) equal(q position) bool {
	return p.Low == q.Low && p.Parting == q.Parting && maps.Equal(p.Done, q.Done)
}

// object is an object in the intermediate bucket.
type object struct {
	Bucket string `json:",omitempty"` // empty is the bucket that is declared
	Key    string
	Bytes  int64
}

// loading is a batch of objects that one COPY loads.
type loading struct {
	Manifest   string // key
	Objects    []object
	FirstTried time.Time
}

// ledger is a stream's progress, in memory and on disk.
type ledger struct {
	mu     sync.Mutex
	now    progress
	stored map[string]position // what of now is on disk
	save   func(progress) error
}

func newLedger(kept progress, save func(progress) error) *ledger {
	return &ledger{now: kept, stored: maps.Clone(kept.Deliveries), save: save}
}

// store needs the mutex.
func (l *ledger) store() error {
	err := l.save(l.now)
	if err == nil {
		l.stored = maps.Clone(l.now.Deliveries)
	}
	return err
}

// begin notes where deliveries begin. What is stored is not stored again.
func (l *ledger) begin(at map[string]position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if maps.EqualFunc(at, l.now.Deliveries, position.equal) {
		return nil
	}
	before := l.now.Deliveries
	l.now.Deliveries = at
	err := l.store()
	if err != nil {
		l.now.Deliveries = before
	}
	return err
}

// update changes the progress and stores it. The change stays in memory when it could
// not be stored: then more is delivered again after a crash than need be.
func (l *ledger) update(change func(*progress)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.now)
	return l.store()
}

// position returns a delivery's position; it begins at index when it is new.
func (l *ledger) position(delivery string, index uint64) position {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.now.Deliveries[delivery]
	if !ok {
		p = position{Low: index}
	}
	p.Done = maps.Clone(p.Done)
	if p.Done == nil {
		p.Done = map[string]uint64{}
	}
	return p
}

// lowest bounds the positions of all deliveries as they are on disk: a restart needs the
// journal from there.
func (l *ledger) lowest(of []*delivery) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	low := ^uint64(0)
	for _, d := range of {
		low = min(low, l.stored[d.name].Low)
	}
	return low
}

// highest bounds the positions from above.
func (p progress) highest() uint64 {
	high := uint64(0)
	for _, d := range p.Deliveries {
		high = max(high, d.Low)
		for _, done := range d.Done {
			high = max(high, done)
		}
	}
	return high
}
