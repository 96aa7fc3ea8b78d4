package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// The states of a session's transaction, as ReadyForQuery reports them.
const (
	Idle   = 'I'
	Active = 'T'
	Failed = 'E'
)

// Session is one user's connection. One goroutine uses it at a time.
type Session struct {
	db            *Database
	user          User // who acts: in a procedure of SECURITY DEFINER its owner
	signedIn      int  // the user's id
	conn          *sql.Conn
	duck          *duckdb.Conn
	pid           int32
	state         byte
	settings      map[string]string
	caseSensitive bool
	timeout       time.Duration
	zone          *time.Location
	copied        int64 // pg_last_copy_count()
	copyID        int64 // pg_last_copy_id()
	depth         int   // of procedure calls
	held          int64 // of db.writers
	began         int64 // db.written when the transaction began
	cancel        atomic.Pointer[context.CancelFunc]
}

var lastPID atomic.Int32

// NewSession opens a session for a user who has signed in. Its error is an *Error.
func (d *Database) NewSession(ctx context.Context, user User) (*Session, error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return nil, translate(err)
	}
	s := &Session{db: d, user: user, signedIn: user.ID, conn: conn, pid: lastPID.Add(1), state: Idle, copyID: -1, settings: map[string]string{}, zone: time.UTC}
	if s.duck, err = duckConn(conn); err == nil {
		_, err = conn.ExecContext(ctx, sessionSQL)
	}
	if err == nil {
		err = d.admit(ctx, s)
	}
	if err != nil {
		return nil, translate(errors.Join(err, conn.Close()))
	}
	return s, nil
}

// admit notes a session, if its user may have one more: CONNECTION LIMIT "isn't enforced
// for superusers" (Redshift, "CREATE USER").
func (d *Database) admit(ctx context.Context, s *Session) error {
	limit := -1
	err := s.conn.QueryRowContext(ctx, `SELECT connlimit FROM localcloud.users WHERE usesysid = ? AND NOT usesuper`, s.user.ID).Scan(&limit)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	d.admitting.Lock()
	defer d.admitting.Unlock()
	if limit >= 0 && d.sessionsOf(s.user) >= limit {
		return errorf(codeTooMany, "too many connections for user %q", s.user.Name)
	}
	d.sessions.Store(s.pid, s)
	return nil
}

func (d *Database) sessionsOf(user User) (n int) {
	d.sessions.Range(func(_, s any) bool {
		if s.(*Session).signedIn == user.ID {
			n++
		}
		return true
	})
	return n
}

// Close ends the session; an open transaction is rolled back.
func (s *Session) Close() {
	s.db.sessions.Delete(s.pid)
	s.Cancel()
	if s.state != Idle {
		// A connection that cannot roll back is closed below all the same.
		_, _ = s.end(context.Background(), "ROLLBACK")
	}
	_ = s.conn.Close()
}

// PID is pg_backend_pid().
func (s *Session) PID() int32 { return s.pid }

// Copied is pg_last_copy_count().
func (s *Session) Copied() int64 { return s.copied }

// CopyID is pg_last_copy_id(): the query of the last COPY that began to load, or -1.
func (s *Session) CopyID() int64 { return s.copyID }

// State is Idle, Active or Failed.
func (s *Session) State() byte { return s.state }

// Cancel stops the statement that runs, if one does. Any goroutine may call it.
func (s *Session) Cancel() {
	if cancel := s.cancel.Load(); cancel != nil {
		(*cancel)()
	}
}

// Split divides a text into statements under the session's rules for identifiers.
func (s *Session) Split(text string) ([]sqltext.Statement, error) {
	statements, err := sqltext.Split(text, s.caseSensitive)
	return statements, translate(err)
}

// Column describes one column of a result.
type Column struct {
	Name  string
	Type  Type
	Table string // of a plain column; empty elsewhere
}

// Output takes the rows of a result. Values are nil, bool, int64, float64,
// float32, string, Numeric, []byte or time.Time.
type Output interface {
	Row(values []any) error
}

// ErrEnough is what an Output answers to a row when it wants no more. It ends the
// statement, and is no failure of it.
var ErrEnough = errors.New("no more rows are wanted")

// Plan is a statement that was checked and can be run.
type Plan struct {
	Columns []Column // nil when the statement gives no rows
	Params  []uint32 // protocol types of $1, $2, ...
	Names   []string // of the parameters, in that order: "1", or "id" of :id
	run     func(ctx context.Context, args []any, out Output) (tag string, err error)
	control bool // starts or ends a transaction
	reads   bool // needs no transaction of its own
	alone   bool // cannot run in a transaction block
	ends    bool // may run in a transaction that has failed
}

