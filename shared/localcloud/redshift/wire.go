package redshift

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	wire "github.com/jeroenrinzema/psql-wire"
	"github.com/jeroenrinzema/psql-wire/codes"
	pgerror "github.com/jeroenrinzema/psql-wire/errors"
	"github.com/jeroenrinzema/psql-wire/pkg/buffer"
	"github.com/jeroenrinzema/psql-wire/pkg/types"

	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/redshift/sqltext"
)

// maxConnections is a cluster's limit (Redshift, "Quotas and limits"); all clusters
// here share it.
const maxConnections = 500

// signInTime bounds how long a connection may take to sign in.
const signInTime = 30 * time.Second

// front is the PostgreSQL port.
type front struct {
	service *Service
	server  *wire.Server
	conns   sync.Map // *clientConn by remote address
	keys    sync.Map // *engine.Session by process id and secret key
}

// Serve answers the PostgreSQL protocol at l until Close. It closes l.
func (s *Service) Serve(l net.Listener) error {
	f := &front{service: s}
	server, err := wire.NewServer(f.parse,
		wire.Logger(slog.New(slog.NewTextHandler(io.Discard, nil))),
		wire.TLSConfig(f.tlsConfig()),
		wire.SessionAuthStrategy(f.signIn),
		wire.GlobalParameters(wire.Parameters{"integer_datetimes": "on", "DateStyle": "ISO, MDY", "TimeZone": "UTC", "standard_conforming_strings": "on"}),
		wire.BackendKeyData(f.keyData), wire.CancelRequest(f.cancel),
		wire.TxStatus(txStatus), wire.CloseConn(f.closeSession), wire.TerminateConn(f.closeSession),
		wire.ExtendTypes(registerTypes),
	)
	if err != nil {
		return fmt.Errorf("serve redshift: %w", err)
	}
	f.server = server
	s.mu.Lock()
	s.front = f
	s.mu.Unlock()
	if s.ctx.Err() != nil {
		return l.Close()
	}
	return server.Serve(&tracking{Listener: l, front: f})
}

func (f *front) close() {
	_ = f.server.Close() // it only waits for the listener
	f.dropAll()
	f.server.Wait()
}

// dropAll ends every connection and what runs on it.
func (f *front) dropAll() {
	f.keys.Range(func(_, session any) bool {
		session.(*engine.Session).Cancel()
		return true
	})
	f.conns.Range(func(_, c any) bool {
		_ = c.(*clientConn).Close()
		return true
	})
}

// clientConn is a connection with what its TLS handshake told.
type clientConn struct {
	net.Conn
	front  *front
	tls    bool
	server string // SNI
}

func (c *clientConn) Close() error {
	c.front.conns.Delete(c.RemoteAddr().String())
	return c.Conn.Close()
}

// tracking is a listener that remembers its connections, and refuses them in a pause.
type tracking struct {
	net.Listener
	front *front
}

func (t *tracking) Accept() (net.Conn, error) {
	for {
		c, err := t.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if t.front.service.paused.Load() {
			_ = c.Close()
			continue
		}
		_ = c.SetDeadline(time.Now().Add(signInTime))
		tracked := &clientConn{Conn: c, front: t.front}
		t.front.conns.Store(c.RemoteAddr().String(), tracked)
		return tracked, nil
	}
}

func (f *front) tlsConfig() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{f.service.certificate},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if c, ok := f.conns.Load(hello.Conn.RemoteAddr().String()); ok {
				c.(*clientConn).tls = true
				c.(*clientConn).server = hello.ServerName
			}
			return nil, nil
		},
	}
}

type sessionKey struct{}

func sessionOf(ctx context.Context) *engine.Session {
	s, _ := ctx.Value(sessionKey{}).(*engine.Session)
	return s
}

// signIn finds the cluster, asks for the password and opens the session. It is the
// authentication strategy of the wire library.
func (f *front) signIn(ctx context.Context, w *buffer.Writer, r *buffer.Reader) (context.Context, error) {
	params := wire.ClientParameters(ctx)
	session, err := f.openSession(ctx, params[wire.ParamDatabase], params[wire.ParamUsername], func() (string, error) {
		return askPassword(w, r)
	})
	if err != nil {
		if sent := wire.WriteUnterminatedError(w, fatal(err)); sent != nil {
			return ctx, sent
		}
		return ctx, err
	}
	if c, ok := f.conn(ctx); ok {
		_ = c.SetDeadline(time.Time{})
	}
	return context.WithValue(ctx, sessionKey{}, session), writeAuth(w, 0)
}

