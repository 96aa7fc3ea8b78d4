package redshift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func exec1(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestAClientReadsWhatItWroteWithParametersOfEveryType(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	exec1(t, conn, "CREATE TABLE t (id integer, name varchar(20), amount numeric(8,2), at timestamptz, ok boolean, data super)")
	at := time.Date(2026, 11, 22, 10, 0, 0, 5000, time.UTC)
	exec1(t, conn, "INSERT INTO t VALUES ($1, $2, $3, $4, $5, json_parse('{\"a\":1}'))", 7, "müsli", "12.50", at, true)
	var (
		id     int32
		name   string
		amount float64
		got    time.Time
		ok     bool
		data   string
		count  int64
	)
	err := conn.QueryRow(t.Context(), "SELECT id, name, amount, at, ok, data, count(*) OVER () FROM t WHERE id = $1 AND at > $2", 7, at.Add(-time.Hour)).
		Scan(&id, &name, &amount, &got, &ok, &data, &count)
	if err != nil {
		t.Fatalf("select: %v", err)
	}
	if row := fmt.Sprint(id, name, amount, got.UTC(), ok, data, count); row != fmt.Sprint(7, "müsli", 12.5, at, true, `{"a":1}`, 1) {
		t.Errorf("row is %s", row)
	}
}

// JDBC says what it will send: a long for a column of type integer too.
func TestAParameterComesInTheTypeThatTheClientSaid(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	exec1(t, conn, "CREATE TABLE t (a integer, b bigint, c varchar(10), d date)")
	exec1(t, conn, "INSERT INTO t VALUES (7, 8, 'nine', '2026-11-22')")
	types := []uint32{pgtype.Int8OID, pgtype.Int2OID, pgtype.VarcharOID, pgtype.TimestamptzOID}
	values := []any{int64(7), int16(8), "nine", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	statement, err := conn.PgConn().Prepare(t.Context(), "s", "SELECT count(*) FROM t WHERE a = $1 AND b = $2 AND c = $3 AND d = $4", types)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(statement.ParamOIDs, types) {
		t.Errorf("the statement's parameters have types %v, want %v", statement.ParamOIDs, types)
	}
	sent, formats := make([][]byte, len(types)), make([]int16, len(types))
	for i, v := range values {
		formats[i] = pgtype.BinaryFormatCode
		if sent[i], err = conn.TypeMap().Encode(types[i], formats[i], v, nil); err != nil {
			t.Fatal(err)
		}
	}
	got := conn.PgConn().ExecPrepared(t.Context(), "s", sent, formats, nil).Read()
	if got.Err != nil || len(got.Rows) != 1 || string(got.Rows[0][0]) != "1" {
		t.Errorf("rows %q: %v, want 1", got.Rows, got.Err)
	}
}

func TestTheServerIsAsOldToItsClientsAsRedshiftIs(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	var shown string
	if err := conn.QueryRow(t.Context(), "SHOW server_version").Scan(&shown); err != nil {
		t.Fatal(err)
	}
	if told := conn.PgConn().ParameterStatus("server_version"); told != shown || told != "8.0.2" {
		t.Errorf("a client is told version %q, and SHOW says %q, want 8.0.2", told, shown)
	}
}

func TestAConnectionWithoutTLSIsRefusedUntilRequireSslIsFalse(t *testing.T) {
	w := newWorld(t)
	c := w.cluster(t, eventsCluster())
	if _, err := w.dial(t.Context(), "admin", adminPassword, "events", "disable"); sqlState(err) != "28000" || !strings.Contains(err.Error(), "SSL off") {
		t.Errorf("without TLS: %v", err)
	}
	if _, err := w.PutParameterGroup(ParameterGroup{Name: "open", Family: "redshift-2.0", Parameters: map[string]string{"require_ssl": "false"}}, false); err != nil {
		t.Fatal(err)
	}
	c.ParameterGroup = "open"
	if _, err := w.UpdateCluster(t.Context(), c, ""); err != nil {
		t.Fatal(err)
	}
	conn, err := w.dial(t.Context(), "admin", adminPassword, "events", "disable")
	if err != nil {
		t.Fatalf("without TLS, require_ssl false: %v", err)
	}
	_ = conn.Close(t.Context())
}

func TestSignInFailsInRedshiftsWords(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	for _, test := range []struct{ user, password, database, code string }{
		{"admin", "wrong", "events", "28000"},
		{"nobody", adminPassword, "events", "28000"},
		{"admin", adminPassword, "nowhere", "3D000"},
	} {
		if _, err := w.dial(t.Context(), test.user, test.password, test.database, "require"); sqlState(err) != test.code {
			t.Errorf("%s@%s: got %v, want %s", test.user, test.database, err, test.code)
		}
	}
}

func TestPasswordsOfEveryKindSignIn(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	// md5 of "Secret123" + "hashed"; sha256 of "Secret123" and the bytes of the salt.
	for user, password := range map[string]string{
		"clear": "Secret123", "hashed": "md5c1de63fa30bd9e9ed9b4ba7d2d9e1a69", "salted": "sha256|x|00", "digested": "sha256|Secret123",
	} {
		switch user {
		case "hashed":
			password = md5Of("Secret123" + user)
		case "salted":
			password = "sha256|" + sha256Of("Secret123\x01\xff") + "|01ff"
		}
		exec1(t, conn, "CREATE USER "+user+" PASSWORD '"+password+"'")
		other, err := w.dial(t.Context(), user, "Secret123", "events", "require")
		if err != nil {
			t.Errorf("%s: %v", user, err)
			continue
		}
		_ = other.Close(t.Context())
		if _, err := w.dial(t.Context(), user, "Secret124", "events", "require"); sqlState(err) != "28000" {
			t.Errorf("%s with a wrong password: %v", user, err)
		}
	}
}

func TestAFailedTransactionTakesNothingButItsEnd(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	exec1(t, conn, "CREATE TABLE t (a integer)")
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT * FROM nowhere"); sqlState(err) != "42P01" {
		t.Errorf("unknown table: %v", err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT 1"); sqlState(err) != "25P02" {
		t.Errorf("after a failure: %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 0 {
		t.Errorf("after the rollback there are %d rows (%v)", n, err)
	}
}

// What drivers do that fetch a result in portions, and DBeaver, which shows 200 rows.
func TestAPortalThatIsClosedEarlyFailsNoTransaction(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	exec1(t, conn, "CREATE TABLE t (a integer)")
	exec1(t, conn, "BEGIN")
	exec1(t, conn, "INSERT INTO t VALUES (1), (2), (3)")
	f := conn.PgConn().Frontend()
	for _, m := range []pgproto3.FrontendMessage{&pgproto3.Parse{Query: "SELECT a FROM t"}, &pgproto3.Bind{}, &pgproto3.Execute{MaxRows: 1},
		&pgproto3.Close{ObjectType: 'P'}, &pgproto3.Sync{}} {
		f.Send(m)
	}
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	suspended := false
	for {
		m, err := f.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if _, is := m.(*pgproto3.PortalSuspended); is {
			suspended = true
		}
		if ready, is := m.(*pgproto3.ReadyForQuery); is {
			if !suspended || ready.TxStatus != 'T' {
				t.Errorf("suspended %t, and the transaction is in state %c, want T", suspended, ready.TxStatus)
			}
			break
		}
	}
	exec1(t, conn, "COMMIT")
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 3 {
		t.Errorf("after COMMIT there are %d rows (%v), want 3", n, err)
	}
}

func TestSeveralStatementsInOneMessageAreOneTransaction(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	results, err := conn.PgConn().Exec(t.Context(), "CREATE TABLE t (a integer); INSERT INTO t VALUES (1); SELECT a FROM t").ReadAll()
	if err != nil || len(results) != 3 || string(results[2].Rows[0][0]) != "1" {
		t.Fatalf("results %v: %v", results, err)
	}
	if _, err := conn.PgConn().Exec(t.Context(), "INSERT INTO t VALUES (2); SELECT nope FROM t").ReadAll(); sqlState(err) != "42703" {
		t.Errorf("unknown column: %v", err)
	}
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 1 {
		t.Errorf("there are %d rows (%v), want 1", n, err)
	}
}

// The protocol's columns have a type each, which holds the values of every branch.
func TestAUnionHasTheTypeOfAllItsBranches(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	exec1(t, conn, `CREATE TABLE a (small smallint, i integer, day date, name varchar(1));
		CREATE TABLE b (big bigint, f float, at timestamp, name varchar(4));
		INSERT INTO a VALUES (1, 2, '2026-01-01', 'a'); INSERT INTO b VALUES (30000000000, 1.5, '2026-01-02 03:04:05', 'long');
		CREATE TABLE c AS SELECT i, name FROM a UNION ALL SELECT f, name FROM b`)
	for query, want := range map[string]string{
		"SELECT i FROM a UNION ALL SELECT f FROM b ORDER BY 1":   "1.5 2",
		"SELECT i FROM a UNION ALL SELECT 0.5 ORDER BY 1":        "0.5 2.0",
		"SELECT small FROM a UNION SELECT big FROM b ORDER BY 1": "1 30000000000",
		"SELECT day FROM a UNION SELECT at FROM b ORDER BY 1":    "2026-01-01 00:00:00 2026-01-02 03:04:05",
		"SELECT i FROM c ORDER BY 1":                             "1.5 2",
		"SELECT name FROM c ORDER BY 1":                          "a long",
	} {
		result := conn.PgConn().ExecParams(t.Context(), query, nil, nil, nil, nil).Read()
		var got []string
		for _, row := range result.Rows {
			got = append(got, string(row[0]))
		}
		if result.Err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s gives %q (%v), want %q", query, got, result.Err, want)
		}
	}
}

func TestAClientCancelsWhatRuns(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	stopped := make(chan error, 1)
	time.AfterFunc(200*time.Millisecond, func() { stopped <- conn.PgConn().CancelRequest(context.Background()) })
	_, err := conn.Exec(t.Context(), "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b")
	if sqlState(err) != "57014" {
		t.Errorf("got %v, want 57014", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("cancel request: %v", err)
	}
}

func TestAPauseEndsAndRefusesConnectionsAndResumeLetsThemIn(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	w.Pause()
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("a connection outlived the pause")
	}
	if _, err := w.dial(t.Context(), "admin", adminPassword, "events", "require"); err == nil {
		t.Error("a paused warehouse let a connection in")
	}
	err := w.Exec(t.Context(), "", "events", "admin", adminPassword, "SELECT 1")
	if e := new(Error); !errors.As(err, &e) || e.Code != "08001" {
		t.Errorf("Exec in a pause: %v", err)
	}
	w.Resume()
	w.connect(t)
}

func TestSeveralClustersWithOneDatabaseNameAreToldApartByTheHostName(t *testing.T) {
	w := newWorld(t)
	first := w.cluster(t, eventsCluster())
	other := eventsCluster()
	other.Identifier = "other"
	second := w.cluster(t, other)
	if err := w.Exec(t.Context(), first.Endpoint, "events", "admin", adminPassword, "CREATE TABLE only_first (a int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.dial(t.Context(), "admin", adminPassword, "events", "require"); sqlState(err) != "3D000" {
		t.Errorf("without a host name: %v", err)
	}
	for _, test := range []struct {
		cluster Cluster
		code    string
	}{{first, ""}, {second, "42P01"}} {
		config, err := pgx.ParseConfig(fmt.Sprintf("postgres://admin:%s@%s:%d/events?sslmode=require", adminPassword, test.cluster.Endpoint, w.port))
		if err != nil {
			t.Fatal(err)
		}
		config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatalf("%s: %v", test.cluster.Endpoint, err)
		}
		if _, err := conn.Exec(t.Context(), "SELECT * FROM only_first"); sqlState(err) != test.code {
			t.Errorf("%s: got %v, want %q", test.cluster.Identifier, err, test.code)
		}
		_ = conn.Close(t.Context())
	}
}

func TestDataAndUsersSurviveARestart(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	if err := w.Exec(t.Context(), "", "events", "admin", adminPassword, "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE USER reader PASSWORD 'Reader1234'; GRANT SELECT ON t TO reader"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.port = l.Addr().(*net.TCPAddr).Port
	w.start(t, l)
	conn, err := w.dial(t.Context(), "reader", "Reader1234", "events", "require")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 1 {
		t.Errorf("after a restart there are %d rows (%v), want 1", n, err)
	}
}

// psql runs commands as a person would, and returns what is printed.
func psql(t *testing.T, w *world, commands ...string) string {
	t.Helper()
	path, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed: apt-get install postgresql-client")
	}
	args := []string{fmt.Sprintf("host=127.0.0.1 port=%d dbname=events user=admin sslmode=require", w.port), "-X", "-v", "ON_ERROR_STOP=1", "-At"}
	for _, c := range commands {
		args = append(args, "-c", c)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+adminPassword)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("psql %q: %v\n%s", commands, err, out)
	}
	return string(out)
}

