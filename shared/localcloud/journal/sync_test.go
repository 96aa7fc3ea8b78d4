package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// disk is what a machine that loses its power now would find: what is in a file, and names in a
// directory.
type disk struct {
	files map[string][]byte
	syncs map[string]int // how often, by the way it was made
	fails error
}

// watch returns the disk of the test's journals.
func watch(t *testing.T) *disk {
	t.Helper()
	d := &disk{files: map[string][]byte{}, syncs: map[string]int{}}
	original := onDisk
	t.Cleanup(func() { onDisk = original })
	through := func(way string, sync func(*os.File) error) func(*os.File) error {
		return func(f *os.File) error {
			names, _ := filepath.Glob(filepath.Join(f.Name(), "*")) // of a directory
			written, _ := os.ReadFile(f.Name())
			err := errors.Join(d.fails, sync(f))
			if err == nil {
				d.files[f.Name()] = append(written, strings.Join(names, "\n")...)
				d.syncs[way]++
			}
			return err
		}
	}
	onDisk.all, onDisk.data = through("all", original.all), through("data", original.data)
	return d
}

func TestAnAppendReturnsWhenItsRecordsAreOnDisk(t *testing.T) {
	d, dir := watch(t), t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 1 << 20})
	for i, text := range []string{"first", "second", strings.Repeat("longer than the zeros ", 20_000), "fourth", strings.Repeat("a segment ", 100_000), "of the next"} {
		appendText(t, j, text)
		segment := lastSegment(t, dir)
		if !bytes.Contains(d.files[dir], []byte(segment)) || !bytes.Contains(d.files[segment], []byte(text)) {
			t.Errorf("append %d has returned, and %.20q or the name of its segment is not on disk", i, text)
		}
	}
	if d.syncs["all"] == 0 || d.syncs["data"] == 0 || len(d.files) != 3 {
		t.Errorf("%d files were put on disk by %v, want a directory and two segments by both ways", len(d.files), d.syncs)
	}
}

func TestWhatDidNotReachTheDiskIsNotAcknowledged(t *testing.T) {
	for _, before := range [][]string{nil, {"before"}} { // the file grows; data takes the place of zeros
		d, dir := watch(t), t.TempDir()
		j := open(t, dir, Options{})
		appendText(t, j, before...)
		d.fails = errors.New("input/output error")
		first, err := j.Append(t.Context(), []byte("lost"))
		if !errors.Is(err, d.fails) {
			t.Errorf("behind %q an append that the disk does not take answers %d (%v)", before, first, err)
		}
		d.fails = nil
		appendText(t, j, "after")
		j.Close()
		if got, _ := read(t, open(t, dir, Options{}), uint64(len(before))); len(got) != 1 || !strings.HasSuffix(got[0], ":after") {
			t.Errorf("behind %q there is %q, want only the record after the failure", before, got)
		}
	}
}
