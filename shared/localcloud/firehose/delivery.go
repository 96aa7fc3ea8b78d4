package firehose

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/journal"
)

// longestRetry bounds the pauses between tries of a PUT.
const longestRetry = 5 * time.Minute

// errStopped ends a delivery whose stream stops.
var errStopped = errors.New("the delivery stream stops")

// delivery carries a stream's records from the journal to a bucket.
type delivery struct {
	st      *stream
	name    string // destination or backup
	into    S3
	keys    keys
	process *process
	split   bool   // by partition
	parting string // see position.Parting
	staged  func() // told of each object that a COPY is to load; nil without COPY

	reader *journal.Reader
	parts  map[string]*part
	done   map[string]uint64 // see position.Done

	pieces  []piece // of the record at hand
	touched []*part // by it
}

func newDelivery(st *stream, name string, into S3) (*delivery, error) {
	d := &delivery{st: st, name: name, into: into}
	extended := ExtendedS3{S3: into}
	if e := st.rec.ExtendedS3; e != nil && name == "destination" {
		extended, d.split = *e, e.partitioned()
	}
	var err error
	if d.process, err = newProcess(extended); err != nil {
		return nil, err
	}
	if d.keys, err = newKeys(extended, st.name(), st.rec.Version); err != nil {
		return nil, err
	}
	d.parting = extended.parting()
	d.reset()
	return d, nil
}

// reset goes back to what the ledger says is delivered.
func (d *delivery) reset() {
	d.closeParts()
	at := d.st.ledger.position(d.name, d.st.journal.Next())
	d.reader, d.parts, d.done = d.st.journal.ReaderAt(at.Low), map[string]*part{}, at.Done
	if oldest := d.st.journal.Oldest(); at.Low < oldest { // it keeps what is not delivered
		d.st.svc.cfg.Log.Error("records are lost: the journal begins behind them", "stream", d.st.name(), "delivery", d.name,
			"from", at.Low, "to", oldest)
	}
	if len(at.Done) > 0 && at.Parting != "" && at.Parting != d.parting {
		d.st.svc.cfg.Log.Warn("records may be delivered twice: their processing has changed", "stream", d.st.name(),
			"delivery", d.name, "from", at.Low, "to", slices.Max(slices.Collect(maps.Values(at.Done))))
		d.done = map[string]uint64{}
	}
}

func (d *delivery) closeParts() {
	for _, p := range d.parts {
		p.spool.close()
	}
	if d.reader != nil {
		d.reader.Close()
	}
}

// run delivers until the stream stops.
func (d *delivery) run() {
	defer d.closeParts()
	for !d.st.stopped() {
		changed := d.st.journal.Changed()
		err := d.step()
		if err != nil {
			d.reset() // an object that was ended takes no more records
		}
		if err != nil && !errors.Is(err, errStopped) {
			d.st.svc.cfg.Log.Error("delivery starts over", "stream", d.st.name(), "delivery", d.name, "error", err)
			d.st.pause(time.Second)
			continue
		}
		d.st.metrics.holds(d.name, d.oldest())
		d.wait(changed)
	}
	if d.st.flushing.Load() {
		d.drain()
	}
}

// drain delivers what is buffered, and of a stream that drains all that there is.
func (d *delivery) drain() {
	var err error
	if d.st.draining.Load() {
		err = d.step()
	}
	for _, p := range d.parts {
		err = errors.Join(err, d.flush(p))
	}
	if err != nil {
		d.st.svc.cfg.Log.Error("could not deliver what was buffered", "stream", d.st.name(), "delivery", d.name, "error", err)
	}
}

// step buffers what the journal has, and delivers what is full or due.
func (d *delivery) step() error {
	for n := 1; ; n++ {
		rec, ok, err := d.reader.Next()
		var damage *journal.DamagedError
		switch {
		case errors.As(err, &damage):
			d.st.svc.cfg.Log.Error("records are lost", "stream", d.st.name(), "error", damage)
			continue
		case err != nil:
			return err
		case !ok:
			return d.flushDue()
		}
		if err := d.add(rec); err != nil {
			return err
		}
		if n%64 == 0 { // the requests that come meanwhile want the processor too
			runtime.Gosched()
		}
		if n%1024 > 0 {
			continue
		}
		// A flood must keep neither the stop nor due buffers waiting.
		if d.st.stopped() && !d.st.draining.Load() {
			return nil
		}
		if d.into.BufferingHints.interval() > 0 { // else as soon as possible, not in crumbs
			if err := d.flushDue(); err != nil {
				return err
			}
		}
	}
}

