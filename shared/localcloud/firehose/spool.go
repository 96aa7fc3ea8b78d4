package firehose

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// What one buffer holds in memory, in bytes: records as they came, and the object that is
// made of them before it moves to a file.
const (
	spoolRaw    = 64 << 10
	spoolObject = 192 << 10
)

// spool makes an object of the records that come: in memory, and in a file beyond a bound.
// It compresses on the way, not all at the end, when requests would wait for it. What it
// holds is also in the journal, so losing it loses nothing.
type spool struct {
	dir      string
	compress bool
	size     int64 // of the records, in bytes
	raw      bytes.Buffer
	object   bytes.Buffer // what is not in the file
	zip      *gzip.Writer // into object; nil until it is needed
	file     *os.File     // nil until it is needed
}

func (s *spool) write(b []byte) error {
	s.size += int64(len(b))
	if s.raw.Write(b); s.raw.Len() < spoolRaw {
		return nil
	}
	if err := s.settle(); err != nil {
		return err
	}
	shrink(&s.raw, spoolRaw)
	if s.object.Len() < spoolObject {
		return nil
	}
	err := s.spill()
	shrink(&s.object, spoolObject)
	return err
}

// shrink gives back what a large record has made an empty buffer grow to.
func shrink(b *bytes.Buffer, bound int) {
	if b.Len() == 0 && b.Cap() > 2*bound {
		*b = bytes.Buffer{}
	}
}

// settle moves the records to the object.
func (s *spool) settle() error {
	if !s.compress {
		_, err := s.raw.WriteTo(&s.object)
		return err
	}
	if s.zip == nil {
		// Stateless: 500 buffers of one stream that each kept a window would be much.
		zip, err := gzip.NewWriterLevel(&s.object, gzip.StatelessCompression)
		if err != nil {
			return err
		}
		s.zip = zip
	}
	if _, err := s.raw.WriteTo(s.zip); err != nil {
		return fmt.Errorf("compress the buffer: %w", err)
	}
	return nil
}

func (s *spool) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "buffer-*")
		if err != nil {
			return fmt.Errorf("buffer records: %w", err)
		}
		s.file = f
	}
	if _, err := s.object.WriteTo(s.file); err != nil {
		return fmt.Errorf("buffer records: %w", err)
	}
	return nil
}

// body ends the object and returns it.
func (s *spool) body() ([]byte, error) {
	if err := s.settle(); err != nil {
		return nil, err
	}
	if s.zip != nil {
		if err := s.zip.Close(); err != nil {
			return nil, fmt.Errorf("compress the buffer: %w", err)
		}
	}
	if s.file == nil {
		return s.object.Bytes(), nil
	}
	end := s.object.Bytes()
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the buffer: %w", err)
	}
	var out bytes.Buffer
	if info, err := s.file.Stat(); err == nil {
		out.Grow(int(info.Size()) + len(end) + bytes.MinRead)
	}
	if _, err := out.ReadFrom(s.file); err != nil {
		return nil, fmt.Errorf("read the buffer: %w", err)
	}
	out.Write(end)
	return out.Bytes(), nil
}

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}
