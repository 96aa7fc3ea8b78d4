package engine

import (
	"context"
)

// A statement that rewrites a table, such as ALTER TABLE ADD COLUMN, takes the table's rows
// from the snapshot of its transaction; what others commit afterwards would be lost. So it
// waits for those who write, and they wait for it: Redshift's exclusive lock, for the whole
// database. Those who only read do not wait.
const (
	beside = 1       // of Database.writers: the session writes as others do
	alone  = 1 << 30 // it is the only one that writes
)

// errStale is that others have written since the transaction began which is to rewrite a
// table (Redshift, "Serializable isolation").
var errStale = &Error{Code: codeSerialization, Message: "1023",
	Detail: "Serializable isolation violation: rows were written since the transaction began. Begin it again."}

// enter waits until the session may write, beside others or alone, which it then may
// until leave. Its error is ctx's.
func (s *Session) enter(ctx context.Context, how int64) error {
	if s.held >= how {
		return nil
	}
	s.db.writers.Release(s.held) // two that want to be alone would wait for each other
	s.held = 0
	if err := s.db.writers.Acquire(ctx, how); err != nil {
		return err
	}
	s.held = how
	return nil
}

// leave ends what enter began, when the transaction has ended.
func (s *Session) leave() {
	if s.held > 0 {
		s.db.written.Add(1)
		s.db.writers.Release(s.held)
		s.held = 0
	}
}

// rewrites waits until nobody else writes. Its error is errStale when the transaction's
// snapshot is older than what somebody wrote, or ctx's.
func (s *Session) rewrites(ctx context.Context) error {
	if err := s.enter(ctx, alone); err != nil {
		return err
	}
	if s.db.written.Load() != s.began {
		return errStale
	}
	return nil
}

// begin begins a transaction.
func (s *Session) begin(ctx context.Context) error {
	s.began = s.db.written.Load()
	if err := s.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	s.state = Active
	return nil
}

// end ends the transaction with COMMIT or ROLLBACK. It is not cancelled with ctx: a
// half-ended transaction would poison the session.
func (s *Session) end(ctx context.Context, how string) (string, error) {
	err := s.exec(context.WithoutCancel(ctx), how)
	s.state = Idle
	s.leave()
	return how, err
}
