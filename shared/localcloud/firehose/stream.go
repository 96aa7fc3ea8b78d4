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
	svc     *Service
	rec     record
	journal *journal.Journal
	ledger  *ledger
	metrics *metrics
	drills  drills

	deliveries []*delivery
	copier     *copier // nil for destination S3

	quit     chan struct{} // closed: finish what is under way and return
	draining atomic.Bool   // set before quit closes: deliver what is buffered, once
	ctx      context.Context
	cancel   context.CancelFunc // ends what is under way
	workers  sync.WaitGroup
}

func (st *stream) name() string { return st.rec.DeliveryStreamName }
func (st *stream) dir() string  { return filepath.Join(st.svc.cfg.StateDir, st.rec.ID) }

func (st *stream) spoolDir() string { return filepath.Join(st.dir(), "buffers") }

// open opens a stream's journal and starts its deliveries.
func (s *Service) open(rec record) (*stream, error) {
	ctx, cancel := context.WithCancel(context.Background())
	st := &stream{svc: s, rec: rec, metrics: s.newMetrics(rec.DeliveryStreamName), quit: make(chan struct{}), ctx: ctx, cancel: cancel}
	if err := st.load(); err != nil {
		cancel()
		return nil, fmt.Errorf("open delivery stream %s: %w", rec.DeliveryStreamName, err)
	}
	st.start()
	return st, nil
}

func (st *stream) load() error {
	s := st.svc
	kept, _, err := s.progress.Get(st.rec.ID)
	if err != nil {
		return err
	}
	st.ledger = &ledger{now: kept, save: func(p progress) error { return s.progress.Put(st.rec.ID, p) }}
	if err := os.RemoveAll(st.spoolDir()); err != nil { // of an earlier run: the journal has it all
		return err
	}
	if err := os.MkdirAll(st.spoolDir(), 0o700); err != nil {
		return err
	}
	st.journal, err = journal.Open(filepath.Join(st.dir(), "journal"), journal.Options{
		MaxBytes: s.cfg.MaxJournalBytes, AtLeast: kept.highest(), Log: s.cfg.Log, Now: s.cfg.Now})
	if err != nil {
		return err
	}
	return st.plan()
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
		positions[d.name] = d.position()
	}
	return st.ledger.update(func(p *progress) { p.Deliveries = positions })
}

func (st *stream) start() {
	for _, d := range st.deliveries {
		st.workers.Go(d.run)
	}
	if st.copier != nil {
		go st.copier.run()
	}
}

// stop ends the deliveries, then the loads; what takes longer than the grace is
// interrupted.
func (st *stream) stop() {
	if st.stopped() { // by an update that failed
		return
	}
	grace := time.AfterFunc(st.svc.cfg.Grace, st.cancel)
	defer grace.Stop()
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
	return nil
}

// empty accepts no more records and delivers those that there are, once.
func (st *stream) empty() error {
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
	return errors.Join(os.RemoveAll(st.dir()), st.svc.progress.Delete(st.rec.ID))
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