func (f *front) conn(ctx context.Context) (*clientConn, bool) {
	c, ok := f.conns.Load(wire.RemoteAddress(ctx).String())
	if !ok {
		return nil, false
	}
	return c.(*clientConn), true
}

func (f *front) openSession(ctx context.Context, database, user string, password func() (string, error)) (*engine.Session, error) {
	conn, ok := f.conn(ctx)
	if !ok {
		return nil, errors.New("the connection was closed")
	}
	if database == "" {
		database = user
	}
	cluster, err := f.service.clusterAt(conn.server, database)
	if err != nil {
		return nil, err
	}
	required, err := f.service.requiresSSL(cluster)
	if err != nil {
		return nil, err
	}
	if required && !conn.tls {
		return nil, &Error{Code: "28000", Message: fmt.Sprintf("no pg_hba.conf entry for host \"::ffff:127.0.0.1\", user %q, database %q, SSL off", user, database)}
	}
	if f.count() > maxConnections {
		return nil, &Error{Code: "53300", Message: fmt.Sprintf("connection limit \"%d\" exceeded for non-bootstrap users", maxConnections)}
	}
	secret, err := password()
	if err != nil {
		return nil, err
	}
	db, err := f.service.database(cluster)
	if err != nil {
		return nil, err
	}
	who, err := db.SignIn(ctx, user, secret)
	if err != nil {
		return nil, err
	}
	return db.NewSession(f.service.ctx, who)
}

func (f *front) count() (n int) {
	f.conns.Range(func(any, any) bool { n++; return true })
	return n
}

// askPassword is AuthenticationCleartextPassword and its answer. Over TLS that is what
// any client accepts; without it the connection stays on the loopback address.
func askPassword(w *buffer.Writer, r *buffer.Reader) (string, error) {
	const cleartext = 3
	if err := writeAuth(w, cleartext); err != nil {
		return "", err
	}
	kind, _, err := r.ReadTypedMsg()
	if err != nil {
		return "", err
	}
	if kind != types.ClientPassword {
		return "", errors.New("the client sent no password")
	}
	return r.GetString()
}

func writeAuth(w *buffer.Writer, kind int32) error {
	w.Start(types.ServerAuth)
	w.AddInt32(kind)
	return w.End()
}

// keyData lets the client cancel what its session runs.
func (f *front) keyData(ctx context.Context) (int32, int32) {
	session := sessionOf(ctx)
	secret := rand.Int32()
	f.keys.Store([2]int32{session.PID(), secret}, session)
	return session.PID(), secret
}

func (f *front) cancel(_ context.Context, pid, secret int32) error {
	if session, ok := f.keys.Load([2]int32{pid, secret}); ok {
		session.(*engine.Session).Cancel()
	}
	return nil
}

func txStatus(ctx context.Context) types.ServerStatus {
	if session := sessionOf(ctx); session != nil {
		return types.ServerStatus(session.State())
	}
	return types.ServerIdle
}

func (f *front) closeSession(ctx context.Context) error {
	session := sessionOf(ctx)
	if session == nil {
		return nil
	}
	f.keys.Range(func(key, owner any) bool {
		if owner == session {
			f.keys.Delete(key)
		}
		return true
	})
	session.Close()
	return nil
}

// parse plans the statements of a query message.
func (f *front) parse(ctx context.Context, query wire.Query) (wire.PreparedStatements, error) {
	session := sessionOf(ctx)
	statements, err := session.Split(query.Query)
	if err != nil {
		return nil, wireError(err)
	}
	switch {
	case len(statements) == 0:
		return wire.Prepared(wire.NewStatement(func(_ context.Context, w wire.DataWriter, _ []wire.Parameter) error { return w.Complete("") })), nil
	case len(statements) > 1 && !query.SimpleQuery:
		return nil, wireError(&Error{Code: "42601", Message: "cannot insert multiple commands into a prepared statement"})
	case len(statements) > 1:
		return f.runAll(ctx, session, statements)
	}
	plan, err := session.Plan(ctx, statements[0])
	if err != nil {
		return nil, wireError(err)
	}
	return wire.Prepared(wire.NewStatement(func(ctx context.Context, w wire.DataWriter, params []wire.Parameter) error {
		args, err := decode(plan, params)
		if err != nil {
			return wireError(err)
		}
		tag, err := session.Run(ctx, plan, args, &rowWriter{w: w, columns: plan.Columns})
		if err != nil {
			return wireError(err)
		}
		return w.Complete(tag)
	}, wire.WithColumns(wireColumns(plan.Columns)), wire.WithParameters(plan.Params))), nil
}

