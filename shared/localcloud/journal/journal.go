// Package journal is a log of records on disk: what Append returned from is there after
// a kill at any moment, in order, until DropBefore lets it go.
//
// A record is a frame (length, CRC-32C, arrival time, data) in a segment file named by
// the index of its first record. Appends that come together share one write and one
// fsync (group commit). Opening cuts what a crash left half-written.
//
// Own code, because the Go logs at hand lack a part of that: tidwall/wal has no checksums
// and refuses a torn tail instead of mending it; hashicorp/raft-wal checks only the last
// batch, and a log whose write failed once (a full disk) accepts nothing until reopened;
// etcd's and Prometheus's come with the storage engines around them.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrFull means that the journal holds Options.MaxBytes that nobody has read.
	ErrFull = errors.New("the journal is full")
	// ErrClosed means that the journal does not accept records any more.
	ErrClosed = errors.New("the journal is closed")
)

// Options of a journal. The zero value is useful.
type Options struct {
	SegmentBytes int64        // size at which a new segment file begins, in bytes; 0 is 16 MiB
	MaxBytes     int64        // bytes on disk at which Append answers ErrFull; 0 is no bound
	AtLeast      uint64       // lowest index that a new record may have: what was read must not be handed out again
	NoSync       bool         // survive a kill of the process, not of the machine
	Log          *slog.Logger // where repairs are told; nil is slog.Default
	Now          func() time.Time
}

func (o Options) withDefaults() Options {
	if o.SegmentBytes == 0 {
		o.SegmentBytes = 16 << 20
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Journal is safe for concurrent use.
type Journal struct {
	dir  string
	opts Options

	appends chan *appending
	quit    chan struct{}
	done    chan struct{}
	closing sync.Once

	next    atomic.Uint64 // index of the next record; all below are on disk
	mu      sync.Mutex    // guards what follows
	segs    []*segment    // oldest first, never empty
	changed chan struct{} // closed at the next commit
}

// Open opens the journal in dir, making it if it is not there and mending its tail.
func Open(dir string, opts Options) (*Journal, error) {
	opts = opts.withDefaults()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	segs, err := openSegments(dir, opts.Log)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	j := &Journal{dir: dir, opts: opts, segs: segs, changed: make(chan struct{}),
		appends: make(chan *appending, 1024), quit: make(chan struct{}), done: make(chan struct{})}
	if err := j.start(); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	go j.commit()
	return j, nil
}

// start finds the next index, and begins a segment where there is none to go on with.
func (j *Journal) start() error {
	next := j.opts.AtLeast
	if n := len(j.segs); n > 0 {
		next = max(next, j.segs[n-1].end())
	}
	j.next.Store(next)
	if n := len(j.segs); n > 0 && j.segs[n-1].end() == next {
		return j.segs[n-1].openForWriting()
	}
	return j.roll()
}

// roll begins a segment at the next index.
func (j *Journal) roll() error {
	seg, err := createSegment(j.dir, j.next.Load())
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if n := len(j.segs); n > 0 {
		j.segs[n-1].closeWriter()
		if j.segs[n-1].first == seg.first { // it never took a record
			j.segs = j.segs[:n-1]
		}
	}
	j.segs = append(j.segs, seg)
	return nil
}

// Next returns the index that the next record will have: all below it are on disk.
func (j *Journal) Next() uint64 { return j.next.Load() }

// Oldest returns the lowest index that is still on disk.
func (j *Journal) Oldest() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.segs[0].first
}

// Size returns the bytes on disk.
func (j *Journal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	var size int64
	for _, s := range j.segs {
		size += s.size
	}
	return size
}

// Changed returns a channel that closes when more has been committed.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}

// Append puts records at the end and returns the index of the first once all are on
// disk. The records are all there or, with an error, none is; after the context's error
// it is either, and after an error of the disk if the process ends before the next Append.
func (j *Journal) Append(ctx context.Context, records ...[]byte) (uint64, error) {
	if len(records) == 0 {
		return j.Next(), nil
	}
	a := &appending{records: records, arrived: j.opts.Now(), result: make(chan error, 1)}
	select {
	case <-j.quit:
		return 0, ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	case j.appends <- a:
	}
	select {
	case err := <-a.result:
		return a.first, err
	case <-ctx.Done(): // what is queued is committed all the same
		return 0, ctx.Err()
	case <-j.done: // closed meanwhile; the result may still have come
		select {
		case err := <-a.result:
			return a.first, err
		default:
			return 0, ErrClosed
		}
	}
}

// DropBefore removes the segments all of whose records are below index. The segment
// being written stays.
func (j *Journal) DropBefore(index uint64) error {
	j.mu.Lock()
	drop := 0
	for drop < len(j.segs)-1 && j.segs[drop+1].first <= index {
		drop++
	}
	gone := j.segs[:drop]
	j.segs = append([]*segment(nil), j.segs[drop:]...)
	j.mu.Unlock()

	var failed error
	for _, s := range gone {
		if err := os.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// DropToSize removes the oldest segments until at most maxBytes are on disk, or only
// the segment being written is left. It returns the lowest index still there.
func (j *Journal) DropToSize(maxBytes int64) (uint64, error) {
	j.mu.Lock()
	total := int64(0)
	for _, s := range j.segs {
		total += s.size
	}
	keep := 0
	for keep < len(j.segs)-1 && total > maxBytes {
		total -= j.segs[keep].size
		keep++
	}
	oldest := j.segs[keep].first
	j.mu.Unlock()
	return oldest, j.DropBefore(oldest)
}

// Close commits what is queued and closes the files.
func (j *Journal) Close() error {
	j.closing.Do(func() { close(j.quit) })
	<-j.done
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.segs[len(j.segs)-1].closeWriter()
}

// Remove closes the journal and deletes its directory.
func (j *Journal) Remove() error {
	return errors.Join(j.Close(), os.RemoveAll(filepath.Clean(j.dir)))
}
