package firehose

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// spoolMemory is what one buffer holds in memory before it moves to a file, in bytes.
const spoolMemory = 256 << 10

// spool collects the bytes of an object to be: in memory, and in a file beyond a bound.
// What it holds is also in the journal, so losing it loses nothing.
type spool struct {
	dir  string
	mem  bytes.Buffer
	file *os.File
	size int64
}

func (s *spool) write(b []byte) error {
	s.size += int64(len(b))
	if s.mem.Write(b); s.mem.Len() < spoolMemory {
		return nil
	}
	return s.spill()
}

func (s *spool) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "buffer-*")
		if err != nil {
			return fmt.Errorf("buffer records: %w", err)
		}
		s.file = f
	}
	if _, err := s.mem.WriteTo(s.file); err != nil {
		return fmt.Errorf("buffer records: %w", err)
	}
	return nil
}

// body returns all the bytes, compressed if asked for.
func (s *spool) body(compress bool) ([]byte, error) {
	if s.file == nil && !compress {
		return s.mem.Bytes(), nil
	}
	var from io.Reader = bytes.NewReader(s.mem.Bytes())
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("read the buffer: %w", err)
		}
		from = io.MultiReader(s.file, from)
	}
	var out bytes.Buffer
	if !compress {
		out.Grow(int(s.size))
		_, err := io.Copy(&out, from)
		return out.Bytes(), err
	}
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(zip, from); err != nil {
		return nil, fmt.Errorf("compress the buffer: %w", err)
	}
	if err := zip.Close(); err != nil { // before Bytes: it writes the end
		return nil, fmt.Errorf("compress the buffer: %w", err)
	}
	return out.Bytes(), nil
}

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}
