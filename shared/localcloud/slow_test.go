package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// signature names the service whose call a request is; nobody checks it.
func signature(service string) string {
	return "AWS4-HMAC-SHA256 Credential=x/20261122/eu-central-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}

// serveTo serves an empty cloud with a bucket to clients for whom it has little patience.
func serveTo(t *testing.T, p patience) (*httptest.Server, *cloud) {
	t.Helper()
	_, c := door(t)
	if _, err := c.buckets.CreateBucket("bucket", nil); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = webServer(c, runtime{}, "the key", p)
	server.Start()
	t.Cleanup(server.Close)
	return server, c
}

var unfinished = map[string]string{
	"a header that stops":          "GET / HTTP/1.1\r\nHost: localhost\r\nX-",
	"a call whose body stops":      "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Logs_20140328.DescribeLogGroups\r\nAuthorization: " + signature("logs") + "\r\nContent-Length: 10\r\n\r\n{",
	"an unsigned call":             "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Logs_20140328.DescribeLogGroups\r\nContent-Length: 10\r\n\r\n{",
	"a form whose body stops":      "POST /_aws/cognito/users/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na",
	"an object whose body stops":   "PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + signature("s3") + "\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\nContent-Length: 10\r\n\r\na",
	"a drill whose body stops":     "POST /_localcloud/drills/slow HTTP/1.1\r\nHost: localhost\r\nX-Localcloud-Key: the key\r\nContent-Length: 10\r\n\r\n{",
	"a connection without request": "",
	"a connection that is kept":    "GET /_localcloud/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

func TestAClientThatStopsIsLetGo(t *testing.T) {
	short := 100 * time.Millisecond
	calls, _ := serveTo(t, patience{header: short, call: short, object: time.Hour, idle: short})
	objects, _ := serveTo(t, patience{header: time.Hour, call: time.Hour, object: short, idle: time.Hour})
	for what, sent := range unfinished {
		server := calls
		if strings.HasPrefix(sent, "PUT") {
			server = objects
		}
		letsGo(t, what, server.Listener.Addr(), sent)
	}
}

// letsGo checks that the server ends a connection on which a client says only that.
func letsGo(t *testing.T, what string, server net.Addr, said string) {
	t.Helper()
	conn, err := net.Dial("tcp", server.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, said)
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
		t.Errorf("%s holds its connection", what)
	}
}

// A reader that stops would keep a large object's file and connection for ever.
func TestAClientThatDoesNotReadIsLetGo(t *testing.T) {
	server, c := serveTo(t, patience{header: time.Second, call: time.Second, object: time.Second, idle: time.Second})
	const size = 64 << 20 // more than the buffers of a connection hold
	if err := c.buckets.PutObject(t.Context(), "bucket", "large", make([]byte, size), ""); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	served := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		served.ServeHTTP(w, r)
	})
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /bucket/large HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n\r\n", signature("s3"))
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the request goes on though nobody reads")
	}
}

// endless is a body without end, and counts what is taken of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte("x"), len(p)))
	e.read += int64(len(p))
	return len(p), nil
}

func TestABodyWithoutEndIsCut(t *testing.T) {
	server, _ := serveTo(t, patient)
	for _, call := range []struct {
		what, method, path string
		headers            []string
		status             int // where the client sees one before the connection ends
	}{
		{"a call", "POST", "/", []string{"X-Amz-Target", "Logs_20140328.DescribeLogGroups", "Authorization", signature("logs")}, 413},
		{"a form", "POST", "/_aws/cognito/users/login", []string{"Content-Type", "application/x-www-form-urlencoded"}, 404},
		{"an object", "PUT", "/bucket/key", []string{"Authorization", signature("s3")}, 411},
		{"a deletion of objects", "POST", "/bucket?delete", []string{"Authorization", signature("s3"), "Content-Md5", "x"}, 400},
		{"a drill", "POST", "/_localcloud/drills/slow", []string{"X-Localcloud-Key", "the key"}, 400},
	} {
		body := &endless{}
		req, err := http.NewRequestWithContext(t.Context(), call.method, server.URL+call.path, io.NopCloser(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(call.headers); i += 2 {
			req.Header.Set(call.headers[i], call.headers[i+1])
		}
		client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
		resp, err := client.Do(req)
		if err != nil && strings.Contains(err.Error(), "Client.Timeout") {
			t.Errorf("%s without end is taken for ever", call.what)
		}
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode != call.status {
				t.Errorf("%s without end answers %d, want %d", call.what, resp.StatusCode, call.status)
			}
		}
		if body.read > 32<<20 {
			t.Errorf("of %s without end %d MiB were taken", call.what, body.read>>20)
		}
		client.CloseIdleConnections()
	}
}

// What speaks another protocol at the warehouse's port is sent away, and what it says is
// not taken for a length: "GET " would be a message of a gigabyte.
func TestTheWarehousesPortLetsOtherProtocolsGo(t *testing.T) {
	_, c := door(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go c.redshift.Serve(l)
	for _, said := range []string{"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\xff\xff\xff\xff\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\x00"} {
		letsGo(t, fmt.Sprintf("%q", said), l.Addr(), said)
	}
}

func TestConnectionsBeyondTheBoundWaitForOneToEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 3)
	go func() {
		for limited := bounded(l, 2); ; {
			conn, err := limited.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for range 3 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	defer second.Close()
	select {
	case <-accepted:
		t.Fatal("a third connection is accepted beside two")
	case <-time.After(50 * time.Millisecond):
	}
	first.Close()
	defer (<-accepted).Close()
}