// add buffers a record and delivers the buffers that it fills.
func (d *delivery) add(rec journal.Record) error {
	d.pieces = d.process.apply(d.pieces[:0], rec.Data, d.split)
	d.touched = d.touched[:0]
	for i := range d.pieces {
		pc := &d.pieces[i]
		p := d.partFor(pc, rec)
		if p == nil { // it is delivered
			continue
		}
		data := pc.data
		if pc.failed != nil {
			data = d.errorLine(rec, *pc)
		}
		if err := p.spool.write(data); err != nil {
			return err
		}
		p.next = rec.Index + 1
		if !slices.Contains(d.touched, p) {
			d.touched = append(d.touched, p)
		}
	}
	for _, p := range d.touched {
		if d.parts[p.id] == p && p.spool.size >= d.into.BufferingHints.bytes() {
			if err := d.flush(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *delivery) flushDue() error {
	now := d.st.svc.cfg.Now()
	for _, p := range d.parts {
		if d.due(p, now).After(now) {
			continue
		}
		if err := d.flush(p); err != nil {
			return err
		}
	}
	return nil
}

// wait returns when there is more to read, a buffer is due, or the stream stops.
func (d *delivery) wait(changed <-chan struct{}) {
	var due <-chan time.Time
	now := d.st.svc.cfg.Now()
	if at, ok := d.nextDue(now); ok {
		t := time.NewTimer(at.Sub(now))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-changed:
	case <-due:
	case <-d.st.quit:
	}
}

// oldest is when the oldest record that is buffered came; zero when none is.
func (d *delivery) oldest() time.Time {
	var at time.Time
	for _, p := range d.parts {
		if at.IsZero() || p.oldest.Before(at) {
			at = p.oldest
		}
	}
	return at
}

func (d *delivery) nextDue(now time.Time) (time.Time, bool) {
	var at time.Time
	for _, p := range d.parts {
		if due := d.due(p, now); at.IsZero() || due.Before(at) {
			at = due
		}
	}
	return at, len(d.parts) > 0
}

// due is when a buffer is delivered: an interval from now at the latest, whatever the
// clock said when it was begun.
func (d *delivery) due(p *part, now time.Time) time.Time {
	if latest := now.Add(d.into.BufferingHints.interval()); p.due.After(latest) {
		p.due = latest
	}
	return p.due
}

// flush puts a buffer into the bucket, trying until it is there, and moves the position
// on. It puts records first that may be of this partition after a restart: then they are
// below its position.
func (d *delivery) flush(p *part) error {
	if failed := d.parts[failedPart]; failed != nil && failed.passing && failed != p {
		if err := d.flush(failed); err != nil {
			return err
		}
	}
	body, err := p.spool.body()
	if err != nil {
		return err
	}
	if err := d.put(p, body); err != nil {
		return err
	}
	d.st.metrics.delivered(d.name)
	d.st.metrics.fresh(d.name, d.st.svc.cfg.Now().Sub(p.oldest))
	p.spool.close()
	delete(d.parts, p.id)
	return d.advance(p, int64(len(body)))
}

func (d *delivery) put(p *part, body []byte) error {
	ctx := iam.WithCaller(d.st.ctx, iam.Caller{Service: principal, Role: d.into.RoleARN})
	for retry := s3Retry; ; retry = min(2*retry, longestRetry) {
		err := d.st.svc.cfg.S3.PutObject(ctx, bucketName(d.into.BucketARN), p.key, body, "application/octet-stream")
		if err == nil {
			return nil
		}
		d.st.metrics.failed(d.name)
		d.st.metrics.holds(d.name, d.oldest())
		d.st.report(d.into.RoleARN, d.into.CloudWatchLoggingOptions, d.into.BucketARN, s3Failure(err), err)
		if d.st.flushing.Load() || !d.st.pause(retry) {
			return errStopped
		}
	}
}

// advance records that a part is delivered.
func (d *delivery) advance(p *part, bytes int64) error {
	low := d.reader.Position()
	for _, other := range d.parts {
		low = min(low, other.first)
	}
	d.done[p.id] = p.next
	for id, next := range d.done {
		if next <= low {
			delete(d.done, id)
		}
	}
	err := d.st.ledger.update(func(pr *progress) {
		pr.Deliveries[d.name] = d.position(low)
		if d.staged != nil {
			pr.Staged = append(pr.Staged, object{Bucket: bucketName(d.into.BucketARN), Key: p.key, Bytes: bytes})
		}
	})
	if err == nil { // else a restart begins at the older position, and needs the journal from there
		d.st.release()
	}
	if d.staged != nil {
		d.staged()
	}
	return err
}

// position is how far the delivery is when all records below low are delivered.
func (d *delivery) position(low uint64) position {
	return position{Low: low, Done: maps.Clone(d.done), Parting: d.parting}
}
