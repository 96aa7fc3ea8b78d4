package firehose

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStreamThatIsBeingDeletedAcknowledgesNothing(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		st := s.streams["events"] // as a request has it that came before the deletion
		put(t, s, "a")
		var late error
		c.putObject = func(string) error {
			c.mu.Unlock()
			defer c.mu.Lock()
			_, late = st.put(t.Context(), [][]byte{[]byte("late")})
			return nil
		}
		if err := s.DeleteDeliveryStream(t.Context(), "events"); err != nil {
			t.Fatal(err)
		}
		if codeOf(late) != "ServiceUnavailableException" {
			t.Errorf("while the stream is emptied a record is answered with %v, want ServiceUnavailableException", late)
		}
	})
}

func TestObjectsThatADeletedStreamCannotLoadAreInAManifest(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error { return &LoadError{Code: "57P03", Message: "the cluster is paused"} }
		put(t, s, "a")
		pass(time.Minute)
		put(t, s, "b") // waits behind the COPY that fails
		pass(time.Minute)
		if err := s.DeleteDeliveryStream(t.Context(), "events"); err != nil {
			t.Fatal(err)
		}
		listed := ""
		for _, key := range c.keys("errors/manifests/") {
			listed += c.object(t, key)
		}
		for _, key := range c.keys("2000/") {
			if !strings.Contains(listed, key) {
				t.Errorf("%s is in no table and in no manifest under errors/: %s", key, listed)
			}
		}
	})
}

// What a deletion cannot undo it does when it is certain.
func TestAStreamWhoseDeletionIsInterruptedHasItsRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, toS3(nil))
		c.putObject = func(string) error { return errors.New("NoSuchBucket: staging") }
		put(t, s, "a")
		if err := s.DeleteDeliveryStream(s.cfg.Store.Begin(t.Context()), "events"); err != nil {
			t.Fatal(err)
		}
		closeAll() // before the call's end
		c.putObject = nil
		_, closeAll = c.service(t, dir, nil)
		defer closeAll()
		pass(time.Minute)
		if keys := c.keys(""); len(keys) != 1 || c.object(t, keys[0]) != "a" {
			t.Errorf("the bucket has %q, want the record of the stream that is there again", keys)
		}
	})
}

func TestNothingIsLeftOfADeletedStream(t *testing.T) {
	dir, c := t.TempDir(), newCloud()
	s, closeAll := c.service(t, dir, nil)
	create(t, s, toS3(nil))
	id := s.streams["events"].rec.ID
	if err := s.DeleteDeliveryStream(t.Context(), "events"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.progress.Get(id); found || err != nil {
		t.Errorf("its progress is there: %t (%v)", found, err)
	}
	if folders, _ := filepath.Glob(filepath.Join(dir, "firehose", "*")); len(folders) != 0 {
		t.Errorf("there is %q", folders)
	}
	closeAll()
}
