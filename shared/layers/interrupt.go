package layers

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// echo is how long after an interrupt another one counts as the same: go tool hands on
// to its child what the terminal has sent to both.
const echo = time.Second

// killed is closed by the second interrupt: running programs end at once.
var killed = make(chan struct{})

// interruptible is ctx that ends with the first interrupt (Ctrl-C, or SIGTERM). Pulumi
// then finishes what it has begun, stores its state and lets go of the stack; a second
// interrupt does not wait for that. release gives the signals back.
//
// mage answers an interrupt too, and leaves after five seconds whatever still runs;
// that would lose the report and cut Pulumi's clean end short, so mage's handler is
// taken away for the time of a run.
func interruptible(ctx context.Context, notice func(text string)) (interrupted context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, open := <-signals; !open {
			return
		}
		first := time.Now()
		notice("interrupted: waiting for Pulumi to finish what it has begun (again to stop at once)")
		cancel()
		for range signals {
			if time.Since(first) > echo {
				close(killed)
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		<-done
		cancel()
	}
}
