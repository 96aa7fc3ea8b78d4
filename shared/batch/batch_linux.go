package batch

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// self is the calling thread, where a system call asks for a thread.
const self = 0

// slack is how late a timer may be, in nanoseconds; 50,000 where nobody says. Go's runtime
// has a thread that sleeps 20 µs at a time while anything is in a system call
// (runtime.sysmon): under load a tenth of what the local cloud took.
const slack = 500_000

func thread() (undo func()) {
	was, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err == nil {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, slack, 0, 0, 0)
	}
	set(self, unix.SCHED_BATCH)
	return func() {
		set(self, unix.SCHED_NORMAL)
		if err == nil {
			_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(was), 0, 0, 0)
		}
	}
}

// process reaches every thread there is; those to come have the policy of the thread that
// makes them.
func process() (undo func()) {
	each(unix.SCHED_BATCH)
	return func() { each(unix.SCHED_NORMAL) }
}

func each(policy uint32) {
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		if id, err := strconv.Atoi(task.Name()); err == nil {
			set(id, policy)
		}
	}
}

// set leaves a thread's other properties as they are. A sandbox may refuse it, and the
// thread may be gone: then it stays what it was.
func set(thread int, policy uint32) {
	attr, err := unix.SchedGetAttr(thread, 0)
	if err != nil {
		return
	}
	attr.Policy, attr.Runtime = policy, 0 // 0 is the system's own time slice
	_ = unix.SchedSetAttr(thread, attr, 0)
}