func TestPsqlListsDatabasesSchemasTablesAndColumns(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	psql(t, w, "CREATE TABLE public.events (event_id varchar(64) NOT NULL, data super, at timestamptz DEFAULT getdate())",
		"CREATE VIEW public.latest AS SELECT * FROM public.events")
	for command, want := range map[string]string{
		`\l`:               "events|admin",
		`\dn`:              "public|",
		`\dt`:              "public|events|table|admin",
		`\dv`:              "public|latest|view|admin",
		`\d`:               "public|latest|view|admin",
		`\d events`:        "event_id|character varying(64)||not null|",
		`\conninfo`:        "SSL connection",
		`select version()`: "Redshift",
		`select '2026-01-01 00:00:00+01'::timestamptz`: "2025-12-31 23:00:00+00",
	} {
		if out := psql(t, w, command); !strings.Contains(out, want) {
			t.Errorf("%s prints\n%s\nwant %s in it", command, out, want)
		}
	}
	if out := psql(t, w, `\d events`); !strings.Contains(out, "data|super|") || !strings.Contains(out, "at|timestamp with time zone|||getdate()") {
		t.Errorf("\\d events prints\n%s", out)
	}
}

func TestABrokenDatabaseIsOpenedAgainWithWhatWasCommitted(t *testing.T) {
	w := newWorld(t)
	c := w.cluster(t, eventsCluster())
	w.asAdmin(t, "CREATE TABLE t (a int)")
	d, err := w.database(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil { // as good as broken: nothing answers any more
		t.Fatal(err)
	}
	if err := w.Exec(t.Context(), "", "events", "admin", adminPassword, "SELECT a FROM t"); err == nil {
		t.Fatal("a closed database answers")
	}
	d.Break()
	w.asAdmin(t, "SELECT a FROM t")
}

// brokenListener's connections fail when they are to write something that begins so.
type brokenListener struct {
	net.Listener
	at *atomic.Value
}

func (l brokenListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return brokenConn{c, l.at}, err
}

type brokenConn struct {
	net.Conn
	at *atomic.Value
}

func (c brokenConn) Write(p []byte) (int, error) {
	if at := c.at.Load().(string); at != "" && strings.HasPrefix(string(p), at) {
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(p)
}

func TestAClientThatGoesAwayWhileItSignsInLeavesNoSession(t *testing.T) {
	w := newWorld(t)
	if _, err := w.PutParameterGroup(ParameterGroup{Name: "open", Family: "redshift-2.0", Parameters: map[string]string{"require_ssl": "false"}}, false); err != nil {
		t.Fatal(err)
	}
	c := eventsCluster()
	c.ParameterGroup = "open"
	w.cluster(t, c)
	w.asAdmin(t, "CREATE USER one PASSWORD 'Abcd1234' CONNECTION LIMIT 1")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.port = l.Addr().(*net.TCPAddr).Port
	broken := brokenListener{l, new(atomic.Value)}
	broken.at.Store("")
	w.start(t, broken)
	for _, at := range []string{"R\x00\x00\x00\x08\x00\x00\x00\x00", "K", "S"} { // signed in, the key, a parameter
		broken.at.Store(at)
		if _, err := w.dial(t.Context(), "one", "Abcd1234", "events", "disable"); err == nil {
			t.Errorf("a client signs in that is not told %q", at)
		}
	}
	broken.at.Store("")
	conn, err := w.dial(t.Context(), "one", "Abcd1234", "events", "disable")
	if err != nil {
		t.Fatalf("afterwards: %v", err)
	}
	_ = conn.Close(t.Context())
}

// idle is a connection that has not signed in.
func idle(f *front) *clientConn {
	c, _ := net.Pipe()
	return &clientConn{Conn: c, front: f}
}

func TestOnlyWhoHasSignedInCountsForTheLimitOfConnections(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	w.connect(t)
	w.mu.Lock()
	front := w.front
	w.mu.Unlock()
	for i := range 2 * maxConnections {
		front.conns.Store(i, idle(front))
	}
	w.connect(t)
	var session any
	front.keys.Range(func(_, s any) bool { session = s; return false })
	for i := range int32(maxConnections - 2) {
		front.keys.Store([2]int32{-1, i}, session)
	}
	if _, err := w.dial(t.Context(), "admin", adminPassword, "events", "require"); sqlState(err) != "53300" {
		t.Errorf("beyond %d sessions: %v, want 53300", maxConnections, err)
	}
}
