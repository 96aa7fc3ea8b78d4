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
	"sync"
	"time"

	wire "github.com/jeroenrinzema/psql-wire"
	"github.com/jeroenrinzema/psql-wire/pkg/buffer"
	"github.com/jeroenrinzema/psql-wire/pkg/types"

	"pipeline/shared/localcloud/redshift/engine"
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
		wire.GlobalParameters(wire.Parameters{"integer_datetimes": "on", "DateStyle": "ISO, MDY"}),
		wire.BackendKeyData(f.keyData), wire.CancelRequest(f.cancel),
		wire.TxStatus(txStatus), wire.SessionMiddleware(f.handOver), wire.CloseConn(f.closeSession),
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

// close ends every connection and what runs on it. The server's Close waits for the
// statements that run, so they are ended meanwhile, also those that had yet to begin.
func (f *front) close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = f.server.Close()
		f.server.Wait()
	}()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		f.dropAll()
		select {
		case <-closed:
			return
		case <-again.C:
		}
	}
}

// dropAll ends every connection and what runs on it.
func (f *front) dropAll() {
	f.keys.Range(func(_, session any) bool {
		session.(*engine.Session).Cancel()
		return true
	})
	f.conns.Range(func(_, c any) bool {
		_ = c.(*clientConn).Conn.Close() // whoever serves it closes its session
		return true
	})
}

// clientConn is a connection with what its TLS handshake told.
type clientConn struct {
	net.Conn
	front  *front
	tls    bool
	server string // SNI

	session *engine.Session // until handOver
	answers *buffer.Writer  // from signIn on
}

// Close also ends the session of a client that went away while it signed in.
func (c *clientConn) Close() error {
	if c.session != nil {
		c.front.forget(c.session)
		c.session = nil
	}
	c.front.conns.CompareAndDelete(c.RemoteAddr().String(), c) // it may be closed twice
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
	if err == nil {
		if err = applyStartup(ctx, session, params); err != nil {
			session.Close()
		}
	}
	if err != nil {
		if sent := wire.WriteUnterminatedError(w, fatal(err)); sent != nil {
			return ctx, sent
		}
		return ctx, err
	}
	if c, ok := f.conn(ctx); ok {
		_ = c.SetDeadline(time.Time{})
		c.session, c.answers = session, w
	}
	check(r, w)
	return context.WithValue(ctx, sessionKey{}, session), writeAuth(w, 0)
}

// handOver leaves the session to closeSession, which the wire library calls in the end only
// of clients that got this far. They are told Redshift's version, not the library's,
// and the time zone that they asked for.
func (f *front) handOver(ctx context.Context) (context.Context, error) {
	c, ok := f.conn(ctx)
	if !ok {
		return ctx, nil
	}
	c.session = nil
	zone := writeParameter(c.answers, "TimeZone", sessionOf(ctx).TimeZone())
	return ctx, errors.Join(zone, writeParameter(c.answers, "server_version", engine.Version))
}

// writeParameter is ParameterStatus. Of two for the same parameter the later counts.
func writeParameter(w *buffer.Writer, name, value string) error {
	w.Start(types.ServerParameterStatus)
	for _, text := range []string{name, value} {
		w.AddString(text)
		w.AddNullTerminate()
	}
	return w.End()
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
	if f.signedIn() >= maxConnections {
		return nil, &Error{Code: "53300", Message: fmt.Sprintf("connection limit \"%d\" exceeded for non-bootstrap users", maxConnections)}
	}
	secret, err := password()
	if err != nil {
		return nil, err
	}
	if err := f.service.unavailable(); err != nil {
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

func (f *front) signedIn() (n int) {
	f.keys.Range(func(any, any) bool { n++; return true })
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
	f.forget(sessionOf(ctx))
	return nil
}

func (f *front) forget(session *engine.Session) {
	f.keys.Range(func(key, owner any) bool {
		if owner == session {
			f.keys.Delete(key)
		}
		return true
	})
	session.Close()
}