// runAll runs the statements of one message: in one transaction unless they handle
// transactions themselves, as PostgreSQL does. A later one may need what an earlier one
// made, so they run before the first answer is sent; their rows wait in memory.
func (f *front) runAll(ctx context.Context, session *engine.Session, statements []sqltext.Statement) (wire.PreparedStatements, error) {
	own := session.State() == engine.Idle && !handlesTransactions(statements)
	if own {
		if _, err := session.Exec(ctx, "BEGIN", engine.Discard); err != nil {
			return nil, wireError(err)
		}
	}
	var prepared wire.PreparedStatements
	for _, st := range statements {
		answer, err := runOne(ctx, session, st)
		if err != nil {
			if own {
				_, _ = session.Exec(ctx, "ROLLBACK", engine.Discard) // err is the one to report
			}
			return nil, wireError(err)
		}
		prepared = append(prepared, answer)
	}
	if own {
		if _, err := session.Exec(ctx, "COMMIT", engine.Discard); err != nil {
			return nil, wireError(err)
		}
	}
	return prepared, nil
}

func handlesTransactions(statements []sqltext.Statement) bool {
	for _, st := range statements {
		switch st.Tokens[0].Text {
		case "begin", "start", "commit", "end", "rollback", "abort", "vacuum":
			return true
		}
	}
	return false
}

// kept collects the rows of a statement.
type kept struct{ rows [][]any }

func (k *kept) Row(values []any) error {
	k.rows = append(k.rows, values)
	return nil
}

func runOne(ctx context.Context, session *engine.Session, st sqltext.Statement) (*wire.PreparedStatement, error) {
	plan, err := session.Plan(ctx, st)
	if err != nil {
		return nil, err
	}
	var rows kept
	tag, err := session.Run(ctx, plan, nil, &rows)
	if err != nil {
		return nil, err
	}
	return wire.NewStatement(func(_ context.Context, w wire.DataWriter, _ []wire.Parameter) error {
		out := &rowWriter{w: w, columns: plan.Columns}
		for _, row := range rows.rows {
			if err := out.Row(row); err != nil {
				return err
			}
		}
		return w.Complete(tag)
	}, wire.WithColumns(wireColumns(plan.Columns))), nil
}

func wireColumns(columns []engine.Column) wire.Columns {
	var all wire.Columns
	for _, c := range columns {
		all = append(all, wire.Column{Name: c.Name, Oid: c.Type.OID(), Width: -1})
	}
	return all
}

// rowWriter sends rows.
type rowWriter struct {
	w       wire.DataWriter
	columns []engine.Column
}

func (r *rowWriter) Row(values []any) error {
	for i, v := range values {
		switch v := v.(type) {
		case engine.Numeric:
			var n pgtype.Numeric
			if err := n.Scan(string(v)); err != nil {
				return err
			}
			values[i] = n
		case time.Time:
			if r.columns[i].Type.Name == "time without time zone" {
				midnight := time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC)
				values[i] = pgtype.Time{Microseconds: v.Sub(midnight).Microseconds(), Valid: true}
			}
		case []byte:
			values[i] = fmt.Sprintf("%x", v)
		}
	}
	return r.w.Row(values)
}

// decode reads the parameters of Bind.
func decode(plan *engine.Plan, params []wire.Parameter) ([]any, error) {
	if len(params) != len(plan.Params) {
		return nil, &Error{Code: "08P01", Message: fmt.Sprintf("bind message supplies %d parameters, but prepared statement requires %d", len(params), len(plan.Params))}
	}
	args := make([]any, len(params))
	for i, p := range params {
		if p.Value() == nil {
			continue
		}
		if p.Format() == wire.TextFormat {
			args[i] = string(p.Value())
			continue
		}
		value, err := p.Scan(plan.Params[i])
		if err != nil {
			return nil, &Error{Code: "22P03", Message: fmt.Sprintf("parameter $%d: %v", i+1, err)}
		}
		if n, ok := value.(pgtype.Numeric); ok {
			if value, err = n.Value(); err != nil {
				return nil, &Error{Code: "22P03", Message: err.Error()}
			}
		}
		args[i] = value
	}
	return args, nil
}

// wireError gives an error its SQLSTATE for the protocol.
func wireError(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	out := pgerror.WithCode(errors.New(e.Message), codes.Code(e.Code))
	if e.Detail != "" {
		out = pgerror.WithDetail(out, e.Detail)
	}
	if e.Hint != "" {
		out = pgerror.WithHint(out, e.Hint)
	}
	return pgerror.WithSeverity(out, pgerror.LevelError)
}

func fatal(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: "XX000", Message: strings.TrimSpace(err.Error())}
	}
	return pgerror.WithSeverity(wireError(e), pgerror.LevelFatal)
}
