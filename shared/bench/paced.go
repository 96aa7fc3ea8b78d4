package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"pipeline/shared/bench/load"
)

// pace is a run at a rate, and what was there without it.
type pace struct {
	load.Result
	machine load.Result // as many requests for nothing
	stolen  float64     // cores that other guests of this machine's host took meanwhile
}

// paced sends events at the rate that is to be held, and prints the run whose p99 is the
// median. It returns how many events were accepted.
func (d deployedPath) paced(ctx context.Context, p load.Plan) (accepted int, err error) {
	var all []pace
	for range pacedRounds {
		machine, err := d.machine(ctx, p)
		if err != nil {
			return accepted, err
		}
		before := stolen()
		run, err := load.Run(ctx, p)
		if err == nil && len(run.Others) > 0 {
			err = fmt.Errorf("not every request was accepted: %v", run.Others)
		}
		if err != nil {
			return accepted, err
		}
		accepted += run.Accepted
		all = append(all, pace{run, machine, (stolen() - before).Seconds() / run.Elapsed.Seconds()})
	}
	slices.SortFunc(all, func(a, b pace) int { return int(a.Percentile(99) - b.Percentile(99)) })
	m := all[len(all)/2]
	fmt.Fprintf(d.Out, "at %4.0f requests/s         p50 %.1f ms, p99 %.1f ms  (under 10 at %d; median of %d runs, %.1f to %.1f)\n", p.Rate,
		milliseconds(m.Percentile(50)), milliseconds(m.Percentile(99)), singles, len(all),
		milliseconds(all[0].Percentile(99)), milliseconds(all[len(all)-1].Percentile(99)))
	fmt.Fprintf(d.Out, "  of which machine and HTTP take: p50 %.1f ms, p99 %.1f ms, by as many requests that are answered at once; other guests of the host took %.2f cores\n",
		milliseconds(m.machine.Percentile(50)), milliseconds(m.machine.Percentile(99)), m.stolen)
	return accepted, nil
}

// stolen is the processor time that the host of this virtual machine gave to others so far
// (proc_stat(5), steal, in hundredths of a second); 0 where nothing says so.
func stolen() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	// cpu user nice system idle iowait irq softirq steal ...
	fields := strings.Fields(string(text))
	if len(fields) < 9 {
		return 0
	}
	hundredths, err := strconv.Atoi(fields[8])
	if err != nil {
		return 0
	}
	return time.Duration(hundredths) * 10 * time.Millisecond
}

// machine sends as many requests as the plan does to the same server, for nothing: what
// they take is the share of the machine and of HTTP in what an event takes.
func (d deployedPath) machine(ctx context.Context, p load.Plan) (load.Result, error) {
	p.Request = load.Post(p.Address, "/_localcloud/nothing", "", []byte(event))
	return load.Run(ctx, p)
}
