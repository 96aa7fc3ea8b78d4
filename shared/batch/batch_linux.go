package batch

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// self is the calling thread, where a system call asks for a thread.
const self = 0

func thread() (undo func()) {
	set(self, unix.SCHED_BATCH)
	return func() { set(self, unix.SCHED_NORMAL) }
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