func (p *Plan) do(ctx context.Context, args []any, out Output) (tag string, err error) {
	defer recovered(&err)
	return p.run(ctx, args, out)
}

// Plan checks a statement: its form, the names in it and the user's privileges.
func (s *Session) Plan(ctx context.Context, st sqltext.Statement) (plan *Plan, err error) {
	defer recovered(&err)
	ends := endsTransaction(st)
	if err := s.usable(ends); err != nil {
		return nil, err
	}
	if plan, err = s.plan(ctx, st); err != nil {
		s.db.noteFatal(err)
		s.fail()
		return nil, translate(err)
	}
	plan.ends = ends
	return plan, nil
}

// recovered makes a panic an error: SQL that nobody thought of must not end the process.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = errorf(codeInternal, "internal error: %v", p)
	}
}

// usable refuses everything but the end of a transaction once it has failed.
func (s *Session) usable(ends bool) error {
	if s.state != Failed || ends {
		return nil
	}
	return errorf(codeAborted, "current transaction is aborted, commands ignored until end of transaction block")
}

func endsTransaction(st sqltext.Statement) bool {
	return len(st.Tokens) == 0 || slices.Contains([]string{"rollback", "commit", "end", "abort"}, st.Tokens[0].Text)
}

func (s *Session) fail() {
	if s.state == Active {
		s.state = Failed
	}
}

// Run runs a plan in the session's transaction, or in one of its own. The tag is what
// CommandComplete reports, such as "INSERT 0 3". The error is ErrEnough or an *Error.
func (s *Session) Run(ctx context.Context, plan *Plan, args []any, out Output) (tag string, err error) {
	if err := s.usable(plan.ends); err != nil { // it may have been prepared before
		return "", err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	s.cancel.Store(&cancel)
	defer s.cancel.Store(nil)
	tag, err = s.runIn(ctx, plan, args, out)
	if errors.Is(err, ErrEnough) {
		return "", err
	}
	if err != nil {
		s.db.noteFatal(err)
		s.fail()
		return "", translate(err)
	}
	return tag, nil
}

// bounded applies SET statement_timeout.
func (s *Session) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout > 0 {
		return context.WithTimeout(ctx, s.timeout)
	}
	return context.WithCancel(ctx)
}

func (s *Session) runIn(ctx context.Context, plan *Plan, args []any, out Output) (string, error) {
	switch {
	case plan.alone && s.state != Idle:
		return "", errorf(codeActive, "the statement cannot run inside a transaction block")
	case plan.control, plan.reads:
		return plan.do(ctx, args, out)
	case s.state != Idle:
		if err := s.enter(ctx, beside); err != nil {
			return "", err
		}
		return plan.do(ctx, args, out)
	}
	tag, err := s.transact(ctx, plan, args, out, beside)
	if errors.Is(err, errStale) {
		return s.transact(ctx, plan, args, out, alone)
	}
	return tag, err
}

// transact runs a plan in a transaction of its own.
func (s *Session) transact(ctx context.Context, plan *Plan, args []any, out Output, how int64) (string, error) {
	if err := s.enter(ctx, how); err != nil {
		return "", err
	}
	defer s.leave()
	if err := s.begin(ctx); err != nil {
		return "", err
	}
	tag, err := plan.do(ctx, args, out)
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	if _, ending := s.end(ctx, end); err == nil {
		err = ending
	}
	return tag, err
}

// Exec plans and runs every statement of text, in order, until one fails.
func (s *Session) Exec(ctx context.Context, text string, out Output) (tag string, err error) {
	statements, err := s.Split(text)
	if err != nil {
		return "", err
	}
	for _, st := range statements {
		plan, err := s.Plan(ctx, st)
		if err != nil {
			return "", err
		}
		if tag, err = s.Run(ctx, plan, nil, out); err != nil {
			return "", err
		}
	}
	return tag, nil
}

// discard is an Output for statements whose rows nobody wants.
type discard struct{}

func (discard) Row([]any) error { return nil }

// Discard drops rows.
var Discard Output = discard{}

// exec runs DuckDB's SQL on the session's connection.
func (s *Session) exec(ctx context.Context, text string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, text, args...)
	return err
}

// execf runs DuckDB's SQL made of already quoted parts.
func (s *Session) execf(ctx context.Context, format string, args ...any) error {
	return s.exec(ctx, fmt.Sprintf(format, args...))
}

// schemas is the search path, with "$user" resolved.
func (s *Session) schemas() []string {
	path := s.settings["search_path"]
	if path == "" {
		path = `"$user", public`
	}
	var names []string
	for _, name := range strings.Split(path, ",") {
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if name == "$user" {
			name = s.user.Name
		}
		names = append(names, strings.ToLower(name))
	}
	return names
}
