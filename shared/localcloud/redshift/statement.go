package redshift

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pipeline/shared/localcloud/redshift/engine"
)

// The states of a statement of the Data API.
const (
	statusSubmitted = "SUBMITTED"
	statusStarted   = "STARTED"
	statusFinished  = "FINISHED"
	statusFailed    = "FAILED"
	statusAborted   = "ABORTED"
)

// keepStatements is how long a statement and its result can be asked for
// (redshift-data: 24 hours).
const keepStatements = 24 * time.Hour

// statement is one run of ExecuteStatement or BatchExecuteStatement.
type statement struct {
	ID         string
	Name       string `json:",omitempty"`
	Token      string `json:",omitempty"` // ClientToken of the request
	Cluster    string
	Workgroup  string `json:",omitempty"`
	Role       string `json:",omitempty"` // of the caller; empty for the administrator
	Database   string
	DBUser     string `json:",omitempty"`
	SecretARN  string `json:",omitempty"`
	Batch      bool
	Parameters []sqlParameter `json:",omitempty"`
	Parts      []part
	Status     string
	Error      string `json:",omitempty"`
	PID        int32
	Created    time.Time
	Updated    time.Time
}

// part is one SQL statement of it.
type part struct {
	ID       string
	SQL      string
	Status   string
	Error    string `json:",omitempty"`
	Columns  []columnMetadata
	HasRows  bool
	Rows     int64 // rows of the result, or rows changed
	Bytes    int64
	QueryID  int64 // of a COPY, as in stl_load_errors; 0 of other statements
	Duration time.Duration
	Created  time.Time
	Updated  time.Time
}

func (s *Service) resultPath(partID string) string {
	return filepath.Join(s.cfg.Dir, results, partID+".jsonl")
}

