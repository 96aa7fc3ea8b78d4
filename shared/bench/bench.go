// Package bench measures what the README says of speed, on the machine that it runs
// on, and prints ratios and that machine's name. It is run by hand: a time is no test.
package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"pipeline/shared/command"
	"pipeline/shared/layers"
	"pipeline/shared/local"
)

// Bench is one series of measurements in stack local.
type Bench struct {
	Layers *layers.Orchestrator
	Run    command.Runner
	Out    io.Writer // results
	Talk   io.Writer // what is being done
}

// rounds is how often a short run is measured; the median counts.
const rounds = 5

// firstRounds is the same for a run that destroys and deploys everything twice.
const firstRounds = 3

// All measures everything: with cold, a clean clone's first row with empty caches too,
// which takes many minutes.
func (b Bench) All(ctx context.Context, cold bool) error {
	if b.Layers.Environment.LocalCloud == nil {
		return fmt.Errorf("stack %s is on AWS: the bench is for a stack with a local cloud", b.Layers.Environment.Name)
	}
	fmt.Fprintf(b.Out, "machine: %s\n", machine())
	return errors.Join(b.noop(ctx), b.idle(ctx), b.clone(ctx, cold))
}

// Path measures the deployed path alone. It fills the table of this checkout.
func (b Bench) Path(ctx context.Context) error {
	fmt.Fprintf(b.Out, "machine: %s\n", machine())
	return b.path(ctx)
}

// noop compares a deploy of all layers that changes nothing with what Pulumi takes for
// single layers.
func (b Bench) noop(ctx context.Context) error {
	fmt.Fprintln(b.Talk, "deploying once, so that the rest changes nothing")
	if err := b.mage(ctx, "deploy:all"); err != nil {
		return err
	}
	all, err := repeat(rounds, func() (round, error) { return b.round(ctx) })
	if err != nil {
		return err
	}
	wall, alone := all.middle(func(r round) float64 { return r.wall }), all.middle(func(r round) float64 { return r.alone })
	fmt.Fprintf(b.Out, "no-op deploy:all           %5.2f s  (under 3)\n", wall)
	fmt.Fprintf(b.Out, "no-op pulumi up, one layer %5.2f s  (median of the layers)\n", alone)
	fmt.Fprintf(b.Out, "ratio                      %5.2f    (at most 6)\n", all.middle(func(r round) float64 { return r.wall / r.alone }))
	fmt.Fprintf(b.Out, "mage's own share           %5.1f %%  (under 10)\n", 100*all.middle(func(r round) float64 { return (r.wall - r.walk) / r.wall }))
	all.compare(b.Out, "no-op")
	return nil
}

// first compares the first deploy of all layers with that of one layer after another. It
// destroys what is deployed.
func (b Bench) first(ctx context.Context) error {
	all, err := repeat(firstRounds, func() (round, error) {
		if err := b.mage(ctx, "destroy:all"); err != nil {
			return round{}, err
		}
		alone, err := b.oneByOne(ctx)
		if err != nil {
			return round{}, err
		}
		if err := b.mage(ctx, "destroy:all"); err != nil {
			return round{}, err
		}
		return b.against(ctx, alone)
	})
	if err != nil {
		return err
	}
	all.compare(b.Out, "first deploy")
	return nil
}

// report is a deploy of all layers through mage, as its JSON report.
func (b Bench) report(ctx context.Context) (*layers.Report, error) {
	file, err := os.CreateTemp("", "report-*.json")
	if err != nil {
		return nil, err
	}
	file.Close()
	defer os.Remove(file.Name())
	if err := b.mage(ctx, "deploy:all", "REPORT="+file.Name()); err != nil {
		return nil, err
	}
	return layers.ReadReport(file.Name())
}

// mage runs a target as a user does, in silence.
func (b Bench) mage(ctx context.Context, target string, env ...string) error {
	return b.Run.Run(ctx, command.Command{
		Name: "go", Args: []string{"tool", "mage", target}, Dir: b.Layers.Manifest.Root, Env: append(os.Environ(), env...),
	})
}

// idle is the memory of the local cloud when nothing happens.
func (b Bench) idle(ctx context.Context) error {
	cloud, err := local.New(b.Layers.Manifest, b.Layers.Environment, b.Layers.Dir, b.Talk)
	if err != nil {
		return err
	}
	running, err := cloud.Status(ctx)
	if err != nil {
		return err
	}
	kib, err := residentKiB(running.PID)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "the local cloud idles at   %5.0f MB (under 150 MB)\n", float64(kib)*1024/1e6)
	return nil
}

// residentKiB is a process's memory, as ps tells it on Linux and macOS.
func residentKiB(pid int) (int, error) {
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ask ps for the memory of process %d: %w", pid, err)
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// machine names the machine: cores, processor, system.
func machine() string {
	name := fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return name
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, model, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == "model name" {
			return name + "," + model
		}
	}
	return name
}
