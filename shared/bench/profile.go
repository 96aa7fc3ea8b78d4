package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"pipeline/shared/bench/load"
)

// profileSeconds is how long a run is looked into, from its beginning.
const profileSeconds = 5

// measured is a run of the load with where the time went.
type measured struct {
	load.Result
	client  float64 // cores that the load took
	profile map[string]float64
	server  float64 // cores that the local cloud took
}

func (m measured) rate() float64 { return float64(m.Accepted) / m.Elapsed.Seconds() }

// run sends what the plan says while the local cloud looks at itself.
func (d deployedPath) run(ctx context.Context, p load.Plan) (m measured, err error) {
	asked := make(chan error, 1)
	go func() { asked <- d.profile(ctx, &m) }()
	before := processorTime()
	result, err := load.Run(ctx, p)
	m.client = (processorTime() - before).Seconds() / result.Elapsed.Seconds()
	if profiling := <-asked; err == nil {
		err = profiling
	}
	m.Result = result
	if len(result.Others) > 0 && err == nil {
		err = fmt.Errorf("not every request was accepted: %v", result.Others)
	}
	return m, err
}

// processorTime is what this process has taken so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// profile asks the local cloud where it spends its time, and go what that says.
func (d deployedPath) profile(ctx context.Context, m *measured) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/_localcloud/profile?seconds=%d", d.running.URL(), profileSeconds), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("profile the local cloud: %w", err)
	}
	defer answer.Body.Close()
	file, err := os.CreateTemp("", "profile-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := io.Copy(file, answer.Body); err != nil {
		return fmt.Errorf("profile the local cloud: %w", err)
	}
	text, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-symbolize=none", "-top", "-cum", "-nodecount=100000", "-nodefraction=0", file.Name()).Output()
	if err != nil {
		return fmt.Errorf("read the profile of the local cloud: %w", err)
	}
	m.profile = shares(string(text))
	m.server = m.profile["total"]
	return nil
}

// shares reads what pprof prints: by function the cores that it and what it called took,
// and "total".
func shares(text string) map[string]float64 {
	cores := map[string]float64{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "Duration:"):
			// Duration: 5s, Total samples = 7.47s (149.45%)
			percent := strings.Trim(fields[len(fields)-1], "(%)")
			cores["total"] = number(percent) / 100
		case len(fields) >= 6 && strings.HasSuffix(fields[4], "%"):
			name := fields[5][strings.LastIndexByte(fields[5], '/')+1:]
			cores[name] += number(strings.TrimSuffix(fields[4], "%")) / 100 * cores["total"]
		}
	}
	return cores
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64) // what is no number counts as nothing
	return n
}

// parts are the steps of the path, by functions that are under no other of them.
var parts = []struct{ name, function, without string }{
	{"HTTP", "http.(*conn).serve", "gateway.(*Service).ServeHTTP"},
	{"validation", "gateway.(*invocation).validate", ""},
	{"mapping templates", "gateway.(*invocation).render", ""},
	{"Firehose's API", "firehose.(*bounded).ServeHTTP", ""},
	{"journal", "journal.(*Journal).commit", ""},
	{"delivery to S3", "firehose.(*delivery).run", ""},
	{"COPY", "redshift.(*Service).Exec", ""},
	{"DuckDB's threads", "runtime._ExternalCode", ""},
	{"garbage collector", "runtime.gcBgMarkWorker", ""},
}

// bounds is what the run was bounded by: who took how much of the machine, and for what.
func (m measured) bounds() string {
	type share struct {
		name  string
		cores float64
	}
	var all []share
	for _, p := range parts {
		all = append(all, share{p.name, m.profile[p.function] - m.profile[p.without]})
	}
	slices.SortFunc(all, func(a, b share) int { return int(1000 * (b.cores - a.cores)) })
	var texts []string
	for _, s := range all[:5] {
		texts = append(texts, fmt.Sprintf("%s %.0f %%", s.name, 100*s.cores/m.server))
	}
	return fmt.Sprintf("  of %d cores the local cloud took %.2f, the client %.2f; of the local cloud's: %s\n",
		runtime.NumCPU(), m.server, m.client, strings.Join(texts, ", "))
}
