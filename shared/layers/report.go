package layers

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Result is what became of a layer in a run: a closed set of words, the same in code,
// terminal and report.
type Result string

const (
	Deployed  Result = "deployed"  // its resources were changed as the program says
	Destroyed Result = "destroyed" // its resources and its stack are gone
	Planned   Result = "planned"   // a preview: a deploy would change something
	Drifted   Result = "drifted"   // its resources are not what was deployed
	Unchanged Result = "unchanged" // there was nothing to do
	Absent    Result = "absent"    // there is no such stack, so nothing to destroy or to compare
	Failed    Result = "failed"
	Canceled  Result = "canceled" // interrupted while it ran
	Skipped   Result = "skipped"  // not started: see Because
)

// Results are all the words, in the order of a run's sum.
var Results = []Result{Deployed, Destroyed, Planned, Drifted, Unchanged, Absent, Failed, Canceled, Skipped}

// good says whether what depends on the layer may go on.
func (r Result) good() bool { return r != Failed && r != Canceled && r != Skipped }

// Operation is what a run does.
type Operation string

const (
	Deploy  Operation = "deploy"
	Preview Operation = "preview"
	Destroy Operation = "destroy"
	Drift   Operation = "drift" // a preview of a refresh: it runs no program and stores nothing
)

// ParseOperation is the operation of this name.
func ParseOperation(name string) (Operation, error) {
	known := []Operation{Deploy, Preview, Destroy, Drift}
	if !slices.Contains(known, Operation(name)) {
		return "", badRequest("unknown operation %q: there are %v", name, known)
	}
	return Operation(name), nil
}

// LayerReport is one layer's part of a run.
type LayerReport struct {
	Layer   string `json:"layer"`
	Owner   string `json:"owner,omitempty"`
	Result  Result `json:"result"`
	Because string `json:"because,omitempty"` // of a skipped layer: the layer that failed, or interrupt
	// Changes counts resources by Pulumi's words: create, update, replace, delete, same.
	Changes  map[string]int `json:"changes,omitempty"`
	Start    float64        `json:"start"`   // seconds after the run began
	Seconds  float64        `json:"seconds"` // how long it took
	Error    string         `json:"error,omitempty"`
	Warnings []string       `json:"warnings,omitempty"`
	Log      string         `json:"log,omitempty"` // from the repository's root
}

// Report is a run. Its JSON Schema is report.schema.json beside this file.
type Report struct {
	Version         int               `json:"version"` // of this format
	Operation       Operation         `json:"operation"`
	Environment     string            `json:"environment"`
	Started         time.Time         `json:"started"`
	Seconds         float64           `json:"seconds"`
	OK              bool              `json:"ok"`
	Layers          []LayerReport     `json:"layers"`
	CriticalPath    []string          `json:"criticalPath,omitempty"`    // the chain of layers that took longest
	CriticalSeconds float64           `json:"criticalSeconds,omitempty"` // what that chain alone would take
	Versions        map[string]string `json:"versions,omitempty"`        // of pulumi and go
}

// reportVersion is the version of the report's format.
const reportVersion = 1

// Err is what a run failed of, as one line; nil when it did not.
func (r *Report) Err() error {
	var failed, canceled []string
	skipped := 0
	for _, l := range r.Layers {
		switch l.Result {
		case Failed:
			failed = append(failed, l.Layer)
		case Canceled:
			canceled = append(canceled, l.Layer)
		case Skipped:
			skipped++
		}
	}
	var parts []string
	if len(failed) > 0 {
		parts = append(parts, "failed: "+strings.Join(failed, ", "))
	}
	if len(canceled) > 0 {
		parts = append(parts, "interrupted: "+strings.Join(canceled, ", "))
	}
	if skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", skipped))
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("%s of %s: %s", r.Operation, r.Environment, strings.Join(parts, "; "))
}

// LongestChain is the chain of layers, each of which waits for the one before, whose
// seconds add up to most, and that sum.
func (o *Orchestrator) LongestChain(seconds map[string]float64) (chain []string, total float64) {
	return criticalPath(graph(o.Manifest, o.Manifest.LayerNames()), seconds)
}

// criticalPath is the chain of nodes whose times add up to most, and that sum.
func criticalPath(nodes []node, seconds map[string]float64) (path []string, total float64) {
	best := map[string]float64{}
	before := map[string]string{}
	last := ""
	for _, n := range nodes { // those that it waits for come first
		for _, up := range n.after {
			if best[up] > best[n.name] {
				best[n.name], before[n.name] = best[up], up
			}
		}
		best[n.name] += seconds[n.name]
		if last == "" || best[n.name] > best[last] {
			last = n.name
		}
	}
	for name := last; name != ""; name = before[name] {
		path = append([]string{name}, path...)
	}
	return path, best[last]
}

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteFile writes the report to a file that appears complete or not at all.
func (r *Report) WriteFile(path string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".report-")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer os.Remove(temp.Name())
	if err := r.WriteJSON(temp); err != nil {
		temp.Close()
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// ReadReport reads a report that WriteFile wrote.
func ReadReport(path string) (*Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read the report %s: %w", path, err)
	}
	return &r, nil
}
