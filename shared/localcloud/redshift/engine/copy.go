package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// Files is the S3 that COPY reads. A failure is in S3's words.
type Files interface {
	// List returns the keys that begin with prefix.
	List(ctx context.Context, bucket, prefix string) ([]string, error)
	// Open opens an object, which the caller closes.
	Open(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// Identities finds out on whose behalf COPY reads.
type Identities interface {
	// As returns ctx with the caller that the credentials stand for.
	As(ctx context.Context, credentials CopyCredentials) (context.Context, error)
	// Region is where the cluster is.
	Region() string
}

// planCopy plans COPY table [(columns)] FROM 's3://...' ....
func (s *Session) planCopy(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	cmd, err := parseCopy(c)
	if err != nil {
		return nil, err
	}
	o, err := s.table(ctx, cmd.Schema, cmd.Table)
	if err == nil {
		err = s.allowRelation(ctx, o, "INSERT")
	}
	if err != nil {
		return nil, err
	}
	columns, err := s.copyColumns(ctx, &cmd, o)
	if err != nil {
		return nil, err
	}
	if s.db.Files == nil || s.db.Sources == nil {
		return nil, refuse("COPY without S3")
	}
	return does("COPY", func(ctx context.Context) error {
		return (&load{s: s, cmd: &cmd, into: o, columns: columns}).run(ctx)
	}), nil
}

// copyColumns are the columns that COPY fills: those listed, or all. One that is left
// out gets its default, and must have one if it cannot be null.
func (s *Session) copyColumns(ctx context.Context, cmd *CopyCommand, o object) ([]column, error) {
	all, err := s.columns(ctx, o.OID)
	if err != nil {
		return nil, err
	}
	columns := settable(all)
	if cmd.Columns != nil {
		if columns, err = listed(cmd.Columns, all, o); err != nil {
			return nil, err
		}
		for _, c := range all {
			if _, given := columnNamed(columns, c.Name); !given && c.NotNull && c.duck == "" {
				return nil, errorf(codeInternal, "Column %q is NOT NULL, has no default and is not in the column list", c.Name)
			}
		}
	}
	if cmd.JSON == "noshred" && (len(columns) != 1 || columns[0].Type.Name != "super") {
		return nil, errorf(codeInternal, "JSON noshred loads into exactly one column of type SUPER")
	}
	return columns, nil
}

// load is a COPY that runs.
type load struct {
	s       *Session
	cmd     *CopyCommand
	into    object
	columns []column

	query    int64
	started  time.Time
	pace     pace
	appender *appender
	files    []loadedFile
	rejected []rejectedRecord
}

type loadedFile struct {
	name   string
	rows   int64
	errors int
}

// maxRaw is what is kept of a rejected record and of its field, in bytes: the width of
// stl_load_errors.raw_line and raw_field_value.
const maxRaw = 1024

type rejectedRecord struct {
	file  string
	line  int64
	raw   string
	cause *loadError
}

// run loads everything in the transaction that the session is in. What was rejected is
// written outside of it, so that it can be read after a rollback.
func (l *load) run(ctx context.Context) error {
	l.started = l.s.db.Now().UTC()
	if err := l.s.conn.QueryRowContext(ctx, `SELECT nextval('localcloud.next_query')`).Scan(&l.query); err != nil {
		return err
	}
	err := l.copyAll(ctx)
	if kept := l.keepErrors(context.WithoutCancel(ctx)); err == nil {
		err = kept
	}
	if err != nil {
		return err
	}
	return l.keepFiles(ctx)
}

func (l *load) copyAll(ctx context.Context) (err error) {
	reading, err := l.s.db.Sources.As(ctx, l.cmd.Credentials)
	if err != nil {
		return err
	}
	if region := l.s.db.Sources.Region(); l.cmd.Region != "" && l.cmd.Region != region {
		return s3Failure("The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect")
	}
	sources, err := l.sources(reading)
	if err != nil {
		return err
	}
	shred, err := l.shredder(reading)
	if err != nil {
		return err
	}
	if l.appender, err = l.newAppender(); err != nil {
		return err
	}
	defer func() { // after an error what closing says is of rows that are rolled back
		if closing := l.appender.close(); err == nil {
			err = closing
		}
	}()
	l.s.copyID = l.query
	if err = l.copyFiles(reading, sources, shred); err == nil {
		l.s.copied = l.rows()
	}
	return err
}

func (l *load) copyFiles(ctx context.Context, sources []stagedFile, shred *shredder) error {
	l.pace = newPace(len(sources))
	for _, source := range sources {
		if err := l.copyFile(ctx, source, shred); err != nil {
			return err
		}
	}
	return l.appender.flush()
}

func (l *load) rows() (n int64) {
	for _, f := range l.files {
		n += f.rows
	}
	return n
}

// copyFile loads one object.
func (l *load) copyFile(ctx context.Context, f stagedFile, shred *shredder) error {
	r, err := l.s.db.Files.Open(ctx, f.bucket, f.key)
	if err != nil {
		if !f.mandatory && isMissing(err) {
			return nil
		}
		return s3Failure(err.Error())
	}
	defer r.Close()
	var in io.Reader = r
	if l.cmd.Gzip {
		zipped, err := gzip.NewReader(r)
		if err != nil {
			return errorf(codeInternal, "Error reading %s: not in gzip format", f.url())
		}
		defer zipped.Close()
		in = zipped
	}
	l.files = append(l.files, loadedFile{name: f.url()})
	records := newRecordReader(in)
	records.arrays = shred.paths != nil
	return l.copyRecords(ctx, records, shred)
}

func (l *load) copyRecords(ctx context.Context, records *recordReader, shred *shredder) error {
	file := &l.files[len(l.files)-1]
	for n := 0; ; n++ {
		if n%64 == 0 {
			if err := l.pace.breathe(ctx); err != nil {
				return err
			}
		}
		record, err := records.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var row []value
		var rejected *loadError
		if err == nil {
			row, rejected = shred.shred(record)
		} else if !errors.As(err, &rejected) {
			return errorf(codeInternal, "Error reading %s: %v", file.name, err)
		}
		if rejected != nil {
			if err := l.reject(file, records, rejected); err != nil {
				return err
			}
			continue
		}
		if file.rows++; l.cmd.NoLoad {
			continue
		}
		if err := l.appender.append(row); err != nil {
			return err
		}
	}
}

// reject notes a record that cannot be loaded, and fails once there are MAXERROR of them.
func (l *load) reject(file *loadedFile, records *recordReader, cause *loadError) error {
	raw := strings.Clone(records.record[:min(len(records.record), maxRaw)])
	l.rejected = append(l.rejected, rejectedRecord{file: file.name, line: records.line, raw: strings.ToValidUTF8(raw, "?"), cause: cause})
	if file.errors++; len(l.rejected) >= max(1, l.cmd.MaxError) {
		return errorf(codeInternal, "Load into table '%s' failed.  Check 'stl_load_errors' system table for details.", l.into.Name)
	}
	return nil
}

// keepErrors writes all of them in one commit of its own, however many MAXERROR allows.
func (l *load) keepErrors(ctx context.Context) error {
	if len(l.rejected) == 0 {
		return nil
	}
	tx, err := l.s.db.pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keep the load errors: %w", err)
	}
	if err = l.insertErrors(ctx, tx); err != nil {
		return fmt.Errorf("keep the load errors: %w", errors.Join(err, tx.Rollback()))
	}
	return tx.Commit()
}

func (l *load) insertErrors(ctx context.Context, tx *sql.Tx) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO localcloud.load_errors VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range l.rejected {
		c := r.cause.column
		if _, err := insert.ExecContext(ctx, l.s.user.ID, l.into.OID, l.started, l.s.pid, l.query, r.file, r.line, c.Name,
			typeBase(c.Type), typeLength(c.Type), r.raw, r.cause.raw, r.cause.code, r.cause.reason); err != nil {
			return err
		}
	}
	return nil
}

// typeBase is stl_load_errors.type.
func typeBase(t Type) string {
	if t.Name == "character" {
		return "char"
	}
	return t.Short()
}

func typeLength(t Type) string {
	if t.Length > 0 {
		return itoa(t.Length)
	}
	if t.Name == "numeric" {
		return fmt.Sprintf("%d, %d", t.Precision, t.Scale)
	}
	return "0"
}

func clipBytes(s string, n int) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

func (l *load) keepFiles(ctx context.Context) error {
	for _, f := range l.files {
		err := l.s.exec(ctx, `INSERT INTO localcloud.load_commits VALUES (?, ?, 0, ?, ?, 0, ?, ?, 1, ?)`,
			l.s.user.ID, l.query, l.into.Name, f.name, f.rows+int64(f.errors), f.errors, l.s.db.Now().UTC())
		if err != nil {
			return err
		}
	}
	return nil
}
