package journal

import (
	"os"
	"testing"
)

// The device takes every write, and fails to put it on disk.
func TestTheSystemIsAskedToPutRecordsOnDisk(t *testing.T) {
	for _, filled := range []int64{0, 1 << 20} {
		f, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := (&segment{writer: f, filled: filled}).write([]byte("a record"), true); err == nil {
			t.Errorf("with room for %d bytes a record is on a disk that cannot keep it", filled)
		}
	}
}
