package redshift

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"
	wire "github.com/jeroenrinzema/psql-wire"
	"github.com/jeroenrinzema/psql-wire/pkg/buffer"
	"github.com/jeroenrinzema/psql-wire/pkg/types"
)

// checked is what a client that is signed in sends, without the messages of which the wire
// library would end this process: it takes the length of a parameter as it comes, also
// below zero (psql-wire v0.20.0, buffer.Reader.GetBytes).
type checked struct {
	*bufio.Reader
	answers *buffer.Writer
}

// check has the library read its messages through checked.
func check(r *buffer.Reader, w *buffer.Writer) {
	if in, ok := r.Buffer.(*bufio.Reader); ok {
		r.Buffer = checked{in, w}
	}
}

// ReadByte reads the type of a message, the one thing that the library reads as a byte. A
// Bind that is none ends the connection, which is told why.
func (c checked) ReadByte() (byte, error) {
	kind, err := c.Reader.ReadByte()
	if err != nil || types.ClientMessage(kind) != types.ClientBind {
		return kind, err
	}
	content, err := c.content()
	if err == nil {
		err = (&pgproto3.Bind{}).Decode(content)
	}
	if err != nil { // a client that has gone is not there to be told
		err = fatal(&Error{Code: "08P01", Message: err.Error()})
		return 0, errors.Join(err, wire.WriteUnterminatedError(c.answers, err))
	}
	return kind, nil
}

// content is what the message that comes holds behind its length, which counts itself
// (PostgreSQL, "Message Formats"). It stays to be read.
func (c checked) content() ([]byte, error) {
	const prefix = 4
	head, err := c.Peek(prefix)
	if err != nil {
		return nil, err
	}
	length := int64(binary.BigEndian.Uint32(head))
	if length < prefix || length > int64(c.Size()) {
		return nil, fmt.Errorf("invalid message length: %d bytes", length)
	}
	message, err := c.Peek(int(length))
	if err != nil {
		return nil, err
	}
	return message[prefix:], nil
}