// recoverStatements ends what a stop interrupted and forgets what is too old.
func (s *Service) recoverStatements() error {
	items, err := s.statements.List()
	if err != nil {
		return err
	}
	for _, item := range items {
		st := item.Value
		if s.expired(st) {
			if err := s.forget(st); err != nil {
				return err
			}
			continue
		}
		if st.Token != "" {
			s.tokens.Store(st.Token, st.ID)
		}
		if st.Status == statusSubmitted || st.Status == statusStarted {
			st.end(statusFailed, "the cluster was restarted while the statement ran", s.cfg.Now())
			if err := s.statements.Put(st.ID, st); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep forgets, once an hour, the statements that are too old.
func (s *Service) sweep() error {
	s.mu.Lock()
	due := s.cfg.Now().Sub(s.swept) > time.Hour
	if due {
		s.swept = s.cfg.Now()
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	items, err := s.statements.List()
	for _, item := range items {
		if err == nil && s.expired(item.Value) {
			err = s.forget(item.Value)
		}
	}
	return err
}

func (s *Service) expired(st statement) bool { return s.cfg.Now().Sub(st.Created) > keepStatements }

func (s *Service) forget(st statement) error {
	for _, p := range st.Parts {
		if err := os.Remove(s.resultPath(p.ID)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("forget statement %s: %w", st.ID, err)
		}
	}
	s.tokens.CompareAndDelete(st.Token, st.ID)
	return s.statements.Delete(st.ID)
}

func (st *statement) end(status, message string, now time.Time) {
	st.Status, st.Error, st.Updated = status, message, now
	for i := range st.Parts {
		if p := &st.Parts[i]; p.Status == statusSubmitted || p.Status == statusStarted {
			p.Status, p.Updated = statusAborted, now
			if message != "" && i == st.failedPart() {
				p.Status, p.Error = statusFailed, message
			}
		}
	}
}

// failedPart is the first part that has not finished.
func (st *statement) failedPart() int {
	for i, p := range st.Parts {
		if p.Status != statusFinished {
			return i
		}
	}
	return 0
}

// task is a statement that runs.
type task struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when its end is stored
}

// start runs a statement in the background, for open opens its session.
func (s *Service) start(st statement, open func(ctx context.Context) (*engine.Session, error)) error {
	err := s.sweep()
	if err == nil {
		err = s.statements.Put(st.ID, st)
	}
	if err != nil {
		s.tokens.CompareAndDelete(st.Token, st.ID)
		return err
	}
	ctx, cancel := s.untilPause(s.ctx)
	t := &task{cancel: cancel, done: make(chan struct{})}
	s.running.Store(st.ID, t)
	s.tasks.Go(func() {
		defer cancel()
		defer s.running.Delete(st.ID)
		defer close(t.done)
		err := ofPause(ctx, s.runStatement(ctx, &st, open))
		switch {
		case err == nil:
			st.end(statusFinished, "", s.cfg.Now())
		case ctx.Err() != nil && err != errPaused:
			st.end(statusAborted, "", s.cfg.Now())
		default:
			st.end(statusFailed, "ERROR: "+sqlText(err), s.cfg.Now())
		}
		// A store that cannot be written leaves the statement STARTED; recovery ends it.
		_ = s.statements.Put(st.ID, st)
	})
	return nil
}

// sqlText is an error as psql shows it.
func sqlText(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	text := e.Message
	if e.Detail != "" {
		text += "\n  Detail: " + e.Detail
	}
	if e.Hint != "" {
		text += "\n  Hint: " + e.Hint
	}
	return text
}

func (s *Service) runStatement(ctx context.Context, st *statement, open func(ctx context.Context) (*engine.Session, error)) error {
	session, err := open(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	st.Status, st.PID, st.Updated = statusStarted, session.PID(), s.cfg.Now()
	if err := s.statements.Put(st.ID, *st); err != nil {
		return err
	}
	if st.Batch { // all of them or none
		if _, err := session.Exec(ctx, "BEGIN", engine.Discard); err != nil {
			return err
		}
	}
	for i := range st.Parts {
		if err := s.runPart(ctx, session, st, &st.Parts[i]); err != nil {
			return err // closing the session rolls back
		}
	}
	if st.Batch {
		_, err = session.Exec(ctx, "COMMIT", engine.Discard)
	}
	return err
}

func (s *Service) runPart(ctx context.Context, session *engine.Session, st *statement, p *part) error {
	p.Status, p.Created = statusStarted, s.cfg.Now()
	statements, err := session.Split(p.SQL)
	if err != nil {
		return err
	}
	plan, err := session.Plan(ctx, statements[0])
	if err != nil {
		return err
	}
	args, err := bind(plan, st.Parameters)
	if err != nil {
		return err
	}
	out := &resultFile{columns: plan.Columns}
	if plan.Columns != nil {
		if err := out.create(s.resultPath(p.ID)); err != nil {
			return err
		}
		defer out.file.Close()
	}
	before := session.CopyID()
	tag, err := session.Run(ctx, plan, args, out)
	if id := session.CopyID(); id != before {
		p.QueryID = id
	}
	if err == nil && plan.Columns != nil {
		err = out.finish()
	}
	if err != nil {
		return err
	}
	p.HasRows, p.Rows, p.Bytes, p.Columns = plan.Columns != nil, out.rows, out.bytes, metadataOf(plan.Columns)
	if plan.Columns == nil {
		p.Rows = affected(tag, session)
	}
	p.Status, p.Updated = statusFinished, s.cfg.Now()
	p.Duration = p.Updated.Sub(p.Created)
	return nil
}

// affected is how many rows a statement has changed, or -1 where it changes none.
func affected(tag string, session *engine.Session) int64 {
	if tag == "COPY" {
		return session.Copied()
	}
	var n int64
	for _, format := range []string{"INSERT 0 %d", "UPDATE %d", "DELETE %d"} {
		if _, err := fmt.Sscanf(tag, format, &n); err == nil {
			return n
		}
	}
	return -1
}

// bind matches the request's parameters with the statement's, by name.
func bind(plan *engine.Plan, parameters []sqlParameter) ([]any, error) {
	byName := map[string]string{}
	for _, p := range parameters {
		byName[p.Name] = p.Value
	}
	args := make([]any, len(plan.Names))
	for i, name := range plan.Names {
		value, ok := byName[name]
		if !ok {
			return nil, &Error{Code: "42601", Message: "Parameters do not match: no value for :" + name}
		}
		args[i] = value
	}
	if len(plan.Params) != len(args) {
		return nil, &Error{Code: "42601", Message: "Parameters do not match the statement"}
	}
	return args, nil
}
