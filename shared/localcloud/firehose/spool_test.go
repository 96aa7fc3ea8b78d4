package firehose

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// TestASpoolHoldsWhatItWasGiven writes records of bytes that do not compress, so that the
// larger spools move to a file either way.
func TestASpoolHoldsWhatItWasGiven(t *testing.T) {
	random := rand.NewChaCha8([32]byte{})
	for _, size := range []int{1, spoolRaw - 1, spoolRaw, spoolRaw + spoolObject, 1 << 20} {
		for _, compress := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes, compressed %v", size, compress), func(t *testing.T) {
				s := spool{dir: t.TempDir(), compress: compress}
				want := make([]byte, size)
				random.Read(want)
				for rest := want; len(rest) > 0; {
					n := min(len(rest), 1000)
					if err := s.write(rest[:n]); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				body, err := s.body()
				if err != nil {
					t.Fatal(err)
				}
				if compress {
					body = unzipOne(t, body)
				}
				if !bytes.Equal(body, want) || s.size != int64(size) {
					t.Errorf("of %d bytes that were written it has %d and says %d", size, len(body), s.size)
				}
				if held := s.raw.Len() + s.object.Len(); held > spoolRaw+spoolObject {
					t.Errorf("it holds %d bytes in memory", held)
				}
				s.close()
				if left, _ := os.ReadDir(s.dir); len(left) > 0 {
					t.Errorf("it left %v", left)
				}
			})
		}
	}
}

func TestASpoolGivesBackTheMemoryOfLargeRecords(t *testing.T) {
	large := make([]byte, maxRecord)
	rand.NewChaCha8([32]byte{}).Read(large)
	for _, compress := range []bool{false, true} {
		s := spool{dir: t.TempDir(), compress: compress}
		for range 2 {
			if err := s.write(large); err != nil {
				t.Fatal(err)
			}
		}
		if held := s.raw.Cap() + s.object.Cap(); held > 2*(spoolRaw+spoolObject) {
			t.Errorf("with compression %v it holds %d bytes of memory", compress, held)
		}
		s.close()
	}
}

// unzipOne reads a gzip file of one member: not every reader takes more.
func unzipOne(t *testing.T, body []byte) []byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	zip.Multistream(false)
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
