package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Log lines are written behind the requests, as on AWS, where delivery is best effort:
// every logInterval, or sooner when logBatch lines wait. Beyond logQueue waiting lines, or
// logBytes of them, the newest are dropped, and their number is written instead.
const (
	logInterval = 200 * time.Millisecond
	logBatch    = 1000
	logQueue    = 1 << 15
	logBytes    = 16 << 20
)

type logTarget struct{ group, stream string }

type logWriter struct {
	logs   Logs
	caller func(context.Context) context.Context

	mu      sync.Mutex
	waiting map[logTarget][]string
	count   int
	bytes   int
	dropped map[logTarget]int
	closed  bool

	wake chan struct{}
	done chan struct{}
}

func newLogWriter(logs Logs, caller func(context.Context) context.Context) *logWriter {
	w := &logWriter{logs: logs, caller: caller, wake: make(chan struct{}, 1), done: make(chan struct{})}
	w.reset()
	go w.run()
	return w
}

func (w *logWriter) reset() {
	w.waiting, w.dropped, w.count, w.bytes = map[logTarget][]string{}, map[logTarget]int{}, 0, 0
}

// add never blocks: a slow log must not slow the requests.
func (w *logWriter) add(group, stream string, lines ...string) {
	target, bytes := logTarget{group, stream}, 0
	for _, line := range lines {
		bytes += len(line)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.count+len(lines) > logQueue || w.bytes+bytes > logBytes {
		w.dropped[target] += len(lines)
		return
	}
	w.waiting[target] = append(w.waiting[target], lines...)
	w.count += len(lines)
	w.bytes += bytes
	if w.count >= logBatch {
		w.signal()
	}
}

func (w *logWriter) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *logWriter) run() {
	defer close(w.done)
	tick := time.NewTicker(logInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-w.wake:
		}
		if closed := w.flush(); closed {
			return
		}
	}
}

// flush writes what waits, and says whether the writer was closed before that.
func (w *logWriter) flush() (closed bool) {
	w.mu.Lock()
	waiting, dropped, closed := w.waiting, w.dropped, w.closed
	w.reset()
	w.mu.Unlock()
	for target, n := range dropped {
		waiting[target] = append(waiting[target], fmt.Sprintf("%d log lines were dropped: more came than the log takes", n))
	}
	for target, lines := range waiting {
		if err := w.write(target, lines); err != nil {
			slog.Error("gateway: write log", "group", target.group, "lines", len(lines), "error", err)
		}
	}
	return closed
}

// write makes group and stream where they are missing: an execution log's are nobody
// else's to make, and an access log's group may have been deleted and made anew.
func (w *logWriter) write(target logTarget, lines []string) error {
	ctx := w.caller(context.Background())
	if err := w.logs.PutLogEvents(ctx, target.group, target.stream, lines...); err == nil {
		return nil
	}
	// One of the two may be there; what else is wrong the second try tells.
	if strings.HasPrefix(target.group, executionLogs) {
		_ = w.logs.CreateLogGroup(ctx, target.group)
	}
	_ = w.logs.CreateLogStream(ctx, target.group, target.stream)
	return w.logs.PutLogEvents(ctx, target.group, target.stream, lines...)
}

// close writes what waits and stops.
func (w *logWriter) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	<-w.done
}
