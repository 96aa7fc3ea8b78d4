package firehose

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pipeline/shared/localcloud/iam"
)

// within runs a test in a bubble of time, with a service that has one stream.
func within(t *testing.T, spec Spec, test func(t *testing.T, c *cloud, s *Service)) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		s, closeAll := c.service(t, t.TempDir(), nil)
		defer closeAll()
		create(t, s, spec)
		test(t, c, s)
	})
}

// pass lets time go by, and everything happen that is due.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestRecordsAreDeliveredWhenTheIntervalIsOver(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "a")
		pass(30 * time.Second)
		put(t, s, "b")
		pass(29 * time.Second)
		if keys := c.keys(""); len(keys) != 0 {
			t.Fatalf("after 59 of 60 seconds there are already %q", keys)
		}
		pass(time.Second)
		if keys := c.keys(""); len(keys) != 1 || c.object(t, keys[0]) != "ab" {
			t.Errorf("after 60 seconds the bucket has %q, want one object that holds ab", keys)
		}
	})
}

func TestRecordsAreConcatenatedWithNothingBetweenThem(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		records := []string{`{"a":1}`, "", "\n", "{\"b\":2}\n", "\x00\xff"}
		put(t, s, records...)
		pass(time.Minute)
		if got := c.object(t, c.keys("")[0]); got != strings.Join(records, "") {
			t.Errorf("the object holds %q", got)
		}
	})
}

func TestAFullBufferIsDeliveredAtOnce(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		big := strings.Repeat("x", 600<<10)
		put(t, s, big, big, "rest")
		synctest.Wait()
		if keys := c.keys(""); len(keys) != 1 || len(c.object(t, keys[0])) != 1200<<10 {
			t.Fatalf("the bucket has %q, want the 1200 KiB that are over 1 MiB", keys)
		}
		pass(time.Minute)
		if keys := c.keys(""); len(keys) != 2 {
			t.Errorf("the bucket has %q, want the rest as well", keys)
		}
	})
}

func TestIntervalZeroDeliversAsSoonAsPossible(t *testing.T) {
	within(t, toS3(func(e *ExtendedS3) { e.BufferingHints = hints(1, 0) }), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "a")
		synctest.Wait()
		if keys := c.keys(""); len(keys) != 1 {
			t.Errorf("the bucket has %q, want one object", keys)
		}
	})
}

func TestObjectsAreNamedAsAWSNamesThem(t *testing.T) {
	const name = `events-1-2000-01-01-00-00-00-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	for want, change := range map[string]func(*ExtendedS3){
		`2000/01/01/00/` + name:              nil,
		`raw/2000/01/01/00/` + name:          func(e *ExtendedS3) { e.Prefix = "raw/" },
		`raw/2000/01/01/00/` + name + `\.gz`: func(e *ExtendedS3) { e.Prefix, e.CompressionFormat = "raw/", "GZIP" },
		`2000/01/01/00/` + name + `\.json`:   func(e *ExtendedS3) { e.FileExtension = ".json" },
		`year=2000/` + name: func(e *ExtendedS3) {
			e.Prefix, e.ErrorOutputPrefix = "year=!{timestamp:yyyy}/", "errors/!{firehose:error-output-type}/"
		},
		`[0-9a-f]{8}-[0-9a-f]{2}/2000/01/01/00/` + name: func(e *ExtendedS3) {
			e.Prefix, e.ErrorOutputPrefix = "!{firehose:random-string}/", "errors/!{firehose:error-output-type}/"
		},
	} {
		within(t, toS3(change), func(t *testing.T, c *cloud, s *Service) {
			put(t, s, "a")
			pass(time.Minute)
			if key := c.keys("")[0]; !regexp.MustCompile("^" + want + "$").MatchString(key) {
				t.Errorf("the key is %s, want %s", key, want)
			}
		})
	}
}

// AWS's guide: every instance of the expression evaluates to a new random string.
func TestRandomStringsAreNewInEveryKeyAndPlace(t *testing.T) {
	spec := toS3(func(e *ExtendedS3) {
		e.Prefix, e.ErrorOutputPrefix = "!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}/", "errors/!{firehose:error-output-type}/"
	})
	within(t, spec, func(t *testing.T, c *cloud, s *Service) {
		const objects = 20
		for range objects {
			put(t, s, "a")
			pass(time.Minute)
		}
		seen := map[string]bool{}
		for _, key := range c.keys("") {
			for _, random := range strings.Split(key, "/")[:2] {
				if len(random) != 11 || seen[random] {
					t.Errorf("the random string %q of %s has not 11 characters, or is there twice", random, key)
				}
				seen[random] = true
			}
		}
		if len(seen) != 2*objects {
			t.Errorf("%d objects have %d random strings, want two each", objects, len(seen))
		}
	})
}

func TestGzipHoldsTheSameBytes(t *testing.T) {
	within(t, toS3(func(e *ExtendedS3) { e.CompressionFormat = "GZIP" }), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, strings.Repeat("abc", 200<<10), "end") // more than is kept in memory
		pass(time.Minute)
		if got := c.object(t, c.keys("")[0]); got != strings.Repeat("abc", 200<<10)+"end" {
			t.Errorf("the object holds %d bytes that are not the records'", len(got))
		}
	})
}

func TestAnUnreachableBucketIsTriedAgainAndToldOf(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		c.putObject = func(string) error { return &iam.Denied{Action: "s3:PutObject", Role: role} }
		put(t, s, "a")
		pass(time.Hour)
		c.mu.Lock()
		tries, first := len(c.events), c.events[0]
		c.putObject = nil
		c.mu.Unlock()
		if tries < 5 {
			t.Errorf("in an hour the bucket was tried %d times", tries)
		}
		want := logGroup + ` S3Delivery {"deliveryStreamARN":"arn:aws:firehose:eu-central-1:000000000000:deliverystream/events","destination":"arn:aws:s3:::staging","deliveryStreamVersionId":1,"message":"` +
			messages["S3.AccessDenied"] + `","errorCode":"S3.AccessDenied"}`
		if first != want {
			t.Errorf("the log has %s\nwant %s", first, want)
		}
		pass(longestRetry)
		if keys := c.keys(""); len(keys) != 1 || c.object(t, keys[0]) != "a" {
			t.Errorf("the bucket has %q when it is reachable again, want the record", keys)
		}
	})
}

