package gateway

import (
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// throttle is a bucket of requests, whose clock may be set back: what is in it stays, and
// it fills from then on.
type throttle struct {
	*rate.Limiter
	latest atomic.Int64 // time of a request, in nanoseconds since 1970
}

func newThrottle(perSecond float64, burst int) *throttle {
	return &throttle{Limiter: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

func (t *throttle) admits(now time.Time) bool {
	latest, at := t.latest.Load(), now.UnixNano()
	switch {
	case at > latest:
		t.latest.CompareAndSwap(latest, at)
	case latest-at > int64(time.Second): // no request takes as long to get here
		t.latest.Store(at)
		t.SetLimitAt(now, t.Limit())
	}
	return t.AllowN(now, 1)
}
