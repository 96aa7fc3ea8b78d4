package layers

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
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

// A drill: a run is interrupted while a random layer is at work, again and again. SEED
// repeats one.
func TestWhereverARunIsInterruptedTheNextCompletesIt(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 25 {
		w := newWorld(t)
		names := w.o.Manifest.LayerNames()
		if random.IntN(2) == 0 {
			w.do(Deploy, names[:random.IntN(len(names))+1]...)
		}
		op := []Operation{Deploy, Deploy, Preview}[random.IntN(3)]
		w.o.Parallel = random.IntN(4)
		at := names[random.IntN(len(names))]
		ctx, cancel := context.WithCancel(t.Context())
		w.during[at] = cancel
		r, err := w.o.Do(ctx, op)
		if err != nil {
			t.Fatal(err)
		}
		interruptedAt(t, w, r, at)
		w.during = map[string]func(){}
		if r := w.do(Deploy); !r.OK {
			t.Errorf("%s was interrupted at %s, and the next deploy ends with %v", op, at, results(r))
		}
	}
}

// interruptedAt checks a report: the layer was canceled, what is upstream of it is done,
// and what is downstream was not begun.
func interruptedAt(t *testing.T, w *world, r *Report, at string) {
	t.Helper()
	got := results(r)
	if r.Err() == nil || got[at] != Canceled {
		t.Errorf("interrupted at %s, the run ends with %v: %v", at, r.Err(), got)
	}
	for _, n := range graph(w.o.Manifest, w.o.Manifest.LayerNames()) {
		switch {
		case slices.Contains(n.after, at) && got[n.name] != Skipped:
			t.Errorf("interrupted at %s, its downstream %s is %s", at, n.name, got[n.name])
		case got[n.name] == Failed:
			t.Errorf("an interrupt at %s made %s fail", at, n.name)
		}
		for _, up := range n.after {
			if n.name == at && !got[up].good() {
				t.Errorf("interrupted at %s, which had begun, its upstream %s is %s", at, up, got[up])
			}
		}
	}
}
