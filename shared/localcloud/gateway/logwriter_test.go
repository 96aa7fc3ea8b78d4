package gateway

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
)

// slowLogs take nothing until they are released.
type slowLogs struct {
	release chan struct{}
	mu      sync.Mutex
	lines   []string
}

func (l *slowLogs) CreateLogGroup(context.Context, string) error          { return nil }
func (l *slowLogs) CreateLogStream(context.Context, string, string) error { return nil }

func (l *slowLogs) PutLogEvents(_ context.Context, _, _ string, messages ...string) error {
	<-l.release
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, messages...)
	return nil
}

func TestALogThatIsTooSlowLosesLinesAndTakesNoMemory(t *testing.T) {
	logs := &slowLogs{release: make(chan struct{})}
	w := newLogWriter(logs, func(ctx context.Context) context.Context { return ctx })
	const lines = 4 * logBytes / (1 << 20)
	for range lines {
		w.add("group", "stream", strings.Repeat("x", 1<<20))
	}
	w.mu.Lock()
	if w.bytes > logBytes {
		t.Errorf("%d bytes of lines wait, want at most %d", w.bytes, logBytes)
	}
	w.mu.Unlock()
	close(logs.release)
	w.close()
	told := slices.ContainsFunc(logs.lines, func(line string) bool {
		return strings.HasSuffix(line, "log lines were dropped: more came than the log takes")
	})
	if !told || len(logs.lines) >= lines {
		t.Errorf("%d lines of %d are in the log, and that some were dropped is told: %v", len(logs.lines), lines, told)
	}
}
