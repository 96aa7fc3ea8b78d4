package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// Status is what there is of a layer.
type Status struct {
	Layer     string
	State     State
	Deployed  bool // there are resources
	Resources int
	Updated   time.Time
	// Stale are the upstreams whose outputs are no longer those that the layer was
	// deployed with.
	Stale []string
}

// stacks are the environment's stacks by layer, in one question to the backend.
func (r *run) stacks(ctx context.Context) (map[string]auto.StackSummary, error) {
	dir, err := r.workspace(r.manifest.LayerNames()[0])
	if err != nil {
		return nil, err
	}
	out, stderr, _, err := r.pulumi.Run(ctx, dir, nil, nil, nil, nil, "stack", "ls", "--json", "--all", "--fully-qualify-stack-names")
	if said := errorText(stderr); err != nil && said != "" {
		return nil, fmt.Errorf("list the stacks: %s", said)
	}
	if err != nil {
		return nil, fmt.Errorf("list the stacks: %w", err)
	}
	var all []auto.StackSummary
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		return nil, fmt.Errorf("list the stacks: %w", err)
	}
	found := map[string]auto.StackSummary{}
	for _, s := range all {
		for _, layer := range r.manifest.LayerNames() {
			if s.Name == r.stack(layer) {
				found[layer] = s
			}
		}
	}
	return found, nil
}

// Found is how many of the layers have a stack: the backend answers.
func (o *Orchestrator) Found(ctx context.Context) (int, error) {
	r, err := o.reading(ctx)
	if err != nil {
		return 0, err
	}
	known, err := r.stacks(ctx)
	return len(known), err
}

// Status says of every layer what there is of it and whether it is stale.
func (o *Orchestrator) Status(ctx context.Context) ([]Status, error) {
	r, err := o.reading(ctx)
	if err != nil {
		return nil, err
	}
	known, err := r.stacks(ctx)
	if err != nil {
		return nil, err
	}
	states, err := r.states(ctx, slices.Collect(maps.Keys(known)))
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, l := range o.Manifest.Layers {
		s := Status{Layer: l.Name}
		if summary, there := known[l.Name]; there {
			s.Resources = len(states[l.Name].Deployment.Resources)
			s.Deployed = s.Resources > 0
			s.Updated, _ = time.Parse(time.RFC3339, summary.LastUpdate)
		}
		for _, up := range l.DependsOn {
			if states[l.Name].staleFor(r.stack(up), states[up]) {
				s.Stale = append(s.Stale, up)
			}
		}
		last, err := o.lastOutcome(l.Name)
		if err != nil {
			return nil, err
		}
		s.State = stateFrom(s, last)
		all = append(all, s)
	}
	return all, nil
}

// state is the part of an exported stack that tells what crossed between layers.
type state struct {
	Deployment struct {
		Resources []struct {
			Type    string         `json:"type"`
			Protect bool           `json:"protect"`
			Inputs  map[string]any `json:"inputs"`
			Outputs map[string]any `json:"outputs"`
		} `json:"resources"`
	} `json:"deployment"`
}

// states exports the layers' stacks. Secrets stay as they are stored.
func (r *run) states(ctx context.Context, layers []string) (map[string]state, error) {
	var mu sync.Mutex
	var errs []error
	states := map[string]state{}
	var nodes []node
	for _, name := range layers {
		nodes = append(nodes, node{name: name})
	}
	walk(nodes, r.Parallel, func(layer string, g *gate) bool {
		g.pass()
		s, err := r.export(ctx, layer)
		mu.Lock()
		defer mu.Unlock()
		states[layer], errs = s, append(errs, err)
		return true
	})
	return states, errors.Join(errs...)
}

