// Package engine is one Redshift database on one DuckDB file: Redshift's dialect of SQL
// in front, users and privileges honoured, COPY from S3. A statement that is not
// honoured is refused with SQLSTATE 0A000 and the name of its form.
package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"golang.org/x/sync/semaphore"

	"pipeline/shared/localcloud/redshift/sqltext"
)

//go:embed tables.sql
var tablesSQL string

//go:embed views.sql
var viewsSQL string

// Options are what a database is opened with.
type Options struct {
	Name    string           // of the database
	Files   Files            // where COPY reads; nil refuses COPY
	Now     func() time.Time // nil means time.Now
	Sources Identities       // whom COPY's credentials stand for
}

// Database is an open database. Its methods may be called from several goroutines.
type Database struct {
	Options
	connector *duckdb.Connector
	pool      *sql.DB
	templates sync.Map // function templates that were parsed, by their text
	sessions  sync.Map // *Session that are open, by process id
	admitting sync.Mutex
	broken    atomic.Bool
	writers   *semaphore.Weighted // see turns.go
	written   atomic.Int64        // transactions that wrote and have ended
}

// Broken says that DuckDB has given the database up, after a disk that was full for
// example. It has to be closed and opened again.
func (d *Database) Broken() bool { return d.broken.Load() }

// noteFatal remembers an error after which DuckDB answers nothing any more.
func (d *Database) noteFatal(err error) {
	if err != nil && (strings.Contains(err.Error(), "database has been invalidated") || strings.HasPrefix(err.Error(), "FATAL Error")) {
		d.broken.Store(true)
	}
}

// config bounds what DuckDB takes and keeps it on this machine: no extension is loaded
// or fetched, and SQL reaches no file and no network. Each session works on its own thread
// alone: a second one makes a COPY of 10,000 rows no faster, takes a fifth more of the
// processor, and takes it from the requests that are served meanwhile.
const config = "?threads=1&memory_limit=256MB&autoinstall_known_extensions=false" +
	"&autoload_known_extensions=false&allow_community_extensions=false"

// confineSQL leaves SQL no file but the database's own, beside which DuckDB writes its
// log, checkpoints and what does not fit into memory.
const confineSQL = `SET allowed_directories=[%s]; SET enable_external_access=false;`

// sessionSQL makes a DuckDB session behave as Redshift's: integers divide to integers,
// null sorts as the largest value, and the time zone is UTC.
const sessionSQL = `SET TimeZone='UTC'; SET integer_division=true;
	SET default_null_order='nulls_last_on_asc_first_on_desc'; SET schema='public';`

// Open opens the database at path, making it if it is not there.
func Open(path string, opts Options) (*Database, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	connector, err := duckdb.NewConnector(path+config, nil)
	if err != nil {
		return nil, fmt.Errorf("open warehouse database %s: %w", path, err)
	}
	d := &Database{Options: opts, connector: connector, pool: sql.OpenDB(connector), writers: semaphore.NewWeighted(alone)}
	confine := fmt.Sprintf(confineSQL, sqltext.QuoteLiteral(filepath.Dir(path)+string(filepath.Separator)))
	for _, text := range []string{confine, tablesSQL, viewsSQL, bootstrapSQL} {
		if _, err := d.pool.Exec(text); err != nil {
			return nil, fmt.Errorf("open warehouse database %s: %w", path, errors.Join(err, d.Close()))
		}
	}
	return d, nil
}

// bootstrapSQL gives every user CREATE and USAGE on schema public, as Redshift does
// until REVOKE CREATE ON SCHEMA public FROM PUBLIC.
const bootstrapSQL = `
	INSERT INTO localcloud.objects SELECT 2200, 'n', '', 'public', 1, NULL, NULL, now()::TIMESTAMP
		WHERE NOT EXISTS (FROM localcloud.objects WHERE oid = 2200);
	INSERT INTO localcloud.objects SELECT 0, 'd', '', '', 1, NULL, NULL, now()::TIMESTAMP
		WHERE NOT EXISTS (FROM localcloud.objects WHERE oid = 0);
	INSERT INTO localcloud.grants SELECT 2200, 0, p, 1 FROM (VALUES ('USAGE'), ('CREATE')) t(p)
		WHERE NOT EXISTS (FROM localcloud.users);
	INSERT INTO localcloud.users SELECT 1, 'rdsdb', true, true, 'disabled', NULL, -1
		WHERE NOT EXISTS (FROM localcloud.users);`

// Close closes every session and the file.
func (d *Database) Close() error {
	d.sessions.Range(func(_, s any) bool {
		s.(*Session).Close()
		return true
	})
	err := d.pool.Close()
	if closing := d.connector.Close(); err == nil {
		err = closing
	}
	return err
}

// duckConn returns the driver's own connection under conn, which one goroutine uses.
func duckConn(conn *sql.Conn) (duck *duckdb.Conn, err error) {
	err = conn.Raw(func(dc any) error {
		var ok bool
		if duck, ok = dc.(*duckdb.Conn); !ok {
			return fmt.Errorf("the SQL driver is %T, not DuckDB's", dc)
		}
		return nil
	})
	return duck, err
}

// prepare makes a DuckDB statement.
func prepare(ctx context.Context, duck *duckdb.Conn, text string) (*duckdb.Stmt, error) {
	var statement driver.Stmt
	statement, err := duck.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.(*duckdb.Stmt), nil
}

// Break makes the database Broken, for drills.
func (d *Database) Break() { d.broken.Store(true) }
