package layers

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// changeWords are the changes that the table shows, in this order, with their signs.
var changeWords = []struct{ op, sign string }{
	{"create", "+%d"}, {"update", "~%d"}, {"replace", "±%d"}, {"delete", "-%d"}, {"same", "%d same"},
}

// WriteTable writes the report for people: a line a layer, what failed, and a sum.
func (r *Report) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LAYER\tRESULT\tCHANGES\tSECONDS")
	for _, l := range r.Layers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.1f\n", l.Layer, l.Result, changes(l), l.Seconds)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, l := range r.Layers {
		if l.Error != "" {
			fmt.Fprintf(w, "\n%s %s: %s\n", l.Layer, l.Result, l.Error)
			if l.Log != "" {
				fmt.Fprintf(w, "  everything it said: %s\n", l.Log)
			}
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.sum())
	return err
}

func changes(l LayerReport) string {
	if l.Because != "" {
		return "because of " + l.Because
	}
	var parts []string
	for _, c := range changeWords {
		if n := l.Changes[c.op]; n > 0 {
			parts = append(parts, fmt.Sprintf(c.sign, n))
		}
	}
	return strings.Join(parts, " ")
}

// sum is the run in one line.
func (r *Report) sum() string {
	took := fmt.Sprintf("in %.1f s", r.Seconds)
	if len(r.CriticalPath) > 1 {
		took += fmt.Sprintf("; the longest chain is %s with %.1f s", strings.Join(r.CriticalPath, " -> "), r.CriticalSeconds)
	}
	if r.all(Unchanged) {
		return fmt.Sprintf("%s of %s: nothing changed (%s), %s", r.Operation, r.Environment, layerCount(len(r.Layers)), took)
	}
	var parts []string
	for _, word := range Results {
		if n := r.count(word); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	return fmt.Sprintf("%s of %s: %s, %s", r.Operation, r.Environment, strings.Join(parts, ", "), took)
}

func (r *Report) all(word Result) bool { return len(r.Layers) > 0 && r.count(word) == len(r.Layers) }

func (r *Report) count(word Result) int {
	n := 0
	for _, l := range r.Layers {
		if l.Result == word {
			n++
		}
	}
	return n
}

func layerCount(n int) string {
	if n == 1 {
		return "1 layer"
	}
	return fmt.Sprintf("%d layers", n)
}

// sortLike puts the layers' reports in the order of names.
func (r *Report) sortLike(names []string) {
	slices.SortStableFunc(r.Layers, func(a, b LayerReport) int {
		return slices.Index(names, a.Layer) - slices.Index(names, b.Layer)
	})
}
