package bench

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"pipeline/shared/layers"
)

// round is one measurement of everything, close together so that whatever else the
// machine does weighs on all of it.
type round struct {
	alone  float64  // pulumi up of one layer: the median of the layers
	serial float64  // of all layers, one after another
	bound  float64  // of the longest chain of layers, one after another
	chain  []string // that chain
	wall   float64  // deploy:all as a user runs it
	walk   float64  // without mage
}

// series is the same measured several times; the median counts.
type series []round

func repeat(times int, measure func() (round, error)) (series, error) {
	var all series
	for range times {
		r, err := measure()
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (s series) middle(of func(round) float64) float64 {
	var values []float64
	for _, r := range s {
		values = append(values, of(r))
	}
	return median(values)
}

// compare prints deploy:all against the layers one after another, and the ratio that the
// longest chain sets where a layer begins when those before it have ended. On the local
// cloud it can be less: there Pulumi starts up while a layer waits.
func (s series) compare(w io.Writer, what string) {
	fmt.Fprintf(w, "%s by waves against one layer after another: %.2f s / %.2f s = %.2f; the longest chain (%s) alone is %.2f\n",
		what, s.middle(func(r round) float64 { return r.walk }), s.middle(func(r round) float64 { return r.serial }),
		s.middle(func(r round) float64 { return r.walk / r.serial }), strings.Join(s[len(s)/2].chain, " -> "),
		s.middle(func(r round) float64 { return r.bound / r.serial }))
}

func (b Bench) round(ctx context.Context) (round, error) {
	alone, err := b.oneByOne(ctx)
	if err != nil {
		return round{}, err
	}
	return b.against(ctx, alone)
}

// against measures deploy:all after the layers were measured alone.
func (b Bench) against(ctx context.Context, alone map[string]float64) (round, error) {
	began := time.Now()
	report, err := b.report(ctx)
	if err != nil {
		return round{}, err
	}
	r := round{wall: time.Since(began).Seconds(), walk: report.Seconds}
	r.chain, r.bound = b.Layers.LongestChain(alone)
	for _, seconds := range alone {
		r.serial += seconds
	}
	r.alone = median(slices.Collect(maps.Values(alone)))
	return r, nil
}

// oneByOne deploys one layer after another, and is the seconds that `pulumi up` took
// for each.
func (b Bench) oneByOne(ctx context.Context) (map[string]float64, error) {
	seconds := map[string]float64{}
	for _, name := range b.Layers.Manifest.LayerNames() {
		report, err := b.Layers.Do(ctx, layers.Deploy, name)
		if err == nil {
			err = report.Err()
		}
		if err != nil {
			return nil, err
		}
		seconds[name] = report.Layers[0].Seconds
	}
	return seconds, nil
}
