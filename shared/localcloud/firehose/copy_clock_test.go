package firehose

import (
	"sync/atomic"
	"testing"
	"time"
)

// A retry duration that began in a future hour would not end before it.
func TestAClockSetBackMakesNoRetryDurationLonger(t *testing.T) {
	underClock(t, func(t *testing.T, c *cloud, s *Service, ahead *atomic.Int64) {
		c.exec = func(string) error { return &LoadError{Code: "42P01"} }
		create(t, s, toRedshift(nil))
		put(t, s, "a")
		pass(2 * time.Minute) // the first COPY has failed
		ahead.Store(int64(-26 * time.Hour))
		pass(25 * time.Minute) // 5 until the next COPY, and the retry duration of 15
		if keys := c.keys("errors/manifests/"); len(keys) != 1 {
			t.Errorf("after a retry duration by the clock that was set back there is %q, want the manifest of the skipped batch", keys)
		}
	})
}

func TestAClockSetBackKeepsNoSecretLonger(t *testing.T) {
	underClock(t, func(t *testing.T, c *cloud, s *Service, ahead *atomic.Int64) {
		create(t, s, toRedshift(nil))
		ahead.Store(int64(24 * time.Hour))
		put(t, s, "a")
		pass(2 * time.Minute)
		ahead.Store(0)
		put(t, s, "b")
		pass(2 * time.Minute)
		if c.secrets != 2 {
			t.Errorf("over a clock that was set back the secret was read %d times, want twice", c.secrets)
		}
	})
}
