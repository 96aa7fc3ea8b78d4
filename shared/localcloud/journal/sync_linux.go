package journal

import (
	"os"
	"syscall"
)

// syncData puts on disk what was written in the place of other data, and leaves the time
// of the last change: that would be another write.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
