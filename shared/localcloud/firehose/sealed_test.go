package firehose

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pipeline/shared/localcloud/store"
)

func withPassword() Spec {
	return toRedshift(func(r *Redshift) {
		r.SecretsManagerConfiguration, r.Username, r.Password = nil, "firehose", "Clear-Secret-123"
	})
}

func TestNoPasswordIsOnDisk(t *testing.T) {
	dir, c := t.TempDir(), newCloud()
	s, closeAll := c.service(t, dir, nil)
	create(t, s, withPassword())
	closeAll()
	hasNot(t, filepath.Join(dir, "state.db"), "Clear-Secret-123")
}

func hasNot(t *testing.T, path, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || bytes.Contains(data, []byte(text)) {
		t.Errorf("%s has %s in clear (%v)", path, text, err)
	}
}

// A build before this one kept declarations in clear.
func TestAStreamThatWasKeptInClearGoesOnSealed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, withPassword())
		put(t, s, "a")
		inClear(t, s, "events")
		closeAll()
		s, closeAll = c.service(t, dir, nil)
		defer closeAll()
		pass(time.Minute)
		if got := c.statements(); len(got) != 1 || !bytes.Contains([]byte(got[0]), []byte("firehose:Clear-Secret-123")) {
			t.Errorf("the warehouse was told %q, want one COPY of the record from before, with the password", got)
		}
		old, err := store.NewCollection[record](s.cfg.Store, "firehose-streams")
		if err != nil {
			t.Fatal(err)
		}
		if left, err := old.List(); err != nil || len(left) != 0 {
			t.Errorf("in clear there is still %v (%v)", left, err)
		}
	})
}

// inClear keeps a stream as the build before did.
func inClear(t *testing.T, s *Service, name string) {
	t.Helper()
	old, err := store.NewCollection[record](s.cfg.Store, "firehose-streams")
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Put(name, s.streams[name].rec); err != nil {
		t.Fatal(err)
	}
	if err := s.records.Delete(name); err != nil {
		t.Fatal(err)
	}
}
