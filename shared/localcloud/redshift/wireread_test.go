package redshift

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// message is one of a client, whatever it holds.
func message(kind byte, content string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(4+len(content))), content...)
}

// A parameter of -2 bytes ended the process.
func TestABindMessageThatIsNoneEndsItsConnectionAlone(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	other := w.connect(t)
	for name, sent := range map[string][]byte{
		"parameter below zero":    message('B', "\x00\x00"+"\x00\x00"+"\x00\x01"+"\xff\xff\xff\xfe"+"\x00\x00"),
		"parameter beyond itself": message('B', "\x00\x00"+"\x00\x00"+"\x00\x01"+"\x7f\xff\xff\xff"+"\x00\x00"),
		"formats that are not":    message('B', "\x00\x00"+"\xff\xff"),
		"name without an end":     message('B', "portal"),
		"shorter than its length": {'B', 0, 0, 0, 3},
		"beyond what is read":     {'B', 0x01, 0x00, 0x00, 0x04},
	} {
		conn := w.connect(t).PgConn()
		if err := conn.Conn().SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		f := conn.Frontend()
		f.Send(&pgproto3.Parse{Query: "SELECT $1::integer"})
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Receive(); err != nil {
			t.Fatal(err)
		}
		f.SendUnbufferedEncodedCopyData(sent) // any bytes
		m, err := f.Receive()
		if refused, is := m.(*pgproto3.ErrorResponse); err != nil || !is || refused.Code != "08P01" || refused.Severity != "FATAL" {
			t.Errorf("%s: %#v, %v, want FATAL 08P01", name, m, err)
			continue
		}
		if _, err := f.Receive(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: the connection goes on: %v", name, err)
		}
	}
	var n int
	if err := other.QueryRow(t.Context(), "SELECT $1::integer", 7).Scan(&n); err != nil || n != 7 {
		t.Errorf("another connection gets %d (%v), want 7", n, err)
	}
}

// FuzzMessages: whatever a client sends that is signed in, the process goes on.
func FuzzMessages(f *testing.F) {
	bind := message('B', "\x00\x00"+"\x00\x01\x00\x01"+"\x00\x01"+"\x00\x00\x00\x04\x00\x00\x00\x07"+"\x00\x01\x00\x01")
	f.Add(bytes.Join([][]byte{message('P', "\x00SELECT $1::integer\x00\x00\x00"), bind, message('D', "P\x00"), message('E', "\x00\x00\x00\x00\x00"), message('S', "")}, nil))
	f.Add(bytes.Join([][]byte{message('Q', "SELECT 1\x00"), message('C', "S\x00"), message('H', ""), message('X', "")}, nil))
	f.Add(message('B', "\x00\x00\x00\x00\x00\x01\xff\xff\xff\xfe\x00\x00"))
	w := newWorld(f)
	w.cluster(f, eventsCluster())
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn, err := w.dial(t.Context(), "admin", adminPassword, "events", "require")
		if err != nil {
			t.Fatal(err)
		}
		raw := conn.PgConn().Conn().(*tls.Conn)
		defer raw.Close()
		if err := raw.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, _ = raw.Write(sent) // which the server may end early
		_ = raw.CloseWrite()
		if _, err := io.Copy(io.Discard, raw); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the server goes on when the client has ended")
		}
	})
}
