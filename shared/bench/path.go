package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pipeline/shared/bench/load"
	"pipeline/shared/events"
	"pipeline/shared/local"
)

// What is sent. A run takes some ten seconds.
const (
	connections  = 128
	singles      = 5000             // requests a second that are to be held
	singleTime   = 10 * time.Second // for as many as are answered
	pacedTime    = 4 * time.Second  // for a run at the rate that is to be held, of two deliveries
	pacedRounds  = 7                // of these; the median counts
	accountRate  = 10000            // requests a second that API Gateway lets an account make
	batchSize    = 500
	batchSenders = 8
	batches      = 2000 // a million events
)

// event is the example of the README with a few more fields.
const event = `{"game_name":"%s","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1","round":12345,"hit":true}}`

// deployedPath is the path from the API to the table, under load.
type deployedPath struct {
	Bench
	events  events.Path
	running local.Runtime
	began   time.Time
}

// path measures the deployed path, from HTTP with a token to rows that SQL counts. What
// is counted has to be what was acknowledged. It fills the table: not for one in use.
func (b Bench) path(ctx context.Context) error {
	cloud, err := local.New(b.Layers.Manifest, b.Layers.Environment, b.Layers.Dir, b.Talk)
	if err != nil {
		return err
	}
	d := deployedPath{Bench: b, began: time.Now()}
	if d.running, err = cloud.Status(ctx); err != nil {
		return err
	}
	if d.events, err = b.Layers.Events(ctx); err != nil {
		return err
	}
	if err := d.disk(); err != nil {
		return err
	}
	if err := errors.Join(d.single(ctx), d.batch(ctx), d.delay(ctx)); err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "every acknowledged event is one row, counted by SQL\n")
	return nil
}

// single sends one event a request: as many as are answered and the account may send, then
// the number a second that is to be held, or less where that is more than can be.
func (d deployedPath) single(ctx context.Context) error {
	fmt.Fprintln(d.Talk, "sending one event a request")
	game := d.game("single")
	plan, err := d.plan(ctx, "/events", fmt.Sprintf(event, game))
	if err != nil {
		return err
	}
	plan.Connections, plan.Most, plan.Rate = connections, singleTime, accountRate
	most, err := d.run(ctx, plan)
	if err != nil {
		return err
	}
	// Its last rows are loaded before the times are taken, without a profile.
	if err := d.count(ctx, game, most.Accepted); err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "one event a request        %5.0f requests/s, %d connections  (%d)\n", most.rate(), connections, singles)
	fmt.Fprintf(d.Out, "%s", most.bounds())
	plan.Rate, plan.Most = min(singles, most.rate()*0.8), pacedTime
	accepted, err := d.paced(ctx, plan)
	if err != nil {
		return err
	}
	return d.count(ctx, game, most.Accepted+accepted)
}

// batch sends events in batches, until SQL counts them all.
func (d deployedPath) batch(ctx context.Context) error {
	fmt.Fprintln(d.Talk, "sending batches of events")
	game := d.game("batch")
	one := fmt.Sprintf(event, game)
	plan, err := d.plan(ctx, "/events/batch", `{"events":[`+strings.Repeat(one+",", batchSize-1)+one+`]}`)
	if err != nil {
		return err
	}
	plan.Connections, plan.Requests = batchSenders, batches
	began := time.Now()
	sent, err := d.run(ctx, plan)
	if err != nil {
		return err
	}
	if err := d.count(ctx, game, sent.Accepted*batchSize); err != nil {
		return err
	}
	events := float64(sent.Accepted * batchSize)
	fmt.Fprintf(d.Out, "batches of %d, to rows    %5.0f events/s  (100000); accepted at %.0f events/s\n", batchSize,
		events/time.Since(began).Seconds(), events/sent.Elapsed.Seconds())
	fmt.Fprintf(d.Out, "%s", sent.bounds())
	kib, err := residentKiB(d.running.PID)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "memory, a million rows     %5.0f MB  (under 500)\n", float64(kib)*1024/1e6)
	return nil
}

