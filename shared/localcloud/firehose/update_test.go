package firehose

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStreamAcceptsRecordsWhileItIsUpdated(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		before := s.streams["events"] // as a request has it that came before the update
		if _, err := s.UpdateDestination(t.Context(), toS3(func(e *ExtendedS3) { e.Prefix = "new/" })); err != nil {
			t.Fatal(err)
		}
		if _, err := before.put(t.Context(), [][]byte{[]byte("a")}); err != nil {
			t.Fatalf("a record that came before the update is answered with %v", err)
		}
		pass(time.Minute)
		if keys := c.keys("new/"); len(keys) != 1 || c.object(t, keys[0]) != "a" {
			t.Errorf("the bucket has %q, want the record", keys)
		}
	})
}

func TestAStreamWhoseUpdateFailsGoesOnAsItWas(t *testing.T) {
	full := func() error { return syscall.ENOSPC }
	for what, fill := range map[string]func(*Service){
		"declaration": func(s *Service) { s.cfg.Store.Watch(func(bool) error { return full() }) },
		"position":    func(s *Service) { s.streams["events"].ledger.save = func(progress) error { return full() } },
	} {
		within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
			save := s.streams["events"].ledger.save
			fill(s)
			_, err := s.UpdateDestination(t.Context(), toS3(func(e *ExtendedS3) {
				e.S3BackupMode, e.S3BackupConfiguration = "Enabled", &S3{RoleARN: role, BucketARN: bucket, Prefix: "backup/"}
			}))
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("an update whose %s a full disk does not take gives %v", what, err)
			}
			s.cfg.Store.Watch(nil)
			s.streams["events"].ledger.save = save
			put(t, s, "a")
			pass(time.Minute)
			if keys := c.keys(""); len(keys) != 1 {
				t.Errorf("after an update whose %s a full disk did not take the bucket has %q, want the record", what, keys)
			}
		})
	}
}

func TestADrillGoesOnOverAnUpdate(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, _ *cloud, s *Service) {
		if err := errors.Join(s.FailCopies(t.Context(), "events", 5), s.RefuseRecords(t.Context(), "events", 3)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.UpdateDestination(t.Context(), toRedshift(nil)); err != nil {
			t.Fatal(err)
		}
		if copies, refusals := s.Drills(); copies["events"] != 5 || refusals["events"] != 3 {
			t.Errorf("%v COPYs are left to fail and %v records to be refused, want 5 and 3", copies, refusals)
		}
	})
}

func TestAStreamAcceptsNothingThatAKillCouldTakeBack(t *testing.T) {
	c := newCloud()
	s, _ := c.service(t, t.TempDir(), nil)
	if _, err := s.CreateDeliveryStream(s.cfg.Store.Begin(t.Context()), toS3(nil)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.PutRecord(t.Context(), "events", []byte("a")); codeOf(err) != "ServiceUnavailableException" {
		t.Errorf("before its creation is kept a stream answers %v, want ServiceUnavailableException", err)
	}
	if err := s.cfg.Store.End(); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a")
}

func TestAStreamWithoutADeclarationGoesAtTheNextStartAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, toS3(nil))
		put(t, s, "a")
		id := s.streams["events"].rec.ID
		if err := s.records.Delete("events"); err != nil {
			t.Fatal(err)
		}
		closeAll()
		s, closeAll = c.service(t, dir, nil)
		defer closeAll()
		if log := string(c.log); !strings.Contains(log, id) {
			t.Errorf("the operator is told %q, want that the journal of %s is deleted", log, id)
		}
		if _, found, err := s.progress.Get(id); found || err != nil {
			t.Errorf("its progress is there: %t (%v)", found, err)
		}
	})
}
