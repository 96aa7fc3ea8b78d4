package drills

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"pipeline/shared/localcloud/awsjson"
)

// Delays are by how much planes are slowed. The zero value slows none. The planes are
// fixed, so that one which is not slowed costs a request one load.
type Delays struct{ Gateway, Cognito, Firehose, S3, Redshift Delay }

// Delay is how much later one plane answers.
type Delay struct{ nanoseconds atomic.Int64 }

// Wait returns when the delay or ctx is over; an error is that of ctx.
func (d *Delay) Wait(ctx context.Context) error {
	by := time.Duration(d.nanoseconds.Load())
	if by == 0 {
		return nil
	}
	t := time.NewTimer(by)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Handler is h, later.
func (d *Delay) Handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := d.Wait(r.Context()); err != nil {
			// No answer at all would be 200 to who called.
			awsjson.WriteError(w, &awsjson.Error{Code: "ServiceUnavailableException", Message: err.Error(), Status: http.StatusServiceUnavailable})
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Listener is l, whose connections take what a client sends later. While a connection has
// a deadline, which is while the client signs in, it takes it at once: that is several
// messages, and none of them asks for anything.
func (d *Delay) Listener(l net.Listener) net.Listener { return slowListener{l, d} }

type slowListener struct {
	net.Listener
	by *Delay
}

func (l slowListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	open, closed := context.WithCancel(context.Background())
	return &slowConn{Conn: c, by: l.by, open: open, closed: closed}, nil
}

type slowConn struct {
	net.Conn
	by      *Delay
	hurried atomic.Bool // it has a deadline
	open    context.Context
	closed  context.CancelFunc
}

func (c *slowConn) SetDeadline(t time.Time) error {
	c.hurried.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}

func (c *slowConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

func (c *slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.hurried.Load() && c.by.Wait(c.open) != nil {
		return 0, net.ErrClosed
	}
	return n, err
}

func (d *Delays) byPlane() map[string]*Delay {
	return map[string]*Delay{"gateway": &d.Gateway, "cognito": &d.Cognito, "firehose": &d.Firehose, "s3": &d.S3, "redshift": &d.Redshift}
}

func (d *Delays) off() {
	for _, one := range d.byPlane() {
		one.nanoseconds.Store(0)
	}
}

func (d *Delays) active() (out []string) {
	planes := d.byPlane()
	for _, name := range slices.Sorted(maps.Keys(planes)) {
		if by := planes[name].nanoseconds.Load(); by != 0 {
			out = append(out, name+" by "+time.Duration(by).String())
		}
	}
	return out
}

// Clock is the time of all planes. The zero value is the machine's.
type Clock struct{ ahead atomic.Int64 } // nanoseconds

// Now is the time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *Clock) active() []string {
	if by := c.ahead.Load(); by != 0 {
		return []string{"by " + time.Duration(by).String()}
	}
	return nil
}