// delay is the time from the end of the buffer interval to the row, of an event that
// comes alone.
func (d deployedPath) delay(ctx context.Context) error {
	interval, err := d.interval()
	if err != nil {
		return err
	}
	var all []float64
	for range rounds {
		game := d.game("delay-" + strconv.Itoa(len(all)))
		plan, err := d.plan(ctx, "/events", fmt.Sprintf(event, game))
		if err != nil {
			return err
		}
		plan.Connections, plan.Requests = 1, 1
		began := time.Now()
		if _, err := load.Run(ctx, plan); err != nil {
			return err
		}
		if err := d.count(ctx, game, 1); err != nil {
			return err
		}
		all = append(all, (time.Since(began) - interval).Seconds())
	}
	fmt.Fprintf(d.Out, "buffer interval to row     %5.2f s  (under 1; interval %v, with the query that sees the row)\n", median(all), interval)
	return nil
}

var intervalLine = regexp.MustCompile(`(?m)^\s+events-stream:bufferIntervalSeconds: (\d+)$`)

// interval is the setting of layer stream.
func (d deployedPath) interval() (time.Duration, error) {
	path := filepath.Join(d.Layers.Manifest.Root, "projects", "stream", "Pulumi."+d.Layers.Environment.Name+".yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	match := intervalLine.FindSubmatch(text)
	if match == nil {
		return 0, fmt.Errorf("%s sets no bufferIntervalSeconds", path)
	}
	seconds, err := strconv.Atoi(string(match[1]))
	return time.Duration(seconds) * time.Second, err
}

// game names the events of one measurement, as no events before.
func (d deployedPath) game(what string) string {
	return fmt.Sprintf("bench-%s-%d", what, d.began.Unix())
}

// plan posts a body with the configured user's token.
func (d deployedPath) plan(ctx context.Context, path, body string) (load.Plan, error) {
	request, err := d.events.Request(ctx, path, body)
	if err != nil {
		return load.Plan{}, err
	}
	return load.Plan{
		Address: request.URL.Host, Requests: 1 << 30,
		Request: load.Post(request.URL.Host, request.URL.EscapedPath(), request.Header.Get("Authorization"), []byte(body)),
	}, nil
}

// countTime is how long rows may take to appear before some count as lost.
const countTime = 3 * time.Minute

// countPause is between two counts, which take a processor from the COPY otherwise.
const countPause = 20 * time.Millisecond

// count waits until the table has as many events of a game as were acknowledged.
func (d deployedPath) count(ctx context.Context, game string, want int) error {
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	for {
		var out bytes.Buffer
		path := d.events
		path.Out, path.Talk = &out, io.Discard
		if err := path.Query(ctx, "SELECT COUNT(*) FROM public.events WHERE game_name = '"+game+"'"); err != nil {
			return fmt.Errorf("count the events of %s, of which %d were acknowledged: %w", game, want, err)
		}
		fields := strings.Fields(out.String())
		got, err := strconv.Atoi(fields[len(fields)-1])
		switch {
		case err != nil:
			return err
		case got > want:
			return fmt.Errorf("%d events of %s are in the table, and %d were acknowledged", got, game, want)
		case got == want:
			return nil
		}
		time.Sleep(countPause)
	}
}

// fsyncs is how often the disk is asked.
const fsyncs = 200

// disk is what an acknowledgement costs at least: a write at the end of a file, on disk.
func (d deployedPath) disk() error {
	file, err := os.CreateTemp(d.Layers.Dir, "fsync-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	var all []float64
	for range fsyncs {
		began := time.Now()
		if _, err := file.Write(make([]byte, 4096)); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		all = append(all, milliseconds(time.Since(began)))
	}
	fmt.Fprintf(d.Out, "disk, append and fsync     %5.2f ms, one in a hundred %.1f ms\n", median(all), slices.Sorted(slices.Values(all))[fsyncs*99/100])
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
