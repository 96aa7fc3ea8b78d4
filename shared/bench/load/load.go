// Package load posts prepared HTTP requests and reads as little of the answers as it
// takes to know them. Client and server share the machine whose speed is measured: own
// code, because net/http's client takes as much of it as the server does.
package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"pipeline/shared/batch"
)

// Plan is what to send.
type Plan struct {
	Address     string        // host and port
	Request     []byte        // one request, from its first line to the end of its body
	Connections int           // each sends a request after the answer to the one before
	Requests    int           // in all
	Rate        float64       // a second; 0 is as many as are answered
	Most        time.Duration // after which no more are sent, whatever Requests is; 0 is no end
}

// Result is what came of it.
type Result struct {
	Accepted int             // answers with status 200
	Others   map[string]int  // other answers, by status line
	Elapsed  time.Duration   // from the first request to the last answer
	Times    []time.Duration // of each request, sorted
}

// Percentile is the time that p per cent of the requests took at most.
func (r Result) Percentile(p float64) time.Duration {
	if len(r.Times) == 0 {
		return 0
	}
	return r.Times[min(int(float64(len(r.Times))*p/100), len(r.Times)-1)]
}

// Post is an HTTP request as it goes over the wire.
func Post(host, path, token string, body []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, host, token, len(body), body)
}

// tick is how often requests are sent with a rate: those of a tick leave together. A timer
// for each would take more of the machine than the request.
const tick = time.Millisecond

// Run sends what the plan says. With a rate each request has its tick, and what it took
// counts from then: a server that falls behind is seen to. This process has one processor
// meanwhile, as a batch job: with two its threads wake each other, and a thread that wakes
// interrupts the server, for a third more of the machine.
func Run(ctx context.Context, p Plan) (Result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer batch.Process()()
	workers := make([]worker, p.Connections)
	for i := range workers {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.Address)
		if err != nil {
			return Result{}, err
		}
		defer conn.Close()
		workers[i] = worker{plan: p, conn: conn, first: i, others: map[string]int{}}
	}
	errs := make([]error, p.Connections)
	var all sync.WaitGroup
	started := time.Now()
	for i := range workers {
		w := &workers[i]
		w.started = started
		all.Go(func() { errs[i] = w.run(ctx) })
	}
	all.Wait()
	out := Result{Elapsed: time.Since(started), Others: map[string]int{}}
	for _, w := range workers {
		out.Accepted += w.accepted
		out.Times = append(out.Times, w.times...)
		for status, n := range w.others {
			out.Others[status] += n
		}
	}
	slices.Sort(out.Times)
	for _, err := range errs {
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// worker is one connection. It sends every Connections-th request from first on.
type worker struct {
	plan     Plan
	conn     net.Conn
	first    int
	started  time.Time
	accepted int
	others   map[string]int
	times    []time.Duration
}

func (w *worker) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { w.conn.Close() })
	defer stop()
	conn, err := past(w.conn)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(conn, 64<<10)
	for n := w.first; n < w.plan.Requests; n += w.plan.Connections {
		at := w.wait(n)
		if w.plan.Most > 0 && time.Since(w.started) > w.plan.Most {
			return nil
		}
		if _, err := conn.Write(w.plan.Request); err != nil {
			return err
		}
		status, err := answer(in)
		if err != nil {
			return err
		}
		w.times = append(w.times, time.Since(at))
		if status == "200 OK" {
			w.accepted++
		} else {
			w.others[status]++
		}
	}
	return nil
}

// wait returns the time of the n-th request, when it has come.
func (w *worker) wait(n int) time.Time {
	if w.plan.Rate == 0 {
		return time.Now()
	}
	due := time.Duration(float64(n) / w.plan.Rate * float64(time.Second))
	at := w.started.Add(due.Truncate(tick))
	time.Sleep(time.Until(at))
	return at
}

var contentLength = []byte("Content-Length: ")

// answer reads an answer that has a Content-Length and returns its status.
func answer(in *bufio.Reader) (status string, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	_, after, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(" "))
	if status = "200 OK"; string(after) != status {
		status = string(after)
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return "", err
			}
		}
	}
	if length < 0 {
		return "", fmt.Errorf("answer %s has no Content-Length", status)
	}
	_, err = in.Discard(length)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return status, err
}
