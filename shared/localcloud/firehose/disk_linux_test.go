package firehose

import (
	"os"
	"path/filepath"
	"testing"
)

// A record is acknowledged when it is on disk, not when it is written: the device that the
// journal has here takes every write, and fails to keep it.
func TestARecordThatIsNotOnDiskIsNotAcknowledged(t *testing.T) {
	dir, c := t.TempDir(), newCloud()
	s, closeAll := c.service(t, dir, nil)
	create(t, s, toS3(nil))
	closeAll()
	segments, err := filepath.Glob(filepath.Join(dir, "firehose", "*", "journal", "*"))
	if err != nil || len(segments) != 1 {
		t.Fatalf("the journal has %q (%v), want one segment", segments, err)
	}
	if err := os.Remove(segments[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, segments[0]); err != nil {
		t.Fatal(err)
	}
	s, _ = c.service(t, dir, nil)
	if put, _, err := s.PutRecord(t.Context(), "events", []byte("a")); codeOf(err) != "ServiceUnavailableException" {
		t.Errorf("a record that is not on disk is acknowledged with %q (%v)", put, err)
	}
}
