package firehose

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestCopyIsComposedAsDeclared(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, `{"game_name":"doom"}`)
		pass(time.Minute)
		want := regexp.MustCompile(`^events\.abc\.eu-central-1\.redshift\.amazonaws\.com/events as firehose:Secret-123: ` +
			`COPY analytics\.events \(game_name,event_data\) FROM 's3://staging/manifests/2000/01/01/00/events-1-2000-01-01-00-01-00-[0-9a-f-]{36}' ` +
			`CREDENTIALS 'aws_access_key_id=ASIAKEY;aws_secret_access_key=secretkey;token=token' MANIFEST FORMAT JSON 'auto ignorecase' GZIP;$`)
		if got := c.statements(); len(got) != 1 || !want.MatchString(got[0]) {
			t.Fatalf("the warehouse was told %q\nwant %s", got, want)
		}
		object := c.keys("2000/")[0]
		manifest := c.object(t, c.keys("manifests/")[0])
		wantManifest := fmt.Sprintf(`{"entries":[{"url":"s3://staging/%s","mandatory":true,"meta":{"content_length":%d}}]}`,
			object, len(c.objects["staging/"+object]))
		if manifest != wantManifest {
			t.Errorf("the manifest is %s\nwant %s", manifest, wantManifest)
		}
	})
}

func TestAFailedCopyIsTriedEveryFiveMinutesAndThenSkipped(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error {
			return &LoadError{Code: "42P01", Message: `relation "analytics.events" does not exist`}
		}
		put(t, s, "a")
		pass(time.Minute)
		for i, want := range []int{1, 2, 3, 4} { // at 0, 5, 10 and 15 minutes; the retry duration is 15
			if got := len(c.statements()); got != want {
				t.Fatalf("after %d minutes %d COPYs were issued, want %d", 5*i, got, want)
			}
			pass(5 * time.Minute)
		}
		if got := len(c.statements()); got != 4 {
			t.Errorf("after the retry duration %d COPYs were issued, want 4", got)
		}
		errorKeys := c.keys("errors/manifests/2000/01/01/00/events-1-")
		if len(errorKeys) != 1 || !strings.Contains(c.object(t, errorKeys[0]), c.keys("2000/")[0]) {
			t.Errorf("under errors/ there is %q, want a manifest of the skipped object", errorKeys)
		}
		if got := c.events[0]; !strings.Contains(got, logGroup+" RedshiftDelivery ") || !strings.Contains(got, `"errorCode":"Redshift.TableNotFound"`) {
			t.Errorf("the log has %s", got)
		}
		c.exec = nil
		put(t, s, "b")
		pass(time.Minute)
		if got := len(c.statements()); got != 5 {
			t.Errorf("behind a skipped batch %d COPYs were issued, want 5", got)
		}
	})
}

func TestRetryDurationZeroSkipsAtOnce(t *testing.T) {
	spec := toRedshift(func(r *Redshift) { r.RetryOptions.DurationInSeconds = ptr(0) })
	within(t, spec, func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error { return &LoadError{Code: "42P01"} }
		put(t, s, "a")
		pass(time.Minute)
		if got, keys := len(c.statements()), c.keys("errors/manifests/"); got != 1 || len(keys) != 1 {
			t.Errorf("%d COPYs were issued and %q is under errors/, want one of each", got, keys)
		}
	})
}

func TestOneCopyRunsAtATimeAndTheNextLoadsAllThatWaits(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error { return &LoadError{Code: "08006"} }
		put(t, s, "a")
		pass(time.Minute)
		for _, r := range []string{"b", "c"} {
			put(t, s, r)
			pass(time.Minute)
		}
		c.mu.Lock()
		c.exec = nil
		c.mu.Unlock()
		pass(5 * time.Minute)
		manifests := c.keys("manifests/")
		if got := len(c.statements()); got != 3 || len(manifests) != 2 {
			t.Fatalf("%d COPYs with %d manifests were issued, want the first twice and one for the rest", got, len(manifests))
		}
		if got := strings.Count(c.object(t, manifests[1]), `"url"`); got != 2 {
			t.Errorf("the second manifest has %d objects, want 2", got)
		}
	})
}

func TestTheRetryDurationGoesOnOverARestart(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error { return &LoadError{Code: "42P01"} }
		put(t, s, "a")
		pass(11 * time.Minute)
		if _, err := s.UpdateDestination(t.Context(), toRedshift(nil)); err != nil { // restarts the stream
			t.Fatal(err)
		}
		pass(6 * time.Minute)
		if keys := c.keys("errors/manifests/"); len(keys) != 1 {
			t.Errorf("16 minutes after the first try there is %q, want the manifest of the skipped batch", keys)
		}
	})
}

func TestADrillFailsCopiesAndTheyAreTriedAgain(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		if err := s.FailCopies(t.Context(), "events", 2); err != nil {
			t.Fatal(err)
		}
		put(t, s, "a")
		pass(6 * time.Minute)
		if got := len(c.statements()); got != 0 || len(c.events) != 2 {
			t.Fatalf("during the drill %d COPYs reached the warehouse and %d failures were told, want 0 and 2", got, len(c.events))
		}
		pass(5 * time.Minute)
		if got := len(c.statements()); got != 1 {
			t.Errorf("after the drill %d COPYs were issued, want 1", got)
		}
	})
}