func TestFirehoseActsAsTheRoleOfTheStream(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error { return &LoadError{Code: "42P01", Message: "relation does not exist"} }
		put(t, s, "a")
		pass(time.Minute)
		for _, action := range []string{"s3:PutObject", "secretsmanager:GetSecretValue", "logs:PutLogEvents"} {
			if got := c.callers[action]; got != (iam.Caller{Service: "firehose.amazonaws.com", Role: role}) {
				t.Errorf("%s is called by %v, want Firehose as %s", action, got, role)
			}
		}
	})
}

func TestBackupKeepsTheSourceRecords(t *testing.T) {
	spec := toS3(func(e *ExtendedS3) {
		e.ProcessingConfiguration = &Processing{true, []Processor{{Type: "AppendDelimiterToRecord"}}}
		e.S3BackupMode = "Enabled"
		e.S3BackupConfiguration = &S3{RoleARN: role, BucketARN: bucket, Prefix: "backup/", BufferingHints: hints(1, 120)}
	})
	within(t, spec, func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "a", "b")
		pass(time.Minute)
		if keys := c.keys("backup/"); len(keys) != 0 {
			t.Errorf("the backup is there before its own interval: %q", keys)
		}
		pass(time.Minute)
		if got := c.object(t, c.keys("backup/")[0]); got != "ab" {
			t.Errorf("the backup holds %q, want the records as they came: ab", got)
		}
		if got := c.object(t, c.keys("2000/")[0]); got != "a\nb\n" {
			t.Errorf("the destination holds %q, want a and b with delimiters", got)
		}
	})
}

func TestAnUpdateIsTheNextVersionAndLosesNothing(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "a")
		info, err := s.UpdateDestination(t.Context(), toS3(func(e *ExtendedS3) { e.Prefix = "new/" }))
		if err != nil || info.Version != 2 {
			t.Fatalf("the update gives version %d (%v), want 2", info.Version, err)
		}
		pass(time.Minute)
		keys := c.keys("new/")
		if len(keys) != 1 || !strings.Contains(keys[0], "/events-2-") || c.object(t, keys[0]) != "a" {
			t.Errorf("the bucket has %q, want a by version 2", keys)
		}
	})
}

func TestTagsMakeNoVersion(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		spec := toS3(nil)
		spec.Tags = map[string]string{"a": "1"}
		if info, err := s.UpdateDestination(t.Context(), spec); err != nil || info.Version != 1 || info.Tags["a"] != "1" {
			t.Errorf("with other tags the stream is version %d with %v (%v)", info.Version, info.Tags, err)
		}
	})
}

