package engine

import (
	"context"
	"runtime"
	"time"
)

// A COPY works in bursts, with rests between them in which requests are served: without
// them it is a request's delay for as long as the COPY takes. All rests together are no
// longer than mostRest, and a COPY of several objects has none: more comes than one buffer
// takes, so what counts is when it is loaded.
const (
	burst    = time.Millisecond
	rest     = 3 * time.Millisecond
	mostRest = 300 * time.Millisecond
)

// pace is a COPY's.
type pace struct {
	since  time.Time // when the burst began
	rested time.Duration
}

func newPace(objects int) pace {
	if objects > 1 {
		return pace{rested: mostRest}
	}
	return pace{}
}

// breathe rests if it is time to, and ends with ctx.
func (p *pace) breathe(ctx context.Context) error {
	now := time.Now()
	if p.since.IsZero() {
		p.since = now
	}
	if now.Sub(p.since) < burst || p.rested >= mostRest {
		runtime.Gosched()
		return ctx.Err()
	}
	time.Sleep(rest)
	p.since = time.Now()
	p.rested += p.since.Sub(now)
	return ctx.Err()
}
