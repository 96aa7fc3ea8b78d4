package layers

import (
	"os"
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