func TestADeletedStreamDeliversWhatItHas(t *testing.T) {
	for _, spec := range []Spec{toS3(nil), toRedshift(nil)} {
		within(t, spec, func(t *testing.T, c *cloud, s *Service) {
			put(t, s, "a")
			if err := s.DeleteDeliveryStream(t.Context(), "events"); err != nil {
				t.Fatal(err)
			}
			if keys := c.keys("2000/"); len(keys) != 1 {
				t.Errorf("the bucket has %q, want the record", keys)
			}
			if got := len(c.statements()); spec.Redshift != nil && got != 1 {
				t.Errorf("%d COPYs were issued, want 1", got)
			}
			create(t, s, spec)
			pass(time.Hour)
			if keys := c.keys("2000/"); len(keys) != 1 {
				t.Errorf("a new stream of the name delivered again: %q", keys)
			}
		})
	}
}

func TestADeletedStreamDeliversWhatCameAfterAPutThatFailed(t *testing.T) {
	within(t, toS3(func(e *ExtendedS3) { e.CompressionFormat = "GZIP" }), func(t *testing.T, c *cloud, s *Service) {
		c.putObject = func(string) error { return errors.New("NoSuchBucket: staging") }
		put(t, s, "a")
		pass(time.Minute)
		put(t, s, "b")
		c.mu.Lock()
		c.putObject = nil
		c.mu.Unlock()
		if err := s.DeleteDeliveryStream(t.Context(), "events"); err != nil {
			t.Fatal(err)
		}
		if keys := c.keys(""); len(keys) != 1 || c.object(t, keys[0]) != "ab" {
			t.Errorf("the bucket has %q, want one object that holds ab", keys)
		}
	})
}

func TestUndeliveredRecordsAreDeliveredAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, toRedshift(nil))
		put(t, s, "a")
		pass(30 * time.Second)
		closeAll()
		_, closeAll = c.service(t, dir, nil)
		defer closeAll()
		pass(29 * time.Second)
		if keys := c.keys(""); len(keys) != 0 {
			t.Errorf("the interval began anew or earlier: %q", keys)
		}
		pass(time.Second)
		if got := len(c.statements()); got != 1 {
			t.Errorf("%d COPYs were issued after the restart, want 1", got)
		}
	})
}

func TestAClockSetBackDelaysNoRecordBeyondItsInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, func(cfg *Config) {
			cfg.Now = func() time.Time { return time.Now().Add(24 * time.Hour) }
		})
		create(t, s, toS3(nil))
		put(t, s, "a")
		closeAll()
		_, closeAll = c.service(t, dir, nil) // a day earlier than the record
		defer closeAll()
		pass(time.Minute)
		if keys := c.keys(""); len(keys) != 1 {
			t.Errorf("after the interval the bucket has %q, want the record", keys)
		}
	})
}

func TestAClockThatJumpsDelaysNoBufferBeyondTwoIntervals(t *testing.T) {
	for _, jump := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		underClock(t, func(t *testing.T, c *cloud, s *Service, ahead *atomic.Int64) {
			create(t, s, toS3(nil))
			put(t, s, "a")
			pass(30 * time.Second)
			ahead.Store(int64(jump))
			pass(90 * time.Second)
			if keys := c.keys(""); len(keys) != 1 {
				t.Errorf("two intervals after the clock jumped by %s the bucket has %q, want the record", jump, keys)
			}
			put(t, s, "b")
			pass(time.Minute)
			hour := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(jump).Format("2006/01/02/15/")
			if keys := c.keys(hour); len(keys) != 1 {
				t.Errorf("of the hour %s, to which the clock jumped, the bucket has %q, want the next record", hour, keys)
			}
		})
	}
}

// A copy of the ledger that could not be stored is no reason to let go of the journal:
// a restart begins where the stored one ends.
func TestTheJournalIsKeptWhileThePositionCannotBeStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, toS3(nil))
		st := s.streams["events"]
		save := st.ledger.save
		st.ledger.mu.Lock()
		st.ledger.save = func(progress) error { return errors.New("no space left on device") }
		st.ledger.mu.Unlock()
		large := strings.Repeat("x", 1_000_000)
		for range 40 { // more than two segments of the journal
			put(t, s, large)
		}
		pass(2 * time.Minute)
		if oldest := st.journal.Oldest(); oldest != 0 {
			t.Errorf("the journal begins at record %d, and the stored position is 0", oldest)
		}
		st.ledger.mu.Lock()
		st.ledger.save = save
		st.ledger.mu.Unlock()
		put(t, s, large)
		pass(2 * time.Minute)
		if oldest := st.journal.Oldest(); oldest == 0 {
			t.Error("the journal keeps what is delivered, though the position can be stored again")
		}
		closeAll()
	})
}

func TestARestartDeliversNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, toRedshift(nil))
		put(t, s, "a")
		pass(time.Minute)
		closeAll()
		s, closeAll = c.service(t, dir, nil)
		defer closeAll()
		put(t, s, "b")
		pass(time.Minute)
		keys := c.keys("2000/")
		if len(keys) != 2 || c.object(t, keys[0])+c.object(t, keys[1]) != "ab" {
			t.Errorf("the bucket has %q, want a and b, once each", keys)
		}
	})
}

func TestMetricsTellWhatHappened(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "aa", "b")
		pass(time.Second)
		put(t, s, "ccc")
		pass(time.Minute)
		for name, want := range map[string][]float64{"IncomingRecords": {2, 1}, "IncomingBytes": {3, 3}, "ThrottledRecords": {0, 0},
			"DeliveryToS3.Success": {1}, "DeliveryToRedshift.Success": {1}} {
			if got := c.published(name); !slices.Equal(got, want) {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		if got := c.published("DeliveryToS3.DataFreshness"); slices.Max(got) != 60 {
			t.Errorf("DeliveryToS3.DataFreshness is %v, want the interval at the most", got)
		}
	})
}

func TestWhatWasCountedLastIsPublishedWhenTheStreamEnds(t *testing.T) {
	c := newCloud()
	s, closeAll := c.service(t, t.TempDir(), nil)
	create(t, s, toS3(nil))
	put(t, s, "a", "b")
	closeAll()
	sum := 0.0
	for _, value := range c.published("IncomingRecords") {
		sum += value
	}
	if sum != 2 {
		t.Errorf("IncomingRecords is %v in all, want 2", sum)
	}
}

func TestRecordsThatCannotBeDeliveredGrowOldEveryMinute(t *testing.T) {
	within(t, toS3(nil), func(t *testing.T, c *cloud, s *Service) {
		c.putObject = func(string) error { return errors.New("NoSuchBucket: staging") }
		put(t, s, "a")
		pass(10*time.Minute + time.Second)
		if got, want := c.published("DeliveryToS3.DataFreshness"), []float64{60, 120, 180, 240, 300, 360, 420, 480, 540, 600}; !slices.Equal(got, want) {
			t.Errorf("DeliveryToS3.DataFreshness is %v, want %v", got, want)
		}
		if got := c.published("DeliveryToS3.Success"); slices.Max(got) != 0 {
			t.Errorf("DeliveryToS3.Success is %v, want zeros", got)
		}
		c.mu.Lock()
		c.putObject = nil
		c.mu.Unlock()
		pass(10 * time.Minute)
		before := len(c.published("DeliveryToS3.DataFreshness"))
		pass(10 * time.Minute)
		if after := len(c.published("DeliveryToS3.DataFreshness")); after != before {
			t.Errorf("with nothing to deliver %d more ages were published", after-before)
		}
	})
}

func TestRecordsThatTheJournalHasLostAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		c.putObject = func(string) error { return errors.New("NoSuchBucket: staging") }
		s, closeAll := c.service(t, dir, nil)
		create(t, s, toS3(nil))
		for range 18 { // more than one segment of the journal
			put(t, s, strings.Repeat("x", 1_000_000))
		}
		closeAll()
		segments, _ := filepath.Glob(filepath.Join(dir, "firehose", "*", "journal", "*"))
		if err := os.Remove(segments[0]); err != nil || len(segments) != 2 {
			t.Fatalf("of the journal's %q the first was to be removed: %v", segments, err)
		}
		_, closeAll = c.service(t, dir, nil)
		defer closeAll()
		if log := string(c.log); !strings.Contains(log, "records are lost") || !strings.Contains(log, "from=0 to=17") {
			t.Errorf("the operator is told %q, want that the records 0 to 17 are lost", log)
		}
	})
}

func TestWhatAKillMayDoubleIsTold(t *testing.T) {
	for _, killed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			dir, c := t.TempDir(), newCloud()
			c.exec = func(string) error { return &LoadError{Code: "57P03"} }
			s, closeAll := c.service(t, dir, nil)
			create(t, s, toRedshift(nil))
			put(t, s, "a")
			pass(time.Minute)
			put(t, s, "b")
			rec := s.streams["events"].rec
			closeAll()
			if killed {
				if err := os.Remove(s.closedFile(rec)); err != nil {
					t.Fatal(err)
				}
			}
			_, closeAll = c.service(t, dir, nil)
			defer closeAll()
			for _, what := range []string{"records may be delivered twice", "from=1 to=2", "objects may be loaded twice", "manifest=manifests/2000"} {
				if told := strings.Contains(string(c.log), what); told != killed {
					t.Errorf("after a kill: %t, it is told %q: %t", killed, what, told)
				}
			}
		})
	}
}
