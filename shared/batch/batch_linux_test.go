package batch_test

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"pipeline/shared/batch"
)

// policies says how many threads of this process have each policy.
func policies(t *testing.T) map[uint32]int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	count := map[uint32]int{}
	for _, task := range tasks {
		id, _ := strconv.Atoi(task.Name())
		if attr, err := unix.SchedGetAttr(id, 0); err == nil {
			count[attr.Policy]++
		}
	}
	return count
}

func TestAStartedProgramIsABatchJobAndItsStarterIsNot(t *testing.T) {
	var out strings.Builder
	cmd := exec.Command("cat", "/proc/self/stat")
	cmd.Stdout = &out
	if err := batch.Start(cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	// The policy is field 41 of proc_pid_stat(5).
	if fields := strings.Fields(out.String()); fields[40] != strconv.Itoa(unix.SCHED_BATCH) {
		t.Errorf("the program has policy %s, want %d", fields[40], unix.SCHED_BATCH)
	}
	if count := policies(t); len(count) != 1 || count[unix.SCHED_NORMAL] == 0 {
		t.Errorf("this process has threads of policies %v, want all of %d", count, unix.SCHED_NORMAL)
	}
}

func TestAStartedProgramsTimersAreLateAndItsStartersAreNot(t *testing.T) {
	// The test's thread is the one that starts the program.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	was, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := exec.Command("cat", "/proc/self/timerslack_ns")
	cmd.Stdout = &out
	if err := batch.Start(cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(out.String()); got != "500000" {
		t.Errorf("the program's timers may be %s ns late, want 500000", got)
	}
	if now, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err != nil || now != was {
		t.Errorf("this thread's timers may be %d ns late, want %d as before (%v)", now, was, err)
	}
}

func TestAProcessIsABatchJobUntilItIsUndone(t *testing.T) {
	undo := batch.Process()
	if count := policies(t); len(count) != 1 || count[unix.SCHED_BATCH] == 0 {
		t.Errorf("there are threads of policies %v, want all of %d", count, unix.SCHED_BATCH)
	}
	undo()
	if count := policies(t); len(count) != 1 || count[unix.SCHED_NORMAL] == 0 {
		t.Errorf("afterwards there are threads of policies %v, want all of %d", count, unix.SCHED_NORMAL)
	}
}
