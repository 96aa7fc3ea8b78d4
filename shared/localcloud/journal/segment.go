package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	suffix = ".journal"
	// headerBytes: length of the data (4), CRC-32C of the rest of the frame and the
	// length (4), arrival in nanoseconds since 1970 (8); little endian.
	headerBytes = 16
	// Overhead is what a record takes on disk beyond its data, in bytes.
	Overhead = headerBytes
	// maxRecord is the longest data a frame can have, in bytes; a longer length is damage.
	maxRecord = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// segment is one file. first and path never change; size and count are what is committed
// and guarded by the journal's mutex.
type segment struct {
	path   string
	first  uint64
	size   int64
	count  uint64
	writer *os.File
	filled int64 // up to where the file has its blocks on disk
}

func (s *segment) end() uint64 { return s.first + s.count }

func appendFrame(buf []byte, arrived time.Time, data []byte) []byte {
	at := len(buf)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(data)))
	buf = binary.LittleEndian.AppendUint32(buf, 0)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(arrived.UnixNano()))
	buf = append(buf, data...)
	binary.LittleEndian.PutUint32(buf[at+4:], checksum(buf[at:]))
	return buf
}

func checksum(frame []byte) uint32 {
	sum := crc32.Checksum(frame[:4], castagnoli)
	return crc32.Update(sum, castagnoli, frame[8:])
}

// frameLength returns the length of the frame that b begins with, and whether b is long
// enough to hold a header that can be true.
func frameLength(b []byte) (int, bool) {
	if len(b) < headerBytes {
		return 0, false
	}
	n := binary.LittleEndian.Uint32(b)
	return headerBytes + int(n), n <= maxRecord
}

// sound tells whether b begins with a whole frame whose checksum is right.
func sound(b []byte) bool {
	n, ok := frameLength(b)
	return ok && n <= len(b) && binary.LittleEndian.Uint32(b[4:]) == checksum(b[:n])
}

func createSegment(dir string, first uint64) (*segment, error) {
	path := filepath.Join(dir, fmt.Sprintf("%020d%s", first, suffix))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(dir); err != nil {
		f.Close()
		return nil, err
	}
	return &segment{path: path, first: first, writer: f}, nil
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return onDisk.all(d)
}

func (s *segment) openForWriting() error {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0o600)
	s.writer, s.filled = f, s.size
	return err
}

func (s *segment) closeWriter() error {
	if s.writer == nil {
		return nil
	}
	f := s.writer
	s.writer = nil
	// Best effort: zeros behind the records harm nobody.
	_ = f.Truncate(s.size)
	return f.Close()
}

// write puts frames behind what is committed. After a failure the file is given up (an
// fsync that failed leaves unknown what is on disk): the next write begins a new one.
func (s *segment) write(frames []byte, sync bool) error {
	_, err := s.writer.WriteAt(frames, s.size)
	if err == nil && sync {
		err = s.sync(s.size + int64(len(frames)))
	}
	if err != nil {
		// What stays behind is told from records by the next segment's name, or, where the
		// process ends before there is one, is taken for records.
		_ = s.closeWriter()
	}
	return err
}

// zeros are what a file grows by.
var zeros [256 << 10]byte

// onDisk puts a file on disk: all of it, or data that took the place of data. Tests look on.
var onDisk = struct{ all, data func(*os.File) error }{(*os.File).Sync, syncData}

// sync returns when the file is on disk up to end. Where the file ends, zeros go with the
// records: data that takes the place of data is on disk several times as fast as a file
// that grows. Where they cannot be written, on a full disk for example, the file grows
// with its records.
func (s *segment) sync(end int64) error {
	if end <= s.filled {
		return onDisk.data(s.writer)
	}
	n, _ := s.writer.WriteAt(zeros[:], end)
	if err := onDisk.all(s.writer); err != nil {
		return err
	}
	s.filled = end + int64(n)
	return nil
}

// openSegments lists the segments in dir, cutting the tail of the last one.
func openSegments(dir string, log *slog.Logger) ([]*segment, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	var segs []*segment
	for _, path := range paths {
		seg := &segment{path: path}
		if _, err := fmt.Sscanf(filepath.Base(path), "%020d"+suffix, &seg.first); err != nil {
			return nil, fmt.Errorf("%s is no segment of a journal", path)
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		seg.size = info.Size()
		segs = append(segs, seg)
	}
	for i, seg := range segs[:max(0, len(segs)-1)] {
		seg.count = segs[i+1].first - seg.first
	}
	if n := len(segs); n > 0 {
		return segs, segs[n-1].mend(log)
	}
	return segs, nil
}

// SizeIn returns how many bytes the segments in dir take, whether or not a journal is open
// there.
func SizeIn(dir string) int64 {
	var size int64
	paths, _ := filepath.Glob(filepath.Join(dir, "*"+suffix)) // the pattern is a good one
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
	}
	return size
}

// mend counts the records and cuts the file behind the last sound one. Damaged records
// with a sound one behind them keep their places: the reader tells of them.
func (s *segment) mend(log *slog.Logger) error {
	data, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	end, count := soundEnd(data)
	s.size, s.count = int64(end), count
	if end == len(data) {
		return nil
	}
	if len(bytes.Trim(data[end:], "\x00")) == 0 {
		return os.Truncate(s.path, s.size)
	}
	if hasSound(data[end:]) {
		if err := s.setAside(data[end:], log); err != nil {
			return err
		}
	} else {
		log.Warn("cut the tail of a journal: it was not completely written", "segment", s.path,
			"bytes", len(data)-end, "keptRecords", count)
	}
	if err := os.Truncate(s.path, s.size); err != nil {
		return fmt.Errorf("cut the tail of %s: %w", s.path, err)
	}
	return nil
}

// setAside keeps what is behind a damaged length for whoever can make something of it:
// nothing tells how many records are between that and the next sound one.
func (s *segment) setAside(tail []byte, log *slog.Logger) error {
	path := s.path + ".damaged"
	if err := os.WriteFile(path, tail, 0o600); err != nil {
		return fmt.Errorf("set the damaged tail of %s aside: %w", s.path, err)
	}
	log.Error("records may be lost: the tail of a journal is damaged and was set aside", "segment", s.path, "bytes", len(tail), "in", path)
	return nil
}

// The arrivals that hasSound takes for true, in nanoseconds since 1970: of the years 2000
// to 2100.
const earliest, latest = 946_684_800e9, 4_102_444_800e9

// hasSound tells whether a sound frame begins anywhere in data. What was cut while it was
// written has none.
func hasSound(data []byte) bool {
	for ; len(data) >= headerBytes; data = data[1:] {
		arrived := int64(binary.LittleEndian.Uint64(data[8:]))
		if arrived > earliest && arrived < latest && sound(data) {
			return true
		}
	}
	return false
}

// soundEnd follows the frames as long as their lengths can be true, and returns where the
// last sound one ends and how many there are up to it.
func soundEnd(data []byte) (end int, count uint64) {
	for at, passed := 0, uint64(1); ; passed++ {
		rest := data[at:]
		n, ok := frameLength(rest)
		if !ok || n > len(rest) {
			return end, count
		}
		at += n
		if sound(rest) {
			end, count = at, passed
		}
	}
}

// readAt fills b from the file at path as far as the file goes.
func readAt(f *os.File, b []byte, off int64) ([]byte, error) {
	n, err := f.ReadAt(b, off)
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}
