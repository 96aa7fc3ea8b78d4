package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// readBytes is what a reader takes from the disk at once, in bytes.
const readBytes = 256 << 10

// Record is one record. Data is valid until the reader's next call.
type Record struct {
	Index   uint64
	Arrived time.Time
	Data    []byte
}

// DamagedError tells of records that cannot be read any more. The reader goes on behind
// them.
type DamagedError struct {
	Segment  string
	From, To uint64 // the indexes lost: From up to, not including, To
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is damaged: records %d to %d are lost", e.Segment, e.From, e.To-1)
}

// Reader reads a journal in order. It is for one goroutine.
type Reader struct {
	j    *Journal
	next uint64

	file  *os.File // the segment that holds next; nil before the first read of it
	seg   view
	index uint64 // index of the record at offset
	off   int64
	buf   []byte // bytes of the file from off
	space []byte // what buf is cut from
}

// view is a segment as a reader may see it.
type view struct {
	path       string
	first, end uint64 // indexes: first up to, not including, end
	size       int64
}

// ReaderAt returns a reader whose first record is that with the index, or the oldest
// that is still there.
func (j *Journal) ReaderAt(index uint64) *Reader { return &Reader{j: j, next: index} }

// Next returns the next record, and false when there is none yet. After a DamagedError
// it can be called again.
func (r *Reader) Next() (Record, bool, error) {
	for r.next < r.j.Next() {
		if err := r.locate(); err != nil {
			return Record{}, false, err
		}
		rec, err := r.frame()
		if err != nil {
			return Record{}, false, err
		}
		if rec.Index >= r.next {
			r.next = rec.Index + 1
			return rec, true, nil
		}
	}
	return Record{}, false, nil
}

// Position returns the index of the record that Next returns next.
func (r *Reader) Position() uint64 { return r.next }

// Close releases the file.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}

// locate makes the segment that holds the next record the current one.
func (r *Reader) locate() error {
	if r.file != nil && r.index < r.seg.end {
		return nil
	}
	v := r.j.viewOf(r.next)
	r.next = max(r.next, v.first)
	if r.file != nil && r.seg.path == v.path && r.index < v.end {
		r.seg = v
		return nil
	}
	r.Close()
	f, err := os.Open(v.path)
	if errors.Is(err, fs.ErrNotExist) && r.j.Oldest() > v.first { // dropped meanwhile
		return r.locate()
	}
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	r.file, r.seg, r.index, r.off, r.buf = f, v, v.first, 0, nil
	return nil
}

// viewOf returns the segment that holds index, or the first one behind it.
func (j *Journal) viewOf(index uint64) view {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, s := range j.segs {
		if index < s.end() || i == len(j.segs)-1 {
			return view{path: s.path, first: s.first, end: s.end(), size: s.size}
		}
	}
	panic("unreachable: a journal has a segment")
}

// frame reads the record at the offset.
func (r *Reader) frame() (Record, error) {
	n := headerBytes
	if len(r.buf) >= headerBytes {
		n, _ = frameLength(r.buf)
	}
	if err := r.fill(n); err != nil {
		return Record{}, err
	}
	n, ok := frameLength(r.buf)
	if ok {
		if err := r.fill(n); err != nil {
			return Record{}, err
		}
	}
	if !ok || n > len(r.buf) {
		return Record{}, r.giveUpSegment()
	}
	if !sound(r.buf) {
		err := r.lost(r.index + 1)
		r.advance(n)
		return Record{}, err
	}
	rec := Record{Index: r.index, Data: r.buf[headerBytes:n:n],
		Arrived: time.Unix(0, int64(binary.LittleEndian.Uint64(r.buf[8:])))}
	r.advance(n)
	return rec, nil
}

func (r *Reader) advance(n int) {
	r.buf, r.off, r.index = r.buf[n:], r.off+int64(n), r.index+1
}

// lost says that the records from the current one up to end are gone.
func (r *Reader) lost(end uint64) error {
	r.next = max(r.next, end)
	return &DamagedError{Segment: r.seg.path, From: r.index, To: end}
}

// giveUpSegment goes behind all that is committed in the segment: without a length that
// can be true nothing tells where the next frame begins.
func (r *Reader) giveUpSegment() error {
	err := r.lost(r.seg.end)
	r.index, r.off, r.buf = r.seg.end, r.seg.size, nil
	return err
}

// fill makes buf hold at least n bytes, or all that is committed.
func (r *Reader) fill(n int) error {
	left := r.seg.size - r.off
	if len(r.buf) >= n || int64(len(r.buf)) >= left {
		return nil
	}
	want := int(min(left, int64(max(n, readBytes))))
	if cap(r.space) < want {
		r.space = make([]byte, want)
	}
	buf, err := readAt(r.file, r.space[:want], r.off)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	r.buf = buf
	return nil
}
