package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestACopyRestsBetweenBurstsAndNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(1)
		began := time.Now()
		work := func(bursts int) (rested time.Duration) {
			before := time.Now()
			for range bursts {
				time.Sleep(burst) // the work, on the bubble's clock: no time passes
				if err := p.breathe(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(before) - time.Duration(bursts)*burst
		}
		if err := p.breathe(t.Context()); err != nil || time.Since(began) > 0 {
			t.Errorf("a COPY of a few records rested for %v (%v)", time.Since(began), err)
		}
		if rested := work(10); rested != 10*rest {
			t.Errorf("in 10 bursts it rested for %v, want %v", rested, 10*rest)
		}
		if work(1000); p.rested < mostRest || p.rested >= mostRest+rest {
			t.Errorf("it rested for %v in all, want %v", p.rested, mostRest)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if p.breathe(ended) == nil {
			t.Error("a COPY that was cancelled goes on")
		}
	})
}

func TestACopyOfSeveralObjectsDoesNotRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(2)
		began := time.Now()
		for range 100 {
			time.Sleep(burst) // the work, on the bubble's clock: no time passes
			if err := p.breathe(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 100*burst {
			t.Errorf("100 bursts of %v took %v", burst, took)
		}
	})
}
