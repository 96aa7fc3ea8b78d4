package journal

import (
	"time"
)

const (
	// groupBytes bounds what one write takes together, in bytes.
	groupBytes = 8 << 20
	// groupInterval is how long after one group the next is written, where appends come
	// together: an fsync costs the processor as much for one record as for a hundred. An
	// append that comes alone does not wait. (PostgreSQL's commit_delay and
	// commit_siblings.)
	groupInterval = time.Millisecond
)

// appending is one Append on its way to the disk.
type appending struct {
	records [][]byte
	arrived time.Time
	first   uint64
	result  chan error
}

func (a *appending) size() int64 {
	size := int64(0)
	for _, r := range a.records {
		size += headerBytes + int64(len(r))
	}
	return size
}

// commit takes what is queued, as much as there is, and writes it in one go.
func (j *Journal) commit() {
	defer close(j.done)
	var buf []byte
	var next time.Time // when the next group may be written
	for {
		select {
		case a := <-j.appends:
			time.Sleep(time.Until(next))
			group := j.collect(a)
			next = time.Time{}
			if len(group) > 1 {
				next = time.Now().Add(groupInterval)
			}
			buf = j.commitGroup(group, buf)
		case <-j.quit:
			j.drain(buf)
			return
		}
	}
}

// drain commits what was queued before the journal was closed.
func (j *Journal) drain(buf []byte) {
	for {
		select {
		case a := <-j.appends:
			buf = j.commitGroup(j.collect(a), buf)
		default:
			return
		}
	}
}

func (j *Journal) collect(first *appending) []*appending {
	group, size := []*appending{first}, first.size()
	for size < groupBytes {
		select {
		case a := <-j.appends:
			group, size = append(group, a), size+a.size()
		default:
			return group
		}
	}
	return group
}

// commitGroup writes the group and tells everyone in it what became of it. It returns
// buf for the next group.
func (j *Journal) commitGroup(group []*appending, buf []byte) []byte {
	buf = buf[:0]
	next, count := j.next.Load(), 0
	for _, a := range group {
		a.first = next + uint64(count)
		count += len(a.records)
		for _, r := range a.records {
			buf = appendFrame(buf, a.arrived, r)
		}
	}
	err := j.write(buf, count)
	for _, a := range group {
		a.result <- err
	}
	if cap(buf) > 2*groupBytes { // one giant group must not hold its memory for ever
		return nil
	}
	return buf
}

func (j *Journal) write(frames []byte, count int) error {
	if j.opts.MaxBytes > 0 && j.Size()+int64(len(frames)) > j.opts.MaxBytes {
		return ErrFull
	}
	j.mu.Lock()
	seg := j.segs[len(j.segs)-1]
	j.mu.Unlock()
	if seg.writer == nil || seg.size >= j.opts.SegmentBytes {
		if err := j.roll(); err != nil {
			return err
		}
		return j.write(frames, count)
	}
	if err := seg.write(frames, !j.opts.NoSync); err != nil {
		return err
	}
	j.mu.Lock()
	seg.size += int64(len(frames))
	seg.count += uint64(count)
	j.next.Add(uint64(count))
	close(j.changed)
	j.changed = make(chan struct{})
	j.mu.Unlock()
	return nil
}