func (r *run) export(ctx context.Context, layer string) (state, error) {
	var s state
	dir, err := r.workspace(layer)
	if err != nil {
		return s, err
	}
	out, _, _, err := r.pulumi.Run(ctx, dir, nil, nil, nil, nil, "stack", "export", "--stack", r.stack(layer))
	if err == nil {
		err = json.Unmarshal([]byte(out), &s)
	}
	if err != nil {
		return s, fmt.Errorf("read the state of layer %s: %w", layer, err)
	}
	return s, nil
}

// protects says whether a resource is one that Pulumi does not delete.
func (s state) protects() bool {
	for _, r := range s.Deployment.Resources {
		if r.Protect {
			return true
		}
	}
	return false
}

// outputs are what the stack exports.
func (s state) outputs() map[string]any {
	for _, r := range s.Deployment.Resources {
		if r.Type == "pulumi:pulumi:Stack" {
			return r.Outputs
		}
	}
	return nil
}

// staleFor says whether the stack was deployed with other outputs of an upstream than
// it has now: the stack's own reference remembers them. Secrets are left out, since
// each is stored encrypted anew.
func (s state) staleFor(upstream string, now state) bool {
	for _, r := range s.Deployment.Resources {
		if r.Type != "pulumi:pulumi:StackReference" || r.Inputs["name"] != upstream {
			continue
		}
		then, _ := r.Outputs["outputs"].(map[string]any)
		return !reflect.DeepEqual(withoutSecrets(then), withoutSecrets(now.outputs()))
	}
	return false
}

// secretSignature marks a secret in a stored state.
const secretSignature = "4dabf18193072939515e22adb298388d"

func withoutSecrets(values map[string]any) map[string]any {
	kept := map[string]any{}
	for key, value := range values {
		if fields, isMap := value.(map[string]any); isMap && fields[secretSignature] != nil {
			continue
		}
		kept[key] = value
	}
	return kept
}

// WriteStatus writes Status as a table, and what to do about stale layers.
func (o *Orchestrator) WriteStatus(ctx context.Context) error {
	all, err := o.Status(ctx)
	if err != nil {
		return err
	}
	if err := writeStatus(o.Out, all); err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(s Status) bool { return len(s.Stale) > 0 }) {
		fmt.Fprintf(o.Talk, "\nstale layers were deployed with other inputs than there are now; bring them up with: %sgo tool mage deploy:stale\n",
			stackVariable(o.Manifest.DefaultEnvironment, o.Environment.Name))
	}
	return nil
}

func writeStatus(w io.Writer, all []Status) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LAYER\tSTATE\tRESOURCES\tUPDATED")
	for _, s := range all {
		word, updated := string(s.State), ""
		if s.Deployed {
			updated = s.Updated.UTC().Format("2006-01-02 15:04:05 MST")
		}
		if len(s.Stale) > 0 {
			word += ": " + strings.Join(s.Stale, ", ") + " changed"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", s.Layer, word, s.Resources, updated)
	}
	return t.Flush()
}

// Stale are the layers to deploy so that none is stale: those that are, and what is
// downstream of them.
func (o *Orchestrator) Stale(ctx context.Context) ([]string, error) {
	all, err := o.Status(ctx)
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, s := range all {
		if len(s.Stale) > 0 {
			stale = append(stale, s.Layer)
		}
	}
	return o.around(stale, false, true), nil
}

// Unlock lets go of a layer's stack after a run of it has died.
func (o *Orchestrator) Unlock(ctx context.Context, layer string) error {
	if _, err := o.Select(layer); err != nil {
		return err
	}
	r, err := o.reading(ctx)
	if err != nil {
		return err
	}
	dir, err := r.workspace(layer)
	if err != nil {
		return err
	}
	if _, stderr, _, err := r.pulumi.Run(ctx, dir, nil, nil, nil, nil, "cancel", "--yes", "--stack", r.stack(layer)); err != nil {
		return fmt.Errorf("unlock %s: %s", r.stack(layer), errorText(stderr))
	}
	fmt.Fprintf(o.Talk, "%s is unlocked\n", r.stack(layer))
	return nil
}
