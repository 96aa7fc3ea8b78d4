package firehose

import (
	"context"
	"errors"
	"sync"
)

// drills are failures that somebody has asked for, to see what follows from one.
type drills struct {
	refusals countdown // records still to be refused
	copies   countdown // COPYs still to fail
}

// countdown is how many of something are left.
type countdown struct {
	mu   sync.Mutex
	left int
}

func (c *countdown) set(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = max(0, n)
}

func (c *countdown) get() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// take takes up to n of what is left.
func (c *countdown) take(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n = min(n, c.left)
	c.left -= n
	return n
}

// errDrill is a COPY that failed because somebody asked for it.
var errDrill = errors.New("a drill lets this COPY fail")

// RefuseRecords is a drill: the stream asks the callers of its next n records to slow
// down. In a batch it refuses as many as are left of n and accepts the rest. 0 calls the
// drill off.
func (s *Service) RefuseRecords(ctx context.Context, name string, n int) error {
	st, err := s.find(ctx, "UpdateDestination", name)
	if err == nil {
		st.drills.refusals.set(n)
	}
	return err
}

// FailCopies is a drill: the stream's next n COPYs fail before they reach the warehouse,
// and are retried and skipped as any other that fails. 0 calls the drill off.
func (s *Service) FailCopies(ctx context.Context, name string, n int) error {
	st, err := s.find(ctx, "UpdateDestination", name)
	if err == nil {
		st.drills.copies.set(n)
	}
	return err
}

// Drills returns what is left of FailCopies and RefuseRecords, for every stream.
func (s *Service) Drills() (copies, refusals map[string]int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	copies, refusals = map[string]int{}, map[string]int{}
	for name, st := range s.streams {
		copies[name], refusals[name] = st.drills.copies.get(), st.drills.refusals.get()
	}
	return copies, refusals
}
