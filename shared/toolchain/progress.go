package toolchain

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress reads what `go build -v` and `go list` say and shows it as one line that
// rewrites itself on a terminal, or as a line now and then elsewhere. It says
// nothing about a build that is done within a second.
type progress struct {
	out  io.Writer
	what string
	live bool // out is a terminal

	mu         sync.Mutex
	start      time.Time
	total      int
	compiled   int
	downloaded int
	shown      bool
	partial    []byte
	said       []string

	stop    chan struct{}
	stopped sync.WaitGroup
}

func newProgress(out io.Writer, what string) *progress {
	p := &progress{out: out, what: what, start: time.Now(), stop: make(chan struct{})}
	every := 10 * time.Second
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.live, every = true, time.Second/5
	}
	p.stopped.Go(func() { p.run(every) })
	return p
}

func (p *progress) run(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.show()
		}
	}
}

// done ends the progress; if it was shown, its last line stays.
func (p *progress) done() {
	close(p.stop)
	p.stopped.Wait()
	if !p.shown {
		return
	}
	p.show()
	if p.live {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.start) < time.Second {
		return
	}
	p.shown = true
	if p.live {
		fmt.Fprintf(p.out, "\r\x1b[K%s", p.line())
		return
	}
	fmt.Fprintln(p.out, p.line())
}

// line is for example "building the Pulumi CLI: 812 of 1480 packages, 73 modules downloaded, 1m20s".
func (p *progress) line() string {
	parts := []string{}
	switch {
	case p.total > 0:
		parts = append(parts, fmt.Sprintf("%d of %d packages", p.compiled, p.total))
	case p.compiled > 0:
		parts = append(parts, fmt.Sprintf("%d packages", p.compiled))
	}
	if p.downloaded > 0 {
		parts = append(parts, fmt.Sprintf("%d modules downloaded", p.downloaded))
	}
	parts = append(parts, time.Since(p.start).Round(time.Second).String())
	return p.what + ": " + strings.Join(parts, ", ")
}

func (p *progress) setTotal(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = n
}

// Write takes the stderr of go: package names, downloads, and what went wrong.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partial = append(p.partial, b...)
	for {
		line, rest, found := bytes.Cut(p.partial, []byte("\n"))
		if !found {
			return len(b), nil
		}
		p.partial = rest
		p.take(string(line))
	}
}

func (p *progress) take(line string) {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		p.downloaded++
	case isPackage(line):
		p.compiled++
	default:
		p.said = append(p.said, line)
	}
}

// isPackage tells an import path from a sentence or a compiler's message.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " :\t#") && !strings.HasPrefix(line, ".")
}

// saidLines is how much of a compiler's complaints an error carries.
const saidLines = 20

// errors is what go said that was not progress.
func (p *progress) errors() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	said := p.said
	if rest := string(p.partial); rest != "" {
		said = append(said, rest)
	}
	if len(said) > saidLines {
		said = append(said[:saidLines:saidLines], "...")
	}
	return strings.TrimSpace(strings.Join(said, "\n"))
}