func TestTheSecretIsReadEveryTenMinutes(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		for range 10 { // minutes 1 to 10
			put(t, s, "a")
			pass(time.Minute)
		}
		if c.secrets != 1 {
			t.Errorf("within ten minutes the secret was read %d times, want once", c.secrets)
		}
		put(t, s, "a")
		pass(time.Minute)
		if c.secrets != 2 {
			t.Errorf("after ten minutes the secret was read %d times, want twice", c.secrets)
		}
	})
}

func TestAClusterThatCannotBeReachedFailsTheConnection(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.reach = func() error { return errors.New("the security group does not admit 35.158.127.160/27") }
		put(t, s, "a")
		pass(time.Minute)
		if len(c.statements()) != 0 || len(c.events) != 1 || !strings.Contains(c.events[0], `"errorCode":"Redshift.ConnectionFailed"`) {
			t.Errorf("COPYs %q, events %q; want no COPY and ConnectionFailed", c.statements(), c.events)
		}
		if log := string(c.log); !strings.Contains(log, "security group") {
			t.Errorf("the operator is told %q, want the cause", log)
		}
	})
}

func TestErrorsOfTheWarehouseHaveAWSCodes(t *testing.T) {
	for want, err := range map[string]error{
		"Redshift.TableNotFound":            &LoadError{"42P01", ""},
		"Redshift.ColumnNotFound":           &LoadError{"42703", ""},
		"Redshift.DatabaseNotFound":         &LoadError{"3D000", ""},
		"Redshift.AuthenticationFailed":     &LoadError{"28P01", ""},
		"Redshift.InsufficientPrivilege":    &LoadError{"42501", ""},
		"Redshift.MissingColumn":            &LoadError{"23502", ""},
		"Redshift.DiskFull":                 &LoadError{"53100", ""},
		"Redshift.ReadOnlyCluster":          &LoadError{"25006", ""},
		"Redshift.ConnectionFailed":         &LoadError{"08001", ""},
		"Redshift.SyntaxError":              &LoadError{"42601", `syntax error at or near "FORMATT"`},
		"Redshift.IncorrectCopyOptions":     &LoadError{"42601", "conflicting or redundant options"},
		"Redshift.DataLoadFailed":           &LoadError{"XX000", "Load into table 'events' failed.  Check 'stl_load_errors' system table for details."},
		"Redshift.S3BucketAccessDenied":     &LoadError{"XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied"},
		"Redshift.MissingS3File":            &LoadError{"XX000", "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey"},
		"Redshift.IncorrectOrMissingRegion": &LoadError{"XX000", "S3ServiceException: ... Error PermanentRedirect"},
		"Redshift.ColumnMismatch":           &LoadError{"XX000", "Number of jsonpaths and the number of columns should match. JSONPath size: 1, Number of columns in table or column list: 2"},
		"Redshift.IncorrectJsonPathsFile":   &LoadError{"XX000", "Invalid JSONPath format: $.a["},
		"Redshift.AccessDenied":             &roleError{errors.New("not trusted")},
		"SecretsManager.AccessDenied":       &secretError{errors.New("AccessDeniedException: no")},
		"S3.NoSuchBucket":                   &stagingError{errors.New("NoSuchBucket")},
		"InternalError":                     errors.New("anything else"),
	} {
		if got := loadFailure(err); got != want {
			t.Errorf("%v is told as %s, want %s", err, got, want)
		}
		if messages[want] == "" {
			t.Errorf("%s has no text", want)
		}
	}
}

func TestWhatIsStagedIsLoadedFromTheBucketItIsIn(t *testing.T) {
	within(t, toRedshift(nil), func(t *testing.T, c *cloud, s *Service) {
		c.exec = func(string) error { return &LoadError{Code: "08006"} }
		put(t, s, "a")
		pass(time.Minute)
		put(t, s, "b") // waits behind the COPY that fails
		pass(time.Minute)
		elsewhere := toRedshift(func(r *Redshift) { r.S3Configuration.BucketARN = "arn:aws:s3:::elsewhere" })
		if _, err := s.UpdateDestination(t.Context(), elsewhere); err != nil {
			t.Fatal(err)
		}
		c.mu.Lock()
		c.exec = nil
		c.mu.Unlock()
		pass(5 * time.Minute)
		manifests := c.keys("elsewhere/manifests/")
		if len(manifests) != 2 {
			t.Fatalf("the bucket declared now has %q, want two manifests", manifests)
		}
		for i, key := range c.keys("2000/") {
			if got := string(c.objects[manifests[i]]); !strings.Contains(got, "s3://staging/"+key) {
				t.Errorf("a manifest is %s, want s3://staging/%s, where the object is", got, key)
			}
		}
	})
}

func TestACopyThatTheStopInterruptsIsTriedAgain(t *testing.T) {
	spec := toRedshift(func(r *Redshift) { r.RetryOptions.DurationInSeconds = ptr(0) })
	within(t, spec, func(t *testing.T, c *cloud, s *Service) {
		c.hang.Store(1)
		put(t, s, "a")
		pass(time.Minute)
		if _, err := s.UpdateDestination(t.Context(), spec); err != nil { // when the grace is over
			t.Fatal(err)
		}
		pass(time.Minute)
		if skipped, loads := c.keys("errors/"), c.statements(); len(skipped) != 0 || len(loads) != 1 {
			t.Errorf("the batch was skipped (%q) or not tried again: %q", skipped, loads)
		}
		if log := string(c.log); !strings.Contains(log, "may be loaded twice") {
			t.Errorf("the operator is told %q, want that objects may be loaded twice", log)
		}
	})
}
