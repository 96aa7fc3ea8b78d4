package drills

import (
	"net"
	"testing"
	"time"
)

// accepted is a connection that the delay slows, and what a client sends on it.
func accepted(t *testing.T, by time.Duration) (server, client net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	var d Delay
	d.nanoseconds.Store(int64(by))
	if server, err = d.Listener(l).Accept(); err != nil {
		t.Fatal(err)
	}
	return server, client
}

// read is what one Read of a connection that was written to returns, once it does.
func read(t *testing.T, server, client net.Conn) <-chan error {
	t.Helper()
	if _, err := client.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := server.Read(make([]byte, 1))
		done <- err
	}()
	return done
}

func within(t *testing.T, what string, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		t.Fatalf("%s takes more than 10s", what)
		return nil
	}
}

func TestASlowPlaneSignsClientsInAtOnce(t *testing.T) {
	server, client := accepted(t, time.Hour)
	if err := server.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := within(t, "what a client sends to sign in", read(t, server, client)); err != nil {
		t.Error(err)
	}
	if err := server.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	asked := read(t, server, client)
	_ = server.Close()
	if err := within(t, "to close a connection that waits", asked); err == nil {
		t.Error("what a client asks is heard before its time, or after the end of its connection")
	}
}
