package layers

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// outcome is what became of a layer in the last run here that was to change it. A
// stack's state does not tell that an update of it failed, or that one was cut short.
type outcome struct {
	Operation Operation `json:"operation"`
	Result    Result    `json:"result"`
	Ended     time.Time `json:"ended"`
}

func (o *Orchestrator) outcomePath(layer string) string {
	return filepath.Join(o.Dir, "results", o.Environment.Name+"-"+layer+".json")
}

// remember keeps a layer's result for the next status. A layer that was not begun is
// as it was.
func (r *run) remember(l LayerReport) {
	if (r.operation != Deploy && r.operation != Destroy) || l.Result == Skipped {
		return
	}
	path := r.outcomePath(l.Layer)
	text, err := json.Marshal(outcome{r.operation, l.Result, r.Now().UTC()})
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), write(path, text))
	}
	if err != nil {
		r.notice(fmt.Sprintf("the result of layer %s is not remembered: %v", l.Layer, err))
	}
}

// lastOutcome is what remember kept; zero where a layer was never run here.
func (o *Orchestrator) lastOutcome(layer string) (outcome, error) {
	var last outcome
	text, err := os.ReadFile(o.outcomePath(layer))
	if errors.Is(err, os.ErrNotExist) {
		return last, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &last)
	}
	if err != nil {
		return last, fmt.Errorf("read what became of layer %s: %w", layer, err)
	}
	return last, nil
}
