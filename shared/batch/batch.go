// Package batch has a program share its processors as batch jobs do: a thread of it that
// wakes waits for its turn instead of interrupting another, and its timers may be late by
// half a millisecond, so that several are one. Where client and server share two
// processors, a request costs a quarter less that way. Linux has it (sched(7), SCHED_BATCH;
// prctl(2), PR_SET_TIMERSLACK); elsewhere nothing changes.
package batch

import (
	"os/exec"
	"runtime"
)

// Start starts a program that runs as a batch job. One whose system refuses runs as any other.
func Start(cmd *exec.Cmd) error {
	// A process has the policy of the thread that starts it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer thread()()
	return cmd.Start()
}

// Process makes this process a batch job until undo is called. Its timers stay as they are:
// a thread can speak for its own only.
func Process() (undo func()) { return process() }
