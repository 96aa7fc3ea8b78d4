package layers

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// screen is what a terminal shows after it was sent text: it knows the two sequences
// that the display uses.
func screen(t *testing.T, text string) string {
	t.Helper()
	up := regexp.MustCompile(`^\x1b\[(\d+)A\x1b\[J`)
	var lines []string
	for text != "" {
		if m := up.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1])
			if n > len(lines) {
				t.Fatalf("the display erases %d lines, and there are %d", n, len(lines))
			}
			lines, text = lines[:len(lines)-n], text[len(m[0]):]
			continue
		}
		line, rest, _ := strings.Cut(text, "\n")
		lines, text = append(lines, line), rest
	}
	return strings.Join(lines, "\n") + "\n"
}

// shown is a display of three layers on a clock that stands.
func shown(live bool) (*display, *bytes.Buffer, *time.Time) {
	out, now := &bytes.Buffer{}, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	d := newDisplay(out, func() time.Time { return now }, []string{"iam", "warehouse", "stream"})
	d.live = live
	d.width = func() int { return 40 }
	return d, out, &now
}

// play is a run that fails.
func play(d *display, now *time.Time) {
	d.begin("iam")
	d.doing("iam", "create iam/Role gateway")
	*now = now.Add(2 * time.Second)
	d.done("iam", Deployed, "deployed +3 in 2.0 s")
	d.begin("warehouse")
	d.doing("warehouse", "create redshift/Cluster events-local-warehouse")
	*now = now.Add(7 * time.Second)
	d.say("warehouse", "error: redshift/Cluster: ClusterQuotaExceeded")
}

func TestOnATerminalEveryLayerHasOneLineUnderWhatIsWorthKeeping(t *testing.T) {
	d, out, now := shown(true)
	play(d, now)
	golden(t, "display.live.golden", screen(t, out.String()))
	d.close()
	if left := screen(t, out.String()); strings.Contains(left, "waiting") {
		t.Errorf("the rows stay when the run is over:\n%s", left)
	}
}

func TestElsewhereEverythingIsALineUnderItsLayersName(t *testing.T) {
	d, out, now := shown(false)
	play(d, now)
	d.close()
	golden(t, "display.plain.golden", out.String())
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	d, _, now := shown(true)
	play(d, now)
	for _, r := range d.rows {
		if n := len([]rune(d.line(r))); n > 39 {
			t.Errorf("the line of %s has %d columns, want at most 39", r.layer, n)
		}
	}
}

func TestColorsAreForResultsAndOnlyWhereAllowed(t *testing.T) {
	d, _, now := shown(true)
	play(d, now)
	if strings.Contains(d.line(d.rows[0]), "\x1b") {
		t.Error("there is colour although none is allowed")
	}
	d.color = true
	if got := d.line(d.rows[0]); !strings.HasPrefix(got, "\x1b[32m") {
		t.Errorf("a deployed layer is %q, want green", got)
	}
}
