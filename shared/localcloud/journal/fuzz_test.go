package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzOpen opens journals whose only segment is anything at all: the journal must open,
// read to its end, and take and give back a record.
func FuzzOpen(f *testing.F) {
	whole := appendFrame(appendFrame(nil, time.Unix(1, 0), []byte("a")), time.Unix(2, 0), []byte("bb"))
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(bytes.Clone(whole), 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
	f.Fuzz(func(t *testing.T, segment []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%020d%s", 0, suffix)), segment, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(dir, Options{NoSync: true, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		first, err := j.Append(context.Background(), []byte("new"))
		if err != nil {
			t.Fatal(err)
		}
		r := j.ReaderAt(0)
		defer r.Close()
		last, at := "", uint64(0)
		for {
			rec, ok, err := r.Next()
			var damage *DamagedError
			if errors.As(err, &damage) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			last, at = string(rec.Data), rec.Index
		}
		if last != "new" || at != first {
			t.Errorf("the last record is %d:%q, want %d:new", at, last, first)
		}
	})
}
