package gateway

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

// A body that is validated and mapped takes up to forty times its size in memory for
// that time, and all of a processor: many at once would not be faster. Small bodies do
// not wait for large ones.
const (
	smallBody    = 256 << 10 // bytes
	smallAtOnce  = 8 << 20   // bytes of small bodies that are mapped at the same time
	largeAtOnce  = maxBody   // bytes of the others
	longestQueue = 29 * time.Second
)

// turns are whose bodies are validated and mapped now.
type turns struct{ small, large *semaphore.Weighted }

func newTurns() turns {
	return turns{small: semaphore.NewWeighted(smallAtOnce), large: semaphore.NewWeighted(largeAtOnce)}
}

// turn is a body's, from begin to end.
type turn struct {
	of   *semaphore.Weighted
	size int64
}

// begin waits for the turn of the request's body: as long as AWS's longest integration
// may take, or the client waits.
func (inv *invocation) begin() *failure {
	t := turn{inv.service.turns.small, int64(len(inv.body))}
	if t.size > smallBody {
		t.of = inv.service.turns.large
	}
	if !t.of.TryAcquire(t.size) {
		ctx, cancel := context.WithTimeout(inv.request.Context(), longestQueue)
		defer cancel()
		if err := t.of.Acquire(ctx, t.size); err != nil {
			return fail(reasonThrottled, "Too Many Requests", "Execution failed: too many large request bodies at once")
		}
	}
	inv.turn = t
	return nil
}

// end gives the turn to the next. A second call does nothing.
func (inv *invocation) end() {
	if inv.turn.of != nil {
		inv.turn.of.Release(inv.turn.size)
		inv.turn.of = nil
	}
}
