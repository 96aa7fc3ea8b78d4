package firehose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"pipeline/shared/localcloud/journal"
)

// stream is a delivery stream at work.
type stream struct {
	svc *Service
	rec record
	*lasting

	deliveries []*delivery
	copier     *copier // nil for destination S3

	quit     chan struct{} // closed: finish what is under way and return
	flushing atomic.Bool   // set before quit closes: deliver what is buffered, once
	draining atomic.Bool   // with flushing: and all that there is, and load it, once
	ctx      context.Context
	cancel   context.CancelFunc // ends what is under way
	workers  sync.WaitGroup
}

// lasting is what of a stream goes on when its declaration changes.
type lasting struct {
	journal *journal.Journal
	ledger  *ledger
	metrics *metrics
	drills  drills
	kept    atomic.Bool // the call that made it is kept: a kill cannot undo the stream any more
}

func (st *stream) name() string { return st.rec.DeliveryStreamName }

func (s *Service) dir(rec record) string { return filepath.Join(s.cfg.StateDir, rec.ID) }

// closedFile is there while a stream is closed that was closed in order.
func (s *Service) closedFile(rec record) string { return filepath.Join(s.dir(rec), "closed") }

func (s *Service) spoolDir(rec record) string { return filepath.Join(s.dir(rec), "buffers") }

// open opens a stream's journal and starts its deliveries.
func (s *Service) open(rec record) (*stream, error) {
	last, err := s.load(rec)
	if err != nil {
		return nil, fmt.Errorf("open delivery stream %s: %w", rec.DeliveryStreamName, err)
	}
	st, err := s.start(rec, last)
	if err != nil {
		return nil, errors.Join(err, last.journal.Close())
	}
	return st, nil
}

func (s *Service) load(rec record) (*lasting, error) {
	kept, _, err := s.progress.Get(rec.ID)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(s.spoolDir(rec)); err != nil { // of an earlier run: the journal has it all
		return nil, err
	}
	if err := os.MkdirAll(s.spoolDir(rec), 0o700); err != nil {
		return nil, err
	}
	records, err := journal.Open(filepath.Join(s.dir(rec), "journal"), journal.Options{
		MaxBytes: s.cfg.MaxJournalBytes, AtLeast: kept.highest(), Log: s.cfg.Log, Now: s.cfg.Now})
	if err != nil {
		return nil, err
	}
	if os.Remove(s.closedFile(rec)) != nil {
		s.tellDoubles(rec, kept, records.Next())
	}
	return &lasting{journal: records, metrics: s.newMetrics(rec.DeliveryStreamName),
		ledger: newLedger(kept, func(p progress) error { return s.progress.Put(rec.ID, p) })}, nil
}

// tellDoubles tells what may be delivered twice because the process ended between a delivery
// and the note of it.
func (s *Service) tellDoubles(rec record, kept progress, next uint64) {
	for name, at := range kept.Deliveries {
		if at.Low < next {
			s.cfg.Log.Warn("records may be delivered twice: the last process was killed", "stream", rec.DeliveryStreamName,
				"delivery", name, "from", at.Low, "to", next)
		}
	}
	if kept.Loading != nil {
		s.cfg.Log.Warn("objects may be loaded twice: the last process was killed", "stream", rec.DeliveryStreamName,
			"manifest", kept.Loading.Manifest)
	}
}

// start starts the deliveries of a stream as it is declared.
func (s *Service) start(rec record, last *lasting) (*stream, error) {
	ctx, cancel := context.WithCancel(context.Background())
	st := &stream{svc: s, rec: rec, lasting: last, quit: make(chan struct{}), ctx: ctx, cancel: cancel}
	if err := st.plan(); err != nil {
		cancel()
		return nil, fmt.Errorf("start delivery stream %s: %w", st.name(), err)
	}
	for _, d := range st.deliveries {
		st.workers.Go(d.run)
	}
	if st.copier != nil {
		go st.copier.run()
	}
	return st, nil
}

// plan makes the deliveries that the declaration asks for.
func (st *stream) plan() error {
	main, err := newDelivery(st, "destination", st.rec.intermediate())
	if err != nil {
		return err
	}
	st.deliveries = []*delivery{main}
	if b := st.rec.backup(); b != nil {
		backup, err := newDelivery(st, "backup", *b)
		if err != nil {
			return err
		}
		st.deliveries = append(st.deliveries, backup)
	}
	if st.rec.Redshift != nil {
		st.copier = newCopier(st)
		main.staged = st.copier.wake
	}
	positions := map[string]position{}
	for _, d := range st.deliveries {
		positions[d.name] = d.position(d.reader.Position())
	}
	return st.ledger.begin(positions)
}

// keep has the stream accept records.
func (st *stream) keep() error {
	st.kept.Store(true)
	return nil
}

// stop ends the deliveries, then the loads; what takes longer than the grace is
// interrupted.
func (st *stream) stop() {
	if st.stopped() { // by an update that failed
		return
	}
	impatient := time.AfterFunc(grace, st.cancel)
	defer impatient.Stop()
	defer st.cancel()
	close(st.quit)
	st.workers.Wait()
	if st.copier != nil {
		st.copier.stop()
	}
	st.metrics.publishCounts()
}

func (st *stream) close() error {
	st.stop()
	if err := st.journal.Close(); err != nil {
		return fmt.Errorf("close delivery stream %s: %w", st.name(), err)
	}
	_ = os.WriteFile(st.svc.closedFile(st.rec), nil, 0o600) // without it more is told than need be
	return nil
}

// empty accepts no more records and delivers those that there are, once.
func (st *stream) empty() error {
	st.flushing.Store(true)
	st.draining.Store(true)
	err := st.journal.Close() // readers go on
	st.stop()
	if left := st.journal.Next() - st.ledger.lowest(st.deliveries); left > 0 {
		st.svc.cfg.Log.Warn("a deleted delivery stream had records that could not be delivered", "stream", st.name(), "records", left)
	}
	return err
}

// forget deletes what is left of a stream that was emptied.
func (st *stream) forget() error {
	return errors.Join(os.RemoveAll(st.svc.dir(st.rec)), st.svc.progress.Delete(st.rec.ID))
}

func (st *stream) stopped() bool {
	select {
	case <-st.quit:
		return true
	default:
		return false
	}
}

// pause waits, and returns false when the stream stops meanwhile.
func (st *stream) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-st.quit:
		return false
	}
}

// release lets the journal drop what every delivery has delivered.
func (st *stream) release() {
	if err := st.journal.DropBefore(st.ledger.lowest(st.deliveries)); err != nil {
		st.svc.cfg.Log.Warn("could not remove a delivered part of the journal", "stream", st.name(), "error", err)
	}
}
