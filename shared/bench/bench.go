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
	"time"

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

// All measures everything: with cold, a clean clone's first row with empty caches too,
// which takes many minutes.
func (b Bench) All(ctx context.Context, cold bool) error {
	if b.Layers.Environment.LocalCloud == nil {
		return fmt.Errorf("stack %s is on AWS: the bench is for a stack with a local cloud", b.Layers.Environment.Name)
	}
	fmt.Fprintf(b.Out, "machine: %s\n", machine())
	return errors.Join(b.noop(ctx), b.idle(ctx), b.clone(ctx, cold))
}

// noop compares a deploy of all layers that changes nothing with what Pulumi takes for
// single layers.
func (b Bench) noop(ctx context.Context) error {
	fmt.Fprintln(b.Talk, "deploying once, so that the rest changes nothing")
	if err := b.mage(ctx, "deploy:all"); err != nil {
		return err
	}
	var all []round
	for range rounds {
		r, err := b.round(ctx)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	middle := func(of func(round) float64) float64 {
		var values []float64
		for _, r := range all {
			values = append(values, of(r))
		}
		return median(values)
	}
	alone, wall := func(r round) float64 { return r.alone }, func(r round) float64 { return r.wall }
	serial, chain := func(r round) float64 { return r.serial }, func(r round) float64 { return r.chain }
	fmt.Fprintf(b.Out, "no-op deploy:all           %5.2f s\n", middle(wall))
	fmt.Fprintf(b.Out, "no-op pulumi up, one layer %5.2f s (median of the layers)\n", middle(alone))
	fmt.Fprintf(b.Out, "ratio                      %5.2f   (at most 6)\n", middle(func(r round) float64 { return r.wall / r.alone }))
	fmt.Fprintf(b.Out, "six, one after another     %5.2f s; deploy:all takes %.2f of that, and its longest chain alone %.2f s\n",
		middle(serial), middle(func(r round) float64 { return r.wall / r.serial }), middle(chain))
	fmt.Fprintf(b.Out, "mage's own share           %5.1f %%\n", 100*middle(func(r round) float64 { return (r.wall - r.walk) / r.wall }))
	return nil
}

// round is one measurement of everything, close together so that whatever else the
// machine does weighs on all of it.
type round struct {
	alone  float64 // pulumi up of one layer: the median of the layers
	serial float64 // of all layers, one after another
	wall   float64 // deploy:all as a user runs it
	walk   float64 // without mage
	chain  float64 // the longest chain of layers in it
}

func (b Bench) round(ctx context.Context) (round, error) {
	alone, serial, err := b.oneByOne(ctx)
	if err != nil {
		return round{}, err
	}
	began := time.Now()
	report, err := b.report(ctx)
	if err != nil {
		return round{}, err
	}
	return round{alone: alone, serial: serial, wall: time.Since(began).Seconds(), walk: report.Seconds, chain: report.CriticalSeconds}, nil
}

// oneByOne is the time of `pulumi up` for a layer alone, and for all one after another.
func (b Bench) oneByOne(ctx context.Context) (middle, sum float64, err error) {
	var seconds []float64
	b.Layers.Parallel = 1
	defer func() { b.Layers.Parallel = 0 }()
	for _, name := range b.Layers.Manifest.LayerNames() {
		report, err := b.Layers.Do(ctx, layers.Deploy, name)
		if err == nil {
			err = report.Err()
		}
		if err != nil {
			return 0, 0, err
		}
		seconds = append(seconds, report.Layers[0].Seconds)
		sum += report.Layers[0].Seconds
	}
	return median(seconds), sum, nil
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
