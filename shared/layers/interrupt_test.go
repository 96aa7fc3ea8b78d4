package layers

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"pipeline/shared/command"
)

func TestAnInterruptAndItsEchoAreOneAndALaterOneKills(t *testing.T) {
	t.Cleanup(func() { killed = make(chan struct{}) })
	said := make(chan string, 1)
	ctx, release := interruptible(t.Context(), func(text string) { said <- text })
	defer release()
	interrupt := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	interrupt()
	first := time.Now()
	<-ctx.Done()
	<-said
	interrupt() // as go tool hands it on
	select {
	case <-killed:
		if time.Since(first) <= echo {
			t.Fatal("the echo of an interrupt ends what runs at once")
		}
	case <-time.After(echo - time.Since(first)):
	}
	deadline := time.After(time.Minute)
	for {
		interrupt()
		select {
		case <-killed:
			return
		case <-deadline:
			t.Fatal("a second interrupt does not end what runs")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestALayerThatStartedAheadIsSkippedByAnInterrupt(t *testing.T) {
	w := newWorld(t)
	w.do(Deploy)
	ctx, cancel := context.WithCancel(t.Context())
	w.during["b"] = cancel
	w.exits["b"] = &command.Error{Command: "pulumi up", Code: 1, Stderr: "error: update canceled", Err: context.Canceled}
	r, err := w.o.Do(ctx, Deploy)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Layers[2:] {
		if l.Result != Skipped {
			t.Errorf("%s is %s, want it skipped: its program never ran", l.Layer, l.Result)
		}
	}
	states, err := w.o.States(t.Context())
	if err == nil && (states["b"] != StateFailed || states["d"] == StateFailed) {
		t.Errorf("the states are %v, want b failed and d as it was", states)
	}
}
