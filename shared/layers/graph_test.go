package layers

import (
	"context"
	"encoding/xml"
	"io"
	"maps"
	"strings"
	"testing"

	"pipeline/shared/command"
)

// everyState is a world in which a is deployed, b failed, c is stale and d absent.
func everyState(t *testing.T) *world {
	w := newWorld(t)
	w.do(Deploy, "a", "b", "c")
	w.fails["b"] = "bucket already exists"
	w.do(Deploy, "b")
	w.states["a"], w.states["b"] = stateOf(map[string]any{"arn": "new"}, nil), stateOf(nil, nil)
	w.states["c"] = stateOf(nil, map[string]map[string]any{"organization/events-a/local": {"arn": "old"}})
	return w
}

func TestTheGraphShowsOrderOwnersAndStates(t *testing.T) {
	w := everyState(t)
	for _, format := range []string{"text", "mermaid", "svg"} {
		w.out.Reset()
		if err := w.o.WriteGraph(t.Context(), format); err != nil {
			t.Fatal(err)
		}
		golden(t, "graph."+format+".golden", w.out.String())
	}
	for d := xml.NewDecoder(&w.out); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the SVG is no XML: %v", err)
		}
	}
	if err := w.o.WriteGraph(t.Context(), "png"); err == nil || !strings.Contains(err.Error(), "svg") {
		t.Errorf("the error is %v, want the formats that there are", err)
	}
}

func TestALayerHasFailedUntilARunOfItCompletes(t *testing.T) {
	w := everyState(t)
	state := func() State {
		states, err := w.o.States(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return states["b"]
	}
	if got := state(); got != StateFailed {
		t.Errorf("after a run that failed b is %s", got)
	}
	w.do(Preview, "b") // changes nothing, and so mends nothing
	if got := state(); got != StateFailed {
		t.Errorf("after a preview b is %s", got)
	}
	delete(w.fails, "b")
	w.do(Deploy, "b")
	if got := state(); got != StateDeployed {
		t.Errorf("after a run that completed b is %s", got)
	}
}

func TestOfAnEnvironmentOnAWSTheGraphKnowsWhatWasRunHere(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	w.fails["b"] = "bucket already exists"
	w.do(Deploy, "a", "b")
	w.On("pulumi --non-interactive", func(_ context.Context, c command.Command) error {
		t.Errorf("asks the backend: %s", c)
		return nil
	})
	states, err := w.o.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]State{"a": StateDeployed, "b": StateFailed, "c": StateUnknown, "d": StateUnknown}
	if !maps.Equal(states, want) {
		t.Errorf("the states are %v, want %v", states, want)
	}
}
