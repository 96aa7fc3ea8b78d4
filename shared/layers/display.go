package layers

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// display shows a run while it goes on. On a terminal each layer has one line that
// rewrites itself (state, what is being done, seconds), and what is worth keeping
// stands above them; elsewhere everything is a line under its layer's name.
type display struct {
	out   io.Writer
	now   func() time.Time
	live  bool       // out is a terminal
	color bool       // and may be coloured: NO_COLOR is not set
	width func() int // of the terminal, in columns

	mu    sync.Mutex
	rows  []*row
	drawn int // lines of the rows on the terminal

	stop    chan struct{}
	stopped sync.WaitGroup
}

// row is one layer's line.
type row struct {
	layer  string
	began  time.Time // zero: not yet
	doing  string
	result string // empty: not yet
	word   Result
}

func newDisplay(out io.Writer, now func() time.Time, layers []string) *display {
	d := &display{out: out, now: now, stop: make(chan struct{}), width: func() int { return 80 }}
	for _, name := range layers {
		d.rows = append(d.rows, &row{layer: name})
	}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb" {
		d.live, d.color = true, os.Getenv("NO_COLOR") == ""
		d.width = func() int {
			if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
				return columns
			}
			return 80
		}
		d.stopped.Go(d.tick)
	}
	return d
}

// redrawEvery is how often the seconds on a terminal move.
const redrawEvery = time.Second / 5

func (d *display) tick() {
	ticks := time.NewTicker(redrawEvery)
	defer ticks.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-ticks.C:
			d.mu.Lock()
			d.draw()
			d.mu.Unlock()
		}
	}
}

// close leaves the terminal as it is. The table that follows says it all again, so the
// rows are taken away.
func (d *display) close() {
	close(d.stop)
	d.stopped.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
}

func (d *display) row(layer string) *row {
	for _, r := range d.rows {
		if r.layer == layer {
			return r
		}
	}
	return &row{layer: layer}
}

// begin says that a layer has started.
func (d *display) begin(layer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.row(layer)
	r.began, r.doing = d.now(), "starting"
}

// doing says what is being done for a layer at the moment.
func (d *display) doing(layer, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live {
		d.row(layer).doing = text
		return
	}
	d.print(layer, text)
}

// say says something of a layer that is worth keeping.
func (d *display) say(layer, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
	d.print(layer, text)
	d.draw()
}

// notice says something of the run as a whole.
func (d *display) notice(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.erase()
	fmt.Fprintln(d.out, text)
	d.draw()
}

// done says what became of a layer.
func (d *display) done(layer string, word Result, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.row(layer)
	r.result, r.word = text, word
	if !d.live {
		d.print(layer, text)
	}
}

// print writes text under a layer's name.
func (d *display) print(layer, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(d.out, "%s | %s\n", d.pad(layer), line)
	}
}

func (d *display) pad(layer string) string {
	width := 0
	for _, r := range d.rows {
		width = max(width, len(r.layer))
	}
	return fmt.Sprintf("%-*s", width, layer)
}

// erase takes the rows off the terminal.
func (d *display) erase() {
	if d.drawn > 0 {
		fmt.Fprintf(d.out, "\x1b[%dA\x1b[J", d.drawn)
		d.drawn = 0
	}
}

// draw writes the rows anew.
func (d *display) draw() {
	if !d.live {
		return
	}
	d.erase()
	var text strings.Builder
	for _, r := range d.rows {
		text.WriteString(d.line(r) + "\n")
	}
	d.drawn = len(d.rows)
	fmt.Fprint(d.out, text.String())
}

// line is one row, no wider than the terminal: a line that wraps cannot be erased.
func (d *display) line(r *row) string {
	state := "waiting"
	switch {
	case r.result != "":
		state = r.result
	case !r.began.IsZero():
		state = fmt.Sprintf("%4.0f s  %s", d.now().Sub(r.began).Seconds(), r.doing)
	}
	runes := []rune(d.pad(r.layer) + " | " + state)
	if limit := d.width() - 1; len(runes) > limit {
		runes = append(runes[:max(limit-1, 0)], '…')
	}
	return d.paint(r.word, string(runes))
}

// paint colours a row by its result.
func (d *display) paint(word Result, line string) string {
	color := ""
	switch word {
	case Deployed, Destroyed:
		color = "32" // green
	case Planned, Drifted, Canceled, Skipped:
		color = "33" // yellow
	case Failed:
		color = "31" // red
	}
	if !d.color || color == "" {
		return line
	}
	return "\x1b[" + color + "m" + line + "\x1b[0m"
}
